"""Readable values that a keyed token keeps apart: addresses, user names, links."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from datamask.masking.pools import fitting, plain_names
from datamask.masking.prf import Prf
from datamask.masking.text import Words, strings
from datamask.masking.tokens import TOKEN_BITS, pick, token
from datamask.masking.transform import INJECTIVE_BITS, Laws, MaskFunction

NAME: Final = 12
"""Letters of a name from the pool at most."""

ROW_NAME: Final = 32
"""Letters and dots of a row's own names at most."""

_TOKEN = 13  # characters of base32: 65 bits
_SHORTEST_NAME = 3

RowName = Callable[[Mapping[str, pl.Series]], pl.Series]
"""The row's columns → names of lower-case letters and dots; the empty text where there is none."""


@dataclass(frozen=True, slots=True)
class TokenLayout:
    """A result's parts: a name and what separates it, a token, fixed text around the token.

    A narrow column first loses letters of the name, then the name, then characters of the token;
    where not even one is left, the fixed text.
    """

    name: int
    separator: str
    head: str
    token: int
    tail: str

    @classmethod
    def of(
        cls, limit: int | None, *, separator: str = "", head: str = "", tail: str = "", longest: int = NAME
    ) -> TokenLayout:
        """The layout of a column of ``limit`` characters; without a separator there is no name."""
        if limit is None:
            return cls(longest if separator else 0, separator, head, _TOKEN, tail)
        room = limit - len(head) - len(tail)
        name = min(longest, room - _TOKEN - 1)
        if separator and name >= _SHORTEST_NAME:
            return cls(name, separator, head, _TOKEN, tail)
        if room >= 1:
            return cls(0, "", head, min(_TOKEN, room), tail)
        return cls(0, "", "", min(_TOKEN, limit), "")

    @property
    def length(self) -> int:
        """Characters of the longest result."""
        return self.name + len(self.separator) + len(self.head) + self.token + len(self.tail)

    @property
    def laws(self) -> Laws:
        """What the token's bits make certain."""
        bits = TOKEN_BITS * self.token
        injective = bits >= INJECTIVE_BITS
        return Laws(injective=injective, max_length=self.length, collision_bits=bits if injective else None)

    def bind(self, prf: Prf, row_name: RowName | None = None) -> MaskFunction:
        """The function that fills the layout.

        :param row_name: gives the names; the pool's stand in where it has none.
        """
        head, tail = self.head.encode(), self.tail.encode()

        def fixed_width(tags: Words) -> pl.Series:
            start, stop = len(head), len(head) + self.token
            rows = np.empty((len(tags), stop + len(tail)), dtype=np.uint8)
            rows[:, :start] = np.frombuffer(head, dtype=np.uint8)
            rows[:, start:stop] = token(tags, self.token)
            rows[:, stop:] = np.frombuffer(tail, dtype=np.uint8)
            return strings(rows)

        if not self.name:
            return lambda values, _: fixed_width(prf.wide(values))
        plain = fitting(plain_names(NAME), min(self.name, NAME))
        names = pl.Series(values=[name + self.separator for name in plain], dtype=pl.String)

        def named(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            tags = prf.wide(values)
            # The token is made of the tag's first 13 bytes: the name hangs on what comes after.
            name = names.gather(pick(tags[:, 1], len(plain)))
            if row_name is not None:
                own = row_name(row).str.slice(0, self.name).str.strip_chars_end(".")
                name = name.zip_with(own.str.len_bytes() == 0, own + self.separator)
            return pl.select(pl.concat_str(name, fixed_width(tags))).to_series()

        return named
