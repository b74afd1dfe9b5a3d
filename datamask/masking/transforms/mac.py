"""Hardware addresses of network interfaces: mac."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.catalog.model import ColumnType
from datamask.masking.characters import among, any_in_row
from datamask.masking.foreign import ForeignText
from datamask.masking.fpe import NumeralCipher
from datamask.masking.params import Param, text
from datamask.masking.substitute import substitute
from datamask.masking.text import Bytes, pack
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_HEXADECIMAL = b"0123456789ABCDEFabcdef"
_SEPARATORS = b":-. "
_DIGITS = (12, 16)
_TYPES = ("macaddr", "macaddr8")
# The second digit's lowest bits: a group of stations, and an address that is no manufacturer's (IEEE 802).
_GROUP = np.uint8(1)
_CASE = np.uint8(0x20)


class Mac(Transform):
    """Another address of 48 or 64 bits: separators and case stay, and by default the manufacturer (OUI).

    FF1 over the hexadecimal digits behind the OUI, or over all but the second, whose bits tell groups and local
    addresses. Addresses of groups (broadcast, multicast) and zeros stay. In text columns, what is no address in one case
    becomes 13 characters of its keyed hash.
    """

    name = "mac"
    summary = "another hardware address, of the same manufacturer or of any (macaddr, macaddr8 and text)"
    params = (
        Param(
            "vendor",
            "text",
            "keep",
            "keep the manufacturer's part (OUI), or hide it",
            choices=("keep", "hide"),
        ),
    )
    kinds = frozenset(("text",))
    cost = 550

    def accepts(self, column_type: ColumnType) -> str | None:
        """As :meth:`Transform.accepts`; the types for hardware addresses are no kind of their own."""
        if column_type.kind == "other" and column_type.base in _TYPES:
            return None
        return super().accepts(column_type)

    def column_laws(self, case: Case) -> Laws:
        """A permutation that keeps the length."""
        return Laws(injective=True, max_length=case.type.max_length, reversible=True)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        cipher = _MacCipher(binding, keep_vendor=text(binding.params, "vendor") == "keep")
        foreign = ForeignText(binding, "mac", _HEXADECIMAL + _SEPARATORS)
        trusted = binding.mask.type.base in _TYPES

        def masked(values: pl.Series, _: Mapping[str, pl.Series]) -> pl.Series:
            packed = pack(values)
            result = substitute(packed, among(_HEXADECIMAL), cipher)
            if trusted:
                return result
            wrong = ~values.str.count_matches("[0-9A-Fa-f]").is_in(list(_DIGITS))
            wrong |= values.str.contains("[a-f]") & values.str.contains("[A-F]")
            if wrong.any():
                result = foreign.replace(packed, result, wrong.arg_true().to_numpy())
            return foreign(packed, result)

        return masked


class _MacCipher:
    """A permutation of rows of 12 or 16 hexadecimal digits.

    Addresses without letters have no case: they stay without where what is kept has none either, and others do not
    become such, so that two spellings never meet.
    """

    def __init__(self, binding: Binding, *, keep_vendor: bool) -> None:
        self._kept = np.arange(6) if keep_vendor else np.array([1])
        self._any = NumeralCipher(binding.subkey("mac"), 16)
        self._lettered = NumeralCipher(binding.subkey("mac letters"), 16, _has_letter)
        self._digits = NumeralCipher(binding.subkey("mac digits"), 10)
        self._some = NumeralCipher(binding.subkey("mac not zero"), 10, lambda rows: any_in_row(rows > 0))

    def __call__(self, chars: Bytes) -> Bytes:
        if chars.shape[1] not in _DIGITS:
            return chars
        letter = chars > ord("9")
        numerals = np.where(letter, (chars & ~_CASE) - np.uint8(ord("A") - 10), chars - np.uint8(ord("0")))
        free = np.setdiff1d(np.arange(chars.shape[1]), self._kept)
        one, rest = numerals[:, self._kept], np.ascontiguousarray(numerals[:, free])
        stays = (numerals[:, 1] & _GROUP == _GROUP) | (numerals == 0).all(axis=1)
        named, lettered, zero = _has_letter(one), _has_letter(rest), (one == 0).all(axis=1)
        for rows, cipher in (
            (named, self._any),
            (~named & lettered, self._lettered),
            (~named & ~lettered & ~zero, self._digits),
            (~named & ~lettered & zero, self._some),
        ):
            chosen = np.flatnonzero(rows & ~stays)
            if len(chosen):
                rest[chosen] = cipher.encrypt(rest[chosen])
        numerals[:, free] = rest
        small = any_in_row(chars > ord("Z")) | ~any_in_row(letter)
        capitals = np.where(numerals > 9, numerals + np.uint8(ord("A") - 10), numerals + np.uint8(ord("0")))
        return np.where(small[:, None], capitals | _CASE, capitals)


def _has_letter(numerals: Bytes) -> NDArray[np.bool_]:
    return any_in_row(numerals > 9)
