"""Transforms that pick from a pool: street, city, company, job_title; and what names share with them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import polars as pl

from datamask.errors import PolicyError
from datamask.masking.grouped import Bearers, PoolSet
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, text
from datamask.masking.pools import LIMITS, SHIPPED, fitting, known_locale, pool
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

LOCALE = Param("locale", "locale", "en_US", f"whose: {', '.join(SHIPPED)} or another that Faker has")
LOCALE_FROM = Param(
    "locale_from",
    "text",
    None,
    "the column of the row with the country whose it shall be, as a code or a name",
)

BY = Param(
    "by",
    "text",
    None,
    "the column of the row whose value decides instead, such as a person's id: "
    "how often a result occurs then says nothing about the values",
)


class Localized(Transform):
    """What all picks by locale have in common."""

    params: ClassVar[tuple[Param, ...]] = (LOCALE, LOCALE_FROM, BY)
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

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The columns that tell the locale, and the gender where the transform knows genders; that named by ``by``."""
        by = () if params["by"] is None else (text(params, "by"),)
        return tuple(dict.fromkeys((*Bearers.of(params).columns, *by)))


class Pooled(Localized):
    """A pick from one pool for each locale, and for each gender where the transform knows genders."""

    cost = 40

    @property
    @abstractmethod
    def pool(self) -> str:
        """The kind of pool."""

    def column_laws(self, case: Case) -> Laws:
        """The longest entry bounds the result, or the column does."""
        return Laws(max_length=min(LIMITS[self.pool], case.type.max_length or LIMITS[self.pool]))

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        bearers, limit = Bearers.of(binding.params), binding.mask.type.max_length
        entries = PoolSet(
            [fitting(pool(self.pool, locale, gender), limit) for locale, gender in bearers.groups]
        )
        prf, by = binding.prf(self.name), binding.params["by"]

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            return entries.pick(prf.words(deciding(values, row, by)), bearers.numbers(values, row))

        return masked


def deciding(values: pl.Series, row: Mapping[str, pl.Series], by: JSONValue) -> pl.Series:
    """What decides on the results: the row's column that ``by`` names; the values where it is NULL, or none is named."""
    if by is None:
        return values
    entities = row[str(by)]
    return entities.zip_with(entities.is_not_null(), values) if entities.null_count() else entities


class Street(Pooled):
    """A street and a number."""

    name = "street"
    summary = "a street with a house number"
    pool = "street"


class City(Pooled):
    """A city."""

    name = "city"
    summary = "a city"
    pool = "city"


class Company(Pooled):
    """A company."""

    name = "company"
    summary = "a company's name"
    pool = "company"


class JobTitle(Pooled):
    """A job title; English where Faker has none in the locale's language."""

    name = "job_title"
    summary = "a job title"
    pool = "job"
