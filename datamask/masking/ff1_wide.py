"""FF1 rounds on halves of 64 to 96 bits: Python's integers around one AES call for a whole column."""

from __future__ import annotations

import numpy as np

from datamask.masking.ff1_long import output_size
from datamask.masking.numerals import to_number, to_numerals
from datamask.masking.prf import BlockCipher
from datamask.masking.text import Bytes

MAX_BYTES = 12
"""Halves of so many bytes take one block of a round's input, and their PRF output one block as well."""

# Numerals whose number is a word in every radix up to 62.
_PART = 10


def round_outputs(cipher: BlockCipher, constant: int, size: int, half: list[int]) -> list[int]:
    """The PRF outputs of one round, as numbers.

    :param constant: the chained state, with the round's number added in.
    :param size: bytes of a half.
    """
    blocks = b"".join([(constant ^ number).to_bytes(16, "big") for number in half])
    encrypted = cipher.encrypt(np.frombuffer(blocks, dtype="<u8").reshape(-1, 2)).tobytes()
    used = output_size(size)
    return [int.from_bytes(encrypted[at : at + used], "big") for at in range(0, len(encrypted), 16)]


def to_integers(numerals: Bytes, radix: int) -> list[int]:
    """The numbers that rows of numerals spell."""
    numbers = [0] * len(numerals)
    for start in range(0, numerals.shape[1], _PART):
        part = numerals[:, start : start + _PART]
        weight = radix ** part.shape[1]
        low = to_number(part, radix).tolist()
        numbers = [number * weight + digits for number, digits in zip(numbers, low, strict=True)]
    return numbers


def from_integers(numbers: list[int], radix: int, width: int) -> Bytes:
    """The inverse of :func:`to_integers`."""
    numerals = np.empty((len(numbers), width), dtype=np.uint8)
    stop = width
    while stop:
        part = min(_PART, stop)
        weight = radix**part
        low = np.array([number % weight for number in numbers], dtype=np.uint64)
        numerals[:, stop - part : stop] = to_numerals(low, radix, part)
        numbers = [number // weight for number in numbers]
        stop -= part
    return numerals
