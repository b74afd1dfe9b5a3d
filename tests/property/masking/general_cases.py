"""Numbers, dates, text in general and files: the transforms on the types that they take."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from law_case import (
    BIGINT,
    BYTEA,
    DATE,
    FLOAT4,
    FLOAT8,
    INTEGER,
    MONEY,
    NUMERIC,
    SMALLINT,
    TEXT,
    TIMESTAMP,
    TIMESTAMPTZ,
    Case,
)

from datamask.catalog.model import ColumnType

BOOLEAN = ColumnType("boolean", "boolean", "bool")
ENUM = ColumnType("public.size", "enum", "size", labels=("small", "medium", "large"))
POINT = ColumnType("point", "other", "point")
TIME = ColumnType("time without time zone", "time", "time")
TIMETZ = ColumnType("time with time zone", "time", "timetz")
INTERVAL = ColumnType("interval", "interval", "interval")
NUMBERS = (SMALLINT, INTEGER, BIGINT, NUMERIC, MONEY, FLOAT4, FLOAT8)

_TIMES = ("00:00:00", "23:59:59.999999", "24:00:00", "12:00:00.5", "06:30:00")
_INTERVALS = (
    "1 year 2 mons 3 days 04:05:06.789", "-1 years -2 mons +3 days -04:05:06", "00:00:00", "3 days", "1 mon", "10 years",
    "infinity", "-infinity", "-00:00:00.000001", "178000000 years", "2562047788:00:54.775807",
)  # fmt: skip
_TABLE = Path(__file__).parent / "general_groups.csv"


def _times(zone: str):
    def many(count: int) -> list[str]:
        seconds = np.random.default_rng(5).choice(86_400, min(count, 80_000), replace=False).tolist()
        return [f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}{zone}" for s in seconds]

    return many


def _lengths(count: int) -> list[str]:
    return [
        f"{n % 40} days {n % 24:02d}:{n % 59:02d}:{n % 57:02d}.{n:06d}".rstrip("0")
        for n in range(1, count + 1)
    ]


def _degrees(limit: int, form: str):
    def many(count: int) -> list[str]:
        random = np.random.default_rng(6)
        pairs = random.uniform(-limit, limit, (count, 2)).tolist()
        return [form.format(*pair) for pair in pairs]

    return many


def _ages(count: int) -> list[str]:
    return [str(number) for number in range(min(count, 1000))]


def _images(count: int) -> list[str]:
    return [f"\\x89504e470d0a1a0a{number:08x}" for number in range(min(count, 5000))]


CASES = [
    *(Case("number_noise", kind, {"epsilon": 0.01, "sensitivity": 10}) for kind in (INTEGER, MONEY, FLOAT8)),
    Case("number_noise", INTERVAL, many=_lengths, odd=_INTERVALS),
    Case("number_noise", INTERVAL, {"absolute": 3600}, many=_lengths, odd=_INTERVALS),
    *(Case("round", kind, {"to": 500}, keyed=False) for kind in NUMBERS),
    *(
        Case("round", kind, {"to": 0.05}, keyed=False, stays=True)
        for kind in (NUMERIC, MONEY, FLOAT4, FLOAT8)
    ),
    *(Case("round", kind, {"digits": 2}, keyed=False) for kind in (INTEGER, NUMERIC, FLOAT8)),
    *(
        Case("clip", kind, {"min": -50, "max": 30_000}, keyed=False, stays=True)
        for kind in (SMALLINT, BIGINT, MONEY, FLOAT4)
    ),
    Case("clip", NUMERIC, {"max": 12.345}, keyed=False, stays=True),
    *(Case("bucket", kind, {"edges": [0, 100, 1000.0, 20_000]}, keyed=False) for kind in NUMBERS),
    *(Case("bucket", kind, {"width": 250, "as": "middle"}, keyed=False) for kind in (BIGINT, MONEY, FLOAT4)),
    Case("bucket", FLOAT8, {"width": 0.1, "as": "upper"}, keyed=False),
    Case("bucket", NUMERIC, {"edges": [0, 0.5], "as": "middle"}, keyed=False),
    Case("bucket", TEXT, {"edges": [18, 30, 65]}, keyed=False, many=_ages, odd=("-1e9", "18", "inf", "NaN")),
    Case("bucket", TEXT, {"width": 10}, keyed=False, many=_ages, odd=("-1e9", "18", "1e300", "17.99")),
    *(Case("percentile", kind, {"quantiles": [0, 1000, 30_000]}) for kind in (SMALLINT, NUMERIC, FLOAT4)),
    *(
        Case("percentile", kind, {"quantiles": [-5.5, 1e6], "within": "all"})
        for kind in (BIGINT, NUMERIC, FLOAT8)
    ),
    *(
        Case("location", kind, {"grid_km": 5}, keyed=False, many=_degrees(90, "{:.4f}"))
        for kind in (FLOAT8, NUMERIC)
    ),
    Case("location", MONEY, {"decimals": 1}, keyed=False, many=_degrees(90, "{:.2f}")),
    Case(
        "location",
        TEXT,
        {"grid_km": 25},
        keyed=False,
        many=_degrees(89, "{:.5f}, {:.5f}"),
        odd=("52.5,13.4",),
    ),
    Case(
        "location",
        POINT,
        {"decimals": 2},
        keyed=False,
        many=_degrees(89, "({:.5f},{:.5f})"),
        odd=("(0,0)", "(181,-91)", "(NaN,Infinity)", "(1e-05,13.4)"),
    ),
    *(Case("shift_date", kind, {"keep": "weekday"}) for kind in (DATE, TIMESTAMPTZ)),
    *(Case("shift_date", kind, {"within": "5y", "keep": "month_day"}) for kind in (DATE, TIMESTAMP)),
    *(Case("shift_date", kind, {"time": "shift"}) for kind in (DATE, TIMESTAMP, TIMESTAMPTZ)),
    *(
        Case("truncate_date", kind, {"to": to}, keyed=False)
        for kind in (DATE, TIMESTAMP)
        for to in ("week", "quarter", "decade")
    ),
    *(Case("truncate_date", TIMESTAMPTZ, {"to": to}, keyed=False) for to in ("hour", "minute")),
    Case("truncate_date", TIME, {"to": "hour"}, keyed=False, many=_times(""), odd=_TIMES),
    Case("shift_time", TIME, many=_times(""), odd=_TIMES),
    Case("shift_time", TIMETZ, {"minutes": 5}, many=_times("+05:30"), odd=("23:59:59.5-08", "00:00:01+00")),
    *(
        Case("hash", TEXT, {"format": form, "length": length})
        for form, length in (
            ("base32", None),
            ("base64", 43),
            ("base64url", 20),
            ("integer", 18),
            ("integer", 8),
        )
    ),
    *(Case("hash", kind) for kind in (SMALLINT, INTEGER, BIGINT)),
    Case("token", TEXT),
    Case("token", TEXT, {"prefix": "tok_", "length": 24, "alphabet": "base32"}),
    Case("token", TEXT, {"length": 32, "alphabet": "hex"}),
    Case("token", TEXT, {"length": 6, "alphabet": "digits"}),
    Case("template", TEXT, {"format": "user-{$token}@example.com"}),
    Case("choice", TEXT, {"values": {f"choice {number}": 1 + number % 3 for number in range(50)}}),
    Case("choice", ENUM, {"values": {"small": 1, "large": 2.5}}, many=lambda _: ["small"], stays=True),
    Case("choice", BOOLEAN, {"values": {"true": 1}}, keyed=False, many=lambda _: ["f", "t"], stays=True),
    Case("lookup", TEXT, {"values": {"a": "b", "": "c"}, "else": "hash"}, odd=("a", "b")),
    Case("lookup", TEXT, {"file": str(_TABLE), "else": {"fixed": {"value": "?"}}}, keyed=False),
    Case("lookup", INTEGER, {"values": {"1": 2}, "else": {"fixed": {"value": 0}}}, keyed=False),
    Case(
        "generalize",
        TEXT,
        {"groups": {"EU": {"DE": ["Berlin", "Bonn"]}}, "level": 2},
        keyed=False,
        odd=("Bonn",),
    ),
    Case("generalize", TEXT, {"file": str(_TABLE), "ignore_case": True}, keyed=False, odd=("BERLIN",)),
    Case("generalize", INTEGER, {"groups": {"100": [101, 102]}, "other": "0"}, keyed=False, odd=("101",)),
    Case(
        "generalize",
        ENUM,
        {"groups": {"small": ["small", "medium"]}, "other": "large"},
        keyed=False,
        many=lambda _: ["small", "medium"],
        stays=True,
    ),
    Case("redact", TEXT, {"shape": True}, keyed=False),
    Case("redact", TEXT, {"shape": True, "first": 2, "last": 3}, keyed=False),
    Case("placeholder", BYTEA, keyed=False, odd=tuple(_images(3))),
    Case("strip_metadata", BYTEA, keyed=False, odd=("\\xffd8ffe0", "\\x89504e47", "\\x474946383961")),
]
