"""The date in front of dates and timestamps in PostgreSQL's ISO form, and the time of day behind it."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.calendar import Calendar, Days
from datamask.masking.text import Bytes, Packed, matrix, pack, strings

Change = Callable[[Calendar, NDArray[np.intp]], Calendar]
"""Dates, and which of the series' values they are → as many other dates."""

# 2024-02-29, and the longest form: 2024-02-29 12:34:56.123456+00:00:00.
_DATE_WIDTH, _WIDTH = 16, 40
# 12:34:56.123456+00:00:00.
_TIME_WIDTH = 32
_ZERO = np.uint8(ord("0"))
_DASH = np.uint8(ord("-"))
_COLON = np.uint8(ord(":"))
_DAY = 86_400
# Where the time begins behind a date, and what of it becomes zeros when it is cut.
_TIME = 11
_CUT = {"day": 0, "hour": 3, "minute": 6}
_MIDNIGHT = np.frombuffer(b"00:00:00", dtype=np.uint8)
# Any form; years of more than four digits and years before Christ take this way.
_ANY = re.compile(r"(\d{4,7})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d)(\.\d+)?)?(.*?)( BC)?", re.DOTALL)


def change_dates(
    values: pl.Series, change: Change, *, to: str = "", seconds: NDArray[np.int32] | None = None
) -> pl.Series:
    """The values with another date in front; ``infinity`` and ``-infinity`` stay.

    :param values: dates or timestamps in ISO form, String without nulls.
    :param change: gives years 1 to 9999 for such, and else from -4712 to 294275, so that the result is valid.
    :param to: ``day``, ``hour`` or ``minute``: what stays of the time of day; all of it if left out.
    :param seconds: for every value, less than a day that its time of day moves, into the next day or the one before
        if need be; not where ``change`` leaves the date as it is.
    """
    packed = pack(values)
    width = _DATE_WIDTH if bool((packed.lengths <= _DATE_WIDTH).all()) else _WIDTH
    table = matrix(packed.cut(width), width)
    near = _is_near(table, packed)
    rows = np.flatnonzero(near)
    if len(rows) == len(near):
        _change_near(table, rows, change, to, seconds)
        return strings(table, np.minimum(packed.lengths, width))
    part = table[rows]
    _change_near(part, rows, change, to, seconds)
    table[rows] = part
    others = np.flatnonzero(~near)
    result = strings(table, np.minimum(packed.lengths, width))
    return result.scatter(others, _change_any(values.gather(others), others, change, to, seconds))


def change_times(values: pl.Series, *, to: str = "", seconds: NDArray[np.int32] | None = None) -> pl.Series:
    """Times of day, cut or moved around midnight; the zone of ``timetz`` stays.

    :param values: times in ISO form, String without nulls; what is none becomes midnight.
    :param to: ``hour`` or ``minute``.
    :param seconds: for every value, less than a day.
    """
    packed = pack(values)
    table = matrix(packed.cut(_TIME_WIDTH), _TIME_WIDTH)
    timed = (packed.lengths >= 8) & (table[:, 2] == _COLON) & (table[:, 5] == _COLON)
    table[~timed, : len(_MIDNIGHT)] = _MIDNIGHT
    if seconds is not None:
        clock = (_read_clock(table, 0) + seconds) % np.int32(_DAY)
        _write_clock(table, 0, clock)
    if to:
        _cut_clock(table, 0, np.ones(len(table), dtype=np.bool_), to)
    return strings(table, np.where(timed, np.minimum(packed.lengths, _TIME_WIDTH), len(_MIDNIGHT)))


def _is_near(table: Bytes, packed: Packed) -> NDArray[np.bool_]:
    """Which values have a year of four digits after Christ."""
    near: NDArray[np.bool_] = (packed.lengths >= 10) & (table[:, 4] == _DASH) & (table[:, 7] == _DASH)
    if bool((packed.data == ord("C")).any()):
        near &= ~(table == ord("C")).any(axis=1)
    return near


