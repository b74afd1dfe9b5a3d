"""Days and dates, a column at a time: the proleptic Gregorian calendar that PostgreSQL uses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Days = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Calendar:
    """Dates as columns of years (0 is 1 BC), months and days."""

    year: Days
    month: Days
    day: Days

    @property
    def days(self) -> Days:
        """Days since 0000-03-01. After Howard Hinnant, "chrono-compatible low-level date algorithms"."""
        # Years begin in March here: the leap day is their last.
        before = (self.month <= 2).astype(np.int32)
        year = self.year - before
        month = self.month + np.int32(12) * before - np.int32(3)
        leaps = year // 4 - year // 100 + year // 400
        result: Days = year * 365 + leaps + (153 * month + 2) // 5 + self.day - 1
        return result

    @classmethod
    def of(cls, days: Days) -> Calendar:
        """The inverse of :attr:`days`."""
        era = days // 146097
        of_era = days - era * 146097
        year = (of_era - of_era // 1460 + of_era // 36524 - of_era // 146096) // 365
        of_year = of_era - (365 * year + year // 4 - year // 100)
        month = (5 * of_year + 2) // 153
        after = (month >= 10).astype(np.int32)
        day = of_year - (153 * month + 2) // 5 + 1
        return cls(year + era * 400 + after, month + 3 - 12 * after, day)

    def first_of(self, unit: str) -> Calendar:
        """The first day of each date's week (Monday, as in ISO 8601), month, quarter, year or decade.

        :param unit: ``day`` for the dates as they are.
        """
        one = np.ones_like(self.day)
        match unit:
            case "week":
                days = self.days
                # 0000-03-01 was a Wednesday.
                first = Calendar.of(days - (days + np.int32(2)) % np.int32(7))
            case "month":
                first = Calendar(self.year, self.month, one)
            case "quarter":
                first = Calendar(self.year, (self.month - one) // np.int32(3) * np.int32(3) + one, one)
            case "year":
                first = Calendar(self.year, one, one)
            case "decade":
                # The first decade after Christ has no year 0.
                decade = self.year // np.int32(10) * np.int32(10)
                first = Calendar(np.where(self.year >= 1, np.maximum(decade, one), decade), one, one)
            case _:
                return self
        return first.held()

    def held(self) -> Calendar:
        """These dates, but none before the first day that PostgreSQL has: 24 November 4714 BC."""
        if not (self.year < -4712).any():
            return self
        lowest = Calendar(*(np.full_like(self.day, part) for part in (-4713, 11, 24)))
        return self.replaced(self.days < lowest.days, lowest)

    def in_year(self, years: Days) -> Calendar:
        """The same days of other years; 29 February becomes the 28th where there is none."""
        common = (years % 4 != 0) | ((years % 100 == 0) & (years % 400 != 0))
        moved = common & (self.month == 2) & (self.day == 29)
        return Calendar(years, self.month, self.day - moved.astype(np.int32))

    def replaced(self, rows: NDArray[np.bool_], others: Calendar) -> Calendar:
        """These dates, with others at some rows."""
        return Calendar(
            np.where(rows, others.year, self.year),
            np.where(rows, others.month, self.month),
            np.where(rows, others.day, self.day),
        )
