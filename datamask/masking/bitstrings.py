"""Permutations of strings over alphabets of 2, 16, 32 or 64 characters: FF1 on their bits."""

from __future__ import annotations

import numpy as np

from datamask.masking.ff1 import Ff1
from datamask.masking.text import Bytes, Words

MAX_BITS = 128
"""As many bits as two words hold."""


class BitStringCipher:
    """A permutation of the bit strings of every length from 20 to ``MAX_BITS``.

    :param key: 32 bytes, of no other use.
    """

    def __init__(self, key: bytes) -> None:
        self._ff1 = Ff1(key, 2)

    def encrypt(self, numerals: Bytes, bits: int, total: int) -> Bytes:
        """Each row enciphered.

        :param numerals: k × length, of ``bits`` bits each, most significant first.
        :param total: the bits of a whole string; the first numeral's others are zero.
        """
        high, low = _joined(numerals, bits)
        half = total - total // 2
        if half == 64:
            high, low = self._ff1.encrypt_halves(high, low, total)
            return _separated(high, low, bits, numerals.shape[1])
        shift, back = np.uint64(half), np.uint64(64 - half)
        a, b = (high << back) | (low >> shift), low & np.uint64((1 << half) - 1)
        a, b = self._ff1.encrypt_halves(a, b, total)
        return _separated(a >> back, (a << shift) | b, bits, numerals.shape[1])


def _joined(numerals: Bytes, bits: int) -> tuple[Words, Words]:
    high, low = np.zeros(len(numerals), dtype=np.uint64), np.zeros(len(numerals), dtype=np.uint64)
    shift, back = np.uint64(bits), np.uint64(64 - bits)
    for column in numerals.T:
        high = (high << shift) | (low >> back)
        low = (low << shift) | column
    return high, low


def _separated(high: Words, low: Words, bits: int, length: int) -> Bytes:
    numerals = np.empty((len(low), length), dtype=np.uint8)
    shift, back, mask = np.uint64(bits), np.uint64(64 - bits), np.uint64((1 << bits) - 1)
    for place in range(length - 1, -1, -1):
        numerals[:, place] = low & mask
        low = (low >> shift) | (high << back)
        high = high >> shift
    return numerals
