"""What stands for a value that could not be taken apart: a token of its keyed hash, never a part of it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from datamask.masking.text import strings
from datamask.masking.tokens import digits, token
from datamask.masking.transform import Binding, MaskFunction

_TOKEN = 16


class StandIn:
    """Tokens of 80 bits in a frame that makes them a valid value of the column.

    :param head: what stands in front of the token.
    :param tail: what stands behind it.
    :param limit: characters that the column holds, None for any; where there is no room for head and tail,
        the result is one digit.
    """

    def __init__(self, binding: Binding, head: str = "", tail: str = "") -> None:
        self._prf = binding.prf(f"{binding.mask.transform} of what is malformed")
        self._head, self._tail = head.encode(), tail.encode()
        self.limit = binding.mask.type.max_length
        room = _TOKEN if self.limit is None else self.limit - len(head) - len(tail)
        self._width = min(_TOKEN, room)

    def __call__(self, values: pl.Series) -> pl.Series:
        """A stand-in for every value of a String series without nulls."""
        tags = self._prf.wide(values)
        if self._width < 1:
            return strings(digits(tags, 1))
        rows = np.empty((len(tags), len(self._head) + self._width + len(self._tail)), dtype=np.uint8)
        start, stop = len(self._head), len(self._head) + self._width
        rows[:, :start] = np.frombuffer(self._head, dtype=np.uint8)
        rows[:, start:stop] = token(tags, self._width)
        rows[:, stop:] = np.frombuffer(self._tail, dtype=np.uint8)
        return strings(rows)

    def replace(self, results: pl.Series, rows: pl.Series, values: pl.Series) -> pl.Series:
        """``results`` with a stand-in for the value in some rows, and wherever a result does not fit the column.

        :param rows: Boolean.
        """
        if self.limit is not None:
            rows = rows | (results.str.len_chars() > self.limit)
        if not rows.any():
            return results
        places = rows.arg_true()
        return results.scatter(places, self(values.gather(places)))


def fitting(function: MaskFunction, stand_in: StandIn) -> MaskFunction:
    """The function, with a stand-in for every value whose result does not fit the column."""

    def fitted(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        nowhere = pl.Series(values=[False], dtype=pl.Boolean).new_from_index(0, values.len())
        return stand_in.replace(function(values, row), nowhere, values)

    return fitted
