"""Strings of a column as bytes that NumPy can work on, and back.

Polars keeps strings as views; arithmetic over a whole column wants them as one run of bytes
(:class:`Packed`) or as a matrix with one value a row. Both conversions are a few nanoseconds a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Lengths = NDArray[np.int64]

_WORD = np.dtype("<u8")
# A block loads three words (24 bytes) from a value's last started block of 16: zeros behind the last
# value keep those loads inside the buffer.
_SLACK = 40
# Values up to this many bytes share a matrix.
_NARROW = 32
# Keeps the first 0…8 bytes of a little-endian word.
_KEEP = np.array([(1 << (8 * kept)) - 1 for kept in range(9)], dtype=_WORD)


@dataclass(frozen=True, slots=True)
class Packed:
    """The bytes of ``len(starts)`` values, back to back.

    :param data: all bytes, followed by at least 24 zero bytes; 8-byte aligned, a whole number of words.
    :param starts: each value's first byte in ``data``.
    :param lengths: each value's bytes.
    """

    data: Bytes
    starts: Lengths
    lengths: Lengths

    def words(self, first: int, count: int) -> Iterator[Words]:
        """``count`` little-endian 8-byte words of every value, from word ``first`` on.

        A word that reaches past its value's end carries bytes of the next one: mask it by the length.
        Every value must reach into the block of 16 bytes that is read.
        """
        words = self.data.view(_WORD)
        index = (self.starts >> 3) + first
        shift = ((self.starts & 7) << 3).astype(np.uint64)
        rest = np.uint64(63) - shift
        low = words.take(index)
        for _ in range(count):
            index += 1
            high = words.take(index)
            # (high << 1) << (63 - shift) is high << (64 - shift), defined for a shift of 0 too.
            yield (low >> shift) | ((high << np.uint64(1)) << rest)
            low = high

    def take(self, rows: NDArray[np.intp]) -> Packed:
        """The values at ``rows``; the bytes are shared."""
        return Packed(self.data, self.starts[rows], self.lengths[rows])

    def cut(self, length: int) -> Packed:
        """The values' first ``length`` bytes; the bytes are shared."""
        return Packed(self.data, self.starts, np.minimum(self.lengths, length))


def pack(values: pl.Series) -> Packed:
    """The UTF-8 bytes of a String series without nulls."""
    lengths = values.str.len_bytes().to_numpy().astype(np.int64)
    ends = lengths.cumsum()
    total = int(ends[-1]) if len(ends) else 0
    data = np.zeros((total + _SLACK + 7) & ~7, dtype=np.uint8)
    if total:
        lists = values.cast(pl.Binary).cast(pl.List(pl.UInt8))
        data[:total] = lists.explode(empty_as_null=False).to_numpy()
    return Packed(data, ends - lengths, lengths)


def matrix(packed: Packed, width: int) -> Bytes:
    """The values as rows of ``width`` bytes (a multiple of 8), zero-padded on the right.

    :param width: at least the longest value's length.
    """
    count = len(packed.starts)
    rows = np.empty((count, width // 8), dtype=_WORD)
    lengths = packed.lengths
    same = int(lengths[0]) if count and int(lengths.min()) == int(lengths.max()) else None
    # Words behind a short value may lie behind the buffer as well: reading stays inside it.
    safe = with_slack(packed, width)
    for number, word in enumerate(safe.words(0, width // 8)):
        if same is not None:
            rows[:, number] = word & _KEEP[min(max(same - 8 * number, 0), 8)]
        else:
            rows[:, number] = word & _KEEP.take((lengths - 8 * number).clip(0, 8))
    return rows.view(np.uint8)


def unpack(packed: Packed) -> pl.Series:
    """The String series whose bytes these are: the inverse of :func:`pack`."""
    return by_width(packed, lambda table, lengths: strings(table, lengths))


def by_width(packed: Packed, make: Callable[[Bytes, Lengths], pl.Series]) -> pl.Series:
    """Make a series from the matrices of values of similar length: one long value widens no other.

    :param make: zero-padded rows and the values' bytes → as many values.
    """
    longest = int(packed.lengths.max()) if len(packed.lengths) else 0
    if longest <= _NARROW:
        return make(matrix(packed, max(8, -(-longest // 8) * 8)), packed.lengths)
    exponents = np.ceil(np.log2(np.maximum(packed.lengths, _NARROW))).astype(np.int64)
    parts, order = [], []
    for exponent in np.unique(exponents).tolist():
        rows = np.flatnonzero(exponents == exponent)
        part = packed.take(rows)
        parts.append(make(matrix(part, 1 << exponent), part.lengths))
        order.append(rows)
    if len(parts) == 1:
        return parts[0]
    return pl.concat(parts).gather(np.argsort(np.concatenate(order), kind="stable"))


def strings(rows: Bytes, lengths: Lengths | None = None) -> pl.Series:
    """A String series of a matrix's rows, each cut to its length.

    :param rows: UTF-8 bytes, one value a row.
    :param lengths: bytes to keep of each row; None keeps whole rows.
    """
    count, width = rows.shape
    if not count or not width:
        return pl.Series(values=[""] * count, dtype=pl.String)
    lists = pl.Series(np.ascontiguousarray(rows)).cast(pl.List(pl.UInt8))
    if lengths is None or bool((lengths == width).all()):
        return lists.cast(pl.Binary).cast(pl.String)
    if bool((lengths == lengths[0]).all()):
        return strings(rows[:, : int(lengths[0])])
    frame = pl.DataFrame({"row": lists.cast(pl.Binary), "length": lengths})
    return frame.select(pl.col("row").bin.slice(0, pl.col("length")).cast(pl.String)).to_series()


def with_slack(packed: Packed, width: int) -> Packed:
    """The values, with room for reading ``width`` bytes from the start of each, however short it is."""
    last = int(packed.starts[-1]) + width + 16 if len(packed.starts) else 0
    if last <= len(packed.data):
        return packed
    data = np.zeros((last + 7) & ~7, dtype=np.uint8)
    data[: len(packed.data)] = packed.data
    return Packed(data, packed.starts, packed.lengths)
