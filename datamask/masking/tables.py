"""Small tables in CSV files that a policy names: values and what stands for them."""

from __future__ import annotations

import csv
import io
from functools import lru_cache

from datamask.errors import PolicyError

Lines = tuple[tuple[str, ...], ...]


@lru_cache(maxsize=8)
def read_table(content: bytes, columns: int, *, more: bool = False) -> Lines:
    """The lines of a CSV file (RFC 4180) behind its header, each with what it has in ``columns`` columns.

    :param content: UTF-8, with or without a byte order mark.
    :param more: lines may have more columns than that, all as many as the header.
    :raises PolicyError: naming the line, never what it holds.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise PolicyError("it is not UTF-8") from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines = []
    width = columns
    try:
        for line in reader:
            if reader.line_num == 1 and more:
                width = max(columns, len(line))
            if len(line) != width:
                raise PolicyError(f"line {reader.line_num} has {len(line)} columns, not {width}")
            lines.append(tuple(line))
    except csv.Error:
        raise PolicyError(f"line {reader.line_num} is no CSV") from None
    if len(lines) < 2:
        raise PolicyError("it holds nothing but a header")
    return tuple(lines[1:])
