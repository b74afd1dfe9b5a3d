"""Birth dates as digits inside of national identifiers."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]

ERAS = ((1800, 1920), (1920, 2010), (2010, 2100))
"""Years whose dates are permuted among themselves, so that grown people stay grown and of a likely age."""


def dates(first: int, last: int) -> tuple[Numbers, Numbers, Numbers]:
    """Year, month and day of every date of the years ``first`` to ``last - 1``."""
    days = np.arange(np.datetime64(f"{first}-01-01"), np.datetime64(f"{last}-01-01"))
    months = days.astype("datetime64[M]")
    year = days.astype("datetime64[Y]").astype(np.int64) + 1970
    return (
        year,
        months.astype(np.int64) % 12 + 1,
        (days - months.astype("datetime64[D]")).astype(np.int64) + 1,
    )


def yymmdd(first: int, last: int) -> Numbers:
    """The dates of some years as numbers of six digits, year first."""
    year, month, day = dates(first, last)
    return year % 100 * 10_000 + month * 100 + day


def ddmmyy(first: int, last: int) -> Numbers:
    """The dates of some years as numbers of six digits, day first."""
    year, month, day = dates(first, last)
    return day * 10_000 + month * 100 + year % 100


def any_century(numbers: Iterable[int], leap_day_of_00: int) -> Numbers:
    """Dates of a hundred years without 29 February of the year 00, which only some centuries have."""
    listed = np.unique(np.fromiter(numbers, dtype=np.int64))
    kept: Numbers = listed[listed != leap_day_of_00]
    return kept
