"""Permuting telephone numbers: valid ones among the valid ones of their country and type, the others among the others.

A number is its digits, whether a ``+`` stands before them, and the region that it was dialled in, where that
is known. Each valid number's rank among those of its region, type and length is enciphered, so that the result is
valid and of the same form, and two numbers never become one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from datamask.masking.characters import LeadingZeroCipher
from datamask.masking.numbering import LONGEST, NumberingPlan, dialling, plan, trunk_of
from datamask.masking.ranges import RangeCipher
from datamask.masking.text import Bytes

MOST_DIGITS: Final = LONGEST + 3
"""Digits of a valid number at most, country code or prefixes included."""

_ZERO = np.uint8(ord("0"))
# ITU-T E.164: country codes of one and of two digits; all others have three.
_ONE = (1, 7)
_TWO = (20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57,
        58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98)  # fmt: skip


def _country_code_lengths() -> NDArray[np.uint8]:
    lengths = np.full(256, 3, dtype=np.uint8)
    for first in _ONE:
        lengths[10 * first : 10 * first + 10] = 1
    lengths[list(_TWO)] = 2
    return lengths


COUNTRY_CODE: Final = _country_code_lengths()
"""By the first two digits of an international number: how many digits its country code has."""


@dataclass(frozen=True, slots=True)
class _Part:
    """Numbers that are read alike.

    :param rows: which they are.
    :param plan: where their national numbers are from.
    :param start: where these begin.
    :param kind: of all of them.
    """

    rows: NDArray[np.intp]
    plan: NumberingPlan
    start: int
    kind: int


@dataclass(frozen=True, slots=True)
class _Reading:
    """One way to read digits: a prefix, and a national number behind it."""

    plan: NumberingPlan
    prefix: tuple[int, ...]


class PhoneCipher:
    """A permutation of telephone numbers.

    :param subkey: gives 32 bytes for a purpose.
    :param form: permutes the digits of numbers of which no more is known than their form.
    :param keep_area: the area code, or a mobile network's, stays.
    """

    def __init__(self, subkey: Callable[[str], bytes], form: LeadingZeroCipher, *, keep_area: bool) -> None:
        self._subkey = subkey
        self._form = form
        self._keep_area = keep_area
        self._ciphers: dict[tuple[int, str, int], RangeCipher] = {}

    def encrypt(self, digits: Bytes, plus: NDArray[np.bool_], regions: NDArray[np.int64] | None,
                names: Sequence[str]) -> Bytes:  # fmt: skip
        """Numbers of equally many digits enciphered.

        :param digits: k × length values 0…9; at most :data:`MOST_DIGITS`.
        :param plus: which of them begin with a plus.
        :param regions: by row, a place in ``names``; below 0 where it is not known.
        :param names: regions (ISO 3166-1 alpha-2).
        """
        contexts = _contexts(digits, plus, regions, names)
        result = digits.copy()
        invalid = np.ones(len(digits), dtype=np.bool_)
        for part in _parts(digits, contexts, names):
            invalid[part.rows] = False
            national = digits[part.rows, part.start :]
            result[part.rows, part.start :] = self._valid(part, national)
        rows = np.flatnonzero(invalid)
        while len(rows):
            result[rows] = self._other_form(result[rows], plus[rows])
            # What was no number stays none: a number that it could become is the image of another one.
            theirs = None if regions is None else regions[rows]
            again = _contexts(result[rows], plus[rows], theirs, names)
            valid = [part.rows for part in _parts(result[rows], again, names)]
            rows = rows[np.sort(np.concatenate(valid))] if valid else rows[:0]
        return result

    def _valid(self, part: _Part, national: Bytes) -> Bytes:
        length = national.shape[1]
        ranking = part.plan.ranking(part.kind, length)
        fixed = part.plan.areas(national) if self._keep_area else None
        name = part.plan.kind_name(part.kind)
        key = part.plan.code, name, length
        if key not in self._ciphers:
            self._ciphers[key] = RangeCipher(self._subkey(f"phone numbers {name} {length}"))
        ranks, sizes = ranking.rank(national, fixed)
        return ranking.unrank(self._ciphers[key].encrypt(ranks, sizes), national, fixed)

    def _other_form(self, digits: Bytes, plus: NDArray[np.bool_]) -> Bytes:
        """Other digits behind the country code; a leading zero stays, and none is made."""
        result = digits.copy()
        kept = np.where(plus, _code_lengths(digits), np.uint8(0))
        for start in distinct(kept):
            rows = np.flatnonzero(kept == start)
            if start < digits.shape[1]:
                result[rows, start:] = self._form(digits[rows, start:] + _ZERO) - _ZERO
        return result


def distinct(numbers: NDArray[np.integer[Any]]) -> list[int]:
    """The distinct ones of many small numbers: faster than sorting them."""
    if not len(numbers):
        return []
    lowest = int(numbers.min())
    found: list[int] = (np.flatnonzero(np.bincount(numbers.astype(np.int64) - lowest)) + lowest).tolist()
    return found


def _code_lengths(digits: Bytes) -> NDArray[np.uint8]:
    second = digits[:, 1] if digits.shape[1] > 1 else np.uint8(0)
    lengths: NDArray[np.uint8] = COUNTRY_CODE[np.uint8(10) * digits[:, 0] + second]
    return lengths


# Contexts: what readings a number has. International ones by country code, those dialled with 00 apart, national
# ones by region, and one for numbers of which nothing is known.
_EXIT = 1000
_UNKNOWN = -1


def _contexts(
    digits: Bytes, plus: NDArray[np.bool_], regions: NDArray[np.int64] | None, names: Sequence[str]
) -> NDArray[np.int64]:
    """A number for each row: country code; 1000 + that behind 00; -2 - region; -1."""
    national = np.full(len(digits), _UNKNOWN)
    if regions is not None:
        national = np.where(regions < 0, _UNKNOWN, -2 - regions)
    contexts = np.where(plus, _codes(digits), national)
    if digits.shape[1] > 2:
        leaves = ~plus & (digits[:, 0] == 0) & (digits[:, 1] == 0)
        if leaves.any() and regions is not None:
            leaves &= np.array([*(_dials_00(name) for name in names), True])[regions]
        contexts = np.where(leaves, _EXIT + _codes(digits[:, 2:]), contexts)
    return contexts


def _codes(digits: Bytes) -> NDArray[np.int64]:
    lengths = _code_lengths(digits)
    code = np.zeros(len(digits), dtype=np.int64)
    for place in range(min(3, digits.shape[1])):
        code = np.where(place < lengths, code * 10 + digits[:, place], code)
    return code


def _parts(digits: Bytes, contexts: NDArray[np.int64], names: Sequence[str]) -> Iterator[_Part]:
    """The valid ones among the numbers, by how they are read."""
    length = digits.shape[1]
    for context in distinct(contexts):
        rows = np.flatnonzero(contexts == context)
        region = names[-2 - context] if context < _UNKNOWN else ""
        for reading in _readings(max(context, _UNKNOWN), region, length):
            start = len(reading.prefix)
            if not len(rows) or start >= length:
                break
            national = digits[rows, start:]
            kinds = reading.plan.kinds(national)
            kinds[(digits[rows, :start] != reading.prefix).any(axis=1)] = 0
            for kind in filter(None, distinct(kinds)):
                yield _Part(rows[kinds == kind], reading.plan, start, kind)
            rows = rows[kinds == 0]


@cache
def _readings(context: int, region: str, length: int) -> tuple[_Reading, ...]:
    """The ways to read numbers of that many digits, the first one that makes a valid number counts."""
    if context >= 0:
        code = context % _EXIT
        before = tuple(map(int, ("00" if context >= _EXIT else "") + str(code)))
        # +49 (0)30 …: the zero is dialled at home only.
        return _with_trunk(plan(code), before, trunk_of(code), length)
    home = dialling(region) if region else None
    return () if home is None else _with_trunk(plan(home.code), (), home.trunk, length)


def _with_trunk(
    numbers: NumberingPlan, before: tuple[int, ...], trunk: tuple[int, ...], length: int
) -> tuple[_Reading, ...]:
    plain = _Reading(numbers, before)
    # Each number is read in one way: what may be a number and a prefix with a number is none of the latter.
    if not trunk or numbers.overlaps(trunk, length - len(before)):
        return (plain,)
    return (plain, _Reading(numbers, before + trunk))


@cache
def _dials_00(region: str) -> bool:
    """Whether 00 begins an international number there, because no national one begins with it."""
    home = dialling(region)
    if home is None:
        return True
    for trunk in ((), home.trunk):
        zeros = (0, 0)[len(trunk) :]
        if not any(trunk[:2]) and any(
            plan(home.code).begins(zeros, length) for length in range(1, LONGEST + 1)
        ):
            return False
    return True
