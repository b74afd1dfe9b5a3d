"""Network addresses: ip."""

from __future__ import annotations

import socket

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.addresses import AddressCipher
from datamask.masking.prf import Prf
from datamask.masking.text import Bytes, matrix, pack
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_V4_WIDTH = 18
_LONGEST = 43
_ZERO, _DOT, _SLASH = (np.uint8(ord(char)) for char in "0./")


class Ip(Transform):
    """FF1 over the bits of an address: private addresses stay in their network, public ones public.

    Loopback, link-local IPv4, multicast and reserved addresses stay, and so does a network mask; of a
    ``cidr`` only the network's bits change. In text columns, what is no address in the
    usual form becomes one of 10.0.0.0/8 by its keyed hash.
    """

    name = "ip"
    summary = "another IPv4 or IPv6 address; private stays private"
    kinds = frozenset(("inet", "text"))
    cost = 400

    def column_laws(self, case: Case) -> Laws:
        """A permutation of addresses."""
        if case.type.kind == "text":
            # An IPv6 address that became too long for the column is replaced as if it were no address.
            return Laws(max_length=min(_LONGEST, max(_V4_WIDTH, case.type.max_length or _LONGEST)))
        return Laws(injective=True, max_length=_LONGEST, reversible=True)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        cipher = AddressCipher(binding.subkey)
        network = binding.mask.type.base == "cidr"
        if binding.mask.type.kind == "text":
            return _in_text(cipher, binding.prf("ip of text"), binding.mask.type.max_length)
        return lambda values, _: _masked(values, cipher, network)


def _masked(values: pl.Series, cipher: AddressCipher, network: bool) -> pl.Series:
    """Addresses as the types ``inet`` and ``cidr`` print them; empty text stays."""
    is_v6 = values.str.contains(":", literal=True)
    if not is_v6.any():
        return _masked_v4(values, cipher, network)
    rows = is_v6.arg_true()
    result = values.clone()
    result = result.scatter(rows, _masked_v6(values.gather(rows).to_list(), cipher, network))
    rows = (~is_v6).arg_true()
    return result.scatter(rows, _masked_v4(values.gather(rows), cipher, network))


def _masked_v4(values: pl.Series, cipher: AddressCipher, network: bool) -> pl.Series:
    if not values.len():
        return values
    octets, masks = _parsed_v4(matrix(pack(values).cut(24), 24))
    prefixes = np.where(network & (masks <= 32), masks, 32).astype(np.int64)
    return _text_v4(cipher.encrypt(octets, prefixes), masks)


def _parsed_v4(table: Bytes) -> tuple[Bytes, NDArray[np.uint8]]:
    """Octets and masks (255 where there is none)."""
    octets = np.zeros((len(table), 5), dtype=np.uint8)
    rows = np.arange(len(table))
    place = np.zeros(len(table), dtype=np.intp)
    current = np.zeros(len(table), dtype=np.uint8)
    masked = np.zeros(len(table), dtype=np.bool_)
    for column in table[:, :_V4_WIDTH].T:
        digit = column - _ZERO
        is_digit = digit < 10
        ends = (column == _DOT) | (column == _SLASH)
        masked |= column == _SLASH
        current = np.where(is_digit, current * np.uint8(10) + digit, np.where(ends, np.uint8(0), current))
        place = np.minimum(place + ends, 4)
        octets[rows, place] = current
    return octets[:, :4].copy(), np.where(masked, octets[:, 4], np.uint8(255))


def _text_v4(octets: Bytes, masks: NDArray[np.uint8]) -> pl.Series:
    numbers = pl.Series(range(256)).cast(pl.String)
    ends = pl.Series(["", *(f"/{mask}" for mask in range(33))])
    parts = [numbers.gather(column) for column in octets.T]
    end = ends.gather(np.where(masks <= 32, masks + np.uint8(1), np.uint8(0)))
    return pl.select(pl.concat_str(pl.concat_str(*parts, separator="."), end)).to_series()


def _masked_v6(texts: list[str], cipher: AddressCipher, network: bool) -> pl.Series:
    addresses, _, masks = zip(*(text.partition("/") for text in texts), strict=True)
    octets = np.frombuffer(b"".join(socket.inet_pton(socket.AF_INET6, text) for text in addresses), np.uint8)
    prefixes = np.array([int(mask) if network and mask else 128 for mask in masks], dtype=np.int64)
    changed = cipher.encrypt(octets.reshape(-1, 16), prefixes)
    shown = [socket.inet_ntop(socket.AF_INET6, row.tobytes()) for row in changed]
    return pl.Series([f"{text}/{mask}" if mask else text for text, mask in zip(shown, masks, strict=True)])


def _in_text(cipher: AddressCipher, prf: Prf, limit: int | None) -> MaskFunction:
    def masked(values: pl.Series, _: object) -> pl.Series:
        good = pl.Series([_is_address(text) for text in values.to_list()], dtype=pl.Boolean)
        result = values.clone()
        rows = good.arg_true()
        if rows.len():
            result = result.scatter(rows, _masked(values.gather(rows), cipher, network=False))
        if limit is not None:
            good &= result.str.len_bytes() <= max(limit, _V4_WIDTH)
        rows = (~good).arg_true()
        if rows.len():
            octets = prf.wide(values.gather(rows)).view(np.uint8)[:, :4].copy()
            octets[:, 0] = 10
            result = result.scatter(rows, _text_v4(octets, np.full(len(octets), 255, dtype=np.uint8)))
        return result

    return masked


def _is_address(text: str) -> bool:
    """Whether a text is an address in the form that PostgreSQL prints, so that nothing else stays of it."""
    address, slash, mask = text.partition("/")
    family, most = (socket.AF_INET6, 128) if ":" in address else (socket.AF_INET, 32)
    if slash and (not mask.isascii() or not mask.isdigit() or len(mask) > 3 or int(mask) > most):
        return False
    try:
        return socket.inet_ntop(family, socket.inet_pton(family, address)) == address
    except (OSError, ValueError):
        return False
