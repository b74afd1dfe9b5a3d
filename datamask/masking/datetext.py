"""The date in front of dates and timestamps in PostgreSQL's ISO form."""

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
_ZERO = np.uint8(ord("0"))
_DASH = np.uint8(ord("-"))
_FRACTION = range(20, 26)
# Any form; years of more than four digits and years before Christ take this way.
_ANY = re.compile(r"(\d{4,7})-(\d\d)-(\d\d)(.*?)( BC)?", re.DOTALL)
_TIME = re.compile(r"\d\d:\d\d:\d\d(\.\d+)?")


def change_dates(values: pl.Series, change: Change, *, midnight: bool = False) -> pl.Series:
    """The values with another date in front; ``infinity`` and ``-infinity`` stay.

    :param values: dates or timestamps in ISO form, String without nulls.
    :param change: gives years 1 to 9999 for such, and else from -4711 to 294275, so that the result is valid.
    :param midnight: the time of day becomes 00:00:00.
    """
    packed = pack(values)
    width = _DATE_WIDTH if bool((packed.lengths <= _DATE_WIDTH).all()) else _WIDTH
    table = matrix(packed.cut(width), width)
    near = _is_near(table, packed)
    rows = np.flatnonzero(near)
    if len(rows) == len(near):
        _change_near(table, rows, change, midnight)
        return strings(table, np.minimum(packed.lengths, width))
    part = table[rows]
    _change_near(part, rows, change, midnight)
    table[rows] = part
    others = np.flatnonzero(~near)
    result = strings(table, np.minimum(packed.lengths, width))
    return result.scatter(others, _change_any(values.gather(others), others, change, midnight))


def _is_near(table: Bytes, packed: Packed) -> NDArray[np.bool_]:
    """Which values have a year of four digits after Christ."""
    near: NDArray[np.bool_] = (packed.lengths >= 10) & (table[:, 4] == _DASH) & (table[:, 7] == _DASH)
    if bool((packed.data == ord("C")).any()):
        near &= ~(table == ord("C")).any(axis=1)
    return near


def _change_near(table: Bytes, rows: NDArray[np.intp], change: Change, midnight: bool) -> None:
    year = _read(table, 0, 4)
    changed = change(Calendar(year, _read(table, 5, 2), _read(table, 8, 2)), rows)
    _write(table, 0, 4, changed.year)
    _write(table, 5, 2, changed.month)
    _write(table, 8, 2, changed.day)
    if midnight and table.shape[1] == _WIDTH:
        timed = table[:, 10] != 0
        clock = np.frombuffer(b"00:00:00", dtype=np.uint8)
        table[:, 11:19] = np.where(timed[:, None], clock, table[:, 11:19])
        fraction = table[:, 19] == ord(".")
        for column in _FRACTION:
            fraction = fraction & ((table[:, column] - _ZERO) < 10)
            table[:, column] = np.where(fraction, _ZERO, table[:, column])


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


def _change_any(values: pl.Series, rows: NDArray[np.intp], change: Change, midnight: bool) -> pl.Series:
    """One value at a time: there are few such dates."""
    result = values.to_list()
    for place, value in enumerate(result):
        match = _ANY.fullmatch(value)
        if match is None:
            continue
        year = 1 - int(match[1]) if match[5] else int(match[1])
        dates = Calendar(*(np.array([part], dtype=np.int32) for part in (year, int(match[2]), int(match[3]))))
        changed = change(dates, rows[place : place + 1])
        year = int(changed.year[0])
        rest = _TIME.sub("00:00:00", match[4]) if midnight else match[4]
        shown = year if year > 0 else 1 - year
        era = "" if year > 0 else " BC"
        result[place] = f"{shown:04d}-{int(changed.month[0]):02d}-{int(changed.day[0]):02d}{rest}{era}"
    return pl.Series(values=result, dtype=pl.String)
