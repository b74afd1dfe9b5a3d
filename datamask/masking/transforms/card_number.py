"""Payment card numbers: card_number."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.card_brands import brand_digits
from datamask.masking.characters import DigitCipher, digits
from datamask.masking.fpe import NumeralCipher
from datamask.masking.params import Param, text, whole
from datamask.masking.scrub import Scrubber
from datamask.masking.substitute import substitute
from datamask.masking.text import Bytes, pack
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

# ISO/IEC 7812: 12 to 19 digits, the last one a check digit.
_SHORTEST, _LONGEST = 12, 19
_BIN_DIGITS = {"bin": 6, "bin8": 8}
# Digits that are enciphered at least, whatever the parameters keep.
_FEWEST = 3
_ZERO = np.uint8(ord("0"))
# The digit that counts so much in Luhn's sum at every second place, where it is doubled.
_HALVED = np.array([0, 5, 1, 6, 2, 7, 3, 8, 4, 9], dtype=np.uint8)


class CardNumber(Transform):
    """Another card of the same issuer or brand: separators and length stay.

    The digits behind the issuer's go through FF1. A number with a right check digit (Luhn)
    gets a right one; a wrong one stays as wrong as it was, so that the whole is a permutation. Where the last
    digits stay, the one before them makes the sum right. Digits of other lengths are enciphered as a whole, and
    values with other characters than digits and separators become digits of their keyed hash.
    """

    name = "card_number"
    summary = "a valid card number of the same issuer or brand, and of the same length"
    params = (
        Param(
            "keep",
            "text",
            "bin",
            "what stays in front: bin (the issuer, 6 digits), bin8 (8 digits) or brand (the scheme's 1 to 4 digits)",
            choices=("bin", "bin8", "brand"),
        ),
        Param("keep_last", "integer", 0, "digits that stay at the end", minimum=0, maximum=4),
    )
    kinds = frozenset(("text",))
    cost = 200

    def column_laws(self, case: Case) -> Laws:
        """A permutation that keeps the length."""
        return Laws(injective=True, max_length=case.type.max_length, reversible=True)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        domain = binding.mask.domain
        account = NumeralCipher(binding.key.derive("card_number account", domain), 10)
        other = DigitCipher(binding.key, "card_number", domain)
        scrub = Scrubber(binding, "card_number", b" -./")
        keep, last = text(binding.params, "keep"), whole(binding.params, "keep_last")

        def encipher(chars: Bytes) -> Bytes:
            length = chars.shape[1]
            if not _SHORTEST <= length <= _LONGEST:
                return other(chars)
            numerals = chars - _ZERO
            balance = length - 1 - last
            kept = np.full(len(chars), _BIN_DIGITS[keep]) if keep in _BIN_DIGITS else brand_digits(numerals)
            kept = np.minimum(kept, balance - _FEWEST)
            result = numerals.copy()
            for first in np.unique(kept).tolist():
                rows = np.flatnonzero(kept == first)
                result[rows, first:balance] = account.encrypt(
                    np.ascontiguousarray(numerals[rows, first:balance])
                )
            _balance(result, balance, _luhn_sum(numerals))
            return result + _ZERO

        def masked(values: pl.Series, _: object) -> pl.Series:
            packed = pack(values)
            return scrub(packed, substitute(packed, digits, encipher))

        return masked


def _luhn_sum(numerals: Bytes) -> NDArray[np.uint8]:
    """Luhn's sum (ISO/IEC 7812-1, annex B) modulo 10: 0 where the check digit is right."""
    total = np.zeros(len(numerals), dtype=np.uint8)
    for place, column in enumerate(numerals[:, ::-1].T):
        total += column
        if place % 2:
            # Twice the digit, less 9 from 5 on: its digits' sum.
            total += column - np.uint8(9) * (column > 4)
    return total % np.uint8(10)


def _balance(numerals: Bytes, place: int, wanted: NDArray[np.uint8]) -> None:
    """Choose the digit at ``place`` so that Luhn's sum is the wanted one."""
    numerals[:, place] = 0
    missing = (wanted + np.uint8(10) - _luhn_sum(numerals)) % np.uint8(10)
    doubled = (numerals.shape[1] - 1 - place) % 2
    numerals[:, place] = _HALVED[missing] if doubled else missing
