"""Nationalities: nationality."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from datamask.masking.countries import Country, countries
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, text
from datamask.masking.pools import fitting
from datamask.masking.tokens import pick
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform
from datamask.masking.transforms.pooled import BY, deciding

_FORMS = ("nationality", "name", "code", "code3")


class Nationality(Transform):
    """A country's nationality, name or code, in the form that the value has: ``German``, ``Germany``, ``DE``, ``DEU``.

    What is no such word becomes an English word for a nationality. There are few nationalities, and most of the rows
    share one: without ``by`` all of these become the same one too, and their number gives it away.
    """

    name = "nationality"
    summary = "another nationality or country, in the same form"
    params = (
        BY,
        Param("form", "text", "keep", "what results look like", choices=("keep", *_FORMS)),
    )
    kinds = frozenset(("text",))
    cost = 150

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The column named by ``by``."""
        return () if params["by"] is None else (text(params, "by"),)

    def column_laws(self, case: Case) -> Laws:
        """The longest word bounds the result, or the column does."""
        form = text(case.params, "form")
        forms = _FORMS if form == "keep" else (form,)
        longest = max(len(word) for one in forms for word in _words(one))
        return Laws(max_length=min(longest, case.type.max_length or longest))

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        limit, form = binding.mask.type.max_length, text(binding.params, "form")
        pools = {
            name: pl.Series(values=fitting(_words(name), limit), dtype=pl.String)
            for name in (_FORMS if form == "keep" else (form,))
        }
        size = len(countries())
        prf, by = binding.prf(self.name), binding.params["by"]

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            places = pick(prf.words(deciding(values, row, by)), size)
            if form != "keep":
                return pools[form].gather(places)
            frame = pl.DataFrame(
                {name: pool.gather(places) for name, pool in pools.items()} | {"value": values}
            )
            value = pl.col("value")
            chosen = (
                pl.when(value.str.contains("^[A-Z]{2}$"))
                .then("code")
                .when(value.str.contains("^[A-Z]{3}$"))
                .then("code3")
                .when(value.is_in(_words("name")))
                .then("name")
                .otherwise("nationality")
            )
            return frame.select(chosen).to_series()

        return masked


def _words(form: str) -> tuple[str, ...]:
    return tuple(_word(country, form) for country in countries())


def _word(country: Country, form: str) -> str:
    word: str = getattr(country, form)
    return word
