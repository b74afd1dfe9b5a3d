"""Vehicle identification numbers: vin."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.characters import (
    AlphabetCipher,
    DigitCipher,
    OutsideCipher,
    alphanumerics,
    any_in_row,
    one_case,
)
from datamask.masking.foreign import ALPHANUMERIC, ForeignText
from datamask.masking.params import Param, text
from datamask.masking.substitute import replace, substitute
from datamask.masking.text import Bytes, pack
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

# ISO 3779: 17 characters without I, O and Q. The check digit and its place are those of North America (49 CFR 565).
_LENGTH, _CHECK, _YEAR = 17, 8, 9
_LETTERS = b"ABCDEFGHJKLMNPRSTUVWXYZ"
_VALUES = (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9)
_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
_CHECK_CHARACTERS = b"0123456789X"
_CASE = np.uint8(0x20)


class Vin(Transform):
    """Another vehicle of the same manufacturer and model year: letters become letters, digits digits.

    The first three characters (WMI) and the model year stay, with ``keep: model`` also the description and the
    plant, so that only the serial number changes. A right check digit becomes a right one; a wrong one, as most are in
    Europe, stays as wrong as it was. What is no VIN is enciphered as digits and letters; text with other characters
    than letters, digits and separators becomes 13 characters of its keyed hash.
    """

    name = "vin"
    summary = "another vehicle identification number of the same manufacturer"
    params = (
        Param(
            "keep",
            "text",
            "manufacturer",
            "what stays beside the model year: the manufacturer, or the model with it",
            choices=("manufacturer", "model"),
        ),
    )
    kinds = frozenset(("text",))
    cost = 600

    def column_laws(self, case: Case) -> Laws:
        """A permutation of texts of letters, digits and separators that keeps the length."""
        return Laws(injective=True, max_length=case.type.max_length, reversible=True)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        cipher = _VinCipher(binding, keep_model=text(binding.params, "keep") == "model")
        foreign = ForeignText(binding, "vin", ALPHANUMERIC + b" -.")

        def masked(values: pl.Series, _: Mapping[str, pl.Series]) -> pl.Series:
            packed = pack(values)
            return foreign(packed, substitute(packed, alphanumerics, cipher))

        return masked


class _VinCipher:
    def __init__(self, binding: Binding, *, keep_model: bool) -> None:
        domain = binding.mask.domain
        self._digits = DigitCipher(binding.key, "vin", domain)
        self._letters = AlphabetCipher(binding.subkey("vin letters"), _LETTERS)
        self._outside = OutsideCipher(binding.key, "vin", domain)
        self._free = np.zeros(_LENGTH, dtype=np.bool_)
        self._free[11 if keep_model else 3 :] = True
        self._free[[_CHECK, _YEAR]] = False

    def __call__(self, chars: Bytes) -> Bytes:
        plain, small, _ = one_case(chars)
        valid = _is_vin(chars)
        result = chars.copy()
        rows = np.flatnonzero(valid)
        if len(rows):
            numbers = plain[rows]
            is_digit = numbers <= ord("9")
            new = numbers.copy()
            replace(new, is_digit & self._free, self._digits)
            replace(new, ~is_digit & self._free, self._letters)
            _keep_check(numbers, new)
            # Digits have the bit set already: only letters change.
            result[rows] = np.where(small[rows][:, None], new | _CASE, new)
        if not valid.all():
            result[~valid] = self._outside.encrypt(chars[~valid], _is_vin)
        return result


def _values() -> NDArray[np.int64]:
    values = np.zeros(256, dtype=np.int64)
    values[np.frombuffer(b"0123456789", dtype=np.uint8)] = np.arange(10)
    values[np.frombuffer(_LETTERS, dtype=np.uint8)] = _VALUES
    return values


def _check_values() -> NDArray[np.int64]:
    values = np.full(256, -1, dtype=np.int64)
    values[np.frombuffer(_CHECK_CHARACTERS, dtype=np.uint8)] = np.arange(11)
    return values


_VALUE, _CHECK_VALUE = _values(), _check_values()
_FOREIGN = ~np.isin(np.arange(256), list(b"0123456789" + _LETTERS))


def _is_vin(chars: Bytes) -> NDArray[np.bool_]:
    """Which rows are 17 characters of the alphabet in one case, with a letter that is no check digit."""
    if chars.shape[1] != _LENGTH:
        return np.zeros(len(chars), dtype=np.bool_)
    plain, _, mixed = one_case(chars)
    lettered = any_in_row(np.delete(plain, _CHECK, axis=1) > ord("9"))
    return lettered & ~any_in_row(_FOREIGN[plain]) & ~mixed


def _right(numbers: Bytes) -> NDArray[np.int64]:
    """The value of the right check digit, 0 to 10."""
    total = np.zeros(len(numbers), dtype=np.int64)
    for place, weight in enumerate(_WEIGHTS):
        total += _VALUE[numbers[:, place]] * weight
    return total % 11


def _keep_check(old: Bytes, new: Bytes) -> None:
    """Make check digits as right as they were; other letters at their place stay."""
    found = _CHECK_VALUE[old[:, _CHECK]]
    moved = (found + _right(new) - _right(old)) % 11
    characters = np.frombuffer(_CHECK_CHARACTERS, dtype=np.uint8)[moved]
    new[:, _CHECK] = np.where(found >= 0, characters, old[:, _CHECK])
