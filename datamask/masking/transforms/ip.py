"""Network addresses: ip."""

from __future__ import annotations

import socket
from typing import Protocol

import numpy as np
import polars as pl

from datamask.masking import ipv4_text
from datamask.masking.addresses import Prefixes, V4Cipher, V6Cipher
from datamask.masking.cryptopan import CryptoPan
from datamask.masking.ipv4_text import NO_MASK
from datamask.masking.params import Param, text
from datamask.masking.prf import Prf
from datamask.masking.text import Bytes, Words, pack
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_LONGEST = 43
_BIG = np.dtype(">u8")


class Ip(Transform):
    """A permutation of addresses, either of each kind of network or of every subnet.

    By kind: FF1 over the bits of an address, so that private addresses stay in their network and public ones
    public; loopback, link-local IPv4, multicast and reserved addresses stay. By prefix: Crypto-PAn, so that
    two addresses of one subnet, of whatever size, are of one subnet again; all addresses change. Network masks
    stay, and of a ``cidr`` only the network's bits change. In text columns, what is no address in the
    usual form becomes one of 10.0.0.0/8 by its keyed hash.
    """

    name = "ip"
    summary = "another IPv4 or IPv6 address of the same kind, or one that keeps the structure of subnets"
    params = (
        Param(
            "preserve",
            "text",
            "kind",
            "kind: private stays private; prefix: subnets stay subnets (Crypto-PAn)",
            choices=("kind", "prefix"),
        ),
    )
    kinds = frozenset(("inet", "text"))
    cost = 250

    def column_laws(self, case: Case) -> Laws:
        """A permutation of addresses."""
        if case.type.kind == "text":
            # An IPv6 address that became too long for the column is replaced as if it were no address.
            return Laws(max_length=min(_LONGEST, max(ipv4_text.LONGEST, case.type.max_length or _LONGEST)))
        return Laws(injective=True, max_length=_LONGEST, reversible=True)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        by_prefix = text(binding.params, "preserve") == "prefix"
        cipher: _Cipher = _ByPrefix(binding) if by_prefix else _ByKind(binding)
        if binding.mask.type.kind == "text":
            return _in_text(cipher, binding.prf("ip of text"), binding.mask.type.max_length)
        network = binding.mask.type.base == "cidr"
        return lambda values, _: _masked(values, cipher, network)


class _Cipher(Protocol):
    """Permutations of both families; a prefix is how many bits of an address may change, the others are zero."""

    def v4(self, numbers: Words, prefixes: Prefixes) -> Words:
        """IPv4 addresses, as numbers."""

    def v6(self, octets: Bytes, prefixes: Prefixes) -> Bytes:
        """IPv6 addresses, as rows of 16 octets."""


class _ByKind:
    def __init__(self, binding: Binding) -> None:
        self.v4 = V4Cipher(binding.subkey).encrypt
        self.v6 = V6Cipher(binding.subkey).encrypt


class _ByPrefix:
    def __init__(self, binding: Binding) -> None:
        self._cipher = CryptoPan(binding.subkey("ip prefix"))

    def v4(self, numbers: Words, prefixes: Prefixes) -> Words:
        rest = (32 - prefixes).astype(np.uint64)
        return (self._cipher.encrypt_v4(numbers) >> rest) << rest

    def v6(self, octets: Bytes, prefixes: Prefixes) -> Bytes:
        words = octets.view(_BIG).astype(np.uint64)
        halves = self._cipher.encrypt_v6(words[:, 0].copy(), words[:, 1].copy())
        result = np.stack(halves, axis=1).astype(_BIG).view(np.uint8)
        keep = np.arange(128) < prefixes[:, None]
        return result & np.packbits(keep, axis=1)


def _masked(values: pl.Series, cipher: _Cipher, network: bool) -> pl.Series:
    """Addresses as the types ``inet`` and ``cidr`` print them; empty text stays."""
    is_v6 = values.str.contains(":", literal=True)
    if not is_v6.any():
        return _masked_v4(ipv4_text.parse(pack(values)), cipher, network)
    result = values.clone()
    rows = is_v6.arg_true()
    result = result.scatter(rows, _masked_v6(values.gather(rows).to_list(), cipher, network))
    rows = (~is_v6).arg_true()
    if not rows.len():
        return result
    return result.scatter(rows, _masked_v4(ipv4_text.parse(pack(values.gather(rows))), cipher, network))


def _masked_v4(addresses: ipv4_text.Addresses, cipher: _Cipher, network: bool) -> pl.Series:
    masks = addresses.masks
    prefixes = np.where(network & (masks != NO_MASK), masks, 32).astype(np.int64)
    return ipv4_text.to_text(cipher.v4(addresses.numbers, prefixes), masks)


def _masked_v6(texts: list[str], cipher: _Cipher, network: bool) -> pl.Series:
    addresses, _, masks = zip(*(text.partition("/") for text in texts), strict=True)
    octets = np.frombuffer(b"".join(socket.inet_pton(socket.AF_INET6, text) for text in addresses), np.uint8)
    prefixes = np.array([int(mask) if network and mask else 128 for mask in masks], dtype=np.int64)
    changed = cipher.v6(octets.reshape(-1, 16), prefixes)
    shown = [socket.inet_ntop(socket.AF_INET6, row.tobytes()) for row in changed]
    return pl.Series([f"{text}/{mask}" if mask else text for text, mask in zip(shown, masks, strict=True)])


def _in_text(cipher: _Cipher, prf: Prf, limit: int | None) -> MaskFunction:
    def masked(values: pl.Series, _: object) -> pl.Series:
        addresses = ipv4_text.parse(pack(values))
        result = _masked_v4(addresses, cipher, network=False)
        good = addresses.right
        others = np.flatnonzero(~good)
        if not len(others):
            return result
        texts = values.gather(others).to_list()
        found = [place for place, text in enumerate(texts) if _is_v6(text)]
        if found:
            masked_v6 = _masked_v6([texts[place] for place in found], cipher, network=False)
            if limit is not None:
                fits = (masked_v6.str.len_bytes() <= max(limit, ipv4_text.LONGEST)).to_numpy()
                found, masked_v6 = (
                    [place for place, fit in zip(found, fits, strict=True) if fit],
                    masked_v6.filter(fits),
                )
            result = result.scatter(others[found], masked_v6)
            others = np.delete(others, found)
        if len(others):
            numbers = prf.words(values.gather(others)) & np.uint64(0xFFFFFF)
            result = result.scatter(others, ipv4_text.to_text(numbers | np.uint64(10 << 24)))
        return result

    return masked


def _is_v6(text: str) -> bool:
    """Whether a text is an address in the form that PostgreSQL prints, so that nothing else stays of it."""
    address, slash, mask = text.partition("/")
    if slash and (not mask.isascii() or not mask.isdigit() or len(mask) > 3 or int(mask) > 128):
        return False
    try:
        return socket.inet_ntop(socket.AF_INET6, socket.inet_pton(socket.AF_INET6, address)) == address
    except (OSError, ValueError):
        return False
