"""Identifiers that begin with a time: ulid, object_id, ksuid; and without one: nanoid."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.bitstrings import MAX_BITS, BitStringCipher
from datamask.masking.characters import (
    AlphabetCipher,
    OutsideCipher,
    alphanumerics,
    among,
    any_in_row,
    one_case,
)
from datamask.masking.foreign import ALPHANUMERIC, PUNCTUATION, ForeignText
from datamask.masking.fpe import NumeralCipher
from datamask.masking.params import Param, flag
from datamask.masking.substitute import Encipher, substitute
from datamask.masking.text import Bytes, pack
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_CASE = np.uint8(0x20)
_WRONG = 255


@dataclass(frozen=True, slots=True)
class Layout:
    """How a number is written.

    :param alphabet: in the order of the digits' values.
    :param length: characters of a whole.
    :param time: characters of it that are the time.
    :param limit: the first digit is below it.
    """

    alphabet: bytes
    length: int
    time: int
    limit: int

    @property
    def numeral(self) -> Bytes:
        """The value of every byte, 255 of what is no digit."""
        table = np.full(256, _WRONG, dtype=np.uint8)
        table[np.frombuffer(self.alphabet, dtype=np.uint8)] = np.arange(len(self.alphabet), dtype=np.uint8)
        return table


class _SortableId(Transform):
    """What identifiers with a time in front have in common."""

    params = (Param("keep_time", "boolean", False, "the time in front stays, and so does the order"),)
    kinds = frozenset(("text",))
    layout: ClassVar[Layout]

    def column_laws(self, case: Case) -> Laws:
        """A permutation of ASCII text that keeps the length."""
        return Laws(injective=True, max_length=case.type.max_length, reversible=True)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        cipher = self.cipher(binding, self.layout.time if flag(binding.params, "keep_time") else 0)
        foreign = ForeignText(binding, self.name, ALPHANUMERIC + PUNCTUATION)

        def masked(values: pl.Series, _: Mapping[str, pl.Series]) -> pl.Series:
            packed = pack(values)
            return foreign(packed, substitute(packed, alphanumerics, cipher))

        return masked

    @abstractmethod
    def cipher(self, binding: Binding, kept: int) -> Encipher:
        """A permutation of strings of digits and letters; the first ``kept`` characters of identifiers stay."""


class Ulid(_SortableId):
    """The 128 bits of a ULID, or the 80 behind its time, go through FF1; the case stays.

    What is no ULID in one case is enciphered as digits and letters; text with other characters than ASCII becomes 13
    characters of its keyed hash.
    """

    name = "ulid"
    summary = "another ULID; its time may stay"
    cost = 350
    layout = Layout(b"0123456789ABCDEFGHJKMNPQRSTVWXYZ", 26, 10, 8)

    def cipher(self, binding: Binding, kept: int) -> Encipher:
        """As :meth:`_SortableId.cipher`."""
        return _OneCase(binding, self.name, self.layout, kept)


class ObjectId(_SortableId):
    """The 96 bits of an ObjectId of MongoDB, or the 64 behind its time, go through FF1; the case stays.

    What is no ObjectId in one case is enciphered as digits and letters; text with other characters than ASCII becomes
    13 characters of its keyed hash.
    """

    name = "object_id"
    summary = "another ObjectId of MongoDB; its time may stay"
    cost = 350
    layout = Layout(b"0123456789ABCDEF", 24, 8, 16)

    def cipher(self, binding: Binding, kept: int) -> Encipher:
        """As :meth:`_SortableId.cipher`."""
        return _OneCase(binding, self.name, self.layout, kept)


class Ksuid(_SortableId):
    """FF1 over the 27 characters of a KSUID, or over the 21 behind those that tell its time to the second.

    What is no KSUID is enciphered as digits and letters; text with other characters than ASCII becomes 13 characters
    of its keyed hash.
    """

    name = "ksuid"
    summary = "another KSUID; its time may stay"
    # Halves of 14 characters are no machine words.
    cost = 6000
    layout = Layout(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", 27, 6, 37)

    def cipher(self, binding: Binding, kept: int) -> Encipher:
        """As :meth:`_SortableId.cipher`."""
        return _Base62(binding, self.layout, kept)


class Nanoid(Transform):
    """FF1 over the letters, digits, ``_`` and ``-`` of a Nano ID of any length.

    Text with other characters becomes 13 characters of its keyed hash.
    """

    name = "nanoid"
    summary = "another Nano ID of the same length"
    kinds = frozenset(("text",))
    cost = 300

    def column_laws(self, case: Case) -> Laws:
        """A permutation of the texts over Nano ID's alphabet."""
        return Laws(injective=True, max_length=case.type.max_length, reversible=True)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        alphabet = ALPHANUMERIC + b"_-"
        layout = Layout(alphabet, 0, 0, 64)
        bits, numeral, letters = (
            BitStringCipher(binding.subkey("nanoid")),
            layout.numeral,
            _characters(alphabet),
        )
        other = AlphabetCipher(binding.subkey("nanoid of another length"), alphabet)
        foreign = ForeignText(binding, "nanoid", alphabet)

        def encipher(chars: Bytes) -> Bytes:
            total = 6 * chars.shape[1]
            if not 24 <= total <= MAX_BITS:
                return other(chars)
            return letters[bits.encrypt(numeral[chars], 6, total)]

        def masked(values: pl.Series, _: Mapping[str, pl.Series]) -> pl.Series:
            packed = pack(values)
            return foreign(packed, substitute(packed, among(alphabet), encipher))

        return masked


