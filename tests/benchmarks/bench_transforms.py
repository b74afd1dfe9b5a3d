"""Values a second on one core, by transform and cardinality: ``python tests/benchmarks/bench_transforms.py``.

Each transform masks a column of 1,000,000 rows through the engine, once of (almost) distinct values and
once of 1,000 distinct ones; the best of three runs counts, in CPU time of
the process, which other work on the machine disturbs least.
"""

from __future__ import annotations

import os

os.environ["POLARS_MAX_THREADS"] = "1"

import sys
import time

import numpy as np
import polars as pl

from datamask.catalog.model import ColumnType
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.registry import get

ROWS = 1_000_000
FEW = 1_000
KEY = MaskingKey(b"benchmark key of thirty-two bytes")

TEXT = ColumnType("text", "text", "text")
BIGINT = ColumnType("bigint", "integer", "int8")
UUID = ColumnType("uuid", "uuid", "uuid")
NUMERIC = ColumnType("numeric(12,2)", "numeric", "numeric", precision=12, scale=2)
DATE = ColumnType("date", "date", "date")
TIMESTAMP = ColumnType("timestamp with time zone", "timestamp", "timestamptz")
TIME = ColumnType("time without time zone", "time", "time")
BYTEA = ColumnType("bytea", "bytea", "bytea")
INET = ColumnType("inet", "inet", "inet")
JSONB = ColumnType("jsonb", "json", "jsonb")

# Values a second that the design promises: high and low cardinality.
GOALS = {
    "hash": (3e6, None),
    "json": (2.5e5, None),
    "ff1": (2e6, None),
    "phone": (3e5, None),
    "email": (3e6, 15e6),
    "first_name": (3e6, 15e6),
    "last_name": (3e6, 15e6),
    "full_name": (3e6, 15e6),
    "street": (3e6, 15e6),
    "city": (3e6, 15e6),
    "company": (3e6, 15e6),
    "username": (3e6, 15e6),
}


