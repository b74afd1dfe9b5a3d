"""Millions of distinct values of a shape, a chunk at a time, without keeping any of them.

A domain turns numbers into texts; numbers are spread over the whole of it: of n numbers wanted, number k
stands in the k-th of n equal parts, at a place that a hash of k decides. A domain that has no more than n values is
gone through as a whole.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import prod
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.checksums import luhn, mod_97_10
from datamask.masking.schemes import Scheme
from datamask.masking.text import strings

Numbers = NDArray[np.uint64]

CHUNK = 250_000
_MOST = 1 << 62
_SPREAD = np.uint64(0x9E3779B97F4A7C15)
_SETS = {
    "9": string.digits,
    "~": "23456789",
    "A": string.ascii_uppercase,
    "x": "0123456789abcdef",
    "^": "123456789abcdef",
}


class Domain(Protocol):
    """Values that have numbers."""

    @property
    def size(self) -> int:
        """How many numbers there are."""

    def texts(self, numbers: Numbers, chance: Numbers) -> pl.Series:
        """The values of some numbers; none for a number that spells no value.

        :param chance: 64 bits for each number, for what does not decide whether two values are different.
        """


def chunks(domains: Sequence[Domain], count: int) -> Iterator[pl.Series]:
    """``count`` different values, in equal shares from each domain that has so many; fewer where all have no more."""
    left = count
    listed = sorted(domains, key=lambda domain: domain.size)
    for number, domain in enumerate(listed):
        wanted = min(-(-left // (len(listed) - number)), domain.size)
        step = np.uint64(domain.size // wanted)
        for start in range(0, wanted, CHUNK):
            numbers = np.arange(start, min(start + CHUNK, wanted), dtype=np.uint64)
            chance = mixed(numbers)
            values = domain.texts(numbers * step + chance % step, mixed(chance))
            if values.len():
                left -= values.len()
                yield values


def mixed(numbers: Numbers) -> Numbers:
    """A bijection of 64-bit numbers without a pattern (splitmix64)."""
    result = numbers + _SPREAD
    result = (result ^ (result >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    result = (result ^ (result >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return result ^ (result >> np.uint64(31))


@dataclass(frozen=True)
class Pattern:
    """Texts of one pattern.

    :param pattern: 9 stands for a digit, ~ for one from 2 to 9, A for a capital, x for a hexadecimal digit, ^ for one
        but 0, # for a character of the alphabet; what stands in <…> stands for itself, and so does everything else.
    """

    pattern: str
    alphabet: str = ""

    @cached_property
    def columns(self) -> list[bytes]:
        """The characters that each place may have."""
        found, literal = [], False
        for char in self.pattern:
            if char in "<>":
                literal = char == "<"
            else:
                chosen = char if literal else {**_SETS, "#": self.alphabet}.get(char, char)
                found.append(chosen.encode("ascii"))
        return found

    @cached_property
    def _fixed(self) -> int:
        """How many places in front are left to chance, so that the others have numbers of 62 bits."""
        for first in range(len(self.columns)):
            if prod(map(len, self.columns[first:])) <= _MOST:
                return first
        return len(self.columns)

    @property
    def size(self) -> int:
        """The texts that have numbers."""
        return prod(map(len, self.columns[self._fixed :]))

    def table(self, numbers: Numbers, chance: Numbers) -> NDArray[np.uint8]:
        """The texts as rows of ASCII characters."""
        rows = np.empty((len(numbers), len(self.columns)), dtype=np.uint8)
        left = numbers
        for place in reversed(range(len(self.columns))):
            if place == self._fixed - 1:
                left = chance
            characters = np.frombuffer(self.columns[place], dtype=np.uint8)
            radix = np.uint64(len(characters))
            quotient = left // radix
            rows[:, place] = characters[left - quotient * radix]
            left = quotient
        return rows

    def texts(self, numbers: Numbers, chance: Numbers) -> pl.Series:
        """As :meth:`Domain.texts`."""
        return strings(self.table(numbers, chance))


@dataclass(frozen=True)
class Integers:
    """Whole numbers of so many bits, negative ones among them."""

    bits: int

    @property
    def size(self) -> int:
        """The numbers of such a type, as far as 62 bits go."""
        return min(1 << self.bits, _MOST)

    def texts(self, numbers: Numbers, chance: Numbers) -> pl.Series:
        """As :meth:`Domain.texts`."""
        wide = numbers << np.uint64(2) | chance & np.uint64(3) if self.bits > 62 else numbers
        shifted = wide.astype(np.int64) if self.bits > 62 else wide.astype(np.int64) - (1 << (self.bits - 1))
        return pl.Series(shifted).cast(pl.String)


@dataclass(frozen=True)
class Octets:
    """IPv4 addresses, or networks of 24 bits."""

    network: bool = False

    @property
    def size(self) -> int:
        """How many there are."""
        return 1 << (24 if self.network else 32)

    def texts(self, numbers: Numbers, chance: Numbers) -> pl.Series:
        """As :meth:`Domain.texts`."""
        shifts = (16, 8, 0) if self.network else (24, 16, 8, 0)
        octets = [pl.Series(numbers >> np.uint64(shift) & np.uint64(255)).cast(pl.String) for shift in shifts]
        text = pl.select(pl.concat_str(*octets, separator=".")).to_series()
        return text + ".0/24" if self.network else text


@dataclass(frozen=True)
class Cards:
    """Card numbers with their check digits, by the digits they begin with."""

    beginning: str

    @property
    def _body(self) -> Pattern:
        return Pattern(f"<{self.beginning}>" + "9" * (15 - len(self.beginning)))

    @property
    def size(self) -> int:
        """How many there are."""
        return self._body.size

    def texts(self, numbers: Numbers, chance: Numbers) -> pl.Series:
        """As :meth:`Domain.texts`."""
        digits = self._body.table(numbers, chance)
        return strings(np.hstack([digits, (luhn(digits - np.uint8(48)) + np.uint8(48))[:, None]]))


@dataclass(frozen=True)
class Ibans:
    """Account numbers of a country with their check digits."""

    country: str
    pattern: str

    @property
    def size(self) -> int:
        """How many there are."""
        return Pattern(self.pattern).size

    def texts(self, numbers: Numbers, chance: Numbers) -> pl.Series:
        """As :meth:`Domain.texts`."""
        account = Pattern(self.pattern).table(numbers, chance)
        country = np.tile(np.frombuffer(self.country.encode(), dtype=np.uint8), (len(account), 1))
        zeros = np.full((len(account), 2), 48, dtype=np.uint8)
        check = 98 - mod_97_10(np.hstack([account, country, zeros]))
        pair = (np.stack([check // 10, check % 10], axis=1) + 48).astype(np.uint8)
        return strings(np.hstack([country, pair, account]))


@dataclass(frozen=True)
class Valid:
    """The valid numbers of a scheme, with chance deciding on what of a number stays."""

    scheme: Scheme

    @property
    def size(self) -> int:
        """The values of what is free; not each makes a valid number."""
        return min(self.scheme.size, _MOST)

    def texts(self, numbers: Numbers, chance: Numbers) -> pl.Series:
        """As :meth:`Domain.texts`."""
        scheme = self.scheme
        body = np.full((len(numbers), scheme.length), 48, dtype=np.uint8)
        for field in scheme.kept:
            field.write(chance % np.uint64(field.size), body)
            chance = mixed(chance)
        for field in reversed(scheme.fields):
            quotient = numbers // np.uint64(field.size)
            field.write(numbers - quotient * np.uint64(field.size), body)
            numbers = quotient
        body = body[scheme.completed(body)]
        prefix = np.tile(np.frombuffer(scheme.prefix, dtype=np.uint8), (len(body), 1))
        return strings(np.hstack([prefix, body]))


def of_schemes(schemes: Iterable[Scheme]) -> list[Domain]:
    """The valid numbers of some schemes, and as many texts of digits and letters that hardly ever are."""
    listed = list(schemes)
    lengths = sorted({scheme.length + len(scheme.prefix) for scheme in listed})
    return [*map(Valid, listed), *(Pattern("9" * length) for length in lengths)]
