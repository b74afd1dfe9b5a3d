"""Tables as a policy sees them: a partitioned table and its partitions are one.

Rules, classes and proofs are about *logical* columns; partitions only repeat them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from datamask.catalog.model import Catalog, Check, Column, ForeignKey, Table, UniqueKey

ColumnRef = tuple[str, str]
"""A logical table's key and a column."""


@dataclass(frozen=True)
class LogicalTable:
    """A table, or a partitioned table with all its partitions.

    :param table: the table or the topmost partitioned one.
    :param members: it and its partitions on every level.
    """

    table: Table
    members: tuple[Table, ...]

    @property
    def key(self) -> str:
        """The key that classification and policy use."""
        return self.table.key

    @cached_property
    def columns(self) -> dict[str, Column]:
        """Columns by name, NOT NULL where any member says so."""
        merged = {column.name: column for column in self.table.columns}
        for member in self.members:
            for column in member.columns:
                known = merged.get(column.name)
                if known is None or (column.not_null and not known.not_null):
                    merged[column.name] = column
        return merged

    @cached_property
    def unique_keys(self) -> tuple[UniqueKey, ...]:
        """The unique keys of all members, equal ones once."""
        seen: dict[object, UniqueKey] = {}
        for member in self.members:
            for key in member.unique_keys:
                seen.setdefault(
                    (key.kind, key.columns, key.expression_columns, key.partial, key.predicate), key
                )
        return tuple(seen.values())

    @cached_property
    def foreign_keys(self) -> tuple[ForeignKey, ...]:
        """The foreign keys of all members, equal ones once."""
        seen: dict[object, ForeignKey] = {}
        for member in self.members:
            for key in member.foreign_keys:
                seen.setdefault((key.columns, key.referenced_table, key.referenced_columns), key)
        return tuple(seen.values())

    @cached_property
    def checks(self) -> tuple[Check, ...]:
        """The CHECK constraints of all members, equal ones once."""
        seen: dict[object, Check] = {}
        for member in self.members:
            for check in member.checks:
                seen.setdefault((check.columns, check.definition), check)
        return tuple(seen.values())

    @cached_property
    def checks_by_column(self) -> dict[str, list[Check]]:
        """CHECK constraints by each column that they name."""
        found: dict[str, list[Check]] = {}
        for check in self.checks:
            for column in check.columns:
                found.setdefault(column, []).append(check)
        return found


class Layout:
    """The logical tables of a catalog."""

    def __init__(self, catalog: Catalog) -> None:
        self._catalog = catalog
        self._root: dict[str, str] = {}
        members: dict[str, list[Table]] = {}
        for table in catalog.tables:
            root = table.root if table.root in catalog.by_key else None
            self._root[table.key] = root or table.key
            # The root leads its partitions whatever the catalog's order is.
            listed = members.setdefault(root or table.key, [])
            if root:
                listed.append(table)
            else:
                listed.insert(0, table)
        self.tables: dict[str, LogicalTable] = {
            key: LogicalTable(listed[0], tuple(listed)) for key, listed in members.items()
        }

    def root(self, key: str) -> str:
        """The logical table's key for any table's key; unknown ones as they are."""
        return self._root.get(key, key)

    def exists(self, key: str) -> bool:
        """True for a table of the catalog, partitions included."""
        return key in self._root

    def column(self, ref: ColumnRef) -> Column | None:
        """The logical column, or None."""
        table = self.tables.get(ref[0])
        return table.columns.get(ref[1]) if table else None

    def ancestors(self, key: str) -> Iterator[str]:
        """The table's own key, then those it inherits from by plain inheritance, nearest first."""
        seen: set[str] = set()
        queue = [key]
        while queue:
            current = queue.pop(0)
            if current in seen or current not in self.tables:
                continue
            seen.add(current)
            yield current
            queue.extend(self.root(parent) for parent in self.tables[current].table.inherits)
