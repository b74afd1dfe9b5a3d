"""The words of folded text as numbers that can be looked up a column at a time."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.scan.folding import fold
from datamask.masking.text import Bytes, Lengths, pack
from datamask.masking.text import Words as Hashes

# Odd 64-bit constants without a pattern (splitmix64, xxHash64).
_FIRST, _SECOND, _LENGTH = (
    np.uint64(number) for number in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)
)
_KEEP = np.array([(1 << (8 * kept)) - 1 for kept in range(9)], dtype=np.uint64)
_SLOT_BITS = 18
_SLOT = np.uint64(64 - _SLOT_BITS)
SLOTS = 1 << _SLOT_BITS
"""Entries of a table of words: 256 KiB of bytes stay in a core's cache."""

_ONE, _THREE, _LAST_BIT = np.uint64(1), np.uint64(3), np.uint64(63)


@dataclass(frozen=True, slots=True)
class Words:
    """Words of folded text: runs of the letters a to z and of characters outside of ASCII.

    :param hashes: of a word's first 16 bytes and its length; no two words of up to 8 bytes have the same.
    :param slots: the place of each word in a table of ``SLOTS`` entries.
    """

    starts: Lengths
    lengths: Lengths
    hashes: Hashes
    slots: NDArray[np.int64]

    def take(self, rows: NDArray[np.intp]) -> Words:
        """The words at ``rows``."""
        return Words(self.starts[rows], self.lengths[rows], self.hashes[rows], self.slots[rows])


def split(data: Bytes, size: int) -> Words:
    """The words of ``size`` folded bytes, which end with a byte that is no letter."""
    letter = np.empty(size + 1, dtype=np.bool_)
    letter[0] = False
    text = data[:size]
    np.less(text - np.uint8(97), 26, out=letter[1:])
    letter[1:] |= text >= 0x80
    edges = np.flatnonzero(letter[1:] != letter[:-1])
    # A part that was cut inside of a word ends without an edge.
    ends = edges[1::2]
    starts = np.ascontiguousarray(edges[0 : 2 * len(ends) : 2])
    return _hashed(data, starts, ends - starts)


def without_s(data: Bytes, words: Words) -> Words:
    """The words that end in s, without it: genitives, as in ``Marias``."""
    last = words.starts + words.lengths
    last -= 1
    rows = np.flatnonzero(data.take(last) == ord("s"))
    rows = rows[words.lengths[rows] > 2]
    return _hashed(data, words.starts[rows], words.lengths[rows] - 1)


def _hashed(data: Bytes, starts: Lengths, lengths: Lengths) -> Words:
    hashes = _first_bytes(data, starts, lengths)
    hashes *= _FIRST
    long = np.flatnonzero(lengths > 8)
    if len(long):
        length = lengths[long]
        hashes[long] ^= _first_bytes(data, starts[long] + 8, length - 8) * _SECOND
        hashes[long] += length.astype(np.uint64) * _LENGTH
    return Words(starts, lengths, hashes, (hashes >> _SLOT).view(np.int64))


def _first_bytes(data: Bytes, starts: Lengths, lengths: Lengths) -> Hashes:
    """The first eight bytes of each word as a number, zeros behind a shorter one."""
    # In place: this is most of what a word costs.
    words = data.view(np.uint64)
    index = starts >> 3
    shift = (starts & 7).view(np.uint64)
    shift <<= _THREE
    low = words.take(index)
    low >>= shift
    index += 1
    high = words.take(index)
    # (high << 1) << (63 - shift) is high << (64 - shift), defined for a shift of 0 too.
    np.subtract(_LAST_BIT, shift, out=shift)
    high <<= _ONE
    high <<= shift
    low |= high
    low &= _KEEP.take(lengths, mode="clip")
    return low


def mixed(hashes: Hashes, rows: Lengths) -> Hashes:
    """One number for a word in a row."""
    return (hashes ^ (rows.astype(np.uint64) * _SECOND)) * _FIRST


def hash_words(words: Iterable[str]) -> Hashes:
    """The hashes of single words, folded."""
    packed = pack(pl.Series(values=[f"{word}\0" for word in words], dtype=pl.String))
    total = int(packed.lengths.sum())
    folded = fold(packed.data[:total])
    return split(folded.data, folded.size).hashes


class HashIndex:
    """Finds hashes among sorted ones: by their first bits to the place where such begin, and on from there.

    :param hashes: ascending.
    """

    def __init__(self, hashes: Hashes) -> None:
        counts = np.bincount((hashes >> _SLOT).view(np.int64), minlength=SLOTS)
        self._first = np.cumsum(counts) - counts
        # Behind the last one stands something to compare with.
        self._hashes = np.append(hashes, np.uint64(0))

    def find(self, wanted: Hashes) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Which of the wanted hashes are there, and where: the first of equal ones."""
        places = self._first.take((wanted >> _SLOT).view(np.int64))
        found = np.zeros(len(wanted), dtype=np.bool_)
        rows = np.arange(len(wanted))
        while len(rows):
            there, asked = self._hashes.take(places[rows]), wanted[rows]
            found[rows[there == asked]] = True
            rows = rows[there < asked]
            rows = rows[places[rows] < len(self._hashes) - 1]
            places[rows] += 1
        which = np.flatnonzero(found)
        return which, places[which]


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
        self._table[(self._hashes >> _SLOT).view(np.int64)] = True
        self._index = HashIndex(self._hashes)

    def find(self, words: Words) -> tuple[NDArray[np.intp], NDArray[np.uint16]]:
        """Which words are in any of the sets, and in which: bit n stands for set n."""
        rows = np.flatnonzero(self._table.take(words.slots))
        which, places = self._index.find(words.hashes[rows])
        return rows[which], self._bits[places]

    def bits(self, hashes: Hashes) -> NDArray[np.uint16]:
        """The sets that hold each word; 0 for none."""
        result = np.zeros(len(hashes), dtype=np.uint16)
        which, places = self._index.find(hashes)
        result[which] = self._bits[places]
        return result
