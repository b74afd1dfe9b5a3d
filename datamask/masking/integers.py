"""Permutations of whole numbers that stay inside an integer type."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from datamask.masking.ff1 import Ff1
from datamask.masking.fpe import NumeralCipher
from datamask.masking.keys import MaskingKey
from datamask.masking.numerals import to_number
from datamask.masking.shuffle import shuffled
from datamask.masking.text import Bytes, Words

Integers = NDArray[np.int64]

# Where smallint, integer, JavaScript's exact numbers and bigint end. Each band is permuted in
# itself: a result fits wherever its value did, and does not depend on the column's type.
_SMALL = (1 << 15) - 1
_BANDS = ((_SMALL + 1, 31), (1 << 31, 53), (1 << 53, 63))


class IntegerCipher:
    """A permutation of 64-bit integers; 0, -1, the sign and the size class (2, 4, 8 bytes) stay."""

    def __init__(self, key: MaskingKey, purpose: str, domain: str) -> None:
        self._small_key = key.derive(f"{purpose} small integers", domain)
        self._ff1 = Ff1(key.derive(f"{purpose} integers", domain), 2)
        self._small: Words | None = None

    def encrypt(self, values: Integers) -> Integers:
        """The values enciphered."""
        # The complement of a negative number, -n - 1, is in the band that the number's type ends with.
        negative = values < 0
        sizes = np.where(negative, ~values, values).astype(np.uint64)
        result = sizes.copy()
        small = np.flatnonzero((sizes >= 1) & (sizes <= _SMALL))
        if len(small):
            result[small] = self._table()[sizes[small]]
        for first, bits in _BANDS:
            rows = np.flatnonzero((sizes >= first) & (sizes < 1 << bits))
            if len(rows):
                result[rows] = self._walk(sizes[rows], first, bits)
        signed = result.astype(np.int64)
        return np.where(negative, ~signed, signed)

    def _table(self) -> Words:
        if self._small is None:
            members = np.arange(_SMALL + 1, dtype=np.uint64)
            members[1:] = shuffled(self._small_key, _SMALL, 0) + 1
            self._small = members
        return self._small

    def _walk(self, numbers: Words, first: int, bits: int) -> Words:
        """Encipher until the result is in the band: almost always at once."""
        low = bits - bits // 2
        mask = np.uint64((1 << low) - 1)
        result = numbers
        again = np.arange(len(numbers))
        while len(again):
            part = result[again]
            a, b = self._ff1.encrypt_halves(part >> np.uint64(low), part & mask, bits)
            result = result.copy() if result is numbers else result
            result[again] = (a << np.uint64(low)) | b
            again = again[result[again] < first]
        return result


def decimal_cipher(key: bytes, largest: int) -> Callable[[Bytes], Bytes]:
    """A permutation of the digits of numbers up to ``largest``: no leading zero, the same number of digits.

    :returns: rows of ASCII digits → rows of ASCII digits. Zero and what is above ``largest`` stay.
    """
    width = len(str(largest))

    def valid(numerals: Bytes) -> NDArray[np.bool_]:
        fine: NDArray[np.bool_] = numerals[:, 0] != 0
        if numerals.shape[1] < width:
            return fine
        if numerals.shape[1] > width:
            return np.zeros_like(fine)
        # 19 digits, the most there are, fit into a word.
        return fine & (to_number(numerals, 10) <= largest)

    cipher = NumeralCipher(key, 10, valid)
    zero = np.uint8(ord("0"))

    def encrypt(chars: Bytes) -> Bytes:
        numerals = chars - zero
        rows = valid(numerals)
        numerals[rows] = cipher.encrypt(numerals[rows])
        return numerals + zero

    return encrypt
