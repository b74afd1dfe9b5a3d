"""Crypto-PAn: prefix-preserving pseudonyms of IP addresses, a column at a time.

Xu, Fan, Ammar and Moon, "Prefix-Preserving IP Address Anonymization" (ICNP 2002), and their reference
implementation: bit n of a result is bit n of the address, flipped by a pseudo-random function of the n bits
before it. Two addresses that share their first n bits have results that share exactly as many.
"""

from __future__ import annotations

import numpy as np

from datamask.masking.keys import SubKey
from datamask.masking.prf import BlockCipher
from datamask.masking.text import Words

_WORD = np.dtype("<u8")
_ONE, _SEVEN, _32 = np.uint64(1), np.uint64(7), np.uint64(32)
# Of IPv4, the flips of the first 16 bits stand in a table of all their prefixes.
_TABLE = 16


class CryptoPan:
    """Crypto-PAn under one key.

    :param key: 32 bytes: an AES-128 key, and 16 bytes that AES makes the padding of. An inverse sub-key
        decrypts where another one encrypts.
    """

    def __init__(self, key: bytes) -> None:
        if len(key) != 32:
            raise ValueError(f"Crypto-PAn needs a key of 32 bytes, not {len(key)}")
        self._forward = not (isinstance(key, SubKey) and key.inverse)
        self._cipher = BlockCipher(key[:16])
        pad = self._cipher.encrypt(np.frombuffer(key[16:], dtype=_WORD).reshape(1, 2))
        self._pad = pad[0].byteswap()
        self._table: Words | None = None

    def encrypt_v4(self, addresses: Words) -> Words:
        """IPv4 addresses as numbers below 2**32, enciphered."""
        if not self._forward:
            return self._originals(addresses << _32, None, 32) >> _32
        if self._table is None:
            self._table = self._first_flips()
        flips = self._table[addresses >> np.uint64(32 - _TABLE)] << np.uint64(32 - _TABLE)
        # An IPv4 address stands in the first four bytes of a block.
        high = addresses << _32
        for depth in range(_TABLE, 32):
            flips |= self._flip(high, None, depth) << np.uint64(31 - depth)
        result: Words = addresses ^ flips
        return result

    def encrypt_v6(self, high: Words, low: Words) -> tuple[Words, Words]:
        """IPv6 addresses as their two halves, enciphered."""
        if not self._forward:
            first = self._originals(high, None, 64)
            return first, self._originals(low, first, 64)
        networks, place = np.unique(high, return_inverse=True)
        flips = np.zeros_like(networks)
        for depth in range(64):
            flips |= self._flip(networks, None, depth) << np.uint64(63 - depth)
        hosts = np.zeros_like(low)
        for depth in range(64):
            hosts |= self._flip(high, low, depth) << np.uint64(63 - depth)
        return high ^ flips[place], low ^ hosts

    def _originals(self, masked: Words, before: Words | None, bits: int) -> Words:
        """The first ``bits`` bits of words that are behind the originals ``before``, each bit from those in front."""
        found = np.zeros_like(masked)
        for depth in range(bits):
            place = np.uint64(63 - depth)
            flip = self._flip(found, None, depth) if before is None else self._flip(before, found, depth)
            found |= (((masked >> place) & _ONE) ^ flip) << place
        return found

    def _first_flips(self) -> Words:
        flips = np.zeros(1 << _TABLE, dtype=np.uint64)
        for depth in range(_TABLE):
            # Two shifts: one by all of a word's bits is not defined.
            prefixes = (np.arange(1 << depth, dtype=np.uint64) << np.uint64(63 - depth)) << _ONE
            bits = self._flip(prefixes, None, depth) << np.uint64(_TABLE - 1 - depth)
            flips |= np.repeat(bits, 1 << (_TABLE - depth))
        return flips

    def _flip(self, high: Words, low: Words | None, depth: int) -> Words:
        """Whether the bit behind the first ``depth`` bits is flipped.

        :param low: None for the bits of ``high``, else those of ``low`` behind all of ``high``.
        """
        padding = np.uint64((1 << (64 - depth)) - 1)
        blocks = np.empty((len(high), 2), dtype=_WORD)
        if low is None:
            blocks[:, 0] = ((high & ~padding) | (self._pad[0] & padding)).byteswap()
            blocks[:, 1] = self._pad[1].byteswap()
        else:
            blocks[:, 0] = high.byteswap()
            blocks[:, 1] = ((low & ~padding) | (self._pad[1] & padding)).byteswap()
        # The first bit of the first byte.
        flip: Words = (self._cipher.encrypt(blocks)[:, 0] >> _SEVEN) & _ONE
        return flip
