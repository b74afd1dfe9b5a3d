"""Telephone numbers that look like nothing else, told a column at a time; all others get a precise look."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from datamask.masking.scan.anchors import Places, flags
from datamask.masking.scan.clusters import Clusters, look_parts, may_be_number
from datamask.masking.scan.cues import CUES
from datamask.masking.scan.phones import INTERNATIONAL, NATIONAL, longest_international
from datamask.masking.text import Bytes

_NONE, _WITH_PLUS, _WITH_ZERO = range(3)
_PHONE_BIT: Final = 1 << CUES.index("phone")

_ZERO, _PLUS, _BLANK = (np.uint8(ord(char)) for char in "0+ ")
# In front of a plain number, and behind it; behind a blank, what begins no unit of measure and no currency.
_IN_FRONT = flags(b" \0\n\t:;,")
_BEHIND = flags(b" \0\n\t\r.,;!?)\"'")
_BEFORE_FRONT = ~flags(b"$#\xac\xa3ABCDEFGHIJKLMNOPQRSTUVWXYZ")
_NO_UNIT = flags(b"\0\nacfhjlnoqtvwxyzABDFHIJLNOQRTVWXY(")
_DIGIT = flags(b"0123456789")


def plain_phones(data: Bytes, found: Clusters, looks: Places, cues: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which clusters are one telephone number from their first digit to their last, without any doubt.

    A plus in front of such a cluster belongs to the number.

    :param looks: as :func:`datamask.masking.scan.clusters.clusters` tells them.
    :param cues: the bits of the words before each.
    """
    unique, inverse = np.unique(looks, return_inverse=True)
    forms = np.array([_form(look) for look in unique.tolist()], dtype=np.uint8)[inverse]
    rows = np.flatnonzero(forms)
    starts, ends = found.starts[rows], found.ends[rows]
    before = data[np.maximum(starts - 1, 0)]
    earlier = data[np.maximum(starts - 2, 0)]
    behind, next_one = data[ends], data[np.minimum(ends + 1, len(data) - 1)]
    alone = (starts > 1) & _BEHIND[behind] & ~_DIGIT[next_one]
    plus = (before == _PLUS) & _IN_FRONT[earlier] & (forms[rows] & _WITH_PLUS != 0)
    longest = _longest()[_place(data, starts)]
    total = _digits(unique)[inverse[rows]]
    plus &= total <= longest
    zero = _IN_FRONT[before] & _BEFORE_FRONT[earlier] & (forms[rows] & _WITH_ZERO != 0)
    zero &= (data[np.minimum(starts + 1, len(data) - 1)] != _ZERO) & ((behind != _BLANK) | _NO_UNIT[next_one])
    zero &= (cues[rows] & ~_PHONE_BIT) == 0
    result = np.zeros(len(looks), dtype=np.bool_)
    result[rows] = alone & (plus | zero)
    return result


@lru_cache(maxsize=65_536)
def _form(look: int) -> int:
    """Whether groups that look like that are one number behind a plus, or of one that begins with 0."""
    if look < 0:
        return _NONE
    parts = look_parts(look)
    total = sum(parts.lengths)
    if not parts.plain or any(parts.is_date(first) for first in range(len(parts.lengths))):
        return _NONE
    for one, other, blank in zip(parts.lengths, parts.lengths[1:], parts.blanks, strict=False):
        if blank and other <= 2 < 5 <= one:
            return _NONE
    form = _WITH_PLUS if total in INTERNATIONAL else _NONE
    if parts.zeros[0] and parts.lengths[0] > 1 and total in NATIONAL and not may_be_number(parts.lengths):
        form |= _WITH_ZERO
    return form


def _digits(looks: Places) -> NDArray[np.int64]:
    return np.array(
        [sum(look_parts(look).lengths) if look >= 0 else 0 for look in looks.tolist()], dtype=np.int64
    )


def _place(data: Bytes, starts: Places) -> NDArray[np.int64]:
    """The first three characters, as far as they are digits, as a number to base 11."""
    place = np.zeros(len(starts), dtype=np.int64)
    for step in range(3):
        digit = data[np.minimum(starts + step, len(data) - 1)] - _ZERO
        place = place * 11 + np.where(digit < 10, digit, 10)
    return place


@cache
def _longest() -> NDArray[np.int64]:
    """Digits of the longest number with a country code, by what it begins with; 0 where there is no such code."""
    characters = b"0123456789 "
    return np.array(
        [
            longest_international(bytes((characters[one], characters[two], characters[three])))
            for one in range(11)
            for two in range(11)
            for three in range(11)
        ],
        dtype=np.int64,
    )
