"""A profile: what is kept of a table's rows to make others like them. Statistics alone, no row.

It is JSON with a format number. Every figure in it is about ``LEAST_COUNT`` rows or more.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from datamask.errors import VerificationError

FORMAT: Final = 1

LEAST_COUNT: Final = 20
"""Rows that a category, a quantile or a number of children stands for at least."""


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column.

    :param kind: ``number`` for what is measured (numbers, dates, moments), ``category`` for values that come again,
        ``other`` for the rest, of which only the share of NULL is kept.
    :param nulls: the share of rows without a value.
    :param quantiles: of a number, at equal distances of probability between the tails; each a mean of neighbours, so that
        none is the value of one row. Days, seconds, or the number itself.
    :param tail: the probability of each tail.
    :param tails: scale and shape of the generalized Pareto distribution of what lies below the first quantile, and
        above the last one.
    :param decimals: digits behind the point.
    :param after: the column that this one never lies before; the quantiles are then of the difference.
    :param categories: values, in the order of the copula, as PostgreSQL's text.
    :param shares: of the rows with one of the categories.
    :param given: the column that tells most about this category; it is drawn by what that one holds, not by the copula.
    :param edges: of a number that is given, where one bin ends and the next begins.
    :param table: for each bin or category of the given column, and last for NULL, the shares of the categories.
    """

    name: str
    kind: Literal["number", "category", "other"]
    nulls: float
    quantiles: tuple[float, ...] = ()
    tail: float = 0.0
    tails: tuple[float, ...] = ()
    decimals: int = 0
    after: str | None = None
    categories: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    given: str | None = None
    edges: tuple[float, ...] = ()
    table: tuple[tuple[float, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class ChildrenProfile:
    """How many rows of a table belong to one row of another.

    :param columns: of the foreign key.
    :param parent: the other table's key.
    :param shares: of the parents with 0, 1, 2… children.
    :param mean: children of a parent.
    """

    columns: tuple[str, ...]
    parent: str
    shares: tuple[float, ...]
    mean: float


@dataclass(frozen=True, slots=True)
class TableProfile:
    """One table.

    :param correlated: the columns of the copula, numbers and categories.
    :param correlation: their correlation as normal scores, row by row.
    """

    table: str
    rows: int
    columns: tuple[ColumnProfile, ...]
    correlated: tuple[str, ...] = ()
    correlation: tuple[tuple[float, ...], ...] = ()
    children: tuple[ChildrenProfile, ...] = ()

    def column(self, name: str) -> ColumnProfile | None:
        """The profile of a column, or None."""
        return next((column for column in self.columns if column.name == name), None)


@dataclass(frozen=True)
class Profile:
    """All tables of a snapshot.

    :param snapshot: its id.
    :param policy: the policy by which its rows were masked.
    """

    snapshot: str
    policy: str
    tables: Mapping[str, TableProfile] = field(default_factory=dict)


def dump_profile(profile: Profile) -> bytes:
    """The profile as JSON."""
    content = {
        "format": FORMAT,
        "kind": "datamask profile",
        "snapshot": profile.snapshot,
        "policy": profile.policy,
        "tables": [asdict(table) for table in profile.tables.values()],
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def load_profile(data: bytes, *, where: str) -> Profile:
    """Read a stored profile.

    :param where: for messages: the file it was read from.
    :raises VerificationError: for anything else, or a format that this version does not know.
    """
    try:
        content = json.loads(data)
        if content["kind"] != "datamask profile":
            raise KeyError("kind")
        if content["format"] != FORMAT:
            raise VerificationError(
                f"{where} has format {content['format']}, and this datamask reads format {FORMAT}",
                hint="use the datamask that wrote it, or make the profile again",
            )
        tables = [_table(item) for item in content["tables"]]
        return Profile(content["snapshot"], content["policy"], {table.table: table for table in tables})
    except (ValueError, KeyError, TypeError):
        raise VerificationError(f"{where} is no profile", hint="make it again from its snapshot") from None


def _table(content: dict[str, Any]) -> TableProfile:
    return TableProfile(
        table=content["table"],
        rows=content["rows"],
        columns=tuple(_column(item) for item in content["columns"]),
        correlated=tuple(content["correlated"]),
        correlation=tuple(tuple(row) for row in content["correlation"]),
        children=tuple(
            ChildrenProfile(**{**item, "columns": tuple(item["columns"]), "shares": tuple(item["shares"])})
            for item in content["children"]
        ),
    )


def _column(content: dict[str, Any]) -> ColumnProfile:
    lists = {name: tuple(content[name]) for name in ("quantiles", "tails", "categories", "shares", "edges")}
    return ColumnProfile(**{**content, **lists, "table": tuple(tuple(row) for row in content["table"])})
