"""Every transform on every type that it takes, and the values that its laws are tried on."""

from __future__ import annotations

import ipaddress
import json
import uuid
from datetime import date
from importlib import import_module
from pathlib import Path

import numpy as np
from law_case import (
    BIGINT,
    BYTEA,
    CHAR,
    CIDR,
    DATE,
    FLOAT4,
    FLOAT8,
    INET,
    INTEGER,
    JSONB,
    MONEY,
    NUMERIC,
    SMALLINT,
    TEXT,
    TEXTS,
    TIMESTAMP,
    TIMESTAMPTZ,
    UUID,
    Case,
)

from datamask.catalog.model import ColumnType

TEXT_TRANSFORMS: list[tuple[str, dict[str, object]]] = [
    ("redact", {}),
    ("redact", {"keep_length": True}),
    ("redact", {"keep_length": True, "first": 1, "last": 2, "char": "#"}),
    ("hash", {}),
    ("email", {}),
    ("email", {"keep_domain": True}),
    ("email", {"domain": "mail.test"}),
    ("username", {}),
    ("url", {}),
    ("first_name", {}),
    ("last_name", {"locale": "de_DE"}),
    ("full_name", {"locale": "fr_FR"}),
    ("street", {}),
    ("city", {}),
    ("company", {}),
    ("phone", {}),
    ("postal_code", {}),
    ("postal_code", {"keep": 2}),
    ("uuid", {}),
    ("key", {}),
    ("ff1", {}),
    ("ff1", {"alphabet": "digits"}),
    ("card_number", {}),
    ("ip", {}),
    ("fixed", {"value": "x"}),
    ("null", {}),
    ("empty", {}),
]
UNKEYED = {"null", "fixed", "empty", "redact", "redact_json", "truncate_date"}

CASES = [
    *(Case(name, TEXT, params, name not in UNKEYED) for name, params in TEXT_TRANSFORMS),
    *(Case(name, CHAR, {}) for name in ("phone", "ff1")),
    *(Case(name, TEXTS, {}) for name in ("email", "ff1", "first_name")),
    Case("hash", TEXT, {"length": 16}),
    Case("fixed", INTEGER, {"value": 7}, keyed=False),
    Case("fixed", TEXT, {"value": "", "keep_nulls": False}, keyed=False),
    *(Case("empty", kind, {}, keyed=False) for kind in (BYTEA, TEXTS, JSONB)),
    *(Case("key", kind) for kind in (SMALLINT, INTEGER, BIGINT, UUID)),
    *(Case("ff1", kind) for kind in (SMALLINT, INTEGER, BIGINT)),
    *(Case("number_noise", kind) for kind in (SMALLINT, INTEGER, BIGINT, NUMERIC, MONEY, FLOAT4, FLOAT8)),
    *(Case("number_noise", kind, {"absolute": 250}) for kind in (INTEGER, MONEY, FLOAT8)),
    *(Case("shift_date", kind) for kind in (DATE, TIMESTAMP, TIMESTAMPTZ)),
    Case("shift_date", DATE, {"within": "10y", "per": "domain"}),
    *(
        Case("truncate_date", kind, {"to": to}, keyed=False)
        for kind in (DATE, TIMESTAMPTZ)
        for to in ("day", "month", "year")
    ),
    *(Case("birth_date", kind) for kind in (DATE, TIMESTAMP)),
    Case("uuid", UUID),
    *(Case("ip", kind) for kind in (INET, CIDR)),
    Case("redact_json", JSONB, keyed=False),
]

ODD_TEXT = [
    "", " ", "a", "-", "0", "00", "+", "+1", "+49 ", "🙂", "Ünïcödé 名前", "x" * 700, "9" * 300, "1" * 130,
    "tab\there", "line\nbreak", "back\\slash", '"quoted"', "NULL", "\\N", "4111 1111 1111 1111", "4111111111111112",
    "call Mary at home", "+1 (202) 555-0143", "030/12345", "1.2.3.4", "::1", "2001:db8::1", "1.2.3.4/33", "1.2.3",
    "999.1.1.1", "fe80::1%eth0", "bob@example.org", "@", "a@", "@b", "a@b@c", "SW1A 1AA", "90210-1234", "DE89 3704",
    "123e4567-e89b-42d3-a456-426614174000", "123E4567-E89B-42D3-A456-426614174000", "g" * 36, "-" * 36,
    "https://example.org/?q=1", "\u200b", "e\u0301", "\x01", "ǅ", "ß" * 40,
]  # fmt: skip

