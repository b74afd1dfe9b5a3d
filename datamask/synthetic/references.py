"""The foreign keys of one table, settled: which one fills which columns, and which follow from others."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from datamask.catalog.model import Column, ForeignKey
from datamask.errors import UsageError
from datamask.policy.layout import Layout, LogicalTable


@dataclass(eq=False)
class Reference:
    """A foreign key that fills its columns.

    :param nullable: its columns that can be NULL, so that the row has no parent; all or those that suffice.
    :param shared: columns that another reference has filled already, with their names in the parent.
    """

    columns: tuple[str, ...]
    parent: str
    referenced: tuple[str, ...]
    nullable: tuple[str, ...]
    shared: tuple[tuple[str, str], ...] = ()

    @property
    def own(self) -> tuple[str, ...]:
        """The columns that it fills itself."""
        taken = {column for column, _ in self.shared}
        return tuple(column for column in self.columns if column not in taken)


@dataclass(frozen=True)
class References:
    """A table's references, and the columns that stay NULL because there is nothing to refer to."""

    listed: tuple[Reference, ...]
    empty: frozenset[str]


def settle(
    table: LogicalTable, layout: Layout, made: Collection[str], columns: Mapping[str, Column]
) -> References:
    """Let each column be filled by one foreign key.

    Keys of more columns come first; one whose columns are all filled already must follow from the others, or share
    columns with a parent that agrees.

    :param made: keys of the tables that get rows, or have some.
    :param columns: the columns that hold data.
    :raises UsageError: a key refers to a table that gets no rows, and none of its columns can be NULL.
    """
    listed: list[Reference] = []
    filled: dict[str, Reference] = {}
    empty: set[str] = set()
    for key in sorted(table.foreign_keys, key=lambda key: (-len(key.columns), key.columns, key.name)):
        if any(column not in columns for column in key.columns):
            continue
        parent = layout.root(key.referenced_table)
        optional = tuple(column for column in key.columns if not columns[column].not_null)
        if parent not in made:
            if not optional:
                raise UsageError(
                    f"table {table.key}: foreign key {key.name} needs a row of {parent}, which gets none",
                    hint=f"give {parent} rows, or {table.key} none",
                )
            empty |= set(optional if not key.match_full else key.columns)
            continue
        reference = _reference(key, parent, optional, filled, layout)
        if reference is not None:
            listed.append(reference)
            filled |= dict.fromkeys(reference.own, reference)
    return References(
        tuple(reference for reference in listed if not set(reference.own) & empty), frozenset(empty)
    )


def _reference(
    key: ForeignKey, parent: str, optional: tuple[str, ...], filled: Mapping[str, Reference], layout: Layout
) -> Reference | None:
    taken = [column for column in key.columns if column in filled]
    nullable = optional if not key.match_full or len(optional) == len(key.columns) else ()
    if not taken:
        return Reference(key.columns, parent, key.referenced_columns, nullable)
    if len(taken) == len(key.columns) and _implied(key, parent, filled, layout):
        return None
    pairs = tuple(zip(key.columns, key.referenced_columns, strict=True))
    shared = tuple((own, other) for own, other in pairs if own in filled)
    return Reference(
        key.columns,
        parent,
        key.referenced_columns,
        tuple(column for column in nullable if column not in filled),
        shared,
    )


def _implied(key: ForeignKey, parent: str, filled: Mapping[str, Reference], layout: Layout) -> bool:
    """Whether the key holds because the row that fills its columns is bound by the same key, or is that very row."""
    sources = {id(filled[column]): filled[column] for column in key.columns}
    if len(sources) != 1:
        return False
    (source,) = sources.values()
    there = dict(zip(source.columns, source.referenced, strict=True))
    if any(column not in there for column in key.columns):
        return False
    columns = tuple(there[column] for column in key.columns)
    if source.parent == parent and columns == key.referenced_columns:
        return True
    return any(
        layout.root(other.referenced_table) == parent
        and dict(zip(other.columns, other.referenced_columns, strict=True))
        == dict(zip(columns, key.referenced_columns, strict=True))
        for other in layout.tables[source.parent].foreign_keys
    )
