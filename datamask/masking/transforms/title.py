"""Courtesy titles: title."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from datamask.masking.genders import FEMALE, MALE
from datamask.masking.grouped import Bearers, PoolSet
from datamask.masking.pools import fitting
from datamask.masking.transform import Binding, Case, Laws, MaskFunction
from datamask.masking.transforms.names import GENDER
from datamask.masking.transforms.pooled import BY, LOCALE, LOCALE_FROM, Localized, deciding

_LONGEST = 12
# By locale: for women, for men. English ones stand for the locales that are not listed.
_TITLES: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "en_US": (("Ms.", "Mrs.", "Miss"), ("Mr.",)),
    "en_GB": (("Ms", "Mrs", "Miss"), ("Mr",)),
    "de_DE": (("Frau",), ("Herr",)),
    "fr_FR": (("Mme",), ("M.",)),
    "es_ES": (("Sra.",), ("Sr.",)),
    "it_IT": (("Sig.ra",), ("Sig.",)),
    "nl_NL": (("Mevr.",), ("Dhr.",)),
    "pl_PL": (("Pani",), ("Pan",)),
    "pt_BR": (("Sra.",), ("Sr.",)),
}


class Title(Localized):
    """A courtesy title that fits the row's gender, as a column or the title itself tells it; any where neither does.

    Academic and other titles do not stay.
    """

    name = "title"
    summary = "a courtesy title; the gender that it tells stays"
    params = (
        LOCALE,
        LOCALE_FROM,
        GENDER,
        BY,
    )
    cost = 150

    def column_laws(self, case: Case) -> Laws:
        """The longest title bounds the result, or the column does."""
        return Laws(max_length=min(_LONGEST, case.type.max_length or _LONGEST))

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        limit, by = binding.mask.type.max_length, binding.params["by"]
        bearers, prf = Bearers.of(binding.params, own_gender=True), binding.prf(self.name)
        titles = PoolSet([fitting(_titles(*group), limit) for group in bearers.groups])

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            return titles.pick(prf.words(deciding(values, row, by)), bearers.numbers(values, row))

        return masked


def _titles(locale: str, gender: int) -> tuple[str, ...]:
    women, men = _TITLES.get(locale, _TITLES["en_US"])
    return {FEMALE: women, MALE: men}.get(gender, (*women, *men))
