"""Phone numbers: phone."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.characters import LeadingZeroCipher, digits
from datamask.masking.scrub import Scrubber
from datamask.masking.substitute import substitute
from datamask.masking.text import Bytes, Lengths, pack
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

# ITU-T E.164: country codes of one and of two digits; all others have three.
_ONE = (1, 7)
_TWO = (20, 27, 30, 31, 32, 33, 34, 36, 39, 40, 41, 43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 56, 57,
        58, 60, 61, 62, 63, 64, 65, 66, 81, 82, 84, 86, 90, 91, 92, 93, 94, 95, 98)  # fmt: skip
_PLUS = np.uint8(ord("+"))
_ZERO = np.uint8(ord("0"))


class Phone(Transform):
    """Another number of the same form: ``+`` and country code, leading zero and separators stay.

    The other digits are permuted by FF1, fewer than six by a keyed shuffle. Values with other
    characters than digits and ``+ - . / ( )`` or blanks become digits of their keyed hash.
    """

    name = "phone"
    summary = "a number of the same form; country code and separators stay"
    kinds = frozenset(("text",))
    cost = 180

    def column_laws(self, case: Case) -> Laws:
        """A permutation that keeps the length."""
        return Laws(injective=True, max_length=case.type.max_length, reversible=True)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        cipher = LeadingZeroCipher(binding.key, "phone", binding.mask.domain)
        scrub = Scrubber(binding, "phone", b" +-./()")

        def masked(values: pl.Series, _: object) -> pl.Series:
            packed = pack(values)
            return scrub(packed, substitute(packed, _subscriber, cipher))

        return masked


def _country_code_lengths() -> NDArray[np.uint8]:
    """By the two digits behind the plus: how many digits of the country code stay."""
    lengths = np.full(256, 3, dtype=np.uint8)
    for first in _ONE:
        lengths[10 * first : 10 * first + 10] = 1
    lengths[list(_TWO)] = 2
    return lengths


_COUNTRY_CODE = _country_code_lengths()


def _subscriber(table: Bytes, lengths: Lengths) -> NDArray[np.bool_]:
    chosen = digits(table, lengths)
    plus = table[:, 0] == _PLUS
    if plus.any():
        # What is no digit gives some number too; it is not chosen anyway.
        code = _COUNTRY_CODE[np.uint8(10) * (table[:, 1] - _ZERO) + (table[:, 2] - _ZERO)]
        for position in (1, 2, 3):
            chosen[:, position] &= ~(plus & (code >= position))
    return chosen
