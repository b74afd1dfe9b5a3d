"""Two samples of a table compared, column by column. Pure: frames in, shares and distances out, no value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl

from datamask.drift.distribution import Shift, categories_shift, numbers_shift

Measure = Literal["numbers", "times", "categories", "lengths"]

NUMBERS = frozenset({"int2", "int4", "int8", "numeric", "float4", "float8"})
TIMES = frozenset({"date", "timestamp", "timestamptz"})

# Texts with no more distinct values than this are categories.
_CATEGORIES = 50

UNCOMPARABLE = ""
"""Stands for the type of a column whose values are spelled differently on both sides: only nulls and distinct values
are compared."""

# Random, so neither their order nor their length tells anything.
_OPAQUE = frozenset({"uuid", UNCOMPARABLE})


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From where on a column has drifted; see ``datamask.config.drift.DataThresholds``."""

    nulls: float
    distinct: float
    psi: float
    ks: float


@dataclass(frozen=True, slots=True)
class ColumnDrift:
    """One column of both samples.

    :param nulls: share of nulls, before and after.
    :param distinct: distinct values among those that are not null, as a share.
    :param measure: what the distribution is of; None where none is compared.
    :param exceeded: the thresholds that are passed: ``nulls``, ``distinct``, ``psi``, ``ks``.
    """

    column: str
    nulls: tuple[float, float]
    distinct: tuple[float, float]
    measure: Measure | None
    shift: Shift | None
    exceeded: tuple[str, ...]


def compare_samples(
    before: pl.DataFrame, after: pl.DataFrame, bases: Mapping[str, str], thresholds: Thresholds
) -> tuple[ColumnDrift, ...]:
    """The columns that both samples have.

    :param before: one column each of String (values as COPY writes them) or integers, rows in random order.
    :param bases: the bare name of each column's base type: ``int4``, ``text``, ``UNCOMPARABLE``.
    """
    # The number of distinct values grows with the sample: both must be of one size.
    size = min(before.height, after.height)
    if not size:
        return ()
    first, second = before.head(size), after.head(size)
    return tuple(
        _column(name, first[name], second[name], bases[name], thresholds)
        for name in after.columns
        if name in before.columns and name in bases
    )


def _column(name: str, before: pl.Series, after: pl.Series, base: str, thresholds: Thresholds) -> ColumnDrift:
    nulls = (_share_of_nulls(before), _share_of_nulls(after))
    exceeded = []
    if abs(nulls[0] - nulls[1]) > max(thresholds.nulls, _chance(sum(nulls) / 2, len(before), len(after))):
        exceeded.append("nulls")
    before, after = before.drop_nulls(), after.drop_nulls()
    distinct = (_share_of_distinct(before), _share_of_distinct(after))
    measure, shift = _distribution(before, after, base)
    if (
        len(before)
        and len(after)
        and abs(distinct[0] - distinct[1]) > max(thresholds.distinct, _chance(0.5, len(before), len(after)))
    ):
        exceeded.append("distinct")
    if shift is not None:
        if shift.psi > max(thresholds.psi, shift.psi_chance):
            exceeded.append("psi")
        if shift.ks is not None and shift.ks > max(thresholds.ks, shift.ks_chance or 0.0):
            exceeded.append("ks")
    return ColumnDrift(name, nulls, distinct, measure, shift, tuple(exceeded))


def _chance(share: float, one: int, other: int) -> float:
    """How far two shares of samples of those sizes are apart by chance: four standard deviations."""
    return float(4 * (share * (1 - share) * (1 / one + 1 / other)) ** 0.5)


def _share_of_nulls(values: pl.Series) -> float:
    return values.null_count() / len(values)


def _share_of_distinct(values: pl.Series) -> float:
    return values.n_unique() / len(values) if len(values) else 0.0


def _distribution(before: pl.Series, after: pl.Series, base: str) -> tuple[Measure | None, Shift | None]:
    if base in _OPAQUE:
        return None, None
    both = pl.concat([before.cast(pl.String), after.cast(pl.String)])
    if base not in NUMBERS | TIMES and both.n_unique() <= _CATEGORIES:
        return "categories", _categories(before.cast(pl.String), after.cast(pl.String))
    if base in NUMBERS:
        return "numbers", numbers_shift(_numbers(before), _numbers(after))
    if base in TIMES:
        return "times", numbers_shift(_times(before), _times(after))
    return "lengths", numbers_shift(_lengths(before), _lengths(after))


def _categories(before: pl.Series, after: pl.Series) -> Shift | None:
    counts = [values.alias("value").value_counts(name="count") for values in (before, after)]
    joined = counts[0].join(counts[1], on="value", how="full", coalesce=True).fill_null(0)
    # By how common they were: which value a bucket is cannot be told from its place.
    ordered = joined.sort("count", "count_right", descending=True)
    first, second = (ordered[name].cast(pl.Int64).to_numpy() for name in ("count", "count_right"))
    return categories_shift(first, second)


def _numbers(values: pl.Series) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    found = values.cast(pl.Float64, strict=False)
    return found.filter(found.is_finite()).to_numpy()


def _times(values: pl.Series) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    # Infinity and years before Christ are no times of this form, and are left out.
    values = values.filter(~values.str.ends_with("BC"))
    days = values.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    clock = values.str.slice(11, 8).str.to_time("%H:%M:%S", strict=False)
    seconds = days.cast(pl.Int64) * 86_400 + (clock.cast(pl.Int64) // 1_000_000_000).fill_null(0)
    return seconds.drop_nulls().cast(pl.Float64).to_numpy()


def _lengths(values: pl.Series) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return values.cast(pl.String).str.len_chars().cast(pl.Float64).to_numpy()
