"""Numbering the digit strings that an automaton accepts, so that they can be permuted among themselves.

Rank, encipher, unrank is the way to keep any regular language: Bellare, Ristenpart, Rogaway and Stegers,
"Format-Preserving Encryption" (2009). A rank is the number of accepted strings of the same length that come before in
lexicographic order; it is summed over the digits with one table look-up for each.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from datamask.masking.digit_automaton import DigitAutomaton
from datamask.masking.numerals import to_number, to_numerals
from datamask.masking.text import Bytes, Lengths, Words

_WORD = np.dtype("<u8")


class Ranking:
    """The strings of one length that an automaton accepts, in lexicographic order.

    :param accepted: by state, whether a string may end there.
    :param length: digits; at most 18, so that ranks fit a word.
    """

    def __init__(self, automaton: DigitAutomaton, accepted: NDArray[np.bool_], length: int) -> None:
        self._follow = automaton.follow
        self._start = automaton.start
        self._length = length
        follow = automaton.follow.reshape(-1, 10)
        # By the digits that are left: how many strings a state accepts, and how many begin with a smaller digit.
        self._counts = [accepted.astype(_WORD)]
        self._below: list[Words] = []
        for _ in range(length):
            by_digit = self._counts[-1][follow]
            self._counts.append(by_digit.sum(axis=1, dtype=_WORD))
            self._below.append(by_digit.cumsum(axis=1, dtype=_WORD) - by_digit)
        # Where any digits may follow, a rank is the number that they spell.
        self._free = [counts == np.uint64(10**left) for left, counts in enumerate(self._counts)]

    @property
    def size(self) -> int:
        """How many strings there are."""
        return int(self._counts[self._length][self._start])

    def rank(self, numerals: Bytes, fixed: Lengths | None = None) -> tuple[Words, Words]:
        """Each accepted row's rank, and the number of strings that it is one of.

        :param numerals: k × length, values 0…9.
        :param fixed: by row, how many leading digits all of these strings share with it.
        """
        states = np.full(len(numerals), self._start, dtype=np.int32)
        ranks = np.zeros(len(numerals), dtype=_WORD)
        sizes = np.full(len(numerals), self.size, dtype=_WORD)
        settled = 0 if fixed is None else int(fixed.max(initial=0))
        for place in range(self._length):
            if place >= settled and self._free[self._length - place].take(states).all():
                return ranks + to_number(numerals[:, place:], 10), sizes
            left = self._length - 1 - place
            cells = states * np.int32(10) + numerals[:, place]
            before = self._below[left].reshape(-1).take(cells)
            states = self._follow.take(cells)
            if fixed is None:
                ranks += before
                continue
            ranks += np.where(place < fixed, np.uint64(0), before)
            last = fixed == place + 1
            sizes[last] = self._counts[left][states[last]]
        return ranks, sizes

    def unrank(self, ranks: Words, numerals: Bytes, fixed: Lengths | None = None) -> Bytes:
        """The inverse of :meth:`rank`.

        :param numerals: as there: the leading digits that are fixed are taken from it.
        """
        states = np.full(len(ranks), self._start, dtype=np.int32)
        rest = ranks.copy()
        result = np.empty((len(ranks), self._length), dtype=np.uint8)
        settled = 0 if fixed is None else int(fixed.max(initial=0))
        for place in range(self._length):
            if place >= settled and self._free[self._length - place].take(states).all():
                result[:, place:] = to_numerals(rest, 10, self._length - place)
                break
            below = self._below[self._length - 1 - place].take(states, axis=0)
            # The last digit that does not begin beyond the rank; one that begins nothing never is.
            digits = (below[:, 1:] <= rest[:, None]).sum(axis=1, dtype=np.uint8)
            step = below.reshape(-1).take(np.arange(len(ranks)) * 10 + digits)
            if fixed is None:
                rest -= step
            else:
                kept = place < fixed
                digits = np.where(kept, numerals[:, place], digits)
                rest -= np.where(kept, np.uint64(0), step)
            result[:, place] = digits
            states = self._follow.take(states * np.int32(10) + digits)
        return result
