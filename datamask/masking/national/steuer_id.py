"""The ten digits in front of the check digit of a German Steuer-Identifikationsnummer.

One digit occurs twice or three times, each of the others at most once (§ 139b AO; the rules of the
Bundeszentralamt für Steuern): 381,024,000 of the 10,000,000,000 strings. They are numbered by the places of the
repeated digit and by the order of the digits without its repetitions (their Lehmer code).
"""

from __future__ import annotations

from itertools import combinations
from math import factorial
from typing import Final

import numpy as np
from numpy.typing import NDArray

from datamask.masking.text import Bytes, Words

Flags = NDArray[np.bool_]

_ZERO: Final = np.uint8(ord("0"))
_LENGTH: Final = 10


class _Repeated:
    """Strings in which one digit occurs ``times`` times and no other more than once."""

    def __init__(self, times: int) -> None:
        places = list(combinations(range(_LENGTH), times))
        self.distinct = _LENGTH - times + 1
        self.orders = factorial(_LENGTH) // factorial(_LENGTH - self.distinct)
        self.size = len(places) * self.orders
        self._first = np.array([chosen[0] for chosen in places])
        # Every place but those of the repetitions.
        self._single = np.ones((len(places), _LENGTH), dtype=np.bool_)
        self._place = np.zeros(1 << _LENGTH, dtype=np.intp)
        for number, chosen in enumerate(places):
            self._single[number, list(chosen[1:])] = False
            self._place[sum(1 << place for place in chosen)] = number

    def read(self, numerals: Bytes, repeated: Flags) -> Words:
        """The ordinal of every string; ``repeated`` are the places of the digit that occurs several times."""
        chosen = self._place[repeated @ (1 << np.arange(_LENGTH))]
        digits = numerals[self._single[chosen]].reshape(-1, self.distinct)
        order = np.zeros(len(numerals), dtype=np.uint64)
        for place in range(self.distinct):
            earlier = (digits[:, :place] < digits[:, place : place + 1]).sum(axis=1, dtype=np.uint8)
            order = order * np.uint64(_LENGTH - place) + (digits[:, place] - earlier)
        return chosen.astype(np.uint64) * np.uint64(self.orders) + order

    def write(self, ordinals: Words) -> Bytes:
        """The inverse of :meth:`read`."""
        chosen = ordinals // np.uint64(self.orders)
        order = ordinals - chosen * np.uint64(self.orders)
        digits = np.empty((len(ordinals), self.distinct), dtype=np.uint8)
        for place in reversed(range(self.distinct)):
            left = np.uint64(_LENGTH - place)
            quotient = order // left
            digits[:, place] = order - quotient * left
            later = digits[:, place + 1 :]
            later += later >= digits[:, place : place + 1]
            order = quotient
        numerals = np.empty((len(ordinals), _LENGTH), dtype=np.uint8)
        single = self._single[chosen]
        numerals[single] = digits.reshape(-1)
        first = numerals[np.arange(len(ordinals)), self._first[chosen]]
        return np.where(single, numerals, first[:, None])


class SteuerDigits:
    """The first ten digits, as a field."""

    def __init__(self) -> None:
        self._twice, self._thrice = _Repeated(2), _Repeated(3)
        self.size = self._twice.size + self._thrice.size

    def read(self, chars: Bytes) -> tuple[Words, Flags]:
        """Which string each row has, and whether it is one."""
        numerals = chars[:, :_LENGTH] - _ZERO
        right = (numerals < _LENGTH).all(axis=1)
        same = numerals[:, :, None] == numerals[:, None, :]
        counts = same.sum(axis=2, dtype=np.uint8)
        repeated = counts > 1
        times = repeated.sum(axis=1, dtype=np.uint8)
        # Two digits that occur twice each take four places.
        right &= ((times == 2) | (times == 3)) & (counts.max(axis=1) == times)
        ordinals = np.zeros(len(chars), dtype=np.uint64)
        twice, thrice = np.flatnonzero(right & (times == 2)), np.flatnonzero(right & (times == 3))
        ordinals[twice] = self._twice.read(numerals[twice], repeated[twice])
        ordinals[thrice] = self._thrice.read(numerals[thrice], repeated[thrice]) + np.uint64(self._twice.size)
        return ordinals, right

    def write(self, ordinals: Words, chars: Bytes) -> None:
        """Put strings into the rows."""
        twice = ordinals < self._twice.size
        numerals = np.empty((len(ordinals), _LENGTH), dtype=np.uint8)
        numerals[twice] = self._twice.write(ordinals[twice])
        numerals[~twice] = self._thrice.write(ordinals[~twice] - np.uint64(self._twice.size))
        chars[:, :_LENGTH] = numerals + _ZERO