def _change_near(
    table: Bytes, rows: NDArray[np.intp], change: Change, to: str, seconds: NDArray[np.int32] | None
) -> None:
    dates = Calendar(_read(table, 0, 4), _read(table, 5, 2), _read(table, 8, 2))
    changed = change(dates, rows)
    timed = table[:, 10] != 0 if table.shape[1] == _WIDTH else np.zeros(len(table), dtype=np.bool_)
    if seconds is not None and timed.any():
        moved = _read_clock(table, _TIME) + seconds[rows]
        # Python's division: a day before for less than nothing.
        carried = Calendar.of(changed.days + moved // np.int32(_DAY))
        moves = timed & (carried.year >= 1) & (carried.year <= 9999) & ~_same(dates, changed)
        changed = changed.replaced(moves, carried)
        clocks = table[moves]
        _write_clock(clocks, _TIME, (moved % np.int32(_DAY))[moves])
        table[moves] = clocks
    _write(table, 0, 4, changed.year)
    _write(table, 5, 2, changed.month)
    _write(table, 8, 2, changed.day)
    if to and timed.any():
        _cut_clock(table, _TIME, timed, to)


def _same(one: Calendar, other: Calendar) -> NDArray[np.bool_]:
    same: NDArray[np.bool_] = (one.year == other.year) & (one.month == other.month) & (one.day == other.day)
    return same


def _cut_clock(table: Bytes, start: int, timed: NDArray[np.bool_], to: str) -> None:
    """Make zeros of what is finer than a unit, the fraction included."""
    cut = _CUT[to]
    columns = slice(start + cut, start + len(_MIDNIGHT))
    table[:, columns] = np.where(timed[:, None], _MIDNIGHT[cut:], table[:, columns])
    point = start + len(_MIDNIGHT)
    fraction = timed & (table[:, point] == ord("."))
    for column in range(point + 1, point + 7):
        fraction = fraction & ((table[:, column] - _ZERO) < 10)
        table[:, column] = np.where(fraction, _ZERO, table[:, column])


def _read_clock(table: Bytes, start: int) -> Days:
    """Seconds since midnight."""
    hours, minutes, seconds = (_read(table, start + place, 2) for place in (0, 3, 6))
    return hours * np.int32(3600) + minutes * np.int32(60) + seconds


def _write_clock(table: Bytes, start: int, clock: Days) -> None:
    _write(table, start, 2, clock // np.int32(3600))
    _write(table, start + 3, 2, clock // np.int32(60) % np.int32(60))
    _write(table, start + 6, 2, clock % np.int32(60))


def _read(table: Bytes, start: int, count: int) -> Days:
    number = np.zeros(len(table), dtype=np.int32)
    for column in range(start, start + count):
        number = number * np.int32(10) + (table[:, column] - _ZERO)
    return number


def _write(table: Bytes, start: int, count: int, number: Days) -> None:
    for column in range(start + count - 1, start - 1, -1):
        quotient = number // np.int32(10)
        table[:, column] = (number - quotient * np.int32(10)).astype(np.uint8) + _ZERO
        number = quotient


def _change_any(
    values: pl.Series, rows: NDArray[np.intp], change: Change, to: str, seconds: NDArray[np.int32] | None
) -> pl.Series:
    """One value at a time: there are few such dates."""
    result = values.to_list()
    for place, value in enumerate(result):
        match = _ANY.fullmatch(value)
        if match is None:
            continue
        row = rows[place : place + 1]
        year = 1 - int(match[1]) if match[9] else int(match[1])
        dates = Calendar(*(np.array([part], dtype=np.int32) for part in (year, int(match[2]), int(match[3]))))
        changed = change(dates, row)
        time = ""
        if match[4] is not None:
            clock = sum(int(match[4 + part]) * size for part, size in enumerate((3600, 60, 1)))
            if seconds is not None and not bool(_same(dates, changed)[0]):
                carry, clock = divmod(clock + int(seconds[row[0]]), _DAY)
                changed = Calendar.of(changed.days + np.int32(carry))
            fraction = match[7] or ""
            if to:
                unit = {"day": _DAY, "hour": 3600, "minute": 60}[to]
                clock, fraction = clock // unit * unit, ""
            time = f" {clock // 3600:02d}:{clock // 60 % 60:02d}:{clock % 60:02d}{fraction}"
        year = int(changed.year[0])
        shown = year if year > 0 else 1 - year
        era = "" if year > 0 else " BC"
        day = f"{shown:04d}-{int(changed.month[0]):02d}-{int(changed.day[0]):02d}"
        result[place] = f"{day}{time}{match[8]}{era}"
    return pl.Series(values=result, dtype=pl.String)
