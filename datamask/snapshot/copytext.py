"""The codec between PostgreSQL's COPY text format and Polars frames. Pure.

COPY text separates fields by tabs and rows by newlines, and escapes both (and the backslash) inside
values, so no field ever holds a raw separator: Polars' CSV engine parses and writes it without knowing
a single PostgreSQL type. A value that no transform touches passes as it stands, escapes included, and
comes out byte for byte.

Source of the format: PostgreSQL documentation, COPY, "Text Format".
"""

from __future__ import annotations

import io
from collections.abc import Collection, Sequence

import numpy as np
import polars as pl

from datamask.errors import DatamaskError

NULL = "\\N"

_BACKSLASH, _OF_NULL = ord("\\"), ord("N")

# Integers have one spelling each, so they may travel as numbers: half the cost to parse and to store.
_INTEGERS: dict[str, type[pl.DataType]] = {"int2": pl.Int16, "int4": pl.Int32, "int8": pl.Int64}

# What the server's CopyAttributeOutText escapes, in the order in which it must be undone or done.
_ESCAPES = (("\\b", "\b"), ("\\f", "\f"), ("\\n", "\n"), ("\\r", "\r"), ("\\t", "\t"), ("\\v", "\v"))

# A CSV file's mark of its encoding, which Polars swallows; at the start of a table's first value it is text.
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"

# Stands for an escaped backslash while the other escapes are undone. A NUL cannot occur in PostgreSQL text.
_PLACEHOLDER = "\0"


def column_dtype(base: str) -> type[pl.DataType]:
    """The dtype in which values of a type's bare name (``int4``, ``text``) travel: integers or String."""
    return _INTEGERS.get(base, pl.String)


def parse(data: bytes, schema: dict[str, type[pl.DataType]]) -> pl.DataFrame:
    """Whole rows of COPY text as a frame.

    :param data: rows, each ended by a newline.
    :param schema: column names in the order of the COPY, with String or an integer dtype each.
    :returns: one row a line; ``\\N`` is null; String columns hold the text with its escapes.
    :raises DatamaskError: where a row has too many fields, an integer is none, or text is not UTF-8.
    """
    if not schema:
        raise ValueError("a table without columns has no text to parse")
    if not data:
        return pl.DataFrame(schema=schema)
    if data.startswith(_BYTE_ORDER_MARK):
        data = _BYTE_ORDER_MARK + data
    try:
        return pl.read_csv(
            data,
            separator="\t",
            quote_char=None,
            has_header=False,
            null_values=[NULL],
            empty_string_is_null=False,
            schema=schema,
            extra_columns="raise",
            missing_columns="raise",
        )
    except pl.exceptions.PolarsError:
        # Polars quotes the offending text: its message must not travel.
        raise DatamaskError(
            "rows arrived in a shape that is not COPY text of this table",
            hint="a database of encoding SQL_ASCII may hold bytes that are not UTF-8; convert it first",
        ) from None


def render(frame: pl.DataFrame) -> bytes:
    """A frame as COPY text: the inverse of ``parse``.

    :param frame: String columns with their escapes in place, or integers.
    """
    buffer = io.BytesIO()
    frame.write_csv(
        buffer,
        separator="\t",
        quote_style="never",
        null_value=NULL,
        include_header=False,
    )
    return buffer.getvalue()


def has_escapes(data: bytes) -> bool:
    """True where any value in the rows is written with an escape (a null's ``\\N`` is none)."""
    # Up to six times as fast as counting slashes and nulls: a slash is looked at with what follows it.
    characters = np.frombuffer(data, dtype=np.uint8)
    slashes = np.flatnonzero(characters == _BACKSLASH)
    return bool((characters.take(slashes + 1, mode="clip") != _OF_NULL).any())


def unescape(frame: pl.DataFrame, columns: Collection[str]) -> pl.DataFrame:
    """The named String columns with their COPY escapes undone."""
    return frame.with_columns(_unescaped(frame[name]) for name in columns if _has_backslash(frame[name]))


def escape(frame: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """The named String columns with whatever COPY text cannot hold raw escaped."""
    return frame.with_columns(_escaped(frame[name]) for name in columns if _needs_escape(frame[name]))


def _has_backslash(values: pl.Series) -> bool:
    return values.dtype == pl.String and bool(values.str.contains("\\", literal=True).any())


def _needs_escape(values: pl.Series) -> bool:
    return values.dtype == pl.String and bool(values.str.contains(r"[\\\x08-\x0d]").any())


def _unescaped(values: pl.Series) -> pl.Series:
    values = values.str.replace_all("\\\\", _PLACEHOLDER, literal=True)
    for escaped, raw in _ESCAPES:
        values = values.str.replace_all(escaped, raw, literal=True)
    return values.str.replace_all(_PLACEHOLDER, "\\", literal=True)


def _escaped(values: pl.Series) -> pl.Series:
    values = values.str.replace_all("\\", "\\\\", literal=True)
    for escaped, raw in _ESCAPES:
        values = values.str.replace_all(raw, escaped, literal=True)
    return values
