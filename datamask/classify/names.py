"""Names of tables and columns as people write them in a file: ``public.orders``, ``"odd.schema".t.c``."""

from __future__ import annotations

import re

from datamask.catalog.model import table_key

_PART = re.compile(r'"((?:[^"]|"")+)"|([^."]+)')


def parse_table(text: str) -> str | None:
    """The table's ``key`` that ``schema.table`` means, or None where it is no such name.

    A part in double quotes may hold dots, as in SQL; upper and lower case count in every part.
    """
    parts = _split(text)
    if parts is None or len(parts) != 2:
        return None
    return table_key(parts[0], parts[1])


def parse_column(text: str) -> tuple[str, str] | None:
    """The table's ``key`` and the column that ``schema.table.column`` means, else None."""
    parts = _split(text)
    if parts is None or len(parts) != 3:
        return None
    return table_key(parts[0], parts[1]), parts[2]


def column_key(table: str, column: str) -> str:
    """``schema.table.column``, quoted where ``parse_column`` needs it."""
    quoted = '"' + column.replace('"', '""') + '"' if "." in column or '"' in column else column
    return f"{table}.{quoted}"


def _split(text: str) -> list[str] | None:
    parts = []
    position = 0
    while True:
        match = _PART.match(text, position)
        if match is None:
            return None
        quoted, plain = match.groups()
        parts.append(quoted.replace('""', '"') if quoted is not None else plain)
        position = match.end()
        if position == len(text):
            return parts
        if text[position] != ".":
            return None
        position += 1
