"""Keys and constraints from catalog rows (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from datamask.catalog.model import Check, ForeignKey, UniqueKey

ColumnNames = Mapping[int, str]

_KEY_KINDS: dict[str, Literal["primary", "unique", "index", "exclusion"]] = {
    "p": "primary",
    "u": "unique",
    "i": "index",
    "x": "exclusion",
}
# A column reference in the text of a stored expression tree (pg_node_tree).
_VARIABLE = re.compile(r"\{VAR :varno \d+ :varattno (-?\d+)")


def unique_key(
    columns: ColumnNames,
    name: str,
    kind: str,
    attnums: Sequence[int],
    expressions: str | None,
    partial: bool,
    predicate: str | None = None,
    nulls_not_distinct: bool = False,
) -> UniqueKey:
    """A unique key from its row of ``unique_keys.sql``."""
    plain = tuple(columns[number] for number in attnums if number in columns)
    return UniqueKey(
        name=name,
        columns=plain,
        kind=_KEY_KINDS[kind],
        expression_columns=_expression_columns(columns, expressions),
        partial=partial,
        predicate=predicate,
        nulls_distinct=not nulls_not_distinct,
    )


def foreign_key(
    columns: ColumnNames,
    name: str,
    attnums: Sequence[int],
    referenced_table: str,
    referenced: ColumnNames,
    referenced_attnums: Sequence[int],
    deferrable: bool,
    match_full: bool = False,
) -> ForeignKey:
    """A declared foreign key from its row of ``constraints.sql``."""
    return ForeignKey(
        name=name,
        columns=tuple(columns[number] for number in attnums),
        referenced_table=referenced_table,
        referenced_columns=tuple(referenced[number] for number in referenced_attnums),
        deferrable=deferrable,
        match_full=match_full,
    )


def check(columns: ColumnNames, name: str, attnums: Iterable[int] | None, definition: str) -> Check:
    """A CHECK constraint from its row of ``constraints.sql``; one over no column has no attnums."""
    named = tuple(columns[number] for number in attnums or () if number in columns)
    return Check(name=name, columns=named, definition=definition)


def _expression_columns(columns: ColumnNames, expressions: str | None) -> tuple[str, ...]:
    if expressions is None:
        return ()
    numbers = [int(number) for number in _VARIABLE.findall(expressions)]
    if 0 in numbers:
        # A whole-row reference reads every column.
        return tuple(columns.values())
    return tuple(dict.fromkeys(columns[number] for number in numbers if number in columns))
