"""Enciphering runs of ASCII digits and letters so that a value keeps its look."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from datamask.masking.fpe import NumeralCipher
from datamask.masking.keys import MaskingKey
from datamask.masking.substitute import Choose
from datamask.masking.text import Bytes, Lengths

_ALPHABET = np.frombuffer(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", dtype=np.uint8)
_NUMERAL = np.zeros(256, dtype=np.uint8)
_NUMERAL[_ALPHABET] = np.arange(62, dtype=np.uint8)

_ZERO = np.uint8(ord("0"))
# Lower and upper case differ in this bit.
_CASE = np.uint8(0x20)


def digits(table: Bytes, lengths: Lengths) -> NDArray[np.bool_]:  # noqa: ARG001
    """Which bytes are ASCII digits."""
    # Unsigned: what stands before "0" wraps around to something large.
    return (table - _ZERO) < 10


def letters(table: Bytes, lengths: Lengths) -> NDArray[np.bool_]:  # noqa: ARG001
    """Which bytes are ASCII letters."""
    return ((table | _CASE) - np.uint8(ord("a"))) < 26


def alphanumerics(table: Bytes, lengths: Lengths) -> NDArray[np.bool_]:
    """Which bytes are ASCII digits or letters."""
    return digits(table, lengths) | letters(table, lengths)


def among(alphabet: bytes) -> Choose:
    """Which bytes are characters of an alphabet."""
    member = np.zeros(256, dtype=np.bool_)
    member[list(alphabet)] = True
    return lambda table, _: member[table]


def between(choose: Choose, first: int, last: int) -> Choose:
    """``choose`` without the first and last so many of a value; all of them where no other would be left."""
    if not first and not last:
        return choose

    def chosen(table: Bytes, lengths: Lengths) -> NDArray[np.bool_]:
        found = choose(table, lengths)
        seen = found.cumsum(axis=1, dtype=np.int32)
        total = seen[:, -1:]
        inner = (seen > first) & (seen <= total - last)
        return found & (inner | (total <= first + last))

    return chosen


class DigitCipher:
    """A permutation of digit strings of every length."""

    def __init__(self, key: MaskingKey, purpose: str, domain: str) -> None:
        self._cipher = NumeralCipher(key.derive(f"{purpose} digits", domain), 10)

    def __call__(self, chars: Bytes) -> Bytes:
        """Each row of ASCII digits enciphered."""
        return self._cipher.encrypt(chars - _ZERO) + _ZERO


class LeadingZeroCipher:
    """A permutation of digit strings that keeps a leading zero, and makes none."""

    def __init__(self, key: MaskingKey, purpose: str, domain: str) -> None:
        self._rest = NumeralCipher(key.derive(f"{purpose} digits after zero", domain), 10)
        self._whole = NumeralCipher(
            key.derive(f"{purpose} digits", domain), 10, lambda numerals: numerals[:, 0] != 0
        )

    def __call__(self, chars: Bytes) -> Bytes:
        """Each row of ASCII digits enciphered."""
        numerals = chars - _ZERO
        zero = np.flatnonzero(numerals[:, 0] == 0)
        if not len(zero):
            return self._whole.encrypt(numerals) + _ZERO
        others = np.flatnonzero(numerals[:, 0])
        numerals[others] = self._whole.encrypt(numerals.take(others, axis=0))
        numerals[zero, 1:] = self._rest.encrypt(numerals.take(zero, axis=0)[:, 1:])
        return numerals + _ZERO


class LetterCipher:
    """A permutation of letter strings; each letter's case stays in its place."""

    def __init__(self, key: MaskingKey, purpose: str, domain: str) -> None:
        self._cipher = NumeralCipher(key.derive(f"{purpose} letters", domain), 26)

    def __call__(self, chars: Bytes) -> Bytes:
        """Each row of ASCII letters enciphered."""
        case = chars & _CASE
        base = np.uint8(ord("A"))
        return (self._cipher.encrypt((chars & ~_CASE) - base) + base) | case


