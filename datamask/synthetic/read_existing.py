"""Reading what a database has already, as far as generated rows must fit it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Final

import polars as pl

from datamask.catalog.model import Catalog, Column, UniqueKey
from datamask.db.quoting import qualified, quote_identifier
from datamask.db.session import Session
from datamask.policy.layout import Layout, LogicalTable
from datamask.snapshot import copytext
from datamask.synthetic.existing import Existing

MOST_PARENTS: Final = 1_000_000
"""Rows of a table that new rows refer to at most; of more, evenly spaced ones in the order of the key."""

MOST_TAKEN: Final = 5_000_000
"""Values of a unique key that are read at most; what new rows meet beyond that, the server says."""

# Decimal digits that a float keeps (IEEE 754, binary64).
_FLOAT_DIGITS: Final = 15


def read_existing(session: Session, catalog: Catalog, tables: Iterable[str]) -> Existing:
    """Read the keys that rows of some tables may refer to, and the unique values that they may not repeat.

    :param tables: keys of the tables that get rows.
    """
    layout = Layout(catalog)
    filled = [layout.tables[layout.root(key)] for key in dict.fromkeys(tables)]
    referenced: dict[str, dict[str, None]] = defaultdict(dict)
    for table in filled:
        for key in table.foreign_keys:
            referenced[layout.root(key.referenced_table)] |= dict.fromkeys(key.referenced_columns)
    parents = {
        key: frame
        for key, names in sorted(referenced.items())
        if (frame := _parents(session, layout.tables[key], tuple(names))).height
    }
    taken = {
        table.key: [
            frame for key in table.unique_keys if _read(table, key) and (frame := _taken(session, table, key)).height
        ]
        for table in filled
    }  # fmt: skip
    return Existing(parents, taken)


def first_numbers(session: Session, catalog: Catalog, tables: Iterable[str]) -> dict[tuple[str, str], int]:
    """By table's key and integer column of its unique keys: the number behind the highest one, where there are rows."""
    found: dict[tuple[str, str], int] = {}
    for table in (catalog.by_key[key] for key in dict.fromkeys(tables)):
        for name in dict.fromkeys(name for key in table.unique_keys for name in key.columns):
            column = table.column(name)
            if column is None or column.type.kind != "integer":
                continue
            statement = ("SELECT pg_catalog.max(", quote_identifier(name), ") FROM")
            highest = session.value(" ".join((*statement, qualified(table.schema, table.name))))
            if highest is not None:
                found[table.key, name] = highest + 1
    return found


def _members(key: UniqueKey) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*key.columns, *key.expression_columns)))


def _read(table: LogicalTable, key: UniqueKey) -> bool:
    """Whether a key's values must be known: a number alone goes on behind the highest one instead."""
    members = _members(key)
    if key.kind == "exclusion" or not members or not set(members) <= set(table.columns):
        return False
    refers = any(set(members) & set(other.columns) for other in table.foreign_keys)
    counted = len(members) == 1 and table.columns[members[0]].type.kind == "integer"
    return not counted or refers or table.table.kind == "partitioned"


def _parents(session: Session, table: LogicalTable, names: tuple[str, ...]) -> pl.DataFrame:
    columns = [table.columns[name] for name in names]
    listed = ", ".join(quote_identifier(name) for name in names)
    place = f"pg_catalog.row_number() OVER (ORDER BY {listed}) AS place, pg_catalog.count(*) OVER () AS rows"
    present = f"{qualified(table.table.schema, table.table.name)} WHERE {_present(columns)}"
    step = f"(found.rows + {MOST_PARENTS - 1}) / {MOST_PARENTS}"
    return _frame(
        session,
        columns,
        f"FROM (SELECT {listed}, {place} FROM {present}) AS found"  # noqa: S608 - quoted
        f" WHERE found.place % ({step}) = 0 ORDER BY found.place",
    )


def _taken(session: Session, table: LogicalTable, key: UniqueKey) -> pl.DataFrame:
    columns = [table.columns[name] for name in _members(key)]
    condition = _present(columns) + (f" AND ({key.predicate})" if key.predicate else "")
    source = qualified(table.table.schema, table.table.name)
    return _frame(session, columns, f"FROM {source} WHERE {condition} LIMIT {MOST_TAKEN}")


def _present(columns: Iterable[Column]) -> str:
    conditions = []
    for column in columns:
        name = quote_identifier(column.name)
        conditions.append(f"{name} IS NOT NULL")
        if column.type.kind in {"date", "timestamp"}:
            conditions.append(f"pg_catalog.isfinite({name})")
    return " AND ".join(conditions)


def _frame(session: Session, columns: list[Column], source: str) -> pl.DataFrame:
    listed = ", ".join(_expression(column) for column in columns)
    data = b"".join(session.copy_out(f"COPY (SELECT {listed} {source}) TO STDOUT"))
    texts: dict[str, type[pl.DataType]] = {
        column.name: pl.Int64 if _physical(column) else pl.String for column in columns
    }
    frame = copytext.unescape(copytext.parse(data, texts), list(texts))
    days = [pl.col(column.name).cast(pl.Int32) for column in columns if column.type.kind == "date"]
    return frame.with_columns(days).select(pl.col(column.name).cast(_dtype(column)) for column in columns)


def _physical(column: Column) -> bool:
    """Whether a column is read as whole numbers: of units, days or microseconds."""
    return column.type.kind in {"integer", "date", "timestamp"}


def _expression(column: Column) -> str:
    name = quote_identifier(column.name)
    match _dtype(column):
        case pl.Int64:
            return f"{name}::pg_catalog.int8"
        case pl.Date:
            return f"{name}::pg_catalog.date - DATE '1970-01-01'"
        case pl.Datetime():
            return f"(EXTRACT(epoch FROM {name}) * 1000000)::pg_catalog.int8"
        case _:
            return f"{name}::pg_catalog.text"


def _dtype(column: Column) -> pl.DataType:
    """As generated values are typed, where that loses nothing."""
    kind, precision = column.type.kind, column.type.precision
    if kind == "integer":
        return pl.Int64()
    if kind == "date":
        return pl.Date()
    if kind == "timestamp":
        return pl.Datetime("us")
    if kind == "numeric" and precision is not None and precision <= _FLOAT_DIGITS:
        return pl.Float64()
    return pl.String()
