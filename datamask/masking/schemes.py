"""Numbering schemes: what of a number is free, what follows from it, and permuting the valid ones.

A scheme describes the valid numbers of one length: fields that are free, characters that stay, check
digits, conditions. What is free spells one number below the product of the fields' sizes, which is
enciphered until the result is valid again: a permutation of the valid numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from math import prod
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from datamask.masking.characters import OutsideCipher, one_case
from datamask.masking.keys import MaskingKey
from datamask.masking.numerals import to_number, to_numerals
from datamask.masking.ranges import RangeCipher
from datamask.masking.text import Bytes, Words

Flags = NDArray[np.bool_]
Test = Callable[[Bytes], Flags]
"""k × length ASCII characters → which rows are right."""

DIGITS = "0123456789"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

_ZERO = np.uint8(ord("0"))
CASE = np.uint8(0x20)
"""Lower and upper case differ in this bit."""


class Field(Protocol):
    """Characters of a number that have ``size`` values."""

    @property
    def size(self) -> int:
        """How many values there are."""

    def read(self, chars: Bytes) -> tuple[Words, Flags]:
        """Which value each row has, and whether it has one (a number below ``size`` where it has none)."""

    def write(self, ordinals: Words, chars: Bytes) -> None:
        """Put values into the rows."""


class Run:
    """Neighbouring characters of one alphabet, decimal digits by default."""

    def __init__(self, start: int, count: int, alphabet: str = DIGITS) -> None:
        self._columns = slice(start, start + count)
        self._count, self._radix = count, len(alphabet)
        self._alphabet = np.frombuffer(alphabet.encode("ascii"), dtype=np.uint8)
        self._numeral = np.full(256, 255, dtype=np.uint8)
        self._numeral[self._alphabet] = np.arange(self._radix, dtype=np.uint8)
        self.size: int = self._radix**count

    def read(self, chars: Bytes) -> tuple[Words, Flags]:
        """As :meth:`Field.read`."""
        numerals = self._numeral[chars[:, self._columns]]
        wrong = numerals == 255
        numerals[wrong] = 0
        return to_number(numerals, self._radix), ~wrong.any(axis=1)

    def write(self, ordinals: Words, chars: Bytes) -> None:
        """As :meth:`Field.write`."""
        chars[:, self._columns] = self._alphabet[to_numerals(ordinals, self._radix, self._count)]


class Codes:
    """Neighbouring digits that are one of the listed numbers, such as a date or a province."""

    def __init__(self, start: int, width: int, codes: Iterable[int] | NDArray[np.int64]) -> None:
        self._codes = np.unique(np.fromiter(codes, dtype=np.uint64))
        self._run = Run(start, width)
        self._place = np.full(10**width, len(self._codes), dtype=np.uint32)
        self._place[self._codes] = np.arange(len(self._codes), dtype=np.uint32)
        self.size = len(self._codes)

    def read(self, chars: Bytes) -> tuple[Words, Flags]:
        """As :meth:`Field.read`."""
        number, right = self._run.read(chars)
        place = self._place[number].astype(np.uint64)
        right &= place < self.size
        place[~right] = 0
        return place, right

    def write(self, ordinals: Words, chars: Bytes) -> None:
        """As :meth:`Field.write`."""
        self._run.write(self._codes[ordinals], chars)


class Listed:
    """Neighbouring characters that are one of the listed texts of equal length, at most eight."""

    def __init__(self, start: int, texts: Iterable[str]) -> None:
        listed = sorted(texts)
        width = len(listed[0])
        self._columns = slice(start, start + width)
        self._texts = np.frombuffer("".join(listed).encode("ascii"), dtype=np.uint8).reshape(-1, width)
        self._keys = to_number(self._texts, 256)
        self.size = len(listed)

    def read(self, chars: Bytes) -> tuple[Words, Flags]:
        """As :meth:`Field.read`."""
        keys = to_number(chars[:, self._columns], 256)
        place = np.searchsorted(self._keys, keys)
        place[place == self.size] = 0
        return place.astype(np.uint64), self._keys[place] == keys

    def write(self, ordinals: Words, chars: Bytes) -> None:
        """As :meth:`Field.write`."""
        chars[:, self._columns] = self._texts[ordinals]


@dataclass(frozen=True, eq=False)
class Scheme:
    """The valid numbers of one length, without separators and in upper case.

    :param length: characters, without the prefix.
    :param fields: what is free.
    :param kept: fields that must have a value, and stay.
    :param check: writes the check digits into rows whose other characters are right; false where there are none.
    :param allowed: what else must hold. It may look at check digits.
    :param prefix: a literal in front, which stays; fields and conditions do not see it.
    """

    length: int
    fields: Sequence[Field]
    kept: Sequence[Field] = ()
    check: Test | None = None
    allowed: Test | None = None
    prefix: bytes = b""

    @property
    def size(self) -> int:
        """The values of all fields together."""
        return prod(field.size for field in self.fields)

    def valid(self, chars: Bytes) -> Flags:
        """Which rows are valid numbers."""
        width = len(self.prefix)
        valid = np.ones(len(chars), dtype=np.bool_)
        if width:
            valid = (chars[:, :width] == np.frombuffer(self.prefix, dtype=np.uint8)).all(axis=1)
        body = chars[:, width:]
        for field in (*self.fields, *self.kept):
            valid &= field.read(body)[1]
        rows = np.flatnonzero(valid)
        if len(rows) and (self.check is not None or self.allowed is not None):
            part = body[rows]
            again = part.copy()
            valid[rows] = self.completed(again) & (again == part).all(axis=1)
        return valid

    def permuted(self, cipher: RangeCipher, chars: Bytes) -> Bytes:
        """Valid numbers enciphered among themselves.

        :param cipher: of no other scheme.
        """
        number = self.ordinals(chars)
        result = chars.copy()
        rows = np.arange(len(chars))
        while len(rows):
            number = cipher.encrypt_below(number, self.size)
            part, fine = self.spelled(number, chars[rows])
            result[rows[fine]] = part[fine]
            rows, number = rows[~fine], number[~fine]
        return result

    def ordinals(self, chars: Bytes) -> Words:
        """What is free in valid numbers, as a number below ``size``."""
        body = chars[:, len(self.prefix) :]
        number = np.zeros(len(chars), dtype=np.uint64)
        for field in self.fields:
            number = number * np.uint64(field.size) + field.read(body)[0]
        return number

    def spelled(self, ordinals: Words, chars: Bytes) -> tuple[Bytes, Flags]:
        """Valid numbers with other ordinals, and which of them are valid again.

        :param ordinals: below ``size``.
        """
        result = chars.copy()
        body = result[:, len(self.prefix) :]
        self._write(ordinals, body)
        return result, self.completed(body)

    def _write(self, number: Words, body: Bytes) -> None:
        for field in reversed(self.fields):
            quotient = number // np.uint64(field.size)
            field.write(number - quotient * np.uint64(field.size), body)
            number = quotient

    def completed(self, body: Bytes) -> Flags:
        """Write the check digits; whether the whole is valid then."""
        fine = np.ones(len(body), dtype=np.bool_)
        if self.check is not None:
            fine &= self.check(body)
        if self.allowed is not None:
            fine &= self.allowed(body)
        return fine


class SchemeCipher:
    """A permutation of all strings of digits and letters that keeps valid numbers valid, and wrong ones wrong.

    Numbers whose letters are all of one case stay in it; with both cases a number is wrong. Wrong
    ones are enciphered as by :class:`OutsideCipher`.

    :param schemes: no number may be valid in two of them, and none may get or lose letters.
    """

    def __init__(self, key: MaskingKey, purpose: str, domain: str, schemes: Sequence[Scheme]) -> None:
        self._outside = OutsideCipher(key, purpose, domain)
        grouped: dict[int, list[tuple[Scheme, RangeCipher]]] = {}
        for number, scheme in enumerate(schemes):
            cipher = RangeCipher(key.derive(f"{purpose} {number}", domain))
            grouped.setdefault(scheme.length + len(scheme.prefix), []).append((scheme, cipher))
        self._schemes = grouped

    def __call__(self, chars: Bytes) -> Bytes:
        """Each row of ASCII digits and letters enciphered."""
        result = chars.copy()
        plain, small, mixed = one_case(chars)
        rest = ~mixed
        for scheme, cipher in self._schemes.get(chars.shape[1], ()):
            rows = np.flatnonzero(rest)
            rows = rows[scheme.valid(plain[rows])]
            if len(rows):
                permuted = scheme.permuted(cipher, plain[rows])
                # Digits have the bit set already: only letters change.
                result[rows] = np.where(small[rows][:, None], permuted | CASE, permuted)
                rest[rows] = False
        others = rest | mixed
        if others.any():
            result[others] = self._outside.encrypt(chars[others], self.valid)
        return result

    def valid(self, chars: Bytes) -> Flags:
        """Which rows are valid numbers in one case."""
        plain, _, mixed = one_case(chars)
        valid = np.zeros(len(chars), dtype=np.bool_)
        for scheme, _ in self._schemes.get(chars.shape[1], ()):
            valid |= scheme.valid(plain)
        return valid & ~mixed


def numerals(chars: Bytes) -> Bytes:
    """The values of ASCII digits."""
    return chars - _ZERO


def check_digit(place: int, compute: Callable[[Bytes], Bytes]) -> Test:
    """A check digit at ``place``, computed from the digits before it; 255 stands for none."""

    def check(body: Bytes) -> Flags:
        digit = compute(numerals(body[:, :place]))
        right: Flags = digit < 10
        body[:, place] = np.where(right, digit + _ZERO, body[:, place])
        return right

    return check


def check_pair(place: int, compute: Callable[[Bytes], NDArray[np.int64]]) -> Test:
    """Two check digits at ``place``, computed as a number below 100 from the characters before them."""

    def check(body: Bytes) -> Flags:
        pair = compute(body[:, :place])
        body[:, place] = pair // 10 + _ZERO
        body[:, place + 1] = pair % 10 + _ZERO
        return np.ones(len(body), dtype=np.bool_)

    return check


def check_letter(place: int, letters: str, compute: Callable[[Bytes], NDArray[np.int64]]) -> Test:
    """A check letter at ``place``: the one that stands at the place in ``letters`` that is computed from the row."""
    table = np.frombuffer(letters.encode("ascii"), dtype=np.uint8)

    def check(body: Bytes) -> Flags:
        body[:, place] = table[compute(body)]
        return np.ones(len(body), dtype=np.bool_)

    return check


def not_first(*digits: int) -> Test:
    """Numbers that do not begin with one of these digits."""

    def test(body: Bytes) -> Flags:
        right: Flags = ~np.isin(numerals(body[:, 0]), digits)
        return right

    return test


def number_at(body: Bytes, start: int, stop: int) -> NDArray[np.int64]:
    """The number that some neighbouring digits spell."""
    return to_number(numerals(body[:, start:stop]), 10).astype(np.int64)
