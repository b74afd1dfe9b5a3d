"""A scenario as typed values: the base, rows that are known by name, volume, SQL, and what must hold afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal

from datamask.config.document import Mark, Node, Plain
from datamask.config.secrets import SecretRef

BASELINE, EMPTY = "baseline", "empty"
"""Bases that are no snapshot's name."""


@dataclass(frozen=True, slots=True)
class Given:
    """A value as the file says it."""

    value: Plain


@dataclass(frozen=True, slots=True)
class Reference:
    """A column of another row: by default the one that a foreign key refers to.

    :param row: that row's name.
    """

    row: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class Relative:
    """A moment so long before (or after) the seeding."""

    offset: timedelta


@dataclass(frozen=True, slots=True)
class Expression:
    """An SQL expression."""

    sql: str


Value = Given | Reference | Relative | SecretRef | Expression


@dataclass(frozen=True, slots=True)
class FixedRow:
    """A row with exactly these values.

    :param table: as written.
    :param name: what other rows, expectations and people call it; None for one that nobody refers to.
    :param mark: where it is written.
    """

    table: str
    name: str | None
    values: dict[str, Value]
    mark: Mark

    @property
    def label(self) -> str:
        """The row as messages name it, without a value."""
        return f"row {self.name!r} of {self.table}" if self.name else f"a row of {self.table}"


Holds = Literal["is", "rows", "at_least", "at_most"]
"""How an expectation compares: the first value, the number of rows, or the first value as a number."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """A query whose answer is known.

    :param name: what people call it.
    """

    name: str
    sql: str
    holds: Holds
    value: str | int | float | bool | None
    mark: Mark


@dataclass(frozen=True, slots=True)
class SqlFile:
    """SQL that is run as it is, after the rows."""

    path: Path
    text: str


@dataclass(frozen=True)
class Scenario:
    """All of it, with what it extends in place.

    :param base: ``baseline``, ``empty``, or a snapshot's reference.
    :param files: every file that it is made of, the scenario's own first.
    :param volume: the generator's recipe, None where nothing is generated.
    """

    name: str
    description: str
    base: str
    tags: tuple[str, ...]
    files: tuple[Path, ...]
    rows: tuple[FixedRow, ...] = ()
    sql: tuple[SqlFile, ...] = ()
    expectations: tuple[Expectation, ...] = ()
    volume: Node | None = None
    seed: int = 0
    texts: tuple[bytes, ...] = field(default=(), repr=False)

    @property
    def lasting(self) -> bool:
        """True where seeding it tomorrow gives the same: no time that is relative to today, no secret."""
        passing = (Relative, SecretRef)
        return not any(isinstance(value, passing) for row in self.rows for value in row.values.values())
