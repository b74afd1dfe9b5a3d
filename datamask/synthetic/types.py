"""The values of a column by its type and what constraints leave of it."""

from __future__ import annotations

import string
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal, InvalidOperation
from typing import Final

import numpy as np
import polars as pl

from datamask.catalog.model import ColumnType
from datamask.masking.literals import INTEGER_LIMITS
from datamask.synthetic.bounds import PRESENT, Bounds
from datamask.synthetic.domains import (
    Choices,
    Codes,
    Dates,
    Decimals,
    Domain,
    Formatted,
    Integers,
    Spans,
    Times,
    Timestamps,
    Uuids,
    as_text,
    days,
    second_of_day,
    seconds,
)
from datamask.synthetic.patterns import matching
from datamask.synthetic.randomness import hashed_words, seed_of

FIRST_DAY: Final = date(2020, 1, 1)
"""Where dates begin that nothing says anything about; they end before ``PRESENT``."""

# Subtypes of the built-in ranges.
_SUBTYPES: Final = {
    "int4range": "int4", "int8range": "int8", "numrange": "numeric", "daterange": "date",
    "tsrange": "timestamp", "tstzrange": "timestamptz",
}  # fmt: skip
_RANGE_STEP: Final = {
    "int4": 10,
    "int8": 10,
    "numeric": 1000,
    "date": 4,
    "timestamp": 7200,
    "timestamptz": 7200,
}
_LITERALS: Final = 256
_LETTERS: Final = string.ascii_uppercase
_UNITS: Final = {"box": "(2,2),(1,1)", "lseg": "[(0,0),(1,1)]", "line": "{1,-1,0}", "path": "[(0,0),(1,1)]",
                 "polygon": "((0,0),(0,1),(1,1))", "circle": "<(0,0),1>", "jsonpath": "$.a", "tsquery": "'a'",
                 "pg_snapshot": "10:10:", "txid_snapshot": "10:10:", "tid": "(0,1)"}  # fmt: skip


class UnsatisfiableError(ValueError):
    """No value meets what the constraints say together."""


def type_domain(column_type: ColumnType, bounds: Bounds, key: int) -> Domain | None:
    """The values of a type within bounds; None for a type that nothing is known of.

    :param key: for what is drawn once, such as a pool of arrays.
    :raises UnsatisfiableError: the bounds leave no value.
    """
    base = column_type.base
    if bounds.values is not None:
        return _listed(column_type, bounds)
    match column_type.kind:
        case "enum":
            return _listed(column_type, replace(bounds, values=column_type.labels))
        case "integer":
            return _integers(base, bounds)
        case "numeric" | "float":
            return _decimals(column_type, bounds)
        case "boolean":
            return Choices(pl.Series([True, False]))
        case "date":
            return Dates(*_moments(bounds, days(FIRST_DAY), days(PRESENT) - 1, _day, 1))
        case "timestamp":
            first, last = _DAY * days(FIRST_DAY), _DAY * days(PRESENT) - 1
            return Timestamps(*_moments(bounds, first, last, _second, 1))
        case "time":
            return Times(
                *_moments(bounds, 0, _DAY - 1, lambda text: second_of_day(time.fromisoformat(text[:8])), 1)
            )
        case "text":
            return text_domain(column_type, bounds)
        case "uuid":
            return Uuids(key)
        case "array":
            return _arrays(column_type, key)
        case "range":
            return _ranges(base)
    return _others(column_type)


_DAY: Final = 86_400


def text_domain(column_type: ColumnType, bounds: Bounds) -> Domain | None:
    """Texts that look like codes, or as a pattern wants them."""
    longest = min(
        (length for length in (column_type.max_length, bounds.longest) if length is not None), default=None
    )
    if bounds.pattern is not None:
        return matching(bounds.pattern, longest)
    if column_type.base == "char":
        longest = 1
    length = min(max(8, bounds.shortest), longest if longest is not None else 10**9)
    if length < bounds.shortest:
        raise UnsatisfiableError(f"texts of {bounds.shortest} characters at least and {longest} at most")
    letters = _LETTERS + string.digits
    if length <= 3:
        return Codes((letters,) * length) if length else None
    extra = (letters,) * (length - 8) if length > 8 else ()
    return Codes((_LETTERS, _LETTERS, *(letters,) * (min(length, 8) - 2), *extra))


def spans(base: str) -> Spans | None:
    """Ranges of a built-in type that do not overlap; None for other types."""
    inner = _bound_domain(_SUBTYPES.get(base, ""))
    return None if inner is None else Spans(inner, _RANGE_STEP[_SUBTYPES[base]])


