"""A plan of synthetic rows: tables in the order of their references, and what makes their columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from datamask.catalog.model import Check, Column
from datamask.errors import UsageError
from datamask.synthetic.randomness import BLOCK_ROWS, Numbers
from datamask.synthetic.units import Fixed, Unit


@dataclass(frozen=True, eq=False)
class Guard:
    """A CHECK that rows are held against.

    :param breaks: False for rows that break it.
    :param columns: those that it names.
    :param candidates: constants in it that a column may hold, tried first when rows are drawn again.
    """

    check: Check
    breaks: pl.Expr
    columns: tuple[str, ...]
    candidates: Mapping[str, pl.Series] = field(default_factory=dict)


class TableKeys:
    """The values of a table's keys, in any row: what other tables refer to."""

    def __init__(self, table: str) -> None:
        self.table = table
        self.units: dict[str, Fixed] = {}

    def key(self, columns: tuple[str, ...], rows: Numbers) -> list[pl.Series]:
        """The values of some columns in any rows."""
        found: dict[str, pl.Series] = {}
        for column in columns:
            if column not in found:
                found |= self.units[column].at(rows)
        return [found[column] for column in columns]


@dataclass(frozen=True, eq=False)
class SyntheticTable:
    """One table to make.

    :param key: ``schema.table``; of a partitioned table the topmost one, whose server deals the rows out.
    :param columns: those that hold data of their own; a type that nothing is known of is left to its default.
    :param units: in the order in which they can be made.
    :param guards: CHECKs that are tried on every row.
    :param meaning: data classes by column.
    """

    key: str
    schema: str
    name: str
    rows: int
    columns: tuple[Column, ...]
    units: tuple[Unit, ...]
    guards: tuple[Guard, ...]
    meaning: Mapping[str, str]

    @property
    def blocks(self) -> int:
        """How many blocks its rows are made in."""
        return -(-self.rows // BLOCK_ROWS)


@dataclass(frozen=True, eq=False)
class SyntheticPlan:
    """All tables, referenced ones first.

    :param notes: what the reader should know: tables with fewer rows than the default, CHECKs not understood.
    :param counters: the last number of each column that counts, by table's key and column.
    """

    tables: tuple[SyntheticTable, ...]
    seed: int
    notes: tuple[str, ...]
    counters: Mapping[tuple[str, str], int]

    @property
    def tried(self) -> dict[str, frozenset[str]]:
        """The CHECKs that rows are held against, by the table's key."""
        return {table.key: frozenset(item.check.name for item in table.guards) for table in self.tables}

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables)

    def table(self, key: str) -> SyntheticTable:
        """The table of that key.

        :raises UsageError: it is not among those that are made.
        """
        for table in self.tables:
            if table.key == key:
                return table
        raise UsageError(f"no rows are made for table {key}")


class NoRoomError(Exception):
    """A key has room for fewer rows than were asked for.

    :param room: rows that fit.
    :param reason: which key, and why.
    """

    def __init__(self, room: int, reason: str) -> None:
        super().__init__(reason)
        self.room = room
        self.reason = reason
