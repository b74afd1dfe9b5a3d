"""Numbers that states and tax offices give out: national_id."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from datamask.masking.characters import alphanumerics
from datamask.masking.foreign import ALPHANUMERIC, ForeignText
from datamask.masking.national.types import TYPES
from datamask.masking.params import Param, text
from datamask.masking.schemes import SchemeCipher
from datamask.masking.substitute import substitute
from datamask.masking.text import pack
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_SEPARATORS = b" -./+:"


class NationalId(Transform):
    """Another valid number of the same kind: separators and case stay, check digits are computed anew.

    What is free in a number is permuted by FF1, dates become other dates of the same era. A number
    that is not valid becomes another one that is not: its digits and letters are enciphered. Text with other
    characters than letters, digits and separators becomes 13 characters of its keyed hash.
    """

    name = "national_id"
    summary = "another valid number of a person or company, such as a social security or VAT number"
    params = (
        Param(
            "type",
            "text",
            None,
            "the country's ISO code and the number's name in python-stdnum",
            required=True,
            choices=tuple(sorted(TYPES)),
        ),
    )
    kinds = frozenset(("text",))
    cost = 400

    def column_laws(self, case: Case) -> Laws:
        """A permutation of texts of letters, digits and separators that keeps the length."""
        return Laws(injective=True, max_length=case.type.max_length, reversible=True)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        kind = text(binding.params, "type")
        purpose = f"national_id {kind}"
        cipher = SchemeCipher(binding.key, purpose, binding.mask.domain, tuple(TYPES[kind]()))
        foreign = ForeignText(binding, purpose, ALPHANUMERIC + _SEPARATORS)

        def masked(values: pl.Series, _: Mapping[str, pl.Series]) -> pl.Series:
            packed = pack(values)
            return foreign(packed, substitute(packed, alphanumerics, cipher))

        return masked
