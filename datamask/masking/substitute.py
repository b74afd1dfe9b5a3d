"""Replacing chosen characters of values in place: what format-preserving transforms share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.text import Bytes, Lengths, Packed, by_width, strings

Choose = Callable[[Bytes, Lengths], NDArray[np.bool_]]
"""Values as zero-padded rows, and their bytes → which bytes are replaced."""
Encipher = Callable[[Bytes], Bytes]
"""The chosen bytes of values that have equally many of them, k × count → as many others."""


def substitute(values: Packed, choose: Choose, encipher: Encipher) -> pl.Series:
    """The values with their chosen bytes replaced.

    :param choose: picks ASCII characters only.
    """

    def replaced(table: Bytes, lengths: Lengths) -> pl.Series:
        replace(table, choose(table, lengths), encipher)
        return strings(table, lengths)

    return by_width(values, replaced)


def replace(table: Bytes, chosen: NDArray[np.bool_], encipher: Encipher) -> None:
    """Replace the chosen bytes of a matrix in place, grouped by their number."""
    if not len(table):
        return
    if bool((chosen == chosen[0]).all()):
        columns = np.flatnonzero(chosen[0])
        if len(columns):
            table[:, columns] = encipher(table[:, columns])
        return
    counts = chosen.sum(axis=1)
    for count in np.unique(counts).tolist():
        if not count:
            continue
        rows = np.flatnonzero(counts == count)
        part, places = table.take(rows, axis=0), chosen.take(rows, axis=0)
        part[places] = encipher(part[places].reshape(-1, count)).reshape(-1)
        table[rows] = part
