"""Check digits, a column at a time.

Numerals are k × n arrays of small numbers, most significant first; a check digit is a column of k.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from datamask.masking.text import Bytes

Sums = NDArray[np.int64]

NONE: Final = 255
"""In place of a check digit, where there is none."""

# Doubling a digit and adding the digits of the result.
_DOUBLED: Final = np.array([0, 2, 4, 6, 8, 1, 3, 5, 7, 9], dtype=np.int64)


def weighted(numerals: Bytes, weights: Sequence[int]) -> Sums:
    """The sum of every row's numerals times their weights."""
    total = np.zeros(len(numerals), dtype=np.int64)
    for place, weight in enumerate(weights):
        total += numerals[:, place].astype(np.int64) * weight
    return total


def digit_or_none(values: Sums) -> Bytes:
    """Values from 0 to 9 as check digits; others have none."""
    return np.where((values >= 0) & (values <= 9), values, NONE).astype(np.uint8)


def remainder(numerals: Bytes, modulus: int, radix: int = 10) -> Sums:
    """The number that every row's decimal digits spell, modulo ``modulus`` (below 10,000)."""
    rest = np.zeros(len(numerals), dtype=np.int64)
    for place in range(numerals.shape[1]):
        rest = (rest * radix + numerals[:, place]) % modulus
    return rest


def luhn(numerals: Bytes) -> Bytes:
    """The check digit to append (ISO/IEC 7812-1, annex B)."""
    total = np.zeros(len(numerals), dtype=np.int64)
    for place, column in enumerate(numerals[:, ::-1].T):
        total += _DOUBLED[column] if place % 2 == 0 else column
    return (-total % 10).astype(np.uint8)


def mod_11_10(numerals: Bytes) -> Bytes:
    """The check digit to append (ISO/IEC 7064, MOD 11,10)."""
    check = np.full(len(numerals), 5, dtype=np.int64)
    for column in numerals.T:
        check = ((np.where(check == 0, 10, check) * 2) % 11 + column) % 10
    return ((1 - np.where(check == 0, 10, check) * 2 % 11) % 10).astype(np.uint8)


def mod_97_10(characters: Bytes) -> Sums:
    """Every row modulo 97, letters A to Z read as 10 to 35 (ISO/IEC 7064, MOD 97-10).

    :param characters: ASCII digits and upper-case letters.
    """
    rest = np.zeros(len(characters), dtype=np.int64)
    for column in characters.T:
        letter = column > 57
        value = column.astype(np.int64) - np.where(letter, 55, 48)
        rest = (rest * np.where(letter, 100, 10) + value) % 97
    return rest


# Verhoeff, "Error Detecting Decimal Codes" (1969): multiplication in the dihedral group of ten elements,
# its inverses, and the powers of one permutation.
_TIMES: Final = np.array(
    [[(i + j) % 5 + (0 if j < 5 else 5) if i < 5 else (i - j) % 5 + (5 if j < 5 else 0) for j in range(10)]
     for i in range(10)], dtype=np.intp
)  # fmt: skip
_INVERSE: Final = np.array([0, 4, 3, 2, 1, 5, 6, 7, 8, 9], dtype=np.uint8)
_PERMUTED: Final = np.array([1, 5, 7, 6, 2, 8, 3, 0, 9, 4], dtype=np.intp)


def verhoeff(numerals: Bytes) -> Bytes:
    """The check digit to append."""
    check = np.zeros(len(numerals), dtype=np.intp)
    permutation = _PERMUTED
    for column in numerals[:, ::-1].T:
        check = _TIMES[check, permutation[column]]
        permutation = _PERMUTED[permutation]
    return _INVERSE[check]
