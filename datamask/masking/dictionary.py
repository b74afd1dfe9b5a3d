"""Masking the distinct values of a column that repeats itself, instead of its rows."""

from __future__ import annotations

from collections.abc import Callable

import polars as pl

# Enough rows to tell a column of few values from one of many, cheap next to masking them.
_SAMPLE = 4096
# Finding out which value repeats costs less than a tenth of a costly transform: it pays as soon as
# each value stands for two rows.
_REPEATS = 2


def by_dictionary(values: pl.Series, mask: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """``mask(values)``, computed over the distinct values where a sample says that they repeat.

    :param mask: an elementwise function of a String series.
    """
    if values.len() <= _SAMPLE or not _repeats(values):
        return mask(values)
    # Categories of their own: the default ones would keep raw values alive for the whole process.
    coded = values.cast(pl.Categorical(pl.Categories.random()))
    distinct = coded.cat.get_categories()
    masked = mask(distinct)
    if values.null_count():
        # A function may turn NULL into something: it decides on a null of its own.
        null = mask(pl.Series(values=[None], dtype=pl.String))
        masked = pl.concat([masked, null])
        return masked.gather(coded.to_physical().fill_null(distinct.len()))
    return masked.gather(coded.to_physical())


def _repeats(values: pl.Series) -> bool:
    # From all over the column: neighbours may be alike, or a sorted column's head all different.
    sample = values.gather_every(max(1, values.len() // _SAMPLE))
    return sample.n_unique() * _REPEATS <= sample.len()