ODD = {
    "text": ODD_TEXT,
    "array": ["{}", "{a}", '{"a b",NULL,"",x}', '{{"q\\"uote","back\\\\slash"},{1,"NULL"}}', "[0:1]={a,b}", '{"t\tab"}'],
    "integer": ["0", "1", "-1", "9", "10", "99", "-99", "12345", "32767", "-32768"],
    "numeric": ["0", "0.00", "1", "-1.50", "99999999.99", "-99999999.99", "0.01", "12345678.90"],
    "float": ["0", "-0", "1.5", "-1.5e-07", "3.4e+38", "-3.4e+38", "1e-45", "Infinity", "-Infinity", "NaN"],
    "date": ["2024-02-29", "2023-12-31", "0001-01-01", "0001-01-02", "9999-12-31", "9999-12-30", "infinity",
             "-infinity", "0044-03-15 BC", "4713-01-01 BC", "10000-01-01", "12024-06-30", "1900-03-01", "2000-02-29"],
    "uuid": ["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
             "123e4567-e89b-42d3-a456-426614174000", "018f4e9e-7d2b-7c3a-9d5e-2f6b8a1c4d5e"],
    "json": ["{}", "[]", "null", "12", '"x"', '{"a": {"b": ["c", 1.5e-3, true, null]}}', '{"": ""}',
             '{"q\\"x": "a\\\\", "y\\\\": "\\""}', '{"k" : "v", "l"\t:\n1}', '["a: b", "c\\":", {"ü": "名前"}]',
             '"\\u00e9\\n"', "-0.5", "[0, 10, 1e5]"],
    "bytea": ["\\x", "\\xdeadbeef"],
}  # fmt: skip
WIDER = {
    "int4": ["2147483647", "-2147483648", "1000000000"],
    "int8": ["9223372036854775807", "-9223372036854775808", "9007199254740993", "1000000000000000000"],
    "numeric": ["NaN", "Infinity", "-Infinity", "123456789012345678901234567890.123456789", "0." + "1" * 40, "1e3"],
    "inet": ["0.0.0.0", "255.255.255.255", "10.1.2.3", "192.168.0.1/24", "172.16.5.4", "8.8.8.8", "127.0.0.1",
             "::1", "::", "fe80::1", "fd00::7", "2001:db8::1/64", "::ffff:1.2.3.4", "ff02::1", "224.0.0.1",
             "100.64.0.1", "1.1.1.1/0"],
    "cidr": ["10.0.0.0/8", "192.168.1.0/24", "8.8.8.0/24", "0.0.0.0/0", "2001:db8::/32", "::/0", "100.64.0.0/10",
             "8.8.8.8/32", "128.0.0.0/1"],
}  # fmt: skip


def family_cases() -> list[Case]:
    """The cases of every ``*_cases.py`` beside this file: a family of transforms each."""
    files = sorted(Path(__file__).parent.glob("*_cases.py"))
    modules = [import_module(file.stem) for file in files if file != Path(__file__)]
    return [case for module in modules for case in module.CASES]


CASES += family_cases()


def odd_values(case: Case) -> list[str]:
    """Corner cases of a transform and of its type."""
    return [*case.odd, *_odd_values(case.type)]


def _odd_values(kind: ColumnType) -> list[str]:
    values = list(ODD.get(kind.kind, []))
    if kind.kind == "timestamp":
        zone = "+05:30" if kind.base == "timestamptz" else ""
        for value in ODD["date"]:
            day, era, _ = value.partition(" BC")
            if value.endswith("infinity"):
                values.append(value)
            else:
                values += [f"{day} 00:00:00{zone}{era}", f"{day} 12:34:56.789012{zone}{era}"]
    if kind.base != "numeric" or kind.scale is None:
        values += WIDER.get(kind.base, [])
    if kind.max_length is not None:
        values = [value[: kind.max_length].ljust(kind.max_length) for value in values]
    return values


def many(case: Case, count: int) -> list[str]:
    """Distinct values such as a column of the type holds, as many as there are up to ``count``."""
    if case.many is not None:
        return case.many(count)
    random = np.random.default_rng(7)
    numbers = np.unique(random.integers(0, 2**62, count)).tolist()
    kind, base = case.type.kind, case.type.base
    if base in {"int2", "int4"}:
        top = 2**15 if base == "int2" else 2**20
        return [str(number) for number in random.choice(top - 100, min(count, 30_000), replace=False) + 100]
    if kind == "integer":
        return [str(number) for number in numbers]
    if kind in {"numeric", "float"}:
        return [f"{number % 10**7 + 100}.{number % 97:02d}" for number in numbers]
    if kind in {"date", "timestamp"}:
        days = [str(date.fromordinal(700_000 + number % 60_000)) for number in numbers]
        zone = "+00" if base == "timestamptz" else ""
        timed = [f"{day} 10:{n % 60:02d}:00{zone}" for day, n in zip(days, numbers, strict=True)]
        return days if kind == "date" else timed
    if kind == "uuid" or case.transform == "uuid":
        return [
            str(uuid.UUID(int=number * 0x9E3779B97F4A7C15F39CC0605CEDC835 % 2**128)) for number in numbers
        ]
    if base == "cidr":
        return [f"{10 + n % 200}.{n // 7 % 256}.{n // 9999 % 256}.0/24" for n in numbers]
    if kind == "inet" or case.transform == "ip":
        return [str(ipaddress.ip_address((n % 2**32) if n % 3 else (0x20010DB8 << 96) + n)) for n in numbers]
    if kind == "json":
        return [json.dumps({"name": f"person {n}", "age": n % 99}) for n in numbers]
    if kind == "bytea":
        return [f"\\x{n:016x}" for n in numbers]
    if kind == "array":
        return [f'{{a{n},"b {n}"}}' for n in numbers]
    if base == "bpchar":
        return [f"{n % 10**12:012d}" for n in numbers]
    if case.transform == "phone":
        return [
            f"+49 {n % 10**11:011d}" if n % 2 else f"0{n % 900 + 100} {n // 900 % 10**8:08d}" for n in numbers
        ]
    if case.transform == "card_number":
        return [f"{n % 10**16:016d}" for n in numbers]
    if case.transform == "postal_code":
        return [f"{n % 10**9:09d}" for n in numbers]
    return [f"person.{n}@mail{n % 50}.example" for n in numbers]
