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
