"""Masking the distinct values of a column that repeats itself, instead of its rows."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl

# Enough rows to tell a column of few values from one of many, cheap next to masking them.
_SAMPLE = 4096
# Coding a row takes 25 ns while the table of distinct values stays in the cache, ten times as much beyond.
_CACHED, _CACHED_COST, _COST = 16_384, 25, 250


def by_dictionary(values: pl.Series, cost: int, mask: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """``mask(values)``, computed over the distinct values where that is estimated to be faster.

    :param values: String.
    :param cost: what masking a value takes, in nanoseconds.
    :param mask: an elementwise function of a String series that leaves NULL as it is.
    """
    if cost <= _CACHED_COST or values.len() <= _SAMPLE:
        return mask(values)
    distinct = _distinct(values)
    coding = _CACHED_COST if distinct <= _CACHED else _COST
    if coding + cost * distinct / values.len() >= cost:
        return mask(values)
    # Categories of their own: the default ones would keep raw values alive for the whole process.
    coded = values.cast(pl.Categorical(pl.Categories.random()))
    codes = coded.to_physical()
    entries = coded.unique().drop_nulls()
    if not entries.len():
        return mask(values)
    entry_codes = entries.to_physical().to_numpy()
    place = np.zeros(int(entry_codes.max()) + 1, dtype=np.uint32)
    place[entry_codes] = np.arange(entries.len(), dtype=np.uint32)
    return mask(entries.cast(pl.String)).gather(place).gather(codes)


def _distinct(values: pl.Series) -> float:
    """About how many distinct values there are, by a sample."""
    # From all over the column: neighbours may be alike, or a sorted column's head all different.
    sample = values.gather_every(max(1, values.len() // _SAMPLE))
    pairs = sample.len() - sample.n_unique()
    # The birthday estimate: n draws from d values repeat about n**2 / 2d times.
    return sample.len() ** 2 / (2 * pairs) if pairs else float("inf")
