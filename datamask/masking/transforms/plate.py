"""Registration plates of vehicles: plate."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from datamask.masking.characters import DigitCipher, LetterCipher, digits, letters
from datamask.masking.foreign import ALPHANUMERIC, PUNCTUATION, ForeignText
from datamask.masking.params import Param, flag
from datamask.masking.parts import inside
from datamask.masking.substitute import substitute
from datamask.masking.text import pack
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

# Letters, of whatever alphabet, in front of something else, in a value with a digit.
_REGION = r"^(\p{L}{1,3})[^\p{L}].*[0-9]"
_UMLAUTS = "ÄÖÜ"


class Plate(Transform):
    """Letters become letters and digits digits, so that a plate keeps its country's form.

    The region may stay: up to three letters in front, as in ``B-MW 1234``. Ä, Ö and Ü become one another. Text with
    other characters than these and ASCII becomes 13 characters of its keyed hash.
    """

    name = "plate"
    summary = "another registration plate of the same form"
    params = (
        Param(
            "keep_region",
            "boolean",
            False,
            "one to three letters in front of a space, a hyphen or a digit stay",
        ),
    )
    kinds = frozenset(("text",))
    cost = 400

    def column_laws(self, case: Case) -> Laws:
        """A permutation of texts of ASCII and umlauts that keeps the length."""
        return Laws(injective=True, max_length=case.type.max_length, reversible=True)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        function = _function(binding)
        if flag(binding.params, "keep_region"):
            function = inside(_behind_region, function)
        foreign = ForeignText(binding, "plate", ALPHANUMERIC + PUNCTUATION + _UMLAUTS.encode())
        return lambda values, row: foreign(pack(values), function(values, row))


def _function(binding: Binding) -> MaskFunction:
    """Letters for letters, digits for digits; other characters stay."""
    domain = binding.mask.domain
    of_digits, of_letters = (
        DigitCipher(binding.key, "plate", domain),
        LetterCipher(binding.key, "plate", domain),
    )
    key = binding.key.derive("plate umlauts", domain)
    turn = 1 + key[0] % 2
    if key.inverse:
        turn = 3 - turn
    turned = [_UMLAUTS[(place + turn) % 3] for place in range(3)]

    def masked(values: pl.Series, _: Mapping[str, pl.Series]) -> pl.Series:
        changed = substitute(pack(values), digits, of_digits)
        changed = substitute(pack(changed), letters, of_letters)
        if not values.str.contains(f"[{_UMLAUTS}]").any():
            return changed
        frame = changed.alias("value").to_frame()
        return frame.select(pl.col("value").str.replace_many(list(_UMLAUTS), turned)).to_series()

    return masked


def _behind_region(values: pl.Series) -> pl.DataFrame:
    before = values.str.extract(_REGION).fill_null("")
    middle = values.str.slice(before.str.len_chars())
    return pl.DataFrame({"before": before, "middle": middle, "after": pl.repeat("", len(values), eager=True)})