class _OneCase:
    """Identifiers over 16 or 32 characters, all of their letters in one case."""

    def __init__(self, binding: Binding, purpose: str, layout: Layout, kept: int) -> None:
        self._layout, self._kept = layout, kept
        self._bits = (len(layout.alphabet) - 1).bit_length()
        self._total = self._bits * (layout.length - kept)
        if not kept:
            self._total += layout.limit.bit_length() - 1 - self._bits
        self._cipher = BitStringCipher(binding.subkey(f"{purpose} {kept}"))
        self._outside = OutsideCipher(binding.key, purpose, binding.mask.domain)
        self._numeral, self._letters = layout.numeral, _characters(layout.alphabet)

    def __call__(self, chars: Bytes) -> Bytes:
        plain, small, _ = one_case(chars)
        valid = self._valid(chars)
        result = chars.copy()
        rows = np.flatnonzero(valid)
        numerals = self._numeral[plain[rows]]
        while len(rows):
            behind = np.ascontiguousarray(numerals[:, self._kept :])
            numerals[:, self._kept :] = self._cipher.encrypt(behind, self._bits, self._total)
            text = self._letters[numerals]
            # Digits have the bit set already: only letters change. A result without letters would have no case.
            fine = any_in_row(text > ord("9"))
            done = rows[fine]
            result[done] = np.where(small[done][:, None], text[fine] | _CASE, text[fine])
            rows, numerals = rows[~fine], numerals[~fine]
        if not valid.all():
            result[~valid] = self._outside.encrypt(chars[~valid], self._valid)
        return result

    def _valid(self, chars: Bytes) -> NDArray[np.bool_]:
        if chars.shape[1] != self._layout.length:
            return np.zeros(len(chars), dtype=np.bool_)
        plain, _, mixed = one_case(chars)
        numerals = self._numeral[plain]
        wrong = mixed | any_in_row(numerals == _WRONG) | (numerals[:, 0] >= self._layout.limit)
        return any_in_row(plain > ord("9")) & ~wrong


class _Base62:
    """KSUIDs: numbers below 2**160 in base 62, both cases."""

    # 2**160 - 1, and the first characters of times in 2150, behind which not everything is a KSUID.
    _LARGEST = b"aWgEPTl1tmebfsQzFP4bxwgy80V"

    def __init__(self, binding: Binding, layout: Layout, kept: int) -> None:
        self._layout, self._kept = layout, kept
        self._numeral, self._letters = layout.numeral, _characters(layout.alphabet)
        self._largest = self._numeral[np.frombuffer(self._LARGEST, dtype=np.uint8)]
        self._cipher = NumeralCipher(binding.subkey(f"ksuid {kept}"), 62, None if kept else self._in_range)
        self._outside = OutsideCipher(binding.key, "ksuid", binding.mask.domain)

    def __call__(self, chars: Bytes) -> Bytes:
        valid = self._valid(chars)
        result = chars.copy()
        behind = np.ascontiguousarray(self._numeral[chars[valid, self._kept :]])
        result[valid, self._kept :] = self._letters[self._cipher.encrypt(behind)]
        if not valid.all():
            result[~valid] = self._outside.encrypt(chars[~valid], self._valid)
        return result

    def _valid(self, chars: Bytes) -> NDArray[np.bool_]:
        if chars.shape[1] != self._layout.length:
            return np.zeros(len(chars), dtype=np.bool_)
        numerals = self._numeral[chars]
        return self._in_range(numerals[:, : self._kept] if self._kept else numerals)

    def _in_range(self, numerals: Bytes) -> NDArray[np.bool_]:
        """Which rows are below the first so many characters of the largest number."""
        below = np.zeros(len(numerals), dtype=np.bool_)
        same = np.ones(len(numerals), dtype=np.bool_)
        for place, column in enumerate(numerals.T):
            below |= same & (column < self._largest[place])
            same &= column == self._largest[place]
        return below


def _characters(alphabet: bytes) -> Bytes:
    return np.frombuffer(alphabet, dtype=np.uint8)
