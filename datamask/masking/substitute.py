"""Replacing chosen characters of values in place: what format-preserving transforms share."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.text import Bytes, Lengths, Packed, matrix, pack, strings

Choose = Callable[[Bytes, Lengths], NDArray[np.bool_]]
"""Values as zero-padded rows, and their bytes → which bytes are replaced."""
Encipher = Callable[[Bytes], Bytes]
"""The chosen bytes of values that have equally many of them, k × count → as many others."""


def substitute(values: pl.Series, choose: Choose, encipher: Encipher) -> pl.Series:
    """The values with their chosen bytes replaced.

    :param values: String without nulls.
    :param choose: picks ASCII characters only.
    """
    packed = pack(values)
    groups = _by_width(packed)
    parts = []
    for width, rows in groups:
        part = packed if len(groups) == 1 else packed.take(rows)
        table = matrix(part, width)
        replace(table, choose(table, part.lengths), encipher)
        parts.append(strings(table, part.lengths))
    if len(parts) == 1:
        return parts[0]
    order = np.argsort(np.concatenate([rows for _, rows in groups]), kind="stable")
    return pl.concat(parts).gather(order)


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
        part, places = table[rows], chosen[rows]
        part[places] = encipher(part[places].reshape(-1, count)).reshape(-1)
        table[rows] = part


def _by_width(packed: Packed) -> list[tuple[int, NDArray[np.intp]]]:
    """Rows by the width of the matrix that they go into, so that one long value widens no other."""
    longest = int(packed.lengths.max()) if len(packed.lengths) else 0
    if longest <= 32:
        return [(max(8, -(-longest // 8) * 8), np.arange(len(packed.lengths)))]
    widths = np.maximum(32, 1 << np.ceil(np.log2(np.maximum(packed.lengths, 1))).astype(np.int64))
    return [(width, np.flatnonzero(widths == width)) for width in np.unique(widths).tolist()]
