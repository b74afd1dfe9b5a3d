"""Numbers and words without quotes, told from anything else character by character, for many at once."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from datamask.masking.text import Bytes, Lengths

# States of a number (RFC 8259, section 6); 0 is that of a mistake. Words follow.
_BEGIN, _MINUS, _ZERO, _WHOLE, _POINT, _DECIMALS, _E, _SIGN, _EXPONENT, _DONE = range(1, 11)
_DIGITS = b"0123456789"
_STEPS = (
    (_BEGIN, b"-", _MINUS), (_BEGIN, b"0", _ZERO), (_BEGIN, _DIGITS[1:], _WHOLE),
    (_MINUS, b"0", _ZERO), (_MINUS, _DIGITS[1:], _WHOLE), (_WHOLE, _DIGITS, _WHOLE),
    (_ZERO, b".", _POINT), (_WHOLE, b".", _POINT), (_POINT, _DIGITS, _DECIMALS), (_DECIMALS, _DIGITS, _DECIMALS),
    (_ZERO, b"eE", _E), (_WHOLE, b"eE", _E), (_DECIMALS, b"eE", _E),
    (_E, b"+-", _SIGN), (_E, _DIGITS, _EXPONENT), (_SIGN, _DIGITS, _EXPONENT), (_EXPONENT, _DIGITS, _EXPONENT),
)  # fmt: skip
_ENDS = (_ZERO, _WHOLE, _DECIMALS, _EXPONENT, _DONE)


class Literals:
    """A table of states by character.

    :param words: what is allowed beside numbers.
    :param numbers: whether numbers are.
    """

    def __init__(self, words: tuple[bytes, ...], numbers: bool) -> None:
        table = np.zeros((_DONE + 1 + sum(map(len, words)), 256), dtype=np.uint8)
        for state, characters, following in _STEPS if numbers else ():
            table[state, list(characters)] = following
        new = _DONE + 1
        for word in words:
            state = _BEGIN
            for character in word[:-1]:
                table[state, character] = new
                state, new = new, new + 1
            table[state, word[-1]] = _DONE
        self._table = table.reshape(-1)
        self._ends = np.zeros(len(table), dtype=np.bool_)
        self._ends[list(_ENDS)] = True

    @staticmethod
    @cache
    def of(words: tuple[bytes, ...], numbers: bool) -> Literals:
        """The table, made once."""
        return Literals(words, numbers)

    def match(self, data: Bytes, start: Lengths, stop: Lengths) -> NDArray[np.bool_]:
        """Which parts of the bytes, none of them empty, are a number or a word of the list."""
        state = np.full(len(start), _BEGIN, dtype=np.intp)
        rows, place = np.arange(len(start)), start
        while len(rows):
            state[rows] = self._table.take((state.take(rows) << 8) + data.take(place))
            place = place + 1
            more = np.flatnonzero(place < stop.take(rows))
            rows, place = rows.take(more), place.take(more)
        matched: NDArray[np.bool_] = self._ends.take(state)
        return matched
