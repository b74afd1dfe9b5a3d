"""Transforms of installed packages: entry points of the group ``datamask.transforms``.

An entry point names a :class:`~datamask.masking.transform.Transform` or a function of
:mod:`datamask.masking.own_functions`; its name is the transform's.
"""

from __future__ import annotations

import inspect
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING

from datamask.errors import PolicyError

if TYPE_CHECKING:
    from datamask.masking.transform import Transform

GROUP = "datamask.transforms"


@cache
def names() -> tuple[str, ...]:
    """The names of the transforms that installed packages have, in their order; none is imported."""
    return tuple(sorted(_points()))


@cache
def load(name: str) -> Transform:
    """The transform of an installed package.

    :raises PolicyError: it cannot be imported, or is none.
    """
    from datamask.masking.own_functions import OwnFunction, function_transform
    from datamask.masking.transform import Transform

    point = _points()[name]
    place = f"the transform {name!r} of the package {point.dist.name if point.dist else point.module}"
    try:
        found = point.load()
    except Exception as error:
        # Its text may be anything; where it comes from is what helps.
        raise PolicyError(
            f"{place} cannot be imported: {type(error).__name__}",
            hint=f"try: python -c 'import {point.module}'",
        ) from None
    if isinstance(found, OwnFunction):
        return function_transform(name, found)
    if not (inspect.isclass(found) and issubclass(found, Transform)) or inspect.isabstract(found):
        raise PolicyError(
            f"{place} is no transform", hint=f"{point.value} must be a Transform or a @masking_function"
        )
    if found.name != name:
        raise PolicyError(f"{place} calls itself {found.name!r}", hint="give the entry point the same name")
    return found()


@cache
def _points() -> dict[str, EntryPoint]:
    """Entry points by name.

    :raises PolicyError: two packages have a transform of one name.
    """
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=GROUP):
        other = found.get(point.name)
        if other is not None and other.value != point.value:
            raise PolicyError(
                f"two installed packages have a transform called {point.name!r}: {other.module} and {point.module}",
                hint="uninstall one of them",
            )
        found[point.name] = point
    return found
