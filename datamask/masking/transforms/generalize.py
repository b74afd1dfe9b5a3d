"""Values as the group that they belong to: generalize."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from datamask.errors import PolicyError
from datamask.masking.files import content
from datamask.masking.literals import UNSAFE_IN_COPY, problem, spelled
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, flag, text, whole
from datamask.masking.tables import read_table
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform


class Generalize(Transform):
    """The group of a hierarchy that the value belongs to: a city becomes its country, a diagnosis its chapter.

    The hierarchy is a mapping of groups to groups, and at last to lists of values, or a CSV file with
    a header: the value, its group, the group of that, and so on. A value that is in no group becomes ``other``.
    """

    name = "generalize"
    summary = "the group that the value belongs to"
    params = (
        Param("groups", "mapping", None, "groups of values, such as {Europe: {Germany: [Berlin, Bonn]}}"),
        Param(
            "file", "file", None, "a CSV file with a header: value, group, its group…; instead of `groups`"
        ),
        Param(
            "level", "integer", 1, "how many steps up; at most to the outermost group", minimum=1, maximum=20
        ),
        Param("other", "text", "other", "what stands for a value that is in no group"),
        Param("ignore_case", "boolean", False, "values match without regard to case"),
    )
    kinds = frozenset(("text", "enum", "integer"))
    cost = 80

    def outcomes(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The groups."""
        return (*dict.fromkeys(_groups(params).values()), text(params, "other"))

    def column_laws(self, case: Case) -> Laws:
        """Refuses groups that the type cannot hold."""
        groups = {*_groups(case.params).values(), text(case.params, "other")}
        for group in sorted(groups):
            reason = problem(group, case.type)
            if reason:
                raise PolicyError(
                    f"generalize: {reason}",
                    hint="give names of groups, and `other`, that the column can hold",
                )
        return Laws(max_length=max(map(len, groups)), copy_safe=UNSAFE_IN_COPY.isdisjoint("".join(groups)))

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        groups = _groups(binding.params)
        olds = pl.Series(values=list(groups), dtype=pl.String)
        news = pl.Series(values=list(groups.values()), dtype=pl.String)
        other, fold = text(binding.params, "other"), flag(binding.params, "ignore_case")

        def masked(values: pl.Series, _: object) -> pl.Series:
            keys = values.str.to_lowercase() if fold else values
            return keys.replace_strict(olds, news, default=other, return_dtype=pl.String)

        return masked


def _groups(params: Mapping[str, JSONValue]) -> dict[str, str]:
    """Every value's group, so many levels up.

    :raises PolicyError: there is no hierarchy, or a value is in two groups.
    """
    if (params["file"] is None) == (params["groups"] is None):
        raise PolicyError(
            "generalize: give groups or file, one of them", hint="such as {groups: {EU: [DE, FR]}}"
        )
    level, fold = whole(params, "level"), flag(params, "ignore_case")
    found: dict[str, str] = {}
    for value, path in _from_file(params) if params["groups"] is None else _inside(params["groups"], ()):
        key = value.lower() if fold else value
        group = path[min(level, len(path)) - 1]
        if found.setdefault(key, group) != group:
            raise PolicyError(
                "generalize: a value is in two groups", hint="each value has one place in the hierarchy"
            )
    if not found:
        raise PolicyError("generalize: no group has values")
    return found


def _inside(node: JSONValue, path: tuple[str, ...]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """The values below a node, with their groups from the innermost to the outermost."""
    if isinstance(node, dict):
        for group, inner in node.items():
            yield from _inside(inner, (group, *path))
    elif isinstance(node, list) and not any(
        isinstance(value, dict | list) or value is None for value in node
    ):
        for value in node:
            yield spelled(value), path
    else:
        raise PolicyError("generalize: a group must be a list of values, or a mapping of groups")


def _from_file(params: Mapping[str, JSONValue]) -> Iterator[tuple[str, tuple[str, ...]]]:
    try:
        lines = read_table(content(params, "file"), 2, more=True)
    except PolicyError as error:
        raise PolicyError(f"generalize: file: {error.message}", hint=error.hint) from None
    for value, *path in lines:
        yield value, tuple(path)
