"""Whether a text is valid input for a type, for the kinds where that can be told without a server."""

from __future__ import annotations

import json
import re
import uuid
from datetime import date
from decimal import Decimal

from datamask.catalog.model import ColumnType
from datamask.masking.model import JSONValue

INTEGER_LIMITS = {"int2": (1 << 15) - 1, "int4": (1 << 31) - 1, "int8": (1 << 63) - 1}
"""The largest value of each integer type."""

UNSAFE_IN_COPY = frozenset("\t\n\r\\")
"""What COPY text cannot hold as it is."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?|[+-]?(NaN|Infinity)")
_DATE = re.compile(r"(\d{4}-\d\d-\d\d)([ T]\d\d:\d\d(:\d\d(\.\d+)?)?([+-]\d\d(:\d\d)?|Z)?)?")
_BOOLEANS = frozenset(("t", "f", "true", "false", "yes", "no", "on", "off", "1", "0"))


def problem(text: str, column_type: ColumnType) -> str | None:
    """Why the type cannot hold the text; None where it can, or where only the server knows."""
    name = column_type.name
    match column_type.kind:
        case "integer":
            limit = INTEGER_LIMITS.get(column_type.base, INTEGER_LIMITS["int8"])
            if re.fullmatch(r"[+-]?\d+", text) and -limit - 1 <= int(text) <= limit:
                return None
            return f"the value is no {name}"
        case "numeric" | "float":
            return None if _NUMBER.fullmatch(text) else f"the value is no {name}"
        case "boolean":
            return None if text.lower() in _BOOLEANS else f"the value is no {name}"
        case "uuid":
            return None if _parses(uuid.UUID, text) else f"the value is no {name}"
        case "json":
            return None if _parses(json.loads, text) else f"the value is no {name}"
        case "date" | "timestamp":
            match = _DATE.fullmatch(text)
            if text in ("infinity", "-infinity") or (match and _parses(date.fromisoformat, match[1])):
                return None
            return f"the value is no {name} in ISO form"
        case "enum":
            return None if text in column_type.labels else f"the value is no label of {name}"
        case "text":
            if column_type.max_length is not None and len(text) > column_type.max_length:
                return f"the value has {len(text)} characters, {name} holds {column_type.max_length}"
            return None
        case _:
            return None


def overflow(text: str, column_type: ColumnType) -> str | None:
    """Why ``numeric(p,s)`` has too few digits for a number; None where it has enough, or for other types."""
    if column_type.kind != "numeric" or column_type.precision is None:
        return None
    number = Decimal(text)
    if number.is_nan() or abs(number) < Decimal(10) ** (column_type.precision - (column_type.scale or 0)):
        return None
    return f"the value is too large for {column_type.name}"


def spelled(value: JSONValue) -> str:
    """A text, number or truth value of a policy as PostgreSQL would read it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _parses(parse: object, text: str) -> bool:
    assert callable(parse)
    try:
        parse(text)
    except ValueError:
        return False
    return True
