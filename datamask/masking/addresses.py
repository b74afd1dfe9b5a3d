"""Keyed permutations of IPv4 and IPv6 addresses that stay in the kind of network they are from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datamask.masking.fpe import NumeralCipher
from datamask.masking.ranges import RangeCipher
from datamask.masking.text import Bytes, Words

Flags = NDArray[np.bool_]
Prefixes = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class _Network:
    """A range of addresses (IANA's special-purpose registries, RFC 6890).

    :param start: its first octets.
    :param bits: how many of their bits it is known by.
    :param stays: its addresses say nothing about anyone, or must not change.
    """

    start: bytes
    bits: int
    stays: bool = False

    def holds(self, octets: Bytes) -> Flags:
        """Which rows of octets are in the range."""
        inside = np.ones(len(octets), dtype=np.bool_)
        for place, octet in enumerate(self.start):
            shift = np.uint8(8 - min(8, self.bits - 8 * place))
            inside &= (octets[:, place] >> shift) == octet >> int(shift)
        return inside


# The first that holds an address counts. What no network holds is public.
_V4 = (
    _Network(b"\x00", 8, stays=True),
    _Network(b"\x0a", 8),
    _Network(b"\x64\x40", 10),
    _Network(b"\x7f", 8, stays=True),
    _Network(b"\xa9\xfe", 16, stays=True),
    _Network(b"\xac\x10", 12),
    _Network(b"\xc0\xa8", 16),
    _Network(b"\xe0", 3, stays=True),
)
_V6 = (
    _Network(bytes(10) + b"\xff\xff", 96),
    _Network(bytes(12), 96, stays=True),
    _Network(b"\xfc", 7),
    _Network(b"\xfe\x80", 10),
    _Network(b"\xe0", 3, stays=True),
    _Network(b"\x20", 3),
)
_PUBLIC = len(_V4)


def _v4_networks() -> NDArray[np.uint8]:
    """The place in ``_V4`` of the network of every address's first 16 bits: none is smaller than that."""
    halves = np.arange(1 << 16)
    octets = np.stack([halves >> 8, halves & 255], axis=1).astype(np.uint8)
    found = np.full(1 << 16, _PUBLIC, dtype=np.uint8)
    for place, network in reversed(list(enumerate(_V4))):
        found[network.holds(octets)] = place
    return found


_V4_NETWORK = _v4_networks()


class V4Cipher:
    """A permutation of IPv4 addresses: the leading bits of private networks stay, and public stays public.

    :param subkey: gives 32 bytes for a purpose.
    """

    def __init__(self, subkey: Callable[[str], bytes]) -> None:
        self._inside = [RangeCipher(subkey(f"ip 4 network {number}")) for number in range(len(_V4))]
        self._public = RangeCipher(subkey("ip 4 public"))

    def encrypt(self, numbers: Words, prefixes: Prefixes) -> Words:
        """Addresses enciphered.

        :param numbers: below 2**32.
        :param prefixes: bits of each address that may change; the others are zero in a network's address.
        """
        result = numbers.copy()
        networks = _V4_NETWORK[numbers >> np.uint64(16)]
        for prefix in np.unique(prefixes).tolist():
            of_length = prefixes == prefix
            for place in np.unique(networks[of_length]).tolist():
                rows = np.flatnonzero(of_length & (networks == place))
                if place == _PUBLIC:
                    result[rows] = self._public_ones(numbers[rows], prefix)
                elif not _V4[place].stays and _V4[place].bits < prefix:
                    result[rows] = self._private_ones(numbers[rows], place, prefix)
        return result

    def _private_ones(self, numbers: Words, place: int, prefix: int) -> Words:
        bits, rest = _V4[place].bits, np.uint64(32 - prefix)
        low = np.uint64((1 << (32 - bits)) - 1)
        changed = self._inside[place].encrypt_below((numbers & low) >> rest, 1 << (prefix - bits))
        return (numbers & ~low) | (changed << rest)

    def _public_ones(self, numbers: Words, prefix: int) -> Words:
        rest = np.uint64(32 - prefix)
        result = numbers.copy()
        rows = np.arange(len(numbers))
        while len(rows):
            result[rows] = self._public.encrypt_below(result[rows] >> rest, 1 << prefix) << rest
            rows = rows[_V4_NETWORK[result[rows] >> np.uint64(16)] != _PUBLIC]
        return result


class V6Cipher:
    """A permutation of IPv6 addresses: the leading bits of networks stay, and public stays public.

    :param subkey: gives 32 bytes for a purpose.
    """

    def __init__(self, subkey: Callable[[str], bytes]) -> None:
        self._inside = [NumeralCipher(subkey(f"ip 6 network {number}"), 2) for number in range(len(_V6))]
        self._public = NumeralCipher(subkey("ip 6 public"), 2, self._is_public)

    def encrypt(self, octets: Bytes, prefixes: Prefixes) -> Bytes:
        """Addresses enciphered.

        :param octets: k × 16.
        :param prefixes: bits of each address that may change; the others are zero in a network's address.
        """
        result = octets.copy()
        for prefix in np.unique(prefixes).tolist():
            rows = np.flatnonzero(prefixes == prefix)
            result[rows] = self._of_length(octets[rows], prefix)
        return result

    def _of_length(self, octets: Bytes, prefix: int) -> Bytes:
        bits = np.unpackbits(octets, axis=1)
        rest = np.ones(len(octets), dtype=np.bool_)
        for network, cipher in zip(_V6, self._inside, strict=True):
            inside = rest & network.holds(octets)
            rest &= ~inside
            if not network.stays and network.bits < prefix and inside.any():
                bits[inside, network.bits : prefix] = cipher.encrypt(bits[inside, network.bits : prefix])
        if rest.any():
            bits[rest, :prefix] = self._public.encrypt(bits[rest, :prefix])
        return np.packbits(bits, axis=1)

    def _is_public(self, bits: Bytes) -> Flags:
        whole = np.zeros((len(bits), 128), dtype=np.uint8)
        whole[:, : bits.shape[1]] = bits
        octets = np.packbits(whole, axis=1)
        public = np.ones(len(bits), dtype=np.bool_)
        for network in _V6:
            public &= ~network.holds(octets)
        return public
