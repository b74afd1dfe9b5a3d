"""Numeral strings as numbers and back: the arithmetic on either side of FF1.

Radix 10 is done eight digits at a time inside one 64-bit word, radix 2 by packing bits, other radices
a position at a time.
"""

from __future__ import annotations

import numpy as np

from datamask.masking.text import Bytes, Words

_WORD = np.dtype("<u8")
_BIG = np.dtype(">u8")


def _word(value: int) -> np.uint64:
    return np.uint64(value)


_E4, _E8 = _word(10**4), _word(10**8)


def to_number(numerals: Bytes, radix: int) -> Words:
    """The number that each row's numerals spell, most significant first.

    :param numerals: n × width, values 0…radix-1; ``radix ** width`` at most 2**64.
    """
    if radix == 10:
        return _decimal(numerals)
    if radix == 2:
        return _binary(numerals)
    number = np.zeros(len(numerals), dtype=np.uint64)
    for position in range(numerals.shape[1]):
        number *= _word(radix)
        number += numerals[:, position]
    return number


def to_numerals(number: Words, radix: int, width: int) -> Bytes:
    """The inverse of :func:`to_number`: rows of ``width`` numerals."""
    if radix == 10:
        return _digits(number, width)
    if radix == 2:
        octets = number.astype(_BIG).view(np.uint8).reshape(-1, 8)
        return np.unpackbits(octets, axis=1)[:, 64 - width :]
    numerals = np.empty((len(number), width), dtype=np.uint8)
    rest = number
    for position in range(width - 1, -1, -1):
        quotient = rest // _word(radix)
        numerals[:, position] = rest - quotient * _word(radix)
        rest = quotient
    return numerals


def _binary(numerals: Bytes) -> Words:
    count, width = numerals.shape
    padded = np.zeros((count, 64), dtype=np.uint8)
    padded[:, 64 - width :] = numerals
    return np.packbits(padded, axis=1).view(_BIG).reshape(-1).astype(np.uint64)


def _decimal(numerals: Bytes) -> Words:
    count, width = numerals.shape
    padded = np.zeros((count, -(-width // 8) * 8), dtype=np.uint8)
    padded[:, padded.shape[1] - width :] = numerals
    words = padded.view(_WORD)
    number = np.zeros(count, dtype=np.uint64)
    for position in range(words.shape[1]):
        word = words[:, position]
        # Neighbours are joined: 8 digits to 4 pairs, 2 fours, 1 eight. Each multiplication adds
        # a lane, times its weight, onto the lane above it.
        word = ((word * _word(2561)) >> _word(8)) & _word(0x00FF00FF00FF00FF)
        word = ((word * _word(6553601)) >> _word(16)) & _word(0x0000FFFF0000FFFF)
        word = (word * _word(42949672960001)) >> _word(32)
        if position:
            number *= _E8
        number += word
    return number


def _digits(number: Words, width: int) -> Bytes:
    count = len(number)
    words = np.empty((count, -(-width // 8)), dtype=_WORD)
    rest = number
    for position in range(words.shape[1] - 1, -1, -1):
        if position:
            quotient = rest // _E8
            words[:, position] = _eight(rest - quotient * _E8)
            rest = quotient
        else:
            words[:, 0] = _eight(rest)
    return words.view(np.uint8)[:, words.shape[1] * 8 - width :]


def _eight(number: Words) -> Words:
    """Eight decimal digits, one a byte, of numbers below 10**8: the joining of _decimal undone."""
    high = number // _E4
    fours = high | ((number - high * _E4) << _word(32))
    # x * 10486 >> 20 is x // 100 below 10**4, x * 103 >> 10 is x // 10 below 100.
    high = ((fours * _word(10486)) >> _word(20)) & _word(0x0000007F0000007F)
    pairs = high | ((fours - high * _word(100)) << _word(16))
    high = ((pairs * _word(103)) >> _word(10)) & _word(0x000F000F000F000F)
    digits: Words = high | ((pairs - high * _word(10)) << _word(8))
    return digits
