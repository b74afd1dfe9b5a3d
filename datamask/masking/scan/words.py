"""The words of folded text as numbers that can be looked up a column at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.scan.folding import fold
from datamask.masking.text import Bytes, Lengths, Packed, pack
from datamask.masking.text import Words as Hashes

# Odd 64-bit constants without a pattern (splitmix64, xxHash64).
_FIRST, _SECOND, _LENGTH, _LAST = (
    np.uint64(number)
    for number in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xBF58476D1CE4E5B9)
)
_KEEP = np.array([(1 << (8 * kept)) - 1 for kept in range(9)], dtype=np.uint64)
_SLOT_BITS = 18
_SLOT = np.uint64(64 - _SLOT_BITS)
SLOTS = 1 << _SLOT_BITS
"""Entries of a table of words: 256 KiB of bytes stay in a core's cache."""

_HALF = np.uint64(32)


@dataclass(frozen=True, slots=True)
class Words:
    """Words of folded text: runs of the letters a to z and of characters outside of ASCII.

    :param hashes: of a word's first 16 bytes and its length.
    """

    starts: Lengths
    lengths: Lengths
    hashes: Hashes

    def take(self, rows: NDArray[np.intp]) -> Words:
        """The words at ``rows``."""
        return Words(self.starts[rows], self.lengths[rows], self.hashes[rows])


def split(data: Bytes, size: int) -> Words:
    """The words of ``size`` folded bytes, which end with a byte that is no letter."""
    letter = np.zeros(size + 1, dtype=np.bool_)
    text = data[:size]
    np.logical_or((text - np.uint8(97)) < 26, text >= 0x80, out=letter[1:])
    edges = np.flatnonzero(letter[1:] != letter[:-1])
    starts, ends = edges[0::2], edges[1::2]
    lengths = ends - starts[: len(ends)]
    return _hashed(data, starts[: len(ends)], lengths)


def without_s(data: Bytes, words: Words) -> Words:
    """The words that end in s, without it: genitives, as in ``Marias``."""
    rows = np.flatnonzero((data[words.starts + words.lengths - 1] == ord("s")) & (words.lengths > 2))
    return _hashed(data, words.starts[rows], words.lengths[rows] - 1)


def _hashed(data: Bytes, starts: Lengths, lengths: Lengths) -> Words:
    loads = Packed(data, starts, lengths).words(0, 2)
    hashes = (next(loads) & _KEEP.take(np.minimum(lengths, 8))) * _FIRST
    long = np.flatnonzero(lengths > 8)
    if len(long):
        second = next(Packed(data, starts[long], lengths[long]).words(1, 1))
        hashes[long] ^= (second & _KEEP.take(np.minimum(lengths[long] - 8, 8))) * _SECOND
    hashes += lengths.astype(np.uint64) * _LENGTH
    hashes ^= hashes >> _HALF
    return Words(starts, lengths, hashes * _LAST)


def slots(hashes: Hashes) -> NDArray[np.intp]:
    """The place of each word in a table of ``SLOTS`` entries."""
    return (hashes >> _SLOT).astype(np.intp)


def mixed(hashes: Hashes, rows: Lengths) -> Hashes:
    """One number for a word in a row."""
    return (hashes ^ (rows.astype(np.uint64) * _SECOND)) * _FIRST


def hash_words(words: Iterable[str]) -> Hashes:
    """The hashes of single words, folded."""
    packed = pack(pl.Series(values=[f"{word}\0" for word in words], dtype=pl.String))
    total = int(packed.lengths.sum())
    folded = fold(packed.data[:total])
    return split(folded.data, folded.size).hashes


class Lookup:
    """Sets of words, asked for a column at a time: a table that passes few others, then the exact hashes.

    :param sets: up to sixteen of them.
    """

    def __init__(self, *sets: Iterable[str]) -> None:
        parts = [np.unique(hash_words(words)) for words in sets]
        self._hashes, inverse = np.unique(np.concatenate(parts), return_inverse=True)
        self._bits = np.zeros(len(self._hashes), dtype=np.uint16)
        numbers = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
        np.bitwise_or.at(self._bits, inverse, np.uint16(1) << numbers.astype(np.uint16))
        self._table = np.zeros(SLOTS, dtype=np.bool_)
        self._table[slots(self._hashes)] = True

    def find(self, words: Words) -> tuple[NDArray[np.intp], NDArray[np.uint16]]:
        """Which words are in any of the sets, and in which: bit n stands for set n."""
        rows = np.flatnonzero(self._table.take(slots(words.hashes)))
        bits = self.bits(words.hashes[rows])
        known = bits != 0
        return rows[known], bits[known]

    def bits(self, hashes: Hashes) -> NDArray[np.uint16]:
        """The sets that hold each word; 0 for none."""
        places = np.minimum(np.searchsorted(self._hashes, hashes), len(self._hashes) - 1)
        return np.where(self._hashes[places] == hashes, self._bits[places], np.uint16(0))