def literal(column_type: ColumnType, text: str) -> object:
    """A constant of a constraint as the value that frames hold.

    :raises ValueError: it is none of the type.
    """
    match column_type.kind:
        case "integer":
            return int(Decimal(text))
        case "numeric" | "float":
            return float(text)
        case "boolean":
            return text.lower() in {"t", "true", "1"}
        case "date":
            return date.fromisoformat(text[:10])
        case "timestamp":
            return _naive(text)
        case "time":
            return time.fromisoformat(text[:8])
    return text


def _listed(column_type: ColumnType, bounds: Bounds) -> Domain:
    kept = []
    for text in bounds.values or ():
        if text in bounds.without or _outside(text, bounds):
            continue
        if column_type.max_length is not None and len(text) > column_type.max_length:
            continue
        try:
            kept.append(literal(column_type, text))
        except (ValueError, InvalidOperation):
            continue
    if not kept:
        raise UnsatisfiableError("no value of the list is left")
    return Choices(pl.Series(kept))


def _outside(text: str, bounds: Bounds) -> bool:
    try:
        value = float(text)
        low = None if bounds.low is None else float(bounds.low)
        high = None if bounds.high is None else float(bounds.high)
    except ValueError:
        return False
    if low is not None and (value < low or (value == low and bounds.low_open)):
        return True
    return high is not None and (value > high or (value == high and bounds.high_open))


def _integers(base: str, bounds: Bounds) -> Domain:
    most = INTEGER_LIMITS.get(base, INTEGER_LIMITS["int4"])
    least = -most - 1
    low = _whole(bounds.low, bounds.low_open, ROUND_CEILING, 1)
    high = _whole(bounds.high, bounds.high_open, ROUND_FLOOR, -1)
    if low is None and high is None:
        low, high = 0, min(most, 999)
    elif low is None:
        assert high is not None
        low = 0 if high >= 0 else high - 999
    elif high is None:
        high = low + 999
    assert high is not None
    low, high = max(low, least), min(high, most)
    if low > high:
        raise UnsatisfiableError(f"whole numbers from {low} to {high}")
    return Integers(low, high)


def _whole(text: str | None, is_open: bool, rounding: str, step: int) -> int | None:
    if text is None:
        return None
    number = Decimal(text)
    nearest = int(number.to_integral_value(rounding=rounding))
    return nearest + step if is_open and nearest == number else nearest


def _decimals(column_type: ColumnType, bounds: Bounds) -> Domain:
    scale = 2 if column_type.scale is None else max(0, column_type.scale)
    unit = Decimal(10) ** scale
    low = _whole(_times(bounds.low, unit), bounds.low_open, ROUND_CEILING, 1)
    high = _whole(_times(bounds.high, unit), bounds.high_open, ROUND_FLOOR, -1)
    most = 10**15 if column_type.precision is None else 10 ** min(15, column_type.precision) - 1
    if low is None and high is None:
        low, high = 0, int(1000 * unit)
    elif low is None:
        assert high is not None
        low = 0 if high >= 0 else high - int(1000 * unit)
    elif high is None:
        high = low + int(1000 * unit)
    assert high is not None
    low, high = max(low, -most), min(high, most)
    if low > high:
        raise UnsatisfiableError("no number between its bounds")
    return Decimals(low, high, scale)


def _times(text: str | None, unit: Decimal) -> str | None:
    return None if text is None else str(Decimal(text) * unit)


def _day(text: str) -> int:
    return days(date.fromisoformat(text[:10]))


def _second(text: str) -> int:
    return seconds(_naive(text))


def _naive(text: str) -> datetime:
    """The moment in UTC; a text without a zone is in UTC."""
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _moments(bounds: Bounds, first: int, last: int, read: object, step: int) -> tuple[int, int]:
    assert callable(read)
    low = None if bounds.low is None else read(bounds.low) + step * bounds.low_open
    high = None if bounds.high is None else read(bounds.high) - step * bounds.high_open
    if low is None and high is not None:
        low = first if first < high else high - (last - first)
    elif high is None and low is not None:
        high = last if last > low else low + (last - first)
    low, high = first if low is None else low, last if high is None else high
    if low > high:
        raise UnsatisfiableError("no moment between its bounds")
    return low, high


