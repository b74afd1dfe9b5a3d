"""How many rows each table gets, and what a project says of single columns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from datamask.catalog.model import Catalog
from datamask.classify.names import parse_table
from datamask.errors import UsageError
from datamask.suggest import did_you_mean
from datamask.synthetic.children import Distribution

DEFAULT_ROWS = 1000


@dataclass(frozen=True, slots=True)
class Rows:
    """A table's number of rows: given, or so many for each row of another table.

    :param count: None where ``per`` says it.
    :param per: the name of the parent, as written.
    :param mean: children of a parent on average.
    :param shares: relative frequencies of 0, 1, 2… children, instead of a distribution.
    :param exact: fewer rows, because a key has no room for them, are an error.
    """

    count: int | None = None
    per: str | None = None
    mean: float = 1.0
    distribution: Distribution = "poisson"
    shares: tuple[float, ...] = ()
    exact: bool = True


@dataclass(frozen=True, slots=True)
class ColumnRule:
    """What a project says of a column's values.

    :param values: the only ones, as PostgreSQL's text.
    :param weights: how often each comes, relative to the others.
    :param nulls: the share of rows without a value.
    :param low: the least value.
    :param high: the greatest one.
    """

    values: tuple[str, ...] = ()
    weights: tuple[float, ...] = ()
    nulls: float | None = None
    low: str | None = None
    high: str | None = None


@dataclass(frozen=True)
class Recipe:
    """What is to be made.

    :param rows: by table, as written: ``customers`` or ``public.customers``.
    :param default: rows of a table that is not named; fewer where its keys have no room for them.
    :param columns: rules by table, as written, and column.
    :param first: the first number of a key's column where rows are there already, by table's key and column.
    """

    rows: Mapping[str, Rows] = field(default_factory=dict)
    default: int = DEFAULT_ROWS
    columns: Mapping[tuple[str, str], ColumnRule] = field(default_factory=dict)
    first: Mapping[tuple[str, str], int] = field(default_factory=dict)


def find_table(name: str, catalog: Catalog) -> str:
    """The key of the table that a name means: with its schema, or without where only one has it.

    :raises UsageError: where there is none, or several.
    """
    if name in catalog.by_key:
        return name
    key = parse_table(name)
    if key in catalog.by_key:
        return str(key)
    found = [table.key for table in catalog.tables if table.name == name and table.root is None]
    if len(found) == 1:
        return found[0]
    if f"public.{name}" in found:
        return f"public.{name}"
    if found:
        raise UsageError(
            f"there are {len(found)} tables called {name!r}: {', '.join(found)}", hint="write its schema too"
        )
    names = [table.key if "." in name else table.name for table in catalog.tables if table.root is None]
    raise UsageError(f"there is no table {name!r}", hint=did_you_mean(name, names))
