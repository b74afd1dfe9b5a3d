"""Digests of what a database holds, computed by the server, the same in whatever order the rows lie."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, LiteralString, NamedTuple

import psycopg
from psycopg import sql

from datamask.catalog.model import table_key

# PostgreSQL limits a select list to 1,664 entries, and a column takes two.
_COLUMNS_A_QUERY = 400

# Everything that changes how a value looks as text.
_SETTINGS: LiteralString = """
    set timezone = 'UTC'; set datestyle = 'ISO, MDY'; set intervalstyle = 'postgres';
    set extra_float_digits = 1; set bytea_output = 'hex'; set lc_monetary = 'C'; set search_path = '';
    set row_security = off
"""

_TABLES: LiteralString = """
    select namespace.nspname, class.relname,
           array(
               select attname::text from pg_catalog.pg_attribute
               where attrelid = class.oid and attnum > 0 and not attisdropped order by attnum
           )
    from pg_catalog.pg_class as class
    join pg_catalog.pg_namespace as namespace on namespace.oid = class.relnamespace
    where (class.relkind = 'r' or class.relkind = 'm' and class.relispopulated)
      and namespace.nspname not like 'pg\\_%' and namespace.nspname <> 'information_schema'
    order by 1, 2
"""


class Digest(NamedTuple):
    """The digest of a column's values as a multiset.

    :param rows: how many, NULLs included.
    :param nulls: how many NULLs.
    :param total: the sum of all values' 64-bit hashes.
    """

    rows: int
    nulls: int
    total: int


def row_counts(url: str) -> dict[str, int]:
    """Rows of every table that can hold some itself, and of populated materialized views, by its key."""
    with _connect(url) as connection:
        return {
            table_key(schema, table): int(_select(connection, sql.SQL("count(*)"), schema, table)[0])
            for schema, table, _ in connection.execute(_TABLES).fetchall()
        }


def column_digests(url: str) -> dict[tuple[str, str], Digest]:
    """A digest of each column of those tables, by ``schema.table`` and column.

    It does not see whether values of one row are still together: ``row_digests`` does.
    """
    digests: dict[tuple[str, str], Digest] = {}
    with _connect(url) as connection:
        for schema, table, columns in connection.execute(_TABLES).fetchall():
            for start in range(0, len(columns), _COLUMNS_A_QUERY):
                part = columns[start : start + _COLUMNS_A_QUERY]
                aggregates = sql.SQL(", ").join([sql.SQL("count(*)"), *map(_column_digest, part)])
                rows, *found = map(int, _select(connection, aggregates, schema, table))
                for column, nulls, total in zip(part, found[::2], found[1::2], strict=True):
                    digests[table_key(schema, table), column] = Digest(rows, nulls, total)
    return digests


def row_digests(url: str, *, without: Collection[tuple[str, str]] = ()) -> dict[str, Digest]:
    """A digest of each table's whole rows: it sees when a value has moved to another row.

    :param without: columns to leave out, as ``column_digests`` names them.
    """
    digests: dict[str, Digest] = {}
    with _connect(url) as connection:
        for schema, table, columns in connection.execute(_TABLES).fetchall():
            key = table_key(schema, table)
            kept = sql.SQL(", ").join(sql.Identifier(name) for name in columns if (key, name) not in without)
            whole = _hash(sql.SQL("row({})").format(kept))
            rows, total = _select(
                connection, sql.SQL("count(*), coalesce(sum({}), 0)").format(whole), schema, table
            )
            digests[key] = Digest(int(rows), 0, int(total))
    return digests


def _connect(url: str) -> psycopg.Connection[tuple[Any, ...]]:
    connection = psycopg.connect(url, autocommit=True)
    connection.execute(_SETTINGS)
    return connection


def _select(
    connection: psycopg.Connection[tuple[Any, ...]], aggregates: sql.Composable, schema: str, table: str
) -> tuple[Any, ...]:
    query = sql.SQL("select {} from only {}").format(aggregates, sql.Identifier(schema, table))
    row = connection.execute(query).fetchone()
    assert row is not None
    return row


def _column_digest(column: str) -> sql.Composed:
    # num_nulls sees a NULL as such; IS NULL also says yes to a composite value whose fields are all NULL.
    return sql.SQL(
        "coalesce(sum(pg_catalog.num_nulls({0})), 0),"
        " coalesce(sum({1}) filter (where pg_catalog.num_nulls({0}) = 0), 0)"
    ).format(sql.Identifier(column), _hash(sql.Identifier(column)))


def _hash(value: sql.Composable) -> sql.Composed:
    # format() calls the type's output function, where a cast to text would drop the blanks of char(n);
    # a nondeterministic collation would hash unlike strings alike.
    return sql.SQL(
        "pg_catalog.hashtextextended(pg_catalog.format('%s', {}) collate \"C\", 0)::pg_catalog.numeric"
    ).format(value)
