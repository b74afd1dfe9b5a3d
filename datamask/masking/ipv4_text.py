"""IPv4 addresses as text, a column at a time: numbers from dotted decimals, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.text import Packed, Words, matrix, strings

LONGEST = 18
"""Characters of the longest address with a mask: 255.255.255.255/32."""

_ZERO, _DOT, _SLASH = (np.uint8(ord(char)) for char in "0./")
_WORD = np.dtype("<u8")
NO_MASK = 255


@dataclass(frozen=True, slots=True)
class Addresses:
    """What a column of text says.

    :param numbers: the addresses, below 2**32.
    :param masks: the bits of each network, ``NO_MASK`` where there is none.
    :param right: which values are addresses in the form that PostgreSQL prints, without leading zeros.
    """

    numbers: Words
    masks: NDArray[np.uint8]
    right: NDArray[np.bool_]


def parse(values: Packed) -> Addresses:
    """Read addresses; numbers and masks of what is none are nonsense."""
    count = len(values.starts)
    # A column a row: arithmetic on neighbouring bytes is done many at a time.
    columns = np.ascontiguousarray(matrix(values.cut(24), 24)[:, :LONGEST].T)
    number, current = np.zeros(count, dtype=np.uint32), np.zeros(count, dtype=np.uint16)
    digits, dots = np.zeros(count, dtype=np.uint8), np.zeros(count, dtype=np.uint8)
    slashes, wrong = np.zeros(count, dtype=np.uint8), values.lengths > LONGEST
    for column in columns:
        digit = column - _ZERO
        is_digit, dot, slash = digit < 10, column == _DOT, column == _SLASH
        ends = dot | slash
        # A digit behind a leading zero, another character, an end without digits, a dot behind the slash.
        wrong |= is_digit & (digits > 0) & (current == 0)
        wrong |= ~is_digit & ~ends & (column != 0)
        wrong |= ends & (digits == 0)
        wrong |= dot & (slashes > 0)
        if ends.any():
            number = np.where(ends, (number << np.uint32(8)) | current, number)
            keeps = ~ends
            current *= keeps
            digits *= keeps
            dots += dot
            slashes += slash
        current = np.where(is_digit, current * np.uint16(10) + digit, current)
        digits += is_digit
        wrong |= current > 255
    masked = slashes > 0
    number = np.where(masked, number, (number << np.uint32(8)) | current)
    wrong |= (digits == 0) | (dots != 3) | (slashes > 1) | (masked & (current > 32))
    masks = np.where(masked, current, NO_MASK).astype(np.uint8)
    return Addresses(number.astype(np.uint64), masks, ~wrong)


def to_text(numbers: Words, masks: NDArray[np.uint8] | None = None) -> pl.Series:
    """Addresses as PostgreSQL prints them, with their masks where they have one."""
    octets = [((numbers >> np.uint64(shift)) & np.uint64(255)).astype(np.intp) for shift in (24, 16, 8, 0)]
    # Two octets and their dots are at most eight bytes: a word. Bits of a length are 8 a character.
    first, second, third, fourth = octets
    front = _DOTTED[first] | (_DOTTED[second] << _DOTTED_BITS[first])
    back = _DOTTED[third] | (_PLAIN[fourth] << _DOTTED_BITS[third])
    bits = _DOTTED_BITS[first] + _DOTTED_BITS[second]
    rows = np.empty((len(numbers), 2), dtype=_WORD)
    # The front is at least half a word; a shift by a whole one is not defined, two by less are.
    rows[:, 0] = front | ((back << (bits - np.uint64(8))) << np.uint64(8))
    rows[:, 1] = back >> (np.uint64(64) - bits)
    lengths = (bits + _DOTTED_BITS[third] + _DOTTED_BITS[fourth]) // np.uint64(8) - np.uint64(1)
    texts = strings(rows.view(np.uint8), lengths.astype(np.int64))
    if masks is None or not (masks <= 32).any():
        return texts
    ends = pl.Series(["", *(f"/{mask}" for mask in range(33))])
    return texts + ends.gather(np.where(masks <= 32, masks + np.uint8(1), np.uint8(0)))


def _words(texts: list[str]) -> Words:
    return np.array([int.from_bytes(text.encode(), "little") for text in texts], dtype=np.uint64)


_PLAIN = _words([str(octet) for octet in range(256)])
_DOTTED = _words([f"{octet}." for octet in range(256)])
_DOTTED_BITS = np.array([8 * len(f"{octet}.") for octet in range(256)], dtype=np.uint64)
