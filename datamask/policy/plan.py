"""A policy compiled against a catalog: what happens to every column, and what was found on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from datamask.config.document import Mark
from datamask.masking.model import ColumnMask

Severity = Literal["error", "warning", "info"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One result of the compiler.

    :param code: stable, ``DM`` and three digits.
    :param message: what and why, no row values.
    :param hint: what to do.
    :param mark: the line of a file that it is about, as near as is known; findings are equal without it.
    """

    code: str
    severity: Severity
    table: str | None
    column: str | None
    message: str
    hint: str | None = None
    mark: Mark | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class ColumnPlan:
    """What happens to one column.

    :param data_class: its classification, None where unclassified.
    :param mask: None where the column passes unchanged.
    :param reason: where the choice came from: ``class person.email``, ``column rule``, ``foreign key …``.
    """

    column: str
    data_class: str | None
    mask: ColumnMask | None
    reason: str

    @property
    def transform(self) -> str:
        """The transform's name, ``keep`` where the column passes unchanged."""
        return self.mask.transform if self.mask else "keep"


@dataclass(frozen=True, slots=True)
class TablePlan:
    """What happens to one table that holds rows.

    :param table: its ``key``.
    :param rows: ``none`` leaves the table empty.
    :param where: SQL over the table's columns that a row must meet, else None.
    :param sample: fraction of rows kept, 0 < sample < 1, else None.
    """

    table: str
    columns: tuple[ColumnPlan, ...]
    rows: Literal["all", "none"] = "all"
    where: str | None = None
    sample: float | None = None

    @property
    def masks(self) -> tuple[ColumnMask, ...]:
        """The masks of the columns that have one."""
        return tuple(column.mask for column in self.columns if column.mask)


@dataclass(frozen=True)
class Plan:
    """A whole policy, compiled.

    :param policy: the policy's name.
    :param tables: one for each table of the catalog that may hold rows (partitions one by one).
    :param digest: SHA-256 over the plan's canonical JSON: equal plans, equal digests.
    """

    policy: str
    tables: tuple[TablePlan, ...]
    findings: tuple[Finding, ...]
    digest: str

    @cached_property
    def by_table(self) -> dict[str, TablePlan]:
        """Table plans by the table's key."""
        return {table.table: table for table in self.tables}

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that stop a snapshot."""
        return tuple(finding for finding in self.findings if finding.severity == "error")
