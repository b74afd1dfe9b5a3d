"""Keyed permutations of the numbers below any size: unique values without retries.

A Feistel network over the mixed radix (a, b) with a * b barely above the size (Black and Rogaway, "Ciphers with
arbitrary finite domains", 2002, their generalized Feistel cipher), with cycle-walking for what lies beyond it. It hides
nothing: it only makes numbers look drawn.
"""

from __future__ import annotations

from math import isqrt

import numpy as np

from datamask.synthetic.randomness import Numbers, hashed_words

_ROUNDS = 4


class Permutation:
    """A permutation of ``range(size)``.

    :param key: of its own for each use.
    :param size: 1 to 2**62.
    """

    def __init__(self, key: int, size: int) -> None:
        self.size = size
        self._left = max(1, isqrt(size))
        self._right = -(-size // self._left)
        self._keys = [(key >> (16 * number)) ^ (number * 0xD1B54A32D192ED03) for number in range(_ROUNDS)]

    def __call__(self, numbers: Numbers) -> Numbers:
        """Each number's image.

        :param numbers: below the size.
        """
        if self.size == 1:
            return numbers
        result = self._once(numbers)
        outside = np.flatnonzero(result >= self.size)
        while len(outside):
            result[outside] = self._once(result[outside])
            outside = outside[result[outside] >= self.size]
        return result

    def _once(self, numbers: Numbers) -> Numbers:
        left, right = numbers // self._right, numbers % self._right
        for number, key in enumerate(self._keys):
            if number % 2:
                left = (left + self._mixed(key, right, self._left)) % self._left
            else:
                right = (right + self._mixed(key, left, self._right)) % self._right
        return left * self._right + right

    @staticmethod
    def _mixed(key: int, numbers: Numbers, size: int) -> Numbers:
        return (hashed_words(key, numbers) % np.uint64(size)).astype(np.int64)
