"""Keyed permutations of numeral strings of any length, with an optional condition that they keep.

FF1 does strings with a million siblings or more, a keyed shuffle the shorter ones, pieces of
FF1 the very long ones. A condition (such as "no leading zero") is kept by cycle-walking: encipher again
until it holds, which is a permutation of the strings that it holds for.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from datamask.masking.ff1 import MIN_DOMAIN, Ff1
from datamask.masking.numerals import to_number, to_numerals
from datamask.masking.shuffle import shuffled
from datamask.masking.text import Bytes, Words

Condition = Callable[[Bytes], NDArray[np.bool_]]

# Strings longer than _LONGEST are enciphered in pieces of at most _PIECE: the work on one
# string grows with the square of its length.
_LONGEST = 128
_PIECE = 64


class NumeralCipher:
    """A permutation of the numeral strings of every length.

    :param key: 32 bytes, of no other use.
    :param radix: 2 to 256.
    :param keep: what holds for every string that is enciphered, and then for the results;
        takes k × length numerals.
    """

    def __init__(self, key: bytes, radix: int, keep: Condition | None = None) -> None:
        self._key = key
        self._radix = radix
        self._keep = keep
        self._ff1 = Ff1(key, radix)
        self._small: dict[int, Words] = {}
        self._pieces: dict[int, Ff1] = {}

    def encrypt(self, numerals: Bytes) -> Bytes:
        """Each row enciphered.

        :param numerals: k × length, values 0…radix-1, most significant first.
        :returns: the same shape.
        """
        count, length = numerals.shape
        if not count or not length:
            return numerals.copy()
        if self._radix**length < MIN_DOMAIN:
            table = self._table(length)
            return to_numerals(table[to_number(numerals, self._radix)], self._radix, length)
        result = self._step(numerals)
        if self._keep is None:
            return result
        again = np.flatnonzero(~self._keep(result))
        while len(again):
            part = self._step(result.take(again, axis=0))
            result[again] = part
            again = again[~self._keep(part)]
        return result

    def _step(self, numerals: Bytes) -> Bytes:
        length = numerals.shape[1]
        if length <= _LONGEST:
            return self._ff1.encrypt(numerals)
        result = np.empty_like(numerals)
        bounds = np.linspace(0, length, -(-length // _PIECE) + 1).astype(int).tolist()
        for number, (start, stop) in enumerate(pairwise(bounds)):
            if number not in self._pieces:
                self._pieces[number] = Ff1(self._key, self._radix, number.to_bytes(8, "big"))
            result[:, start:stop] = self._pieces[number].encrypt(
                np.ascontiguousarray(numerals[:, start:stop])
            )
        return result

    def _table(self, length: int) -> Words:
        if length not in self._small:
            table = np.arange(self._radix**length, dtype=np.uint64)
            members = table
            if self._keep is not None:
                members = table[self._keep(to_numerals(table, self._radix, length))]
            table = table.copy()
            table[members] = members[shuffled(self._key, len(members), length)]
            self._small[length] = table
        return self._small[length]
