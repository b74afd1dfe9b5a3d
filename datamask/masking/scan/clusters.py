"""Groups of digits over a column's bytes: where they are, and which of them are worth a precise look."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from datamask.masking.scan.anchors import Places, flags
from datamask.masking.scan.groups import DATES
from datamask.masking.scan.ids import SHAPES
from datamask.masking.scan.phones import AMERICAN, BRACKETED, NATIONAL, SPOKEN
from datamask.masking.text import Bytes

# Fewer digits than that are no telephone number.
_FEWEST: Final = 6
# Bytes that may stand between two digits of one number: ") - " is four of them.
_GAP: Final = 4
# A cluster's look in one number: six groups of 5 bits, five gaps of 3 bits, and for each group whether it begins with 0.
_GROUPS, _LENGTH_BITS, _GAP_BITS = 6, 5, 3
_LONGEST = (1 << _LENGTH_BITS) - 1


def _codes(members: dict[bytes, int]) -> NDArray[np.uint8]:
    codes = np.zeros(256, dtype=np.uint8)
    for characters, code in members.items():
        codes[list(characters)] = code
    return codes


# No-break spaces and hyphens of Unicode too: C2 A0, E2 80 8B to 95, E2 80 AF.
_BETWEEN = flags(b" -./()\xc2\xa0\xe2\x80\x8b\x90\x91\x92\x93\x94\x95\xaf")
_BLANK, _HYPHEN, _POINT, _SLASH, _OTHER = range(5)
_SEPARATOR = _codes({b" ": _BLANK, b"-": _HYPHEN, b".": _POINT, b"/": _SLASH, b"()": _OTHER})
_LETTER = flags(bytes(range(65, 91)))


@dataclass(frozen=True, slots=True)
class Clusters:
    """Groups of digits with nothing but separators between them.

    :param starts: each cluster's first byte.
    :param ends: the byte behind its last digit.
    """

    starts: Places
    ends: Places

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Clusters:
        """The clusters at ``rows``."""
        return Clusters(self.starts[rows], self.ends[rows])


def clusters(data: Bytes, starts: Places, ends: Places) -> tuple[Clusters, Places]:
    """The clusters of six digits or three groups, and what each looks like.

    :param starts: where the groups of digits begin.
    :param ends: the bytes behind them.
    :returns: the looks as numbers, -1 for one that is too long to have such a number.
    """
    if not len(starts):
        return Clusters(starts, starts), starts
    gaps = starts[1:] - ends[:-1]
    near = np.flatnonzero(gaps <= _GAP)
    for step in range(_GAP):
        inside = gaps[near] > step
        near = near[~inside | _BETWEEN[data[ends[near] + np.minimum(step, gaps[near] - 1)]]]
    apart = np.ones(len(gaps), dtype=np.bool_)
    apart[near] = False
    breaks = np.flatnonzero(apart)
    first = np.concatenate(([0], breaks + 1))
    last = np.concatenate((breaks, [len(starts) - 1]))
    lengths = ends - starts
    total = np.concatenate(([0], np.cumsum(lengths)))
    # Three groups may be a date, four an IPv4 address, however few their digits are.
    enough = (total[last + 1] - total[first] >= _FEWEST) | (last - first >= 2)
    first, last = first[enough], last[enough]
    return Clusters(starts[first], ends[last]), _looks(data, starts, lengths, first, last)


def _looks(data: Bytes, starts: Places, lengths: Places, first: Places, last: Places) -> Places:
    looks = np.zeros(len(first), dtype=np.int64)
    rows = np.arange(len(first))
    for number in range(_GROUPS):
        group = first[rows] + number
        start = starts[group]
        look = np.minimum(lengths[group], _LONGEST) << (_LENGTH_BITS * number)
        look |= (data[start] == 48).astype(np.int64) << (_GROUPS * (_LENGTH_BITS + _GAP_BITS) + number)
        if number:
            wide = start - starts[group - 1] - lengths[group - 1] != 1
            code = np.where(wide, _OTHER, _SEPARATOR[data[start - 1]]).astype(np.int64)
            look |= code << (_GROUPS * _LENGTH_BITS + _GAP_BITS * number)
        looks[rows] |= look
        rows = rows[last[rows] - first[rows] > number]
        if not len(rows):
            break
    looks[rows] = -1
    return looks


def worth_a_look(
    data: Bytes, found: Clusters, looks: Places, announced: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Which clusters may be something: by their looks, by what stands around them, and by the words before them.

    :param announced: a word before the cluster says that it is something personal.
    """
    before = data[np.maximum(found.starts - 1, 0)]
    behind = np.minimum(found.ends, len(data) - 1)
    after = np.minimum(found.ends + 1, len(data) - 1)
    # The letter of a Spanish DNI, with or without a separator.
    letter = _LETTER[data[behind]] | (_BETWEEN[data[behind]] & _LETTER[data[after]])
    marked = (before == ord("+")) | (before == ord("(")) | (looks < 0) | announced | letter
    unique, inverse = np.unique(looks, return_inverse=True)
    plain = np.array([may_be_something(look) for look in unique.tolist()], dtype=np.bool_)
    worth: NDArray[np.bool_] = marked | plain[inverse]
    return worth


