"""Payment card numbers: card_number."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.characters import DigitCipher, digits
from datamask.masking.fpe import NumeralCipher
from datamask.masking.scrub import Scrubber
from datamask.masking.substitute import substitute
from datamask.masking.text import Bytes, pack
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

# ISO/IEC 7812: 12 to 19 digits, the last one a check digit; the issuer's number stays.
_SHORTEST, _LONGEST, _ISSUER = 12, 19, 6
_ZERO = np.uint8(ord("0"))


class CardNumber(Transform):
    """Another card of the same issuer: the first six digits, separators and length stay.

    The digits between issuer and check digit go through FF1. A number with a right check digit (Luhn)
    gets a right one; a wrong one stays as wrong as it was, so that the whole is a permutation. Digits of
    other lengths are enciphered as a whole, and other characters than digits and separators scrubbed.
    """

    name = "card_number"
    summary = "a valid card number of the same issuer and length"
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

        def encipher(chars: Bytes) -> Bytes:
            length = chars.shape[1]
            if not _SHORTEST <= length <= _LONGEST:
                return other(chars)
            numerals = chars - _ZERO
            wrong = numerals[:, -1] - _check_digit(numerals)
            numerals[:, _ISSUER:-1] = account.encrypt(np.ascontiguousarray(numerals[:, _ISSUER:-1]))
            numerals[:, -1] = (_check_digit(numerals) + wrong + np.uint8(10)) % np.uint8(10)
            return numerals + _ZERO

        def masked(values: pl.Series, _: object) -> pl.Series:
            packed = pack(values)
            return scrub(packed, substitute(packed, digits, encipher))

        return masked


def _check_digit(numerals: Bytes) -> NDArray[np.uint8]:
    """Luhn's check digit (ISO/IEC 7812-1, annex B) of all digits but the last."""
    total = np.zeros(len(numerals), dtype=np.uint8)
    for place, column in enumerate(numerals[:, -2::-1].T):
        if place % 2 == 0:
            doubled = column * np.uint8(2)
            total += doubled - np.uint8(9) * (column > 4)
        else:
            total += column
    return (np.uint8(10) - total % np.uint8(10)) % np.uint8(10)
