"""Values that are not of the form that a transform is about: nothing of them may stay."""

from __future__ import annotations

import numpy as np
import polars as pl

from datamask.masking.text import Packed, strings, unpack
from datamask.masking.tokens import digits
from datamask.masking.transform import Binding

_DIGITS = 16


class Scrubber:
    """Replaces results of values that hold characters other than digits and separators.

    Such a value becomes up to 16 decimal digits (53 bits) of its keyed hash, never more characters than it had.

    :param separators: ASCII characters that may stand between digits.
    """

    def __init__(self, binding: Binding, purpose: str, separators: bytes) -> None:
        self._prf = binding.prf(f"{purpose} scrub")
        self._odd = np.ones(256, dtype=np.bool_)
        self._odd[list(separators + b"0123456789")] = False

    def __call__(self, values: Packed, masked: pl.Series) -> pl.Series:
        """``masked``, where the value was of the right form."""
        total = int(values.lengths.sum())
        odd_bytes = np.flatnonzero(self._odd[values.data[:total]])
        if not len(odd_bytes):
            return masked
        rows = np.unique(np.searchsorted(values.starts, odd_bytes, side="right") - 1)
        odd = values.take(rows)
        lengths = unpack(odd).str.len_chars().clip(upper_bound=_DIGITS).to_numpy().astype(np.int64)
        return masked.scatter(rows, strings(digits(self._prf.packed(odd), _DIGITS), lengths))