def sources(numbers: np.ndarray) -> dict[str, tuple[ColumnType, pl.Series, dict[str, object]]]:
    """Columns made of random 50-bit numbers, by transform."""
    n = pl.Series(numbers)
    digits = n.cast(pl.String).str.zfill(16)
    names = "Name " + n.cast(pl.String).str.slice(0, 12)
    emails = "user." + n.cast(pl.String).str.slice(0, 9) + "@company" + (n % 97).cast(pl.String) + ".com"
    phones = "+49 " + digits.str.slice(4, 3) + " " + digits.str.slice(8, 8)
    dates = (n % 20_000).cast(pl.Int32).cast(pl.Date).cast(pl.String)
    octets = [((n // 256**place) % 200 + 12).cast(pl.String) for place in range(4)]
    hexes = pl.Series([f"{value * 0x9E3779B97F4A7C15 % 2**128:032x}" for value in numbers.tolist()])
    uuids = pl.select(
        pl.concat_str(
            *(hexes.str.slice(start, size) for start, size in ((0, 8), (8, 4), (12, 4), (16, 4), (20, 12))),
            separator="-",
        )
    ).to_series()
    amounts = digits.str.slice(8, 5) + "." + digits.str.slice(13, 2)
    degrees = (n % 90).cast(pl.String) + "." + digits.str.slice(10, 5)
    documents = '{"name": "' + names + '", "age": 42, "tags": ["a", "b"], "email": "' + emails + '"}'
    orders = (
        '{"name": "'
        + names
        + '", "email": "'
        + emails
        + '", "phone": "'
        + phones
        + '", "theme": "dark", "visits": 7, '
        '"address": {"city": "Berlin", "zip": "'
        + digits.str.slice(8, 5)
        + '"}, "tags": ["a", "b"], "news": true}'
    )
    return {
        "null": (TEXT, names, {}),
        "fixed": (TEXT, names, {"value": "x"}),
        "redact": (TEXT, names, {"keep_length": True}),
        "hash": (TEXT, emails, {}),
        "email": (TEXT, emails, {}),
        "first_name": (TEXT, names, {}),
        "last_name": (TEXT, names, {}),
        "full_name": (TEXT, names, {}),
        "phone": (TEXT, phones, {}),
        "street": (TEXT, names, {}),
        "city": (TEXT, names, {}),
        "postal_code": (TEXT, digits.str.slice(8, 5), {}),
        "company": (TEXT, names, {}),
        "display_name": (TEXT, names, {}),
        "job_title": (TEXT, names, {}),
        "nationality": (TEXT, names, {}),
        "place": (TEXT, names, {"part": "postal_code", "by": "value"}),
        "user_agent": (TEXT, "Mozilla/5.0 (Windows NT 10.0) Firefox/" + digits.str.slice(8, 5), {}),
        "avatar": (TEXT, "https://shop.example/" + digits, {}),
        "username": (TEXT, names, {}),
        "url": (TEXT, "https://shop.example/" + digits, {}),
        "uuid": (UUID, uuids, {}),
        "key": (BIGINT, n, {}),
        "ff1": (TEXT, digits, {"alphabet": "digits"}),
        "card_number": (TEXT, digits, {}),
        "number_noise": (NUMERIC, amounts, {}),
        "shift_date": (DATE, dates, {}),
        "truncate_date": (TIMESTAMP, dates + " 12:34:56.789+00", {}),
        "birth_date": (DATE, dates, {}),
        "birth_year": (DATE, dates, {}),
        "zip3": (TEXT, digits.str.slice(8, 5), {}),
        "ip": (INET, octets[0] + "." + octets[1] + "." + octets[2] + "." + octets[3], {}),
        "iban": (TEXT, "DE" + digits + digits.str.slice(10, 4), {}),
        "national_id": (
            TEXT,
            "5" + digits.str.slice(8, 2) + "-" + digits.str.slice(6, 2) + "-" + digits.str.slice(12, 4),
            {"type": "us_ssn"},
        ),
        "plate": (TEXT, "B-MW " + digits.str.slice(8, 8), {}),
        "vin": (TEXT, "1M8GDM9AXK" + digits.str.slice(9, 7), {}),
        "mac": (TEXT, "08002b" + hexes.str.slice(20, 6), {}),
        "hostname": (TEXT, "web-" + digits.str.slice(8, 8) + ".prod.example.com", {}),
        "prefixed_id": (TEXT, "cus_" + digits.str.slice(4, 12) + "aB", {}),
        "ulid": (TEXT, "01ARZ3NDEK" + digits, {}),
        "object_id": (TEXT, hexes.str.slice(0, 24), {}),
        "ksuid": (TEXT, "0ujtsYcgvSv" + digits, {}),
        "nanoid": (TEXT, "V1_G-" + digits, {}),
        "redact_json": (JSONB, documents, {}),
        "json": (
            JSONB,
            orders,
            {"paths": {"$.name": "last_name", "$.email": "email", "$.phone": "hash"}, "unknown": "keep"},
        ),
        "token": (TEXT, emails, {"prefix": "tok_"}),
        "template": (TEXT, emails, {"format": "user-{$token}@example.com"}),
        "choice": (TEXT, names, {"values": {"gold": 1, "silver": 3, "bronze": 9}}),
        "lookup": (TEXT, names, {"values": {"a": "b"}, "else": "first_name"}),
        "generalize": (TEXT, names, {"groups": {"A": ["a", "b"], "B": ["c"]}}),
        "round": (NUMERIC, amounts, {"to": 0.05}),
        "bucket": (NUMERIC, amounts, {"edges": [0, 100, 1000, 10_000, 50_000]}),
        "clip": (NUMERIC, amounts, {"max": 50_000}),
        "percentile": (NUMERIC, amounts, {"quantiles": [0, 100, 1000, 10_000, 100_000]}),
        "location": (TEXT, degrees + ", " + degrees, {"grid_km": 10}),
        "shift_time": (
            TIME,
            "12:" + (n % 60).cast(pl.String).str.zfill(2) + ":00." + digits.str.slice(0, 5),
            {},
        ),
        "placeholder": (BYTEA, "\\x89504e470d0a1a0a" + hexes, {}),
        "strip_metadata": (BYTEA, "\\x89504e470d0a1a0a" + hexes, {}),
    }


def rate(name: str, column_type: ColumnType, values: pl.Series, params: dict[str, object]) -> float:
    """Values a second, the best of three."""
    checked = get(name).validate(params)  # type: ignore[arg-type]
    masker = Masker([ColumnMask("value", name, column_type, "benchmark", checked)], KEY)
    frame = values.cast(pl.String).alias("value").to_frame().rechunk()
    masker.mask(frame.head(1000))
    best = float("inf")
    for _ in range(3):
        start = time.process_time()
        masker.mask(frame)
        best = min(best, time.process_time() - start)
    return frame.height / best


def main(only: list[str]) -> int:
    """Print the table; 1 if a goal is missed."""
    random = np.random.default_rng(20240229)
    many = random.integers(10**14, 10**15, ROWS)
    few = random.choice(many[:FEW], ROWS)
    high, low = sources(many), sources(few)
    print(f"{'transform':<14} {'high':>8} {'low':>8}   million values a second on one core")
    missed = False
    for name in high:
        if only and name not in only:
            continue
        rates = (rate(name, *high[name]), rate(name, *low[name]))
        goals = GOALS.get(name, (None, None))
        short = any(goal and got < goal for got, goal in zip(rates, goals, strict=True))
        missed |= short
        print(f"{name:<14} {rates[0] / 1e6:8.1f} {rates[1] / 1e6:8.1f}{'   below its goal' if short else ''}")
    return int(missed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