@lru_cache(maxsize=65_536)
def may_be_something(look: int) -> bool:
    """Whether groups that look like that may be a card, an id, an address or a phone number that nothing announces."""
    parts = look_parts(look)
    first = 0
    while first < len(parts.lengths):
        if parts.is_date(first):
            first += 3
            continue
        lengths, gaps = parts.lengths[first:], parts.gaps[first:]
        if _OTHER in gaps or (parts.zeros[first] and sum(lengths) >= NATIONAL[0]):
            return True
        if gaps[:3] == (_POINT, _POINT, _POINT) and max(lengths[:4]) <= 3:
            return True
        if may_be_number(lengths):
            return True
        first += 1
    return False


def may_be_number(lengths: tuple[int, ...]) -> bool:
    """Whether groups of so many digits may begin with a card, an id, or a phone number without a zero."""
    for count in range(1, len(lengths) + 1):
        shape = lengths[:count]
        if shape in AMERICAN or shape in SPOKEN or shape in BRACKETED:
            return True
        if any(not known.announced for known in SHAPES.get(shape, ())):
            return True
    return False


class LookParts(NamedTuple):
    """What a cluster's look says.

    :param lengths: digits of each group.
    :param gaps: what is between two groups.
    :param zeros: for each group whether it begins with 0.
    """

    lengths: tuple[int, ...]
    gaps: tuple[int, ...]
    zeros: tuple[bool, ...]

    @property
    def plain(self) -> bool:
        """No brackets, no typesetter's separators."""
        return _OTHER not in self.gaps

    @property
    def blanks(self) -> tuple[bool, ...]:
        """For each gap whether it is a blank."""
        return tuple(gap == _BLANK for gap in self.gaps)

    def is_date(self, first: int) -> bool:
        """Whether three groups look like a date."""
        own = self.gaps[first : first + 2]
        return (
            self.lengths[first : first + 3] in DATES
            and own in ((_HYPHEN, _HYPHEN), (_POINT, _POINT), (_SLASH, _SLASH))
            and self.gaps[first + 2 : first + 3] != own[:1]
        )


@lru_cache(maxsize=65_536)
def look_parts(look: int) -> LookParts:
    """A look taken apart; not for -1."""
    lengths = [look >> (_LENGTH_BITS * number) & _LONGEST for number in range(_GROUPS)]
    count = lengths.index(0) if 0 in lengths else _GROUPS
    gap_shift, zero_shift = _GROUPS * _LENGTH_BITS, _GROUPS * (_LENGTH_BITS + _GAP_BITS)
    gaps = [look >> (gap_shift + _GAP_BITS * number) & 7 for number in range(1, count)]
    zeros = [bool(look >> (zero_shift + number) & 1) for number in range(count)]
    return LookParts(tuple(lengths[:count]), tuple(gaps), tuple(zeros))
