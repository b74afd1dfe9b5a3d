"""Dates and timestamps: shift_date, truncate_date."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.catalog.model import TypeKind
from datamask.errors import PolicyError
from datamask.masking.calendar import Calendar, Days
from datamask.masking.datetext import change_dates, change_times
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, days, text, whole
from datamask.masking.text import Words
from datamask.masking.tokens import pick
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_KINDS: frozenset[TypeKind] = frozenset(("date", "timestamp"))
_LONGEST = 3650
# What stands for "always" and "never" in many a schema is no one's date.
_SENTINELS = ((1, 1, 1), (9999, 12, 31))
# Days in a step of a shift, by what it keeps.
_UNITS: Mapping[JSONValue, int] = {None: 1, "weekday": 7, "month_day": 365}
_DAY = 86_400


class ShiftDate(Transform):
    """Another day, at most ``within`` before or after, never the same; the time of day stays.

    The shift depends on the value itself; with ``by`` on another column of the row, so that all dates of one
    customer move alike and the time between them stays; with ``per: domain`` it is one for the whole domain.
    With ``keep: weekday`` it is of whole weeks, with ``keep: month_day`` of whole years (29 February becomes the 28th
    where there is none). With ``time: shift`` the time of day moves too, by up to half a day in whole seconds.
    0001-01-01, 9999-12-31 and infinite dates stay. A year does not leave 1 to 9999.
    """

    name = "shift_date"
    summary = "another day near the date"
    params = (
        Param("within", "duration", "30d", "the largest shift", minimum=1, maximum=_LONGEST),
        Param("by", "text", None, "the column of the same row whose value decides the shift"),
        Param("per", "text", "value", "what has a shift of its own", choices=("value", "domain")),
        Param("keep", "text", None, "what stays of the date", choices=("weekday", "month_day")),
        Param("time", "text", "keep", "what happens to the time of day", choices=("keep", "shift")),
    )
    kinds = _KINDS
    cost = 90

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The column named by ``by``."""
        return () if params["by"] is None else (text(params, "by"),)

    def column_laws(self, case: Case) -> Laws:
        """Two dates may become the same one."""
        keep = case.params["keep"]
        if keep is not None and days(text(case.params, "within")) < _UNITS[keep]:
            raise PolicyError(
                f"shift_date: within has no room for a shift that keeps the {str(keep).replace('_', ' and ')}",
                hint=f"take {_UNITS[keep]}d at least",
            )
        return Laws()

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        prf = binding.prf(self.name)
        shift = _Shift(binding.params)
        needed = self.needs(binding.params)
        whole_domain = text(binding.params, "per") == "domain"
        timed = text(binding.params, "time") == "shift" and binding.mask.type.kind == "timestamp"

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            if needed:
                words = prf.wide(row[needed[0]].fill_null(""))
            elif whole_domain:
                words = np.broadcast_to(prf.wide(pl.Series([""])), (values.len(), 2))
            else:
                words = prf.wide(values)
            sizes = shift.sizes(words[:, 0])
            seconds = pick(words[:, 1], _DAY).astype(np.int32) - np.int32(_DAY // 2) if timed else None
            return change_dates(
                values, lambda dates, rows: shift.shifted(dates, sizes[rows]), seconds=seconds
            )

        return masked


class TruncateDate(Transform):
    """The hour, day, week, month, quarter, year or decade that a value lies in: it becomes the first moment of it.

    Weeks begin on Monday, as in ISO 8601. Timestamps with time zone are read and cut in UTC.
    """

    name = "truncate_date"
    summary = "the month, or another unit of time, that a value lies in"
    params = (
        Param(
            "to",
            "text",
            "month",
            "what stays",
            choices=("minute", "hour", "day", "week", "month", "quarter", "year", "decade"),
        ),
    )
    kinds = frozenset((*_KINDS, "time"))
    cost = 60

    def column_laws(self, case: Case) -> Laws:
        """Many dates become the same one."""
        to = text(case.params, "to")
        of_day = to in ("minute", "hour")
        if case.type.kind != "timestamp" and of_day != (case.type.kind == "time"):
            raise PolicyError(
                f"truncate_date: {case.type.name} cannot be cut to the {to}",
                hint="cut times to the hour or minute, and dates to the day or more",
            )
        return Laws()

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        to = text(binding.params, "to")
        if binding.mask.type.kind == "time":
            return lambda values, _: change_times(values, to=to)

        def first(dates: Calendar, _: NDArray[np.intp]) -> Calendar:
            return dates.first_of(to)

        clock = to if to in ("minute", "hour") else "day"
        return lambda values, _: change_dates(values, first, to=clock)


class ShiftTime(Transform):
    """Another time of day, at most some minutes before or after, never the same; around midnight."""

    name = "shift_time"
    summary = "another time of day near the true one"
    params = (
        Param("minutes", "integer", 60, "the largest shift", minimum=1, maximum=719),
        Param("by", "text", None, "the column of the same row whose value decides the shift"),
    )
    kinds = frozenset(("time",))
    cost = 90

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The column named by ``by``."""
        return () if params["by"] is None else (text(params, "by"),)

    def column_laws(self, case: Case) -> Laws:  # noqa: ARG002
        """Two times may become the same one."""
        return Laws()

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        prf = binding.prf(self.name)
        span = whole(binding.params, "minutes") * 60
        needed = self.needs(binding.params)

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            words = prf.words(row[needed[0]].fill_null("") if needed else values)
            return change_times(values, seconds=_nonzero(words, span))

        return masked


class _Shift:
    """How far dates move, and moving them."""

    def __init__(self, params: Mapping[str, JSONValue]) -> None:
        self._keep = params["keep"]
        self._span = days(text(params, "within")) // _UNITS[self._keep]

    def sizes(self, words: Words) -> Days:
        """A shift for every word, in days, weeks or years; never 0."""
        return _nonzero(words, self._span)

    def shifted(self, dates: Calendar, sizes: Days) -> Calendar:
        """The dates, moved; the other way where the year would leave its bounds."""
        near = (dates.year >= 1) & (dates.year <= 9999)
        lowest, highest = np.where(near, 1, -4711), np.where(near, 9999, 294275)
        after = self._moved(dates, sizes)
        outside = (after.year < lowest) | (after.year > highest)
        if outside.any():
            after = after.replaced(outside, self._moved(dates, -sizes))
        for year, month, day in _SENTINELS:
            sentinel = (dates.year == year) & (dates.month == month) & (dates.day == day)
            if sentinel.any():
                after = after.replaced(sentinel, dates)
        return after

    def _moved(self, dates: Calendar, sizes: Days) -> Calendar:
        if self._keep == "month_day":
            return dates.in_year(dates.year + sizes)
        return Calendar.of(dates.days + sizes * np.int32(_UNITS[self._keep]))


def _nonzero(words: Words, span: int) -> Days:
    """-span…-1 or 1…span for every word."""
    shifts = pick(words, 2 * span).astype(np.int32) - np.int32(span)
    return shifts + (shifts >= 0)
