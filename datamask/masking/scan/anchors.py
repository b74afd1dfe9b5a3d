"""Places in a column's bytes where something may be: cheap over all bytes, so that precise looks are few."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from datamask.masking.text import Bytes

Places = NDArray[np.intp]


def flags(members: bytes) -> NDArray[np.bool_]:
    """For each byte whether it is one of these."""
    result = np.zeros(256, dtype=np.bool_)
    result[list(members)] = True
    return result


_UPPER = flags(bytes(range(65, 91)))
_LETTER = flags(bytes(range(65, 91)) + bytes(range(97, 123)))
_WORD = _LETTER | flags(b"0123456789_")
_HEX = flags(b"0123456789abcdefABCDEF:")
_COLON, _DASH, _BLANK, _SLASH = (np.uint8(ord(char)) for char in ":- /")


def digit_groups(data: Bytes) -> tuple[Places, Places]:
    """Runs of ASCII digits: each one's first byte, and the byte behind its last."""
    digits = np.flatnonzero((data - np.uint8(48)) < 10)
    if not len(digits):
        return digits, digits
    apart = np.flatnonzero(np.diff(digits) != 1)
    return digits[np.concatenate(([0], apart + 1))], digits[np.concatenate((apart, [len(digits) - 1]))] + 1


def codes(data: Bytes, runs: Places) -> Places:
    """Where codes begin that have letters before their first digits: IBANs, tax codes.

    :param runs: where the runs of digits begin.
    """
    # "AB 12": a National Insurance number may be written in groups.
    blank = (
        (_before(data, runs, 1) == _BLANK) & _UPPER[_before(data, runs, 2)] & _UPPER[_before(data, runs, 3)]
    )
    blank &= ~_WORD[_before(data, runs, 4)]
    letter = _LETTER[_before(data, runs, 1)]
    starts = (runs - blank)[letter | blank]
    for _ in range(6):
        starts = starts - _LETTER[_before(data, starts, 1)]
    return np.unique(starts[~_WORD[_before(data, starts, 1)]])


def _before(data: Bytes, places: Places, step: int) -> Bytes:
    """The bytes so many steps before some places; 0 before the first byte."""
    return np.where(places >= step, data[np.maximum(places - step, 0)], np.uint8(0))


def colons(data: Bytes) -> tuple[Places, Places]:
    """The first colons of what may be MAC and IPv6 addresses, and the colons of ``://``."""
    places = np.flatnonzero(data == _COLON)
    places = places[(places > 0) & (places + 2 < len(data))]
    behind = data[places + 1]
    urls = places[(behind == _SLASH) & (data[places + 2] == _SLASH)]
    groups = places[_HEX[data[places - 1]] & _HEX[behind] | (behind == _COLON)]
    # Colons of one address are at most five bytes apart.
    return groups[np.concatenate(([True], np.diff(groups) > 5))] if len(groups) else groups, urls


def dash_groups(data: Bytes) -> tuple[Places, Places]:
    """Where MAC addresses with dashes, and UUIDs, may begin."""
    dashes = np.flatnonzero(data == _DASH)
    dashes = dashes[dashes >= 2]
    mac = dashes[dashes + 15 <= len(data)]
    for step in (3, 6, 9, 12):
        mac = mac[data[mac + step] == _DASH]
    uuid = dashes[(dashes >= 8) & (dashes + 28 <= len(data))]
    for step in (5, 10, 15):
        uuid = uuid[data[uuid + step] == _DASH]
    return mac - 2, uuid - 8