class AlphanumericCipher:
    """A permutation of strings of digits and letters that stays among strings of the same kind.

    There are four kinds: digits only; with upper case; with lower case; with both. So a code in upper case
    stays one, and a number a number.
    """

    def __init__(self, key: MaskingKey, purpose: str, domain: str) -> None:
        self._digits = DigitCipher(key, purpose, domain)
        self._one_case = NumeralCipher(key.derive(f"{purpose} one case", domain), 36, _has_letter)
        self._both_cases = NumeralCipher(key.derive(f"{purpose} both cases", domain), 62, _has_both_cases)

    def __call__(self, chars: Bytes) -> Bytes:
        """Each row of ASCII digits and letters enciphered."""
        numerals = _NUMERAL[chars]
        upper = any_in_row((numerals >= 10) & (numerals < 36))
        lower = any_in_row(numerals >= 36)
        result = chars.copy()
        for rows, encipher in (
            (~upper & ~lower, self._digits),
            (upper & ~lower, self._upper),
            (lower & ~upper, self._lower),
            (upper & lower, self._mixed),
        ):
            if rows.any():
                result[rows] = encipher(chars[rows])
        return result

    def _upper(self, chars: Bytes) -> Bytes:
        return _ALPHABET[self._one_case.encrypt(_NUMERAL[chars])]

    def _lower(self, chars: Bytes) -> Bytes:
        # Digits have the bit set already: only letters change.
        return self._upper(chars - (chars >= ord("a")) * _CASE) | _CASE

    def _mixed(self, chars: Bytes) -> Bytes:
        return _ALPHABET[self._both_cases.encrypt(_NUMERAL[chars])]


def _has_letter(numerals: Bytes) -> NDArray[np.bool_]:
    return any_in_row(numerals >= 10)


def _has_both_cases(numerals: Bytes) -> NDArray[np.bool_]:
    return any_in_row((numerals >= 10) & (numerals < 36)) & any_in_row(numerals >= 36)


def any_in_row(table: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Which rows have a true value."""
    return np.asarray(table.any(axis=1))


class AlphabetCipher:
    """A permutation of the strings of every length over one alphabet.

    :param key: 32 bytes, of no other use.
    :param alphabet: ASCII characters, each once; their order decides results.
    """

    def __init__(self, key: bytes, alphabet: bytes) -> None:
        self._cipher = NumeralCipher(key, len(alphabet))
        self._alphabet = np.frombuffer(alphabet, dtype=np.uint8)
        self._numeral = np.zeros(256, dtype=np.uint8)
        self._numeral[self._alphabet] = np.arange(len(alphabet), dtype=np.uint8)

    def __call__(self, chars: Bytes) -> Bytes:
        """Each row of characters of the alphabet enciphered."""
        return self._alphabet[self._cipher.encrypt(self._numeral[chars])]


class OutsideCipher:
    """A permutation of the strings of digits and letters that are outside of a given set.

    :class:`AlphanumericCipher` with cycle-walking: what is enciphered never gets into the set.
    """

    def __init__(self, key: MaskingKey, purpose: str, domain: str) -> None:
        self._cipher = AlphanumericCipher(key, f"{purpose} outside", domain)

    def encrypt(self, chars: Bytes, inside: Callable[[Bytes], NDArray[np.bool_]]) -> Bytes:
        """Each row of ASCII digits and letters enciphered.

        :param inside: which rows are in the set; it holds for none of ``chars``.
        """
        result = self._cipher(chars)
        again = np.flatnonzero(inside(result))
        while len(again):
            part = self._cipher(result[again])
            result[again] = part
            again = again[inside(part)]
        return result


def one_case(chars: Bytes) -> tuple[Bytes, NDArray[np.bool_], NDArray[np.bool_]]:
    """Letters as capitals, which rows have small letters, and which have small ones and capitals.

    :param chars: ASCII digits and letters.
    """
    small = chars > ord("Z")
    if not small.any():
        none = np.zeros(len(chars), dtype=np.bool_)
        return chars, none, none
    rows = any_in_row(small)
    return np.where(small, chars & ~_CASE, chars), rows, rows & any_in_row((chars > ord("9")) & ~small)
