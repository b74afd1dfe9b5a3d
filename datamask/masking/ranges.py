"""Keyed permutations of ``range(size)`` for any size up to 2**62."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from datamask.masking.ff1 import MIN_DOMAIN, Ff1
from datamask.masking.shuffle import shuffled
from datamask.masking.text import Words


class RangeCipher:
    """A permutation of ``range(size)`` for each size: FF1 over bits, or a shuffled table, and cycle-walking.

    Sizes with as many bits share their permutation of bit strings. Enciphering again until the
    result is in range takes less than two steps on average.

    :param key: 32 bytes, of no other use.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._ff1 = Ff1(key, 2)
        self._tables: dict[int, Words] = {}

    def encrypt(self, numbers: Words, sizes: Words) -> Words:
        """The numbers enciphered, each in the range of its size.

        :param numbers: below ``sizes``.
        """
        result = numbers.copy()
        for width, rows in _by_width(sizes):
            while width and len(rows):
                result[rows] = self._step(result[rows], width)
                rows = rows[result[rows] >= sizes[rows]]
        return result

    def encrypt_below(self, numbers: Words, size: int) -> Words:
        """As :meth:`encrypt`, with one size for all numbers."""
        width = (size - 1).bit_length()
        if not width:
            return numbers.copy()
        result = self._step(numbers, width)
        rows = np.flatnonzero(result >= size)
        while len(rows):
            part = self._step(result[rows], width)
            result[rows] = part
            rows = rows[part >= size]
        return result

    def _step(self, numbers: Words, width: int) -> Words:
        if 1 << width < MIN_DOMAIN:
            if width not in self._tables:
                self._tables[width] = shuffled(self._key, 1 << width, width).astype(np.uint64)
            return self._tables[width][numbers]
        low = np.uint64(width - width // 2)
        mask = np.uint64((1 << int(low)) - 1)
        a, b = self._ff1.encrypt_halves(numbers >> low, numbers & mask, width)
        result: Words = (a << low) | b
        return result


def _by_width(sizes: Words) -> Iterator[tuple[int, NDArray[np.intp]]]:
    """The rows by the number of bits that the largest number of their range has."""
    if not len(sizes):
        return
    if bool((sizes == sizes[0]).all()):
        yield (int(sizes[0]) - 1).bit_length(), np.arange(len(sizes))
        return
    distinct, kinds = np.unique(sizes, return_inverse=True)
    bits = np.array([(int(size) - 1).bit_length() for size in distinct.tolist()])[kinds]
    for width in np.unique(bits).tolist():
        yield width, np.flatnonzero(bits == width)
