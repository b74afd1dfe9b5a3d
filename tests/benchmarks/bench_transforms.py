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
INET = ColumnType("inet", "inet", "inet")
JSONB = ColumnType("jsonb", "json", "jsonb")

# Values a second that the design promises: high and low cardinality.
GOALS = {
    "hash": (3e6, None),
    "ff1": (2e6, None),
    "phone": (2e6, None),
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
    documents = '{"name": "' + names + '", "age": 42, "tags": ["a", "b"], "email": "' + emails + '"}'
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
        "username": (TEXT, names, {}),
        "url": (TEXT, "https://shop.example/" + digits, {}),
        "uuid": (UUID, uuids, {}),
        "key": (BIGINT, n, {}),
        "ff1": (TEXT, digits, {"alphabet": "digits"}),
        "card_number": (TEXT, digits, {}),
        "number_noise": (NUMERIC, digits.str.slice(8, 5) + "." + digits.str.slice(13, 2), {}),
        "shift_date": (DATE, dates, {}),
        "truncate_date": (TIMESTAMP, dates + " 12:34:56.789+00", {}),
        "birth_date": (DATE, dates, {}),
        "ip": (INET, octets[0] + "." + octets[1] + "." + octets[2] + "." + octets[3], {}),
        "redact_json": (JSONB, documents, {}),
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
