"""Queries that try constraints on rows that are sent along; no table is read. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from datamask.catalog.model import Column
from datamask.db.quoting import quote_identifier, quote_literal

# The function that tells whether a text is valid input came with PostgreSQL 16.
INPUT_TEST_VERSION = 160000

_NUMBER = '"row number of the sample"'
_VALUES = "pg_catalog.unnest(%s::pg_catalog.text[]) AS given(value)"


def breaches(table: str, columns: Sequence[Column], expression: str, *, server_version: int) -> str:
    """Counts the rows for which an expression over a table's columns is false.

    :param table: the table's bare name, by which the expression may call its columns.
    :param columns: those that the expression names; each is a ``text[]`` parameter of the query, in this order.
    """
    rows = f"({_rows(columns, server_version)}) AS {_escaped(quote_identifier(table))}"
    return f"SELECT pg_catalog.count(*) FROM {rows} WHERE NOT ({_escaped(expression)})"  # noqa: S608 - quoted


def input_tests(column: Column) -> str:
    """Tells of each text of the one ``text[]`` parameter, in its order, whether it is valid input of the column's type.

    Domains' constraints are part of it. PostgreSQL 16 and newer.
    """
    kind = _escaped(quote_literal(column.type.name))
    return (
        f"SELECT pg_catalog.pg_input_is_valid(value, {kind}) FROM pg_catalog.unnest(%s::pg_catalog.text[])"  # noqa: S608
        " WITH ORDINALITY AS given(value, place) ORDER BY place"
    )


def valid_inputs(column: Column) -> str:
    """Fails where a text of the parameter is no valid input of the column's type; for older servers."""
    kind = _escaped(column.type.name)
    return f"SELECT pg_catalog.count(value::{kind}) FROM {_VALUES}"  # noqa: S608 - as the server writes it


def conflicts(columns: Sequence[Column], operators: Mapping[str, str], *, server_version: int) -> str:
    """Counts the rows that an exclusion constraint does not allow beside one that comes before them.

    :param columns: those under the constraint; parameters as in ``breaches``.
    :param operators: by column.
    """
    rows = _rows(columns, server_version, numbered=True)
    both = " AND ".join(
        f"a.{quote_identifier(name)} {operator} b.{quote_identifier(name)}"
        for name, operator in operators.items()
    )
    return (
        f"WITH given_rows AS ({rows}) SELECT pg_catalog.count(*) FROM given_rows b WHERE EXISTS "  # noqa: S608 - quoted
        f"(SELECT FROM given_rows a WHERE a.{_NUMBER} < b.{_NUMBER} AND {_escaped(both)})"
    )


def _rows(columns: Sequence[Column], server_version: int, *, numbered: bool = False) -> str:
    arrays = ", ".join("pg_catalog.unnest(%s::pg_catalog.text[])" for _ in columns)
    names = [f"v{number}" for number in range(len(columns))]
    values = [
        f"{_cast(name, column, server_version)} AS {_escaped(quote_identifier(column.name))}"
        for name, column in zip(names, columns, strict=True)
    ]
    if numbered:
        values.append(f"pg_catalog.row_number() OVER () AS {_NUMBER}")
    return f"SELECT {', '.join(values)} FROM ROWS FROM ({arrays}) AS given({', '.join(names)})"  # noqa: S608


def _cast(name: str, column: Column, server_version: int) -> str:
    """The value as the column's type; NULL where it is none, which is counted by itself."""
    kind = column.type.name
    if server_version < INPUT_TEST_VERSION:
        return _escaped(f"{name}::{kind}")
    test = f"pg_catalog.pg_input_is_valid({name}, {quote_literal(kind)})"
    return _escaped(f"CASE WHEN {test} THEN {name}::{kind} END")


def _escaped(sql: str) -> str:
    """SQL in which no percent sign stands for a parameter."""
    return sql.replace("%", "%%")
