"""Names and texts as SQL writes them; the only way that either gets into a statement."""

from __future__ import annotations

from collections.abc import Iterable

from datamask.errors import UsageError


def quote_identifier(name: str) -> str:
    """``name`` as a quoted SQL identifier; always quoted, so that no keyword list is needed.

    :raises UsageError: for an empty name or one with a zero byte, which no identifier can be.
    """
    if not name or "\0" in name:
        raise UsageError("an SQL identifier cannot be empty or hold a zero byte")
    return '"' + name.replace('"', '""') + '"'


def qualified(schema: str, name: str) -> str:
    """``"schema"."name"``."""
    return f"{quote_identifier(schema)}.{quote_identifier(name)}"


def identifier_list(names: Iterable[str]) -> str:
    """Quoted identifiers with commas between."""
    return ", ".join(quote_identifier(name) for name in names)


def quote_literal(text: str) -> str:
    """``text`` as an SQL string literal, right whatever ``standard_conforming_strings`` is.

    :raises UsageError: for a text with a zero byte, which PostgreSQL cannot hold.
    """
    if "\0" in text:
        raise UsageError("an SQL text cannot hold a zero byte")
    quoted = "'" + text.replace("'", "''") + "'"
    if "\\" in quoted:
        return " E" + quoted.replace("\\", "\\\\")
    return quoted
