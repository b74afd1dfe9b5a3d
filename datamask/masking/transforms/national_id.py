"""Numbers that states and tax offices give out: national_id."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from datamask.errors import PolicyError
from datamask.masking.characters import alphanumerics
from datamask.masking.foreign import ALPHANUMERIC, ForeignText
from datamask.masking.model import JSONValue
from datamask.masking.national.recognized import RecognizingCipher
from datamask.masking.national.types import AUTO, TYPES, schemes
from datamask.masking.params import Param, text, texts
from datamask.masking.schemes import SchemeCipher
from datamask.masking.substitute import Encipher, substitute
from datamask.masking.text import pack
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform
from datamask.suggest import did_you_mean

_SEPARATORS = b" -./+:"
_ANY = "auto"


class NationalId(Transform):
    """Another valid number of the same kind: separators and case stay, check digits are computed anew.

    What is free in a number is permuted by FF1, dates become other dates of the same era. A number
    that is not valid becomes another one that is not: its digits and letters are enciphered. Text with other
    characters than letters, digits and separators becomes 13 characters of its keyed hash.

    `type: auto` is for columns of numbers from everywhere: each value stays valid as what it is by its own check digits.
    Short numbers often are valid as several things by chance (of nine digits, one in eleven as a BSN); they stay valid
    as the first two of them. Name the type where there is one, or `among` which ones there are: it is faster, too.
    """

    name = "national_id"
    summary = "another valid number of a person or company, such as a social security or VAT number"
    params = (
        Param(
            "type",
            "text",
            None,
            "the country's ISO code and the number's name in python-stdnum; `auto` for what each value is",
            required=True,
            choices=(_ANY, *sorted(TYPES)),
        ),
        Param("among", "texts", None, f"the types that `auto` tells apart; left out: {', '.join(AUTO)}"),
    )
    kinds = frozenset(("text",))
    cost = 800

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """Refuses types that there are not; of ``among``, the order is no matter."""
        checked = super().validate(params)
        among = texts(checked, "among")
        if among and text(checked, "type") != _ANY:
            raise PolicyError("national_id: among is for type auto", hint="leave out one of them")
        for kind in among:
            if kind not in TYPES:
                raise PolicyError(
                    f"national_id: among names {kind!r}, which is no type",
                    hint=did_you_mean(kind, tuple(TYPES)),
                )
        if among:
            checked["among"] = [kind for kind in dict.fromkeys((*AUTO, *TYPES)) if kind in among]
        return checked

    def column_laws(self, case: Case) -> Laws:
        """A permutation of texts of letters, digits and separators that keeps the length."""
        return Laws(injective=True, max_length=case.type.max_length, reversible=True)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        purpose = f"national_id {text(binding.params, 'type')}"
        cipher = _cipher(binding, purpose)
        foreign = ForeignText(binding, purpose, ALPHANUMERIC + _SEPARATORS)

        def masked(values: pl.Series, _: Mapping[str, pl.Series]) -> pl.Series:
            packed = pack(values)
            return foreign(packed, substitute(packed, alphanumerics, cipher))

        return masked


def _cipher(binding: Binding, purpose: str) -> Encipher:
    kind, key, domain = text(binding.params, "type"), binding.key, binding.mask.domain
    if kind != _ANY:
        return SchemeCipher(key, purpose, domain, schemes(kind))
    among = texts(binding.params, "among") or AUTO
    return RecognizingCipher(key, purpose, domain, [schemes(one) for one in among])
