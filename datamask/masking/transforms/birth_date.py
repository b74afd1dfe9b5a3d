"""Birth dates: birth_date."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.errors import PolicyError
from datamask.masking.calendar import Calendar, Days
from datamask.masking.datetext import change_dates
from datamask.masking.draws import within
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, days, optional_whole, text, whole
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)")
_LONGEST = 3650
_OLDEST = 150


class BirthDate(Transform):
    """Another birth date: of the same year, of the same age band, or a few days away; a time of day stays.

    Ages are those on the day ``today``. It is a parameter, and not the day of the run, because the same value must
    become the same result tomorrow. With ``adult`` nobody of less than that age becomes older than it, or the reverse.
    """

    name = "birth_date"
    summary = "another day of the same year, of the same age band, or near the date"
    params = (
        Param("keep", "text", "year", "what stays the same", choices=("year", "age_band")),
        Param("within", "duration", None, "the largest distance instead; the year may change",
              minimum=1, maximum=_LONGEST),
        Param("band", "integer", 5, "years in a band: 5 for 20 to 24, 25 to 29 …", minimum=1, maximum=50),
        Param("adult", "integer", None, "an age that nobody crosses, such as 18", minimum=1, maximum=100),
        Param("today", "text", "2026-01-01", "the day on which ages count"),
    )  # fmt: skip
    kinds = frozenset(("date", "timestamp"))
    cost = 120

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """Refuses a ``today`` that is no day."""
        checked = super().validate(params)
        match = _DAY.fullmatch(text(checked, "today"))
        try:
            date(*map(int, match.groups() if match else ()))
        except (TypeError, ValueError):
            raise PolicyError("birth_date: today must be a day such as 2026-01-01") from None
        return checked

    def column_laws(self, case: Case) -> Laws:  # noqa: ARG002
        """Two dates may become the same one."""
        return Laws()

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        prf = binding.prf(self.name)
        span = _Span(binding.params)

        def masked(values: pl.Series, _: object) -> pl.Series:
            words = prf.words(values)

            def other_day(dates: Calendar, rows: NDArray[np.intp]) -> Calendar:
                first, last = span(dates)
                return Calendar.of(
                    first + within(words[rows], (last - first + 1).astype(np.int64)).astype(np.int32)
                ).held()

            return change_dates(values, other_day)

        return masked


class _Span:
    """The first and the last day that a date may become."""

    def __init__(self, params: Mapping[str, JSONValue]) -> None:
        self._distance = None if params["within"] is None else days(text(params, "within"))
        self._band = whole(params, "band") if params["keep"] == "age_band" else None
        self._adult = optional_whole(params, "adult")
        self._today = date.fromisoformat(text(params, "today"))

    def __call__(self, dates: Calendar) -> tuple[Days, Days]:
        own = dates.days
        first, last = self._widest(dates, own)
        if self._band is not None:
            lower, upper = self._of_band(dates, self._band)
            # Who is not born yet, or long dead, is in no band.
            inside = (lower <= own) & (own <= upper)
            first = np.where(inside, np.maximum(first, lower), first)
            last = np.where(inside, np.minimum(last, upper), last)
        if self._adult is not None:
            youngest = self._birthday(np.int32(self._adult))
            grown = own <= youngest
            first = np.where(grown, first, np.maximum(first, youngest + 1))
            last = np.where(grown, np.minimum(last, youngest), last)
        return first, last

    def _widest(self, dates: Calendar, own: Days) -> tuple[Days, Days]:
        one = np.ones_like(dates.day)
        if self._distance is not None:
            first, last = own - self._distance, own + self._distance
        elif self._band is not None:
            reach = np.int32(366 * self._band)
            first, last = own - reach, own + reach
        else:
            return Calendar(dates.year, one, one).days, Calendar(dates.year, one * 12, one * 31).days
        # Years of four digits stay such; PostgreSQL's own end at 4713 BC and in 294276.
        near = (dates.year >= 1) & (dates.year <= 9999)
        lowest = Calendar(np.where(near, 1, -4711).astype(np.int32), one, one).days
        highest = Calendar(np.where(near, 9999, 294275).astype(np.int32), one * 12, one * 31).days
        return np.maximum(first, np.minimum(lowest, own)), np.minimum(last, np.maximum(highest, own))

    def _of_band(self, dates: Calendar, band: int) -> tuple[Days, Days]:
        """The birthdays of those who are in the same band of ages."""
        today = self._today
        passed = (dates.month < today.month) | ((dates.month == today.month) & (dates.day <= today.day))
        age = np.int32(today.year) - dates.year - (~passed).astype(np.int32)
        youngest = np.clip(age // np.int32(band) * np.int32(band), 0, _OLDEST).astype(np.int32)
        return self._birthday(youngest + np.int32(band)) + np.int32(1), self._birthday(youngest)

    def _birthday(self, age: Days | np.int32) -> Days:
        """The latest day on which somebody of at least that age was born."""
        years = np.atleast_1d(np.int32(self._today.year) - age).astype(np.int32)
        # Of a today that is 29 February, common years have the 28th.
        on = Calendar(years, np.full_like(years, self._today.month), np.full_like(years, self._today.day))
        return on.in_year(years).days
