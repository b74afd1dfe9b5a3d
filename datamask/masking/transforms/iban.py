"""International bank account numbers: iban."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.characters import (
    AlphanumericCipher,
    DigitCipher,
    LetterCipher,
    OutsideCipher,
    alphanumerics,
    one_case,
)
from datamask.masking.foreign import ALPHANUMERIC, ForeignText
from datamask.masking.iban import NO_CHECK, Structure, iso_check, structures
from datamask.masking.keys import MaskingKey
from datamask.masking.params import Param, flag
from datamask.masking.substitute import substitute
from datamask.masking.text import Bytes, pack
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_SEPARATORS = b" -."
_CASE = np.uint8(0x20)


class Iban(Transform):
    """Another account in the same country: length, grouping and case stay, check digits are computed anew.

    Digits go through FF1 and stay digits, letters stay letters (a bank's become one other bank's); an account of digits
    alone stays one. Right check digits become right ones, wrong ones stay as wrong as they were: the national ones of
    a dozen countries, and the IBAN's own of all. What has no country's structure is enciphered as a whole; text with
    other characters than letters, digits and separators becomes 13 characters of its keyed hash.
    """

    name = "iban"
    summary = "a valid account number of the same country"
    params = (
        Param("keep_bank", "boolean", False, "the bank's identifier (in GB and IE with the sort code) stays"),
    )
    kinds = frozenset(("text",))
    cost = 700

    def column_laws(self, case: Case) -> Laws:
        """A permutation of texts of letters, digits and separators that keeps the length."""
        return Laws(injective=True, max_length=case.type.max_length, reversible=True)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        cipher = _IbanCipher(binding.key, binding.mask.domain, keep_bank=flag(binding.params, "keep_bank"))
        foreign = ForeignText(binding, "iban", ALPHANUMERIC + _SEPARATORS)

        def masked(values: pl.Series, _: Mapping[str, pl.Series]) -> pl.Series:
            packed = pack(values)
            return foreign(packed, substitute(packed, alphanumerics, cipher))

        return masked


class _IbanCipher:
    """A permutation of strings of digits and letters under which IBANs stay IBANs of their country."""

    def __init__(self, key: MaskingKey, domain: str, *, keep_bank: bool) -> None:
        self._key, self._domain = key, domain
        self._keep_bank = keep_bank
        self._outside = OutsideCipher(key, "iban", domain)
        self._countries: dict[str, _CountryCipher] = {}

    def __call__(self, chars: Bytes) -> Bytes:
        """Each row of ASCII digits and letters enciphered."""
        plain, small, _ = one_case(chars)
        result = chars.copy()
        rest = np.ones(len(chars), dtype=np.bool_)
        for country, rows in _by_country(chars).items():
            if country not in self._countries:
                self._countries[country] = _CountryCipher(self._key, country, self._domain, self._keep_bank)
            changed = self._countries[country](plain[rows])
            result[rows] = np.where(small[rows][:, None], changed | _CASE, changed)
            rest[rows] = False
        if rest.any():
            result[rest] = self._outside.encrypt(chars[rest], _has_structure)
        return result


class _CountryCipher:
    """A permutation of one country's IBANs."""

    def __init__(self, key: MaskingKey, country: str, domain: str, keep_bank: bool) -> None:
        self._structure = structure = structures()[country]
        free = np.ones(len(structure.classes), dtype=np.bool_)
        if structure.check is not None:
            free[structure.check.columns] = False
        if keep_bank:
            free[structure.bank] = False
        classes = np.array(list(structure.classes))
        self._places = {kind: np.flatnonzero(free & (classes == kind)) for kind in "nac"}
        self._either = np.flatnonzero(classes == "c")
        purpose = f"iban {country}"
        self._digits = DigitCipher(key, purpose, domain)
        self._letters = LetterCipher(key, purpose, domain)
        self._both = AlphanumericCipher(key, purpose, domain)

    def __call__(self, ibans: Bytes) -> Bytes:
        """Each row of capital letters and digits enciphered."""
        old, new = ibans[:, 4:], ibans[:, 4:].copy()
        numeric = (old[:, self._either] <= ord("9")).all(axis=1)
        for rows, encipher in ((numeric, self._numeric), (~numeric, self._mixed)):
            if rows.any():
                new[rows] = encipher(old[rows])
        self._check(old, new)
        result = np.hstack([ibans[:, :4], new])
        pair = (ibans[:, 2] - np.uint8(48)) * np.int64(10) + (ibans[:, 3] - np.uint8(48))
        pair = (iso_check(result) + pair - iso_check(ibans)) % 100
        result[:, 2], result[:, 3] = pair // 10 + 48, pair % 10 + 48
        return result

    def _check(self, old: Bytes, new: Bytes) -> None:
        """Make the national check digits of ``new`` as right as those of ``old``."""
        check = self._structure.check
        if check is None:
            return
        right, found = check.compute(old), check.read(old)
        # Numbers without a check digit stay among each other.
        again = np.flatnonzero((check.compute(new) == NO_CHECK) != (right == NO_CHECK))
        while len(again):
            part = self._numeric(new[again])
            new[again] = part
            again = again[(check.compute(part) == NO_CHECK) != (right[again] == NO_CHECK)]
        moved = (check.compute(new) + found - right) % check.values
        check.write(new, np.where(right == NO_CHECK, found, moved))

    def _numeric(self, bban: Bytes) -> Bytes:
        """Where what may be letters or digits is digits."""
        result = bban.copy()
        digits = np.sort(np.concatenate([self._places["n"], self._places["c"]]))
        result[:, digits] = self._digits(bban[:, digits])
        return self._lettered(result)

    def _mixed(self, bban: Bytes) -> Bytes:
        result = bban.copy()
        for kind, cipher in (("n", self._digits), ("c", self._both)):
            places = self._places[kind]
            if len(places):
                result[:, places] = cipher(bban[:, places])
        return self._lettered(result)

    def _lettered(self, bban: Bytes) -> Bytes:
        places = self._places["a"]
        if len(places):
            bban[:, places] = self._letters(bban[:, places])
        return bban


def _by_country(chars: Bytes) -> dict[str, NDArray[np.intp]]:
    """The rows that have the structure of a country's IBANs, in one case."""
    if chars.shape[1] <= 4:
        return {}
    plain, _, mixed = one_case(chars)
    usable = ~mixed & (plain[:, :2] > ord("9")).all(axis=1) & (plain[:, 2:4] <= ord("9")).all(axis=1)
    codes = plain[:, 0].astype(np.uint16) * np.uint16(256) + plain[:, 1]
    found: dict[str, NDArray[np.intp]] = {}
    for code in np.unique(codes[usable]).tolist():
        country = chr(code >> 8) + chr(code & 255)
        structure: Structure | None = structures().get(country)
        if structure is not None and len(structure.classes) == chars.shape[1] - 4:
            rows = np.flatnonzero(usable & (codes == code))
            rows = rows[structure.fits(plain[rows, 4:])]
            if len(rows):
                found[country] = rows
    return found


def _has_structure(chars: Bytes) -> NDArray[np.bool_]:
    inside = np.zeros(len(chars), dtype=np.bool_)
    for rows in _by_country(chars).values():
        inside[rows] = True
    return inside
