"""Dates and timestamps: shift_date, truncate_date, birth_date."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.catalog.model import TypeKind
from datamask.masking.calendar import Calendar, Days
from datamask.masking.datetext import change_dates
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, days, text
from datamask.masking.prf import Prf
from datamask.masking.tokens import pick
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_KINDS: frozenset[TypeKind] = frozenset(("date", "timestamp"))
_LONGEST = 3650
# What stands for "always" and "never" in many a schema is no one's date.
_SENTINELS = ((1, 1, 1), (9999, 12, 31))


class ShiftDate(Transform):
    """Another day, at most ``within`` before or after, never the same; the time of day stays.

    The shift depends on the value itself; with ``by`` on another column of the row, so that all dates of one
    customer move alike; with ``per: domain`` it is one for the whole domain and keeps all distances.
    0001-01-01, 9999-12-31 and infinite dates stay. A year does not leave 1 to 9999.
    """

    name = "shift_date"
    summary = "another day near the date; the time of day stays"
    params = (
        Param("within", "duration", "30d", "the largest shift", minimum=1, maximum=_LONGEST),
        Param("by", "text", None, "the column of the same row whose value decides the shift"),
        Param("per", "text", "value", "what has a shift of its own", choices=("value", "domain")),
    )
    kinds = _KINDS
    cost = 90

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The column named by ``by``."""
        return () if params["by"] is None else (text(params, "by"),)

    def column_laws(self, case: Case) -> Laws:  # noqa: ARG002
        """Two dates may become the same one."""
        return Laws()

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        prf = binding.prf(self.name)
        span = days(text(binding.params, "within"))
        needed = self.needs(binding.params)
        whole_domain = text(binding.params, "per") == "domain"

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            if needed:
                shifts = _shifts(prf, row[needed[0]].fill_null(""), span)
            elif whole_domain:
                shifts = np.broadcast_to(_shifts(prf, pl.Series([""]), span), values.len())
            else:
                shifts = _shifts(prf, values, span)
            return change_dates(values, lambda dates, rows: _shifted(dates, shifts[rows]))

        return masked


class TruncateDate(Transform):
    """The day, month or year that a date lies in: the rest becomes the first of it, the time midnight."""

    name = "truncate_date"
    summary = "the day, month or year only"
    params = (Param("to", "text", "month", "what stays", choices=("day", "month", "year")),)
    kinds = _KINDS
    cost = 60

    def column_laws(self, case: Case) -> Laws:  # noqa: ARG002
        """Many dates become the same one."""
        return Laws()

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        to = text(binding.params, "to")

        def first(dates: Calendar, _: NDArray[np.intp]) -> Calendar:
            one = np.ones_like(dates.day)
            return Calendar(
                dates.year, one if to == "year" else dates.month, dates.day if to == "day" else one
            )

        return lambda values, _: change_dates(values, first, midnight=True)


class BirthDate(Transform):
    """Another day of the same year, so that ages stay right to the year; a time of day stays."""

    name = "birth_date"
    summary = "another day of the same year"
    kinds = _KINDS
    cost = 90

    def column_laws(self, case: Case) -> Laws:  # noqa: ARG002
        """Two dates may become the same one."""
        return Laws()

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        prf = binding.prf(self.name)

        def masked(values: pl.Series, _: object) -> pl.Series:
            places = pick(prf.words(values), 365).astype(np.int32)

            def other_day(dates: Calendar, rows: NDArray[np.intp]) -> Calendar:
                one = np.ones_like(dates.day)
                return Calendar.of(Calendar(dates.year, one, one).days + places[rows])

            return change_dates(values, other_day)

        return masked


def _shifts(prf: Prf, values: pl.Series, span: int) -> Days:
    """-span…-1 or 1…span days for every value."""
    shifts = pick(prf.words(values), 2 * span).astype(np.int32) - np.int32(span)
    return shifts + (shifts >= 0)


def _shifted(dates: Calendar, shifts: Days) -> Calendar:
    before = dates.days
    after = Calendar.of(before + shifts)
    near = (dates.year >= 1) & (dates.year <= 9999)
    lowest, highest = np.where(near, 1, -4711), np.where(near, 9999, 294275)
    outside = (after.year < lowest) | (after.year > highest)
    if outside.any():
        after = _chosen(outside, Calendar.of(before - shifts), after)
    for year, month, day in _SENTINELS:
        sentinel = (dates.year == year) & (dates.month == month) & (dates.day == day)
        if sentinel.any():
            after = _chosen(sentinel, dates, after)
    return after


def _chosen(condition: NDArray[np.bool_], yes: Calendar, no: Calendar) -> Calendar:
    return Calendar(
        np.where(condition, yes.year, no.year),
        np.where(condition, yes.month, no.month),
        np.where(condition, yes.day, no.day),
    )
