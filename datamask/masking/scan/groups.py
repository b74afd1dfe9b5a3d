"""Groups of digits with separators between them, as numbers are written in text."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from datamask.masking.scan.cues import Cue

_WORD = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_")
_DIGITS = re.compile(rb"\d+")
DATES = frozenset(
    ((4, 2, 2), (2, 2, 4), (1, 1, 4), (1, 2, 4), (2, 1, 4), (2, 2, 2), (1, 1, 2), (1, 2, 2), (2, 1, 2))
)
"""The digits of a date's parts."""


@dataclass(slots=True)
class Groups:
    """Groups of digits with separators between them.

    :param runs: each group's first byte, and the byte behind its last.
    :param gaps: what stands before each group but the first.
    :param cue: what the words before them say that they are.
    """

    text: bytes
    runs: list[tuple[int, int]]
    gaps: list[bytes]
    cue: Cue | None

    @classmethod
    def of(cls, text: bytes, start: int, end: int, cue: Cue | None) -> Groups:
        """The groups between two bytes."""
        runs = [match.span() for match in _DIGITS.finditer(text, start, end)]
        gaps = [text[one[1] : two[0]] for one, two in pairwise(runs)] if len(runs) > 1 else []
        return cls(text, runs, gaps, cue)

    def digits(self, first: int, count: int) -> bytes:
        """The bare digits of some groups."""
        return b"".join([self.text[start:end] for start, end in self.runs[first : first + count]])

    def lengths(self, first: int, count: int) -> tuple[int, ...]:
        """How many digits some groups have."""
        return tuple([end - start for start, end in self.runs[first : first + count]])

    def end(self, first: int, count: int) -> int:
        """The byte behind some groups."""
        return self.runs[first + count - 1][1]

    def goes_on(self, first: int, count: int) -> bool:
        """Whether a letter stands directly behind some groups, so that they are part of a word."""
        return self.text[self.runs[first + count - 1][1]] in _WORD

    def is_date(self, first: int) -> bool:
        """Whether three groups are a date in figures."""
        gaps = self.gaps[first : first + 2]
        if len(gaps) < 2 or gaps[0] != gaps[1] or gaps[0] not in (b"-", b".", b"/"):
            return False
        if self.lengths(first, 3) not in DATES or self.gaps[first + 2 : first + 3] == gaps[:1]:
            return False
        one, two, three = (int(self.text[start:end]) for start, end in self.runs[first : first + 3])
        day, month = (three, two) if one > 31 else (one, two)
        return 1 <= min(day, month) <= 12 and max(day, month) <= 31
