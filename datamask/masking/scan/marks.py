"""Words of a text that tell something about what stands near them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray

from datamask.masking.scan.cues import CUES, REACH, Cue
from datamask.masking.scan.folding import Folded
from datamask.masking.scan.vocabulary import given_names, words
from datamask.masking.scan.words import Lookup, Words
from datamask.masking.text import Bytes, Lengths

NAME_MARKS: Final = range(len(CUES), len(CUES) + 5)
"""The numbers of titles, greetings, farewells, introductions and given names."""

WWW_MARK: Final = NAME_MARKS.stop
"""The number of ``www``."""

_CUE_BITS: Final = (1 << len(CUES)) - 1
_OTHER_BIT: Final = 1 << CUES.index("other")
_FIRST_CUE: Final[tuple[Cue | None, ...]] = (
    None,
    *(next(cue for number, cue in enumerate(CUES) if bits >> number & 1) for bits in range(1, _CUE_BITS + 1)),
)


@dataclass(frozen=True, slots=True)
class Marks:
    """The telling words of texts.

    :param starts: each word's first byte.
    :param ends: behind its last byte.
    :param bits: which vocabularies have it.
    :param lines: where the lines begin.
    """

    starts: Lengths
    ends: Lengths
    bits: NDArray[np.uint16]
    lines: Lengths

    @classmethod
    def of(cls, data: Bytes, offset: int, folded: Folded, text: Words) -> Marks:
        """The telling words among all words of a part.

        :param offset: where the part begins.
        """
        rows, bits = _lookup().find(text)
        starts = folded.original(text.starts[rows]) + offset
        ends = folded.original(text.starts[rows] + text.lengths[rows]) + offset
        # Control characters up to line feed: NUL ends a text, a line feed a line, and a tab does neither.
        breaks = np.flatnonzero(data < 11)
        return cls(starts, ends, bits, breaks[data[breaks] != 9] + (offset + 1))

    @classmethod
    def joined(cls, parts: Sequence[Marks]) -> Marks:
        """The marks of parts that follow each other."""
        return cls(
            np.concatenate([part.starts for part in parts]),
            np.concatenate([part.ends for part in parts]),
            np.concatenate([part.bits for part in parts]),
            np.concatenate([np.zeros(1, dtype=np.int64), *(part.lines for part in parts)]),
        )

    def cues(self, places: NDArray[np.intp]) -> list[Cue | None]:
        """What the nearest telling word on the same line, shortly before each place, announces."""
        return cues_of(self.cue_bits(places))

    def places(self, number: int) -> tuple[Lengths, Lengths]:
        """The words of one vocabulary: each one's first byte, and the byte behind its last."""
        rows = np.flatnonzero(self.bits & np.uint16(1 << number))
        return self.starts[rows], self.ends[rows]

    def spans(self, number: int, start: int, end: int) -> Iterator[tuple[int, int]]:
        """The words of one vocabulary between two bytes."""
        first, last = np.searchsorted(self.starts, (start, end))
        rows = np.flatnonzero(self.bits[first:last] & np.uint16(1 << number)) + first
        return zip(self.starts[rows].tolist(), self.ends[rows].tolist(), strict=True)

    def cue_bits(self, places: NDArray[np.intp]) -> NDArray[np.int64]:
        """As :meth:`cues`, bit n for the n-th of ``CUES``."""
        if not len(places):
            return np.zeros(0, dtype=np.int64)
        first, last = np.searchsorted(self.ends, (places[0] - REACH, places[-1] + 1))
        rows = np.flatnonzero(self.bits[first:last] & np.uint16(_CUE_BITS)) + first
        if not len(rows):
            return np.zeros(len(places), dtype=np.int64)
        ends = self.ends[rows]
        nearest = np.searchsorted(ends, places, side="right") - 1
        line = self.lines[np.searchsorted(self.lines, places, side="right") - 1]
        near = (nearest >= 0) & (self.starts[rows][nearest] >= line) & (places - ends[nearest] <= REACH)
        return np.where(near, self.bits[rows][nearest] & np.uint16(_CUE_BITS), 0).astype(np.int64)


def cues_of(bits: NDArray[np.int64]) -> list[Cue | None]:
    """The announcements that bits stand for."""
    return [_FIRST_CUE[one] for one in bits.tolist()]


def personal(bits: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Which bits announce something personal."""
    found: NDArray[np.bool_] = (bits & ~_OTHER_BIT) != 0
    return found


@cache
def _lookup() -> Lookup:
    return Lookup(
        *(words(cue) for cue in CUES),
        *(words(section) for section in ("titles", "greetings", "farewells", "introductions")),
        given_names(),
        ("www",),
    )
