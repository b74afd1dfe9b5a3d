"""Made-up values of every type, for trying transforms without a row of anybody's data."""

from __future__ import annotations

import ipaddress
import json
import uuid
from datetime import date, timedelta

from datamask.catalog.model import ColumnType, TypeKind
from datamask.errors import PolicyError

# Spreads consecutive numbers over 64 bits (Knuth's multiplicative hashing), the same on every machine.
_SPREAD, _BITS = 0x9E3779B97F4A7C15, 1 << 64
_EPOCH = date(1950, 1, 1)
_NAMES = ("Maria", "Jürgen", "Chloé", "Paweł", "José", "Anna", "Li", "O'Neil")

_TYPES: dict[TypeKind, tuple[ColumnType, ...]] = {
    "text": (ColumnType("text", "text", "text"), ColumnType("character varying(40)", "text", "varchar", 40)),
    "integer": (ColumnType("integer", "integer", "int4"), ColumnType("bigint", "integer", "int8")),
    "numeric": (ColumnType("numeric(12,2)", "numeric", "numeric", precision=12, scale=2),),
    "float": (ColumnType("double precision", "float", "float8"),),
    "boolean": (ColumnType("boolean", "boolean", "bool"),),
    "date": (ColumnType("date", "date", "date"),),
    "timestamp": (ColumnType("timestamp with time zone", "timestamp", "timestamptz"),),
    "uuid": (ColumnType("uuid", "uuid", "uuid"),),
    "inet": (ColumnType("inet", "inet", "inet"),),
    "json": (ColumnType("jsonb", "json", "jsonb"),),
    "bytea": (ColumnType("bytea", "bytea", "bytea"),),
}

_ODD: dict[TypeKind, tuple[str, ...]] = {
    "text": (
        " ", "a", "-", "0", "🙂", "Ünïcödé 名前", "x" * 3000, "9" * 300, "tab\there", "line\nbreak", "back\\slash",
        '"quoted"', "NULL", "\\N", "4111 1111 1111 1111", "call Mary at home", "+49 30 123456", "1.2.3.4", "::1",
        "bob@example.org", "@", "ß" * 40, "e\u0301", "\u200b",
    ),
    "integer": ("0", "1", "-1", "99", "-32768", "2147483647"),
    "numeric": ("0.00", "-1.50", "9999999999.99", "0.01"),
    "float": ("0", "-0", "1.5e-07", "Infinity", "NaN"),
    "boolean": ("t", "f"),
    "date": ("2024-02-29", "0001-01-01", "9999-12-31", "infinity", "0044-03-15 BC"),
    "timestamp": ("2024-02-29 12:34:56.789+00", "infinity", "0001-01-01 00:00:00+00"),
    "uuid": ("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
    "inet": ("0.0.0.0", "10.1.2.3/24", "127.0.0.1", "::1", "fe80::1"),
    "json": ("{}", "[]", "null", '"x"', '{"a": {"b": ["c", 1.5e-3, true, null]}}'),
    "bytea": ("\\x", "\\xdeadbeef"),
}  # fmt: skip


def sample_types(kinds: frozenset[TypeKind] | None) -> tuple[ColumnType, ...]:
    """The types with sample values that are of these kinds; None stands for all kinds."""
    return tuple(one for kind, listed in _TYPES.items() for one in listed if kinds is None or kind in kinds)


def odd_values(column_type: ColumnType) -> list[str]:
    """Corner cases of a type: boundaries, Unicode, what COPY text escapes."""
    return [_fitting(value, column_type) for value in _ODD.get(column_type.kind, ())]


def many_values(column_type: ColumnType, count: int) -> list[str]:
    """At most ``count`` different values of a type, as PostgreSQL prints them.

    :raises PolicyError: there are none for the type.
    """
    if column_type.kind not in _TYPES:
        raise PolicyError(f"there are no sample values of the type {column_type.name}")
    numbers = [number * _SPREAD % _BITS for number in range(1, count + 1)]
    found = (_fitting(_value(number, column_type), column_type) for number in numbers)
    return list(dict.fromkeys(found))


def _value(number: int, column_type: ColumnType) -> str:
    match column_type.kind:
        case "integer":
            return str(number % (10**9 if column_type.base == "int4" else 10**18))
        case "numeric" | "float":
            return f"{number % 10**9 + 1}.{number % 97:02d}"
        case "boolean":
            return "tf"[number % 2]
        case "date":
            return str(_EPOCH + timedelta(days=number % 30_000))
        case "timestamp":
            seconds = number % 86_400
            day = _EPOCH + timedelta(days=number % 30_000)
            return f"{day} {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}+00"
        case "uuid":
            return str(uuid.UUID(int=number * _SPREAD % (1 << 128)))
        case "inet":
            return str(ipaddress.IPv4Address(number % (1 << 32)))
        case "json":
            return json.dumps({"name": f"{_NAMES[number % 8]} {number}", "age": number % 99})
        case "bytea":
            return f"\\x{number:016x}"
        case _:
            return _text(number)


def _text(number: int) -> str:
    name = _NAMES[number % 8]
    match number // 8 % 4:
        case 0:
            return f"{name.lower()}.{number % 10**9}@mail{number % 50}.example"
        case 1:
            return f"{name} {number % 10**12}"
        case 2:
            return f"+49 {number % 10**11:011d}"
        case _:
            return f"{number:016x}"


def _fitting(value: str, column_type: ColumnType) -> str:
    return value if column_type.max_length is None else value[: column_type.max_length]
