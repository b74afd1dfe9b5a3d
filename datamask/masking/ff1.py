"""FF1 format-preserving encryption (NIST SP 800-38G), a column at a time.

The PRF input of FF1 ends in one block that depends on the value; what stands before it (length,
radix, tweak) is the same for a whole column and is chained once. So a round over n values is one
AES call on n blocks and a few word operations.
"""

from __future__ import annotations

import numpy as np

from datamask.masking import ff1_long, ff1_wide
from datamask.masking.keys import SubKey
from datamask.masking.numerals import to_number, to_numerals
from datamask.masking.prf import BlockCipher
from datamask.masking.text import Bytes, Words

MIN_DOMAIN = 1_000_000
"""The fewest strings that SP 800-38G lets FF1 permute: radix ** length."""

ROUNDS = 10
_WORD = np.dtype("<u8")
_LOW = (1 << 64) - 1
# Halves up to 2**63 (and powers of two up to 2**64) are words, with a bit to spare for a sum; longer ones
# are Python's integers.
_WIDE = 1 << 63


class Ff1:
    """FF1 under one key, radix and tweak.

    :param key: 16, 24 or 32 bytes; an inverse sub-key decrypts where another one encrypts.
    :param radix: 2 to 256.
    :param tweak: up to 2**32 - 1 bytes; not secret.
    """

    def __init__(self, key: bytes, radix: int, tweak: bytes = b"") -> None:
        self._key = key
        self._cipher = BlockCipher(key)
        self._radix = radix
        self._tweak = tweak
        self._forward = not (isinstance(key, SubKey) and key.inverse)
        self._prefixes: dict[int, tuple[int, int]] = {}

    def encrypt(self, numerals: Bytes) -> Bytes:
        """Each row enciphered.

        :param numerals: k × length, values 0…radix-1, most significant first.
        :returns: the same shape.
        :raises ValueError: radix ** length is below 1,000,000.
        """
        return self._numerals(numerals, forward=self._forward)

    def decrypt(self, numerals: Bytes) -> Bytes:
        """The inverse of :meth:`encrypt`."""
        return self._numerals(numerals, forward=not self._forward)

    def encrypt_halves(self, a: Words, b: Words, length: int) -> tuple[Words, Words]:
        """As :meth:`encrypt`, on the numbers that the first ``length // 2`` numerals and the others spell.

        The larger half's ``radix ** size`` is at most 2**63, or a power of two up to 2**64.
        """
        return self._halves(a, b, length, forward=self._forward)

    def _halves(self, a: Words, b: Words, length: int, *, forward: bool) -> tuple[Words, Words]:
        for number in range(ROUNDS) if forward else reversed(range(ROUNDS)):
            modulus = self._modulus(length, number)
            if forward:
                a, b = b, _add(a, self._round(b, length, number, modulus), modulus)
            else:
                a, b = _subtract(b, self._round(a, length, number, modulus), modulus), a
        return a, b

    def _numerals(self, numerals: Bytes, *, forward: bool) -> Bytes:
        length = numerals.shape[1]
        half = length // 2
        if not _fits(self._radix ** (length - half)):
            if ff1_long.half_size(self._radix, length - half) <= ff1_wide.MAX_BYTES:
                return self._wide(numerals, forward=forward)
            apply = ff1_long.encrypt if forward else ff1_long.decrypt
            prf = ff1_long.RoundFunction(self._key, self._radix, self._tweak, length)
            rows = [apply(prf, row) for row in numerals.tolist()]
            return np.array(rows, dtype=np.uint8).reshape(numerals.shape)
        a, b = to_number(numerals[:, :half], self._radix), to_number(numerals[:, half:], self._radix)
        a, b = self._halves(a, b, length, forward=forward)
        result = np.empty_like(numerals)
        result[:, :half] = to_numerals(a, self._radix, half)
        result[:, half:] = to_numerals(b, self._radix, length - half)
        return result

    def _wide(self, numerals: Bytes, *, forward: bool) -> Bytes:
        length = numerals.shape[1]
        half = length // 2
        a = ff1_wide.to_integers(numerals[:, :half], self._radix)
        b = ff1_wide.to_integers(numerals[:, half:], self._radix)
        for number in range(ROUNDS) if forward else reversed(range(ROUNDS)):
            modulus = self._modulus(length, number)
            constant, size = self._constant(length, number)
            outputs = ff1_wide.round_outputs(self._cipher, constant, size, b if forward else a)
            if forward:
                a, b = b, [(one + y) % modulus for one, y in zip(a, outputs, strict=True)]
            else:
                a, b = [(one - y) % modulus for one, y in zip(b, outputs, strict=True)], a
        parts = (a, half), (b, length - half)
        return np.hstack([ff1_wide.from_integers(part, self._radix, width) for part, width in parts])

    def _modulus(self, length: int, number: int) -> int:
        half = length // 2
        modulus: int = self._radix ** (half if number % 2 == 0 else length - half)
        return modulus

    def _round(self, half: Words, length: int, number: int, modulus: int) -> Words:
        """Round ``number``'s PRF of every value's half, below ``modulus``."""
        constant, size = self._constant(length, number)
        blocks = np.empty((len(half), 2), dtype=_WORD)
        blocks[:, 0] = _swapped(constant >> 64)
        np.bitwise_xor(half.byteswap(), _swapped(constant & _LOW), out=blocks[:, 1])
        encrypted = self._cipher.encrypt(blocks)
        return _reduce(encrypted, ff1_long.output_size(size), modulus)

    def _constant(self, length: int, number: int) -> tuple[int, int]:
        """What a value's half is added to for the last block of round ``number``, and the half's bytes."""
        if length not in self._prefixes:
            self._prefixes[length] = self._prefix(length)
        prefix, size = self._prefixes[length]
        return prefix ^ (number << (8 * size)), size

    def _prefix(self, length: int) -> tuple[int, int]:
        """The chained state that a value's last block is added to, and the bytes that a half takes."""
        if self._radix**length < MIN_DOMAIN:
            raise ValueError(f"FF1 needs radix ** length >= {MIN_DOMAIN}, not {self._radix} ** {length}")
        size = ff1_long.half_size(self._radix, length - length // 2)
        constant = ff1_long.head(self._radix, length, len(self._tweak)) + self._tweak
        constant += bytes((-len(self._tweak) - size - 1) % 16 + 1 + size)
        state = 0
        for at in range(0, len(constant) - 16, 16):
            block = state ^ int.from_bytes(constant[at : at + 16], "big")
            words = np.frombuffer(block.to_bytes(16, "big"), dtype=_WORD).reshape(1, 2)
            state = int.from_bytes(self._cipher.encrypt(words).tobytes(), "big")
        return state ^ int.from_bytes(constant[-16:], "big"), size


def _fits(largest: int) -> bool:
    return largest <= _WIDE or (largest <= 1 << 64 and largest & (largest - 1) == 0)


def _swapped(word: int) -> np.uint64:
    """A word whose bytes in memory are ``word``'s, most significant first."""
    return np.uint64(int.from_bytes(word.to_bytes(8, "big"), "little"))


def _reduce(blocks: Words, size: int, modulus: int) -> Words:
    """The first ``size`` bytes (8 or 12) of every block as a big-endian number, modulo ``modulus``."""
    high = blocks[:, 0].byteswap()
    if size == 8:
        return _mod(high, modulus)
    low = blocks[:, 1].byteswap() >> np.uint64(32)
    if modulus & (modulus - 1) == 0:
        return _mod((high << np.uint64(32)) | low, modulus)
    rest = _mod(high, modulus)
    # As many bits at a time as a word has room for above a number below the modulus.
    step = next(bits for bits in (32, 16, 8, 4, 2, 1) if modulus <= 1 << (64 - bits))
    for shift in range(32 - step, -1, -step):
        limb = (low >> np.uint64(shift)) & np.uint64((1 << step) - 1)
        rest = _mod((rest << np.uint64(step)) | limb, modulus)
    return rest


def _mod(number: Words, modulus: int) -> Words:
    rest: Words
    if modulus & (modulus - 1) == 0:
        rest = number & np.uint64(modulus - 1)
        return rest
    # NumPy divides by a constant with vector instructions, but takes remainders one at a time.
    rest = number - (number // np.uint64(modulus)) * np.uint64(modulus)
    return rest


def _add(number: Words, other: Words, modulus: int) -> Words:
    total: Words = number + other
    if modulus & (modulus - 1) == 0:
        return _mod(total, modulus)
    # Below the modulus the difference wraps around to something huge: the smaller one is right.
    rest: Words = np.minimum(total, total - np.uint64(modulus))
    return rest


def _subtract(number: Words, other: Words, modulus: int) -> Words:
    difference: Words = number - other
    if modulus & (modulus - 1) == 0:
        return _mod(difference, modulus)
    rest: Words = np.minimum(difference, difference + np.uint64(modulus))
    return rest
