"""Distances of samples: against values worked out by hand, and against what chance does."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from datamask.drift.data import UNCOMPARABLE, Thresholds, compare_samples
from datamask.drift.distribution import categories_shift, numbers_shift

USUAL = Thresholds(nulls=0.05, distinct=0.2, psi=0.2, ks=0.15)
FLOATS = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=50).map(
    lambda found: np.array(found, dtype=np.float64)
)


def test_psi_by_hand():
    shift = categories_shift(np.array([600, 400]), np.array([400, 600]))
    assert shift is not None
    # Half an observation is added to each category.
    share = (600.5 / 1001, 400.5 / 1001)
    assert shift.psi == pytest.approx(2 * (share[0] - share[1]) * math.log(share[0] / share[1]))
    assert shift.buckets == ((0.6, 0.4), (0.4, 0.6))


def test_ks_by_hand():
    shift = numbers_shift(np.arange(100.0), np.arange(100.0) + 25)
    assert shift is not None
    assert shift.ks == pytest.approx(0.25)
    assert shift.ks_chance == pytest.approx(1.95 * math.sqrt(2 / 100))


@given(FLOATS)
def test_a_sample_is_like_itself(values: np.ndarray):
    shift = numbers_shift(values, values)
    assert shift is not None
    assert (shift.psi, shift.ks) == (0.0, 0.0)


@given(FLOATS, FLOATS)
def test_distances_are_within_their_bounds(before: np.ndarray, after: np.ndarray):
    shift, back = numbers_shift(before, after), numbers_shift(after, before)
    assert shift is not None
    assert back is not None
    assert shift.psi >= 0
    assert 0 <= (shift.ks or 0) <= 1
    assert shift.ks == back.ks
    assert sum(one for one, _ in shift.buckets) == pytest.approx(1, abs=1e-3)
    assert sum(other for _, other in shift.buckets) == pytest.approx(1, abs=1e-3)


def test_nothing_is_told_of_an_empty_sample():
    assert numbers_shift(np.array([]), np.array([1.0])) is None
    assert categories_shift(np.array([0]), np.array([3])) is None


@pytest.mark.parametrize("size", [20, 300])
def test_chance_alone_is_no_drift(size: int):
    """Of 60 pairs of samples of one distribution none passes a threshold."""
    random = np.random.default_rng(1)
    for _ in range(60):
        frames = [
            pl.DataFrame(
                {
                    "number": random.normal(size=size).round(6).astype(str),
                    "word": random.choice(list("abcdef"), size=size),
                    "text": ["x" * length for length in random.poisson(20, size=size)],
                    "maybe": [None if null else "1" for null in random.random(size) < 0.3],
                }
            )
            for _ in range(2)
        ]
        bases = {"number": "float8", "word": "text", "text": "text", "maybe": "int4"}
        found = compare_samples(*frames, bases, USUAL)
        assert [(column.column, column.exceeded) for column in found if column.exceeded] == []


def drifted(before: list[object], after: list[object], base: str) -> tuple[str, ...]:
    frames = [pl.DataFrame({"c": values}, schema={"c": pl.String}) for values in (before, after)]
    (column,) = compare_samples(*frames, {"c": base}, USUAL)
    return column.exceeded


def test_each_threshold_is_passed_by_what_it_is_for():
    numbers = [str(number) for number in range(1000)]
    assert drifted(numbers, [None, *["1"] * 999], "text") == ("distinct", "psi", "ks")
    assert drifted(numbers, [None if number % 3 == 0 else str(number) for number in range(1000)], "int4") == (
        "nulls",
    )
    assert drifted(numbers, [str(number + 500) for number in range(1000)], "numeric") == ("psi", "ks")
    assert drifted(["a", "b"] * 500, ["a"] * 1000, "varchar") == ("psi",)
    dates = [f"2026-01-{day % 28 + 1:02}" for day in range(1000)]
    assert drifted(dates, [f"2027-{date[5:]}" for date in dates], "date") == ("psi", "ks")
    times = [f"2026-01-01 {hour % 24:02}:00:00.5+00" for hour in range(1000)]
    assert drifted(times, [time.replace(" 0", " 1").replace(" 2", " 1") for time in times], "timestamptz") == (
        "psi", "ks",
    )  # fmt: skip


def test_what_cannot_be_compared_is_not():
    values = [f"{number:032x}" for number in range(200)]
    assert drifted(values, [f"{number:040x}" for number in range(200)], "uuid") == ()
    assert drifted(values, ["a"] * 200, UNCOMPARABLE) == ("distinct",)
    assert drifted(["infinity", "0044-03-15 BC"] * 100, ["2026-01-01"] * 200, "date") == ()
    assert drifted(["NaN", "Infinity"] * 100, ["1"] * 200, "float8") == ()
    assert compare_samples(pl.DataFrame({"c": []}), pl.DataFrame({"c": []}), {"c": "text"}, USUAL) == ()
