"""Values with characters that a form has no place for: nothing of them may stay."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.text import Packed, strings
from datamask.masking.tokens import token
from datamask.masking.transform import Binding

# Sixteen characters are all that a tag gives; 13 are 65 bits.
_LENGTH = 13

DIGITS = b"0123456789"
"""ASCII digits."""

ALPHANUMERIC = DIGITS + b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
"""ASCII digits and letters."""

PUNCTUATION = bytes(code for code in range(32, 127) if code not in ALPHANUMERIC + b"\\")
"""The other printable ASCII characters but for the backslash, which COPY text would escape."""


class ForeignText:
    """Replaces results of values that hold characters other than the known ones.

    Such a value becomes 13 characters of base32 (65 bits) of its keyed hash, or as many as the column holds.

    :param known: ASCII characters that a value of the form may hold.
    """

    def __init__(self, binding: Binding, purpose: str, known: bytes) -> None:
        self._prf = binding.prf(f"{purpose} foreign text")
        self._length = min(_LENGTH, binding.mask.type.max_length or _LENGTH)
        self._odd = np.ones(256, dtype=np.bool_)
        self._odd[list(known)] = False

    def __call__(self, values: Packed, masked: pl.Series) -> pl.Series:
        """``masked``, where the value holds known characters only."""
        total = int(values.lengths.sum())
        odd_bytes = np.flatnonzero(self._odd[values.data[:total]])
        if not len(odd_bytes):
            return masked
        rows = np.unique(np.searchsorted(values.starts, odd_bytes, side="right") - 1)
        return self.replace(values, masked, rows)

    def replace(self, values: Packed, masked: pl.Series, rows: NDArray[np.intp]) -> pl.Series:
        """``masked``, with the values at ``rows`` replaced by their keyed hash."""
        return masked.scatter(rows, strings(token(self._prf.packed(values.take(rows)), self._length)))
