"""Keyed permutations of IPv4 and IPv6 addresses that stay in the kind of network they are from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datamask.masking.fpe import NumeralCipher
from datamask.masking.text import Bytes

Flags = NDArray[np.bool_]


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


class AddressCipher:
    """A permutation of addresses: the leading bits of private networks stay, and public stays public.

    :param subkey: gives 32 bytes for a purpose.
    """

    def __init__(self, subkey: Callable[[str], bytes]) -> None:
        self._ciphers = {4: _Family(subkey, "ip 4", _V4), 16: _Family(subkey, "ip 6", _V6)}

    def encrypt(self, octets: Bytes, prefixes: NDArray[np.int64]) -> Bytes:
        """Addresses enciphered.

        :param octets: k × 4 or k × 16.
        :param prefixes: bits of each address that may change; the others are zero in a network's address.
        """
        result = octets.copy()
        family = self._ciphers[octets.shape[1]]
        for prefix in np.unique(prefixes).tolist():
            rows = np.flatnonzero(prefixes == prefix)
            result[rows] = family.encrypt(octets[rows], prefix)
        return result


class _Family:
    def __init__(self, subkey: Callable[[str], bytes], purpose: str, networks: tuple[_Network, ...]) -> None:
        self._networks = networks
        self._inside = [
            NumeralCipher(subkey(f"{purpose} network {number}"), 2) for number in range(len(networks))
        ]
        self._public = NumeralCipher(subkey(f"{purpose} public"), 2, self._is_public)
        self._size = 4 if networks is _V4 else 16

    def encrypt(self, octets: Bytes, prefix: int) -> Bytes:
        bits = np.unpackbits(octets, axis=1)
        rest = np.ones(len(octets), dtype=np.bool_)
        for network, cipher in zip(self._networks, self._inside, strict=True):
            inside = rest & network.holds(octets)
            rest &= ~inside
            if not network.stays and network.bits < prefix and inside.any():
                bits[inside, network.bits : prefix] = cipher.encrypt(bits[inside, network.bits : prefix])
        if rest.any():
            bits[rest, :prefix] = self._public.encrypt(bits[rest, :prefix])
        return np.packbits(bits, axis=1)

    def _is_public(self, bits: Bytes) -> Flags:
        whole = np.zeros((len(bits), 8 * self._size), dtype=np.uint8)
        whole[:, : bits.shape[1]] = bits
        octets = np.packbits(whole, axis=1)
        public = np.ones(len(bits), dtype=np.bool_)
        for network in self._networks:
            public &= ~network.holds(octets)
        return public
