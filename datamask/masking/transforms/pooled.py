"""Transforms that pick from a pool: first_name, last_name, full_name, street, city, company."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

import polars as pl

from datamask.errors import PolicyError
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, text
from datamask.masking.pools import LIMITS, SHIPPED, fitting, known_locale, pool
from datamask.masking.tokens import pick
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform


class _Localized(Transform):
    params = (
        Param("locale", "locale", "en_US", "whose names: en_US, de_DE, fr_FR or another that Faker has"),
    )
    kinds = frozenset(("text",))

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """Refuses a locale that there are no names for."""
        checked = super().validate(params)
        locale = text(checked, "locale")
        if not known_locale(locale):
            raise PolicyError(
                f"{self.name}: locale {locale!r} is unknown",
                hint=f"use one of {', '.join(SHIPPED)}, or another locale that Faker has",
            )
        return checked


class _Pooled(_Localized):
    pool: ClassVar[str]
    cost = 40

    def column_laws(self, case: Case) -> Laws:
        """The longest entry bounds the result, or the column does."""
        return Laws(max_length=min(LIMITS[self.pool], case.type.max_length or LIMITS[self.pool]))

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        entries = fitting(pool(self.pool, text(binding.params, "locale")), binding.mask.type.max_length)
        series = pl.Series(values=entries, dtype=pl.String)
        prf = binding.prf(self.name)
        return lambda values, _: series.gather(pick(prf.words(values), len(entries)))


class FirstName(_Pooled):
    """A first name."""

    name = "first_name"
    summary = "a first name"
    pool = "first_name"


class LastName(_Pooled):
    """A last name."""

    name = "last_name"
    summary = "a last name"
    pool = "last_name"


class Street(_Pooled):
    """A street and a number."""

    name = "street"
    summary = "a street with a house number"
    pool = "street"


class City(_Pooled):
    """A city."""

    name = "city"
    summary = "a city"
    pool = "city"


class Company(_Pooled):
    """A company."""

    name = "company"
    summary = "a company's name"
    pool = "company"


class FullName(_Localized):
    """A first and a last name, picked independently: some hundred thousand combinations."""

    name = "full_name"
    summary = "a first and a last name"
    cost = 80

    def column_laws(self, case: Case) -> Laws:
        """Both pools bound the result, or the column does."""
        longest = LIMITS["first_name"] + 1 + LIMITS["last_name"]
        return Laws(max_length=min(longest, case.type.max_length or longest))

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        locale, limit = text(binding.params, "locale"), binding.mask.type.max_length
        # A narrow column shares its room between the two names: a third of it for the first one.
        room = None if limit is None else max(1, limit // 3)
        first = fitting(pool("first_name", locale), room)
        last = fitting(
            pool("last_name", locale), None if limit is None else max(1, limit - max(map(len, first)) - 1)
        )
        firsts = pl.Series(values=[f"{name} " for name in first], dtype=pl.String)
        lasts = pl.Series(values=last, dtype=pl.String)
        prf = binding.prf(self.name)

        def masked(values: pl.Series, _: object) -> pl.Series:
            tags = prf.wide(values)
            given = firsts.gather(pick(tags[:, 0], len(first)))
            family = lasts.gather(pick(tags[:, 1], len(last)))
            return pl.select(pl.concat_str(given, family)).to_series()

        if limit is not None and limit < 3:
            initials = pl.Series(values=[name[:limit] for name in first], dtype=pl.String)
            return lambda values, _: initials.gather(pick(prf.words(values), len(first)))
        return masked