def _bound_domain(base: str) -> Domain | None:
    match base:
        case "int4" | "int8":
            return Integers(0, (1 << 31) - 2)
        case "numeric":
            return Decimals(0, 10**12, 2)
        case "date":
            return Dates(days(FIRST_DAY), days(date(9000, 1, 1)))
        case "timestamp" | "timestamptz":
            # To the hundredth century: rows that must not overlap need room.
            return Timestamps(_DAY * days(FIRST_DAY), _DAY * days(date(9000, 1, 1)))
    return None


def _ranges(base: str) -> Domain | None:
    multi = base.endswith("multirange")
    plain = base.replace("multirange", "range")
    apart = spans(plain)
    if apart is None:
        return None
    few = apart.first(10_000).values(np.arange(min(apart.size, 10_000), dtype=np.int64))
    return Choices(pl.select("{" + few + "}").to_series() if multi else few)


def _arrays(column_type: ColumnType, key: int) -> Domain | None:
    inner_type = replace(
        column_type, kind=column_type.element or "other", element=None, base=column_type.base.lstrip("_")
    )
    inner = type_domain(inner_type, Bounds(values=column_type.labels or None), key)
    if inner is None:
        return Choices(pl.Series(["{}"]))
    numbers = np.arange(_LITERALS * 4, dtype=np.int64)
    entries = as_text(inner.values(inner.draw(hashed_words(key, numbers)))).to_list()
    counts = (
        hashed_words(seed_of(key, "length") & ((1 << 64) - 1), np.arange(_LITERALS)) % np.uint64(5)
    ).tolist()
    texts = ["{" + ",".join(_element(entry) for entry in entries[4 * place : 4 * place + count]) + "}"
             for place, count in enumerate(counts)]  # fmt: skip
    return Choices(pl.Series(list(dict.fromkeys(texts))))


def _element(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _others(column_type: ColumnType) -> Domain | None:
    base = column_type.base
    whole = Integers(0, (1 << 31) - 1)
    match base:
        case "json" | "jsonb":
            return Formatted(whole, '{"id": {}}')
        case "xml":
            return Formatted(whole, "<row>{}</row>")
        case "bytea":
            return Formatted(Codes(("0123456789abcdef",) * 12), "\\x{}")
        case "tsvector":
            return Formatted(whole, "'word{}':1")
        case "interval":
            return Formatted(Integers(0, 86_400 * 30), "{} seconds")
        case "inet":
            return Formatted(_octets(), "10.{}")
        case "cidr":
            return Formatted(_octets(), "10.{}/32")
        case "macaddr":
            return Codes(
                tuple("02:00:")
                + ("0123456789abcdef", "0123456789abcdef", ":") * 3
                + ("0123456789abcdef",) * 2
            )
        case "macaddr8":
            return Codes(
                tuple("02:00:00:00:")
                + ("0123456789abcdef", "0123456789abcdef", ":") * 3
                + ("0123456789abcdef",) * 2
            )
        case "bit":
            return Codes(("01",) * _declared(column_type.name, 1))
        case "varbit":
            return Codes(("01",) * min(62, _declared(column_type.name, 8)))
        case "money":
            return Decimals(0, 100_000, 2)
        case "oid" | "xid" | "xid8" | "cid":
            return whole
        case "pg_lsn":
            return Formatted(Codes(("123456789ABCDEF", "0123456789ABCDEF", "0123456789ABCDEF")), "0/{}")
        case "point":
            return Formatted(Decimals(-90_000, 90_000, 3), "({},0)")
    return Choices(pl.Series([_UNITS[base]])) if base in _UNITS else None


def _octets() -> Domain:
    """The last three numbers of an address; every code another one."""
    return _Octets()


class _Octets(Domain):
    size = 1 << 24

    def values(self, codes: np.ndarray[tuple[int], np.dtype[np.int64]]) -> pl.Series:
        frame = pl.DataFrame({"a": codes >> 16, "b": (codes >> 8) & 255, "c": codes & 255})
        return frame.select(pl.concat_str("a", "b", "c", separator=".")).to_series()


def _declared(name: str, default: int) -> int:
    """The length in ``bit(7)``."""
    digits = name.rpartition("(")[2].rstrip(")")
    return int(digits) if digits.isdigit() else default


def constants(column_type: ColumnType, texts: Sequence[str]) -> list[object]:
    """Those constants of a constraint that are values of a type."""
    found = []
    for text in texts:
        if column_type.max_length is not None and len(text) > column_type.max_length:
            continue
        try:
            found.append(literal(column_type, text))
        except (ValueError, InvalidOperation, OverflowError):
            continue
    return found
