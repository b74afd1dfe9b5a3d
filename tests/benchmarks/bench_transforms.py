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
from transform_columns import columns

from datamask.catalog.model import ColumnType
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.registry import get

ROWS = 1_000_000
FEW = 1_000
# Slower ones mask a tenth of the rows: they take longer than a clock needs, and have no dictionary to gain from more.
SLOW = 2_000
# Nanoseconds that are as good as none, and how far what a transform says of itself may be from what is measured.
LEAST, OFF = 50, 2.5
KEY = MaskingKey(b"benchmark key of thirty-two bytes")


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
    high, low = columns(many), columns(few)
    print(
        f"{'transform':<14} {'high':>8} {'low':>8} {'ns':>8} {'cost':>8}   million values a second on one core"
    )
    missed = False
    for name in high:
        if only and name not in only:
            continue
        cost = get(name).cost
        rows = ROWS if cost < SLOW else ROWS // 10
        rates = [
            rate(name, kind, values.head(rows), params) for kind, values, params in (high[name], low[name])
        ]
        goals = GOALS.get(name, (None, None))
        short = any(goal and got < goal for got, goal in zip(rates, goals, strict=True))
        missed |= short
        measured = 1e9 / rates[0]
        # Constants and what else takes no time are of the fastest class whatever they cost.
        off = max(measured, LEAST) / max(cost, LEAST)
        said = "   below its goal" if short else ""
        said += "" if 1 / OFF < off < OFF else "   is of another class than it says"
        print(
            f"{name:<14} {rates[0] / 1e6:8.1f} {rates[1] / 1e6:8.1f} {measured:8.0f} {cost:8}{said}",
            flush=True,
        )
    return int(missed)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
