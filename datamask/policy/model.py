"""A policy as it was written: rules with the places where they stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from datamask.config.document import Mark
from datamask.masking.model import JSONValue, Preserved

Unclassified = Literal["refuse", "mask", "keep"]

UnknownPaths = Literal["redact", "drop", "keep"]
"""What happens to the values of a document whose paths are not classified."""

KEEP = "keep"
"""The rule that lets values pass unchanged."""

AUTO = "auto"
"""The rule that takes a safe transform for the column's type."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One way to treat a value.

    :param transform: a name in the registry, ``keep`` or ``auto``.
    :param params: as validated by the transform, defaults filled in.
    :param domain: where the rule sets one, else None.
    :param mark: where it is written; None for rules that the compiler itself makes.
    :param when: a condition over the row's columns; rows that do not meet it keep their value.
    :param exceptions: patterns of values that stay.
    :param preserve: what results share with their values.
    """

    transform: str
    params: Mapping[str, JSONValue] = field(default_factory=dict)
    domain: str | None = None
    mark: Mark | None = None
    when: str | None = None
    exceptions: tuple[str, ...] = ()
    preserve: tuple[Preserved, ...] = ()

    @property
    def selective(self) -> bool:
        """True where some values may stay as they are."""
        return self.when is not None or bool(self.exceptions)

    @property
    def nulls_everything(self) -> bool:
        """True where nothing but NULL is left of the column."""
        return self.transform == "null" and not self.selective and "empty" not in self.preserve

    @property
    def meaning(self) -> tuple[object, ...]:
        """What two rules that do the same have in common, wherever they are written."""
        return (
            self.transform, dict(self.params), self.domain, self.when, self.exceptions, self.preserve,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Choice:
    """Rules in order of preference: the first one whose result the column can hold is taken.

    :param mark: where the choice begins.
    """

    rules: tuple[Rule, ...]
    mark: Mark


@dataclass(frozen=True, slots=True)
class RowRule:
    """Which rows of a table a snapshot takes. Exactly one of the three is set.

    :param rows: ``none`` empties the table.
    :param where: SQL over the table's columns.
    :param sample: fraction of rows, 0 < sample < 1.
    """

    mark: Mark
    rows: Literal["all", "none"] = "all"
    where: str | None = None
    sample: float | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key that the database does not declare; tables are keys."""

    table: str
    columns: tuple[str, ...]
    referenced_table: str
    referenced_columns: tuple[str, ...]
    mark: Mark


@dataclass(frozen=True)
class Policy:
    """What an environment may see, packs and parents merged in.

    :param classes: choices by data class; for a column the most specific class counts.
    :param columns: choices by table key and column; they outrank classes.
    :param rows: row rules by table key.
    :param documents: what happens to values that no path of a classified document names.
    :param files: the files it was read from, parents first.
    """

    name: str
    unclassified: Unclassified = "refuse"
    classes: Mapping[str, Choice] = field(default_factory=dict)
    columns: Mapping[tuple[str, str], Choice] = field(default_factory=dict)
    rows: Mapping[str, RowRule] = field(default_factory=dict)
    references: tuple[Reference, ...] = ()
    documents: UnknownPaths = "redact"
    files: tuple[Path, ...] = ()
