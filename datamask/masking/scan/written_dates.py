"""Dates in figures as people write them, to the ISO form and back."""

from __future__ import annotations

import re
from datetime import date

_DATE = re.compile(r"(\d{1,4})([-./])(\d{1,2})\2(\d{1,4})")
# Two digits above this are of the last century: nobody who is written about was born in the future.
_PIVOT = 30


def to_iso(written: str) -> str:
    """A written date as ``YYYY-MM-DD``; '' where there is no such day.

    ``03/04/1984`` is the third of April unless the second number is above twelve.
    """
    match = _DATE.fullmatch(written)
    if match is None:
        return ""
    one, two, three = int(match[1]), int(match[3]), int(match[4])
    if len(match[1]) == 4:
        year, month, day = one, two, three
    else:
        year, month, day = three, two, one
        if month > 12:
            month, day = day, month
    if year < 100:
        year += 1900 if year > _PIVOT else 2000
    try:
        return date(year, month, day).isoformat()
    except ValueError:
        return ""


def as_written(iso: str, model: str) -> str:
    """A date ``YYYY-MM-DD`` in the form of a written one: its order, separators and digits."""
    match = _DATE.fullmatch(model)
    if match is None:
        return iso
    year, month, day = iso[:4], iso[5:7], iso[8:10]
    if len(match[1]) == 4:
        parts = [(year, match[1]), (month, match[3]), (day, match[4])]
    elif int(match[3]) > 12:
        parts = [(month, match[1]), (day, match[3]), (year, match[4])]
    else:
        parts = [(day, match[1]), (month, match[3]), (year, match[4])]
    return match[2].join(_digits(part, other) for part, other in parts)


def _digits(part: str, model: str) -> str:
    """A number with as many digits as its model has, where it can be."""
    if len(part) == 4:
        return part if len(model) == 4 else part[2:]
    return part if len(model) == 2 else str(int(part))
