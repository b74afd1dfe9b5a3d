"""What stands beside the transform of a rule inside a transform: ``except`` and ``preserve``.

In the rule's normal form they are lists of texts, each only where there is something in it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast, get_args

from datamask.errors import PolicyError
from datamask.masking.exception_patterns import check_exception
from datamask.masking.model import JSONValue, Preserved

_PRESERVED: tuple[str, ...] = get_args(Preserved)
LIKENESS = frozenset(("case", "length"))
"""What of a text can be preserved, and of nothing else."""


def read_beside(written: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
    """``except`` and ``preserve`` of a rule, in their normal form.

    :raises PolicyError: naming what is wrong.
    """
    patterns: list[str] = []
    for pattern in _listed(written, "except"):
        # A number in the list is the text that stands for it.
        plain = str(pattern) if isinstance(pattern, int) and not isinstance(pattern, bool) else pattern
        if not isinstance(plain, str):
            raise PolicyError("except must be a text or a list of texts")
        check_exception(plain)
        patterns.append(plain)
    # YAML reads the word null as its own null.
    words = ["null" if word is None else word for word in _listed(written, "preserve")]
    for word in words:
        if word not in _PRESERVED:
            raise PolicyError(f"preserve must be of {', '.join(_PRESERVED)}")
    kept = [word for word in _PRESERVED if word in words]
    return beside(tuple(dict.fromkeys(patterns)), cast(tuple[Preserved, ...], tuple(kept)))


def beside(exceptions: Sequence[str], preserve: Sequence[Preserved]) -> dict[str, JSONValue]:
    """What a rule's normal form has beside its transform, parameters and domain."""
    found: dict[str, JSONValue] = {}
    if exceptions:
        found["except"] = list(exceptions)
    if preserve:
        found["preserve"] = list(preserve)
    return found


def exceptions_of(rule: Mapping[str, JSONValue]) -> tuple[str, ...]:
    """The exceptions of a rule in its normal form."""
    return tuple(str(pattern) for pattern in _listed(rule, "except"))


def preserved_of(rule: Mapping[str, JSONValue]) -> tuple[Preserved, ...]:
    """What the results of a rule in its normal form share with their values."""
    return tuple(cast(Preserved, word) for word in _listed(rule, "preserve"))


def _listed(written: Mapping[str, JSONValue], name: str) -> list[JSONValue]:
    if name not in written:
        return []
    value = written[name]
    return value if isinstance(value, list) else [value]
