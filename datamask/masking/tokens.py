"""Readable text from the tags of the pseudo-random function."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from datamask.masking.text import Bytes, Words

TOKEN_BITS = 5
"""Bits in a character of a token: base32 in the letters a to z and the digits 2 to 7 (RFC 4648, lower case)."""


def token(tags: Words, width: int) -> Bytes:
    """``width`` characters (at most 16) from every tag, each of 5 bits, as rows of ASCII bytes."""
    characters = np.ascontiguousarray(tags).view(np.uint8) & np.uint8(31)
    # 0 is "a" (97) and 25 "z", 26 is "2" (50), 73 before its place behind "z".
    beyond = (characters > 25).view(np.uint8)
    beyond *= np.uint8(73)
    characters += np.uint8(97)
    characters -= beyond
    return characters[:, :width]


def digits(tags: Words, width: int) -> Bytes:
    """``width`` decimal digits (at most 16) from every tag, as rows of ASCII bytes."""
    numerals = np.ascontiguousarray(tags).view(np.uint8)[:, :width]
    return numerals % np.uint8(10) + np.uint8(48)


def pick(words: Words, size: int) -> NDArray[np.uint32]:
    """A place in a pool of ``size`` entries for every word, by its upper 32 bits."""
    # Multiply and shift: a range reduction without a division (Lemire, 2019).
    return (((words >> np.uint64(32)) * np.uint64(size)) >> np.uint64(32)).astype(np.uint32)
