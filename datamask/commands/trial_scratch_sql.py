"""Statements of a trial in a scratch database: rows held beside their table, counted and stored. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence

from datamask.catalog.model import Column, Table
from datamask.db.quoting import identifier_list, qualified, quote_identifier

NUMBER = "row number of the sample"
"""The column of held rows by which parts of them are named, from 0 on."""

HELD = "rows of the sample"
"""The table that holds rows of a sample, in the schema of the session's temporary tables."""

_HELD = f"pg_temp.{quote_identifier(HELD)}"
_NUMBER = quote_identifier(NUMBER)
_DEFERRABLE = re.compile(r"\s+DEFERRABLE(?:\s+INITIALLY\s+(?:DEFERRED|IMMEDIATE))?(?=\s*;)")


def hold(table: Table) -> str:
    """Makes a table for rows of another one: its types and computed columns, none of its constraints."""
    changes = [
        f"ALTER COLUMN {quote_identifier(column.name)} DROP NOT NULL"
        for column in table.columns
        if column.not_null
    ]
    changes.append(f"ADD COLUMN {_NUMBER} integer")
    name = qualified(table.schema, table.name)
    return (
        f"CREATE TEMPORARY TABLE {quote_identifier(HELD)} (LIKE {name} INCLUDING GENERATED);"
        f" ALTER TABLE {_HELD} {', '.join(changes)}"
    )


def copy_in(columns: Sequence[Column]) -> str:
    """Fills it; the row's number is the last field."""
    names = identifier_list((*(column.name for column in columns), NUMBER))
    return f"COPY {_HELD} ({names}) FROM STDIN"


def breaches(table: Table, expression: str) -> str:
    """Counts the held rows for which a CHECK constraint's expression is false."""
    rows = f"{_HELD} AS {quote_identifier(table.name)}"
    return f"SELECT pg_catalog.count(*) FROM {rows} WHERE NOT ({expression})"  # noqa: S608 - as the server writes it


def store(
    table: Table,
    columns: Sequence[Column],
    expressions: Sequence[str],
    first: int,
    end: int,
    *,
    skip_conflicts: bool = False,
) -> str:
    """Puts held rows into their table, whose constraints then hold.

    :param expressions: of the CHECK constraints whose breaches are known: those rows stay out.
    :param first: the first row's number; ``end`` is the one behind the last.
    :param skip_conflicts: leave out rows that a unique key or exclusion constraint does not allow.
    """
    names = identifier_list(column.name for column in columns)
    conditions = [
        f"{_NUMBER} >= {first:d} AND {_NUMBER} < {end:d}",
        *(f"({text}) IS NOT FALSE" for text in expressions),
    ]
    return (
        f"INSERT INTO {qualified(table.schema, table.name)} ({names}) OVERRIDING SYSTEM VALUE"  # noqa: S608
        f" SELECT {names} FROM {_HELD} AS {quote_identifier(table.name)} WHERE {' AND '.join(conditions)}"
        f" ORDER BY {_NUMBER}" + (" ON CONFLICT DO NOTHING" if skip_conflicts else "")
    )


def empty(table: Table) -> str:
    """Removes the rows that were stored."""
    return f"TRUNCATE {qualified(table.schema, table.name)}"


def at_once(sql: str) -> str:
    """The SQL of a constraint so that it is checked row by row: one that is deferrable cannot say which rows conflict."""
    return _DEFERRABLE.sub("", sql)
