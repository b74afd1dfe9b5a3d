"""Random words that depend on nothing but the seed and where they are used.

A column's words come from Philox (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011), keyed by seed,
table, column and block: rows are the same for any number of workers and any size of batch, and a new column disturbs
no other one. What must be found again for a single row, such as the key that another table refers to, comes from
SplitMix64 (Steele et al., 2014) over the row's number.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint64]
Numbers = NDArray[np.int64]

BLOCK_ROWS = 65_536
"""Rows that are made at a time; part of what decides a row, so it never changes."""

_MASK = (1 << 64) - 1


def seed_of(*parts: object) -> int:
    """128 bits for a purpose: BLAKE2b over the parts."""
    text = "\0".join(str(part) for part in parts)
    return int.from_bytes(blake2b(text.encode(), digest_size=16).digest(), "little")


def philox_words(key: int, count: int) -> Words:
    """That many 64-bit words of the stream with a 128-bit key."""
    found: Words = np.random.Philox(key=key).random_raw(count)
    return found


def hashed_words(key: int, rows: Numbers) -> Words:
    """A 64-bit word for each row number, whichever rows are asked for."""
    step, first, second = (
        np.uint64(value) for value in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB)
    )
    words = rows.astype(np.uint64) * step + np.uint64(key & _MASK)
    words ^= words >> np.uint64(30)
    words *= first
    words ^= words >> np.uint64(27)
    words *= second
    words ^= words >> np.uint64(31)
    return words


def uniform(words: Words) -> NDArray[np.float64]:
    """0 up to, but not, 1, from each word's upper 53 bits."""
    return (words >> np.uint64(11)).astype(np.float64) * 2.0**-53


def below(words: Words, size: int) -> Numbers:
    """A whole number from 0 up to, but not, ``size`` for every word; ``size`` is at most 2**63."""
    if size <= 1 << 40:
        # Exact to a bias below 2**-13, and without a division.
        return np.minimum((uniform(words) * size).astype(np.int64), size - 1)
    return (words % np.uint64(size)).astype(np.int64)
