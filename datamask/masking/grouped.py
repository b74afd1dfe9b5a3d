"""Picks from several pools at once: each row's from the pool of its locale and gender."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking import countries, genders
from datamask.masking.model import JSONValue
from datamask.masking.params import text
from datamask.masking.pools import SHIPPED
from datamask.masking.text import Words
from datamask.masking.tokens import pick

Numbers = NDArray[np.intp]
"""By row, the group that it belongs to."""


class PoolSet:
    """Pools side by side.

    :param pools: none of them empty.
    """

    def __init__(self, pools: Sequence[Sequence[str]]) -> None:
        self._entries = pl.Series(values=[entry for pool in pools for entry in pool], dtype=pl.String)
        self._sizes = np.array([len(pool) for pool in pools], dtype=np.uint64)
        self._starts = np.cumsum(self._sizes) - self._sizes

    def pick(self, words: Words, groups: Numbers | None = None) -> pl.Series:
        """An entry for every word, from the row's pool; from the first one where there are no groups."""
        return self._entries.gather(self.places(words, groups))

    def places(self, words: Words, groups: Numbers | None = None) -> NDArray[np.uint32]:
        """As :meth:`pick`, the entries' places in all pools one behind the other."""
        if groups is None:
            return pick(words, int(self._sizes[0]))
        # The range reduction of `pick`, with a size for each row.
        offset = ((words >> np.uint64(32)) * self._sizes[groups]) >> np.uint64(32)
        return (offset + self._starts[groups]).astype(np.uint32)


@dataclass(frozen=True, slots=True)
class Bearers:
    """What is known of whom a row's names are about.

    :param locale: the rule's.
    :param locale_from: the column of the row that tells the country, or None.
    :param gender: the column of the row that tells the gender, or None.
    :param own_gender: without such a column, the values themselves tell it.
    """

    locale: str
    locale_from: str | None = None
    gender: str | None = None
    own_gender: bool = False

    @classmethod
    def of(cls, params: Mapping[str, JSONValue], *, own_gender: bool = False) -> Bearers:
        """From a transform's parameters ``locale``, ``locale_from`` and, if it has one, ``gender``."""
        locale_from, gender = params["locale_from"], params.get("gender")
        return cls(
            text(params, "locale"),
            None if locale_from is None else str(locale_from),
            None if gender is None else str(gender),
            own_gender,
        )

    @property
    def columns(self) -> tuple[str, ...]:
        """The row's columns that tell it."""
        return tuple(dict.fromkeys(name for name in (self.locale_from, self.gender) if name is not None))

    @property
    def groups(self) -> tuple[tuple[str, int], ...]:
        """Locale and gender of every group; the first one is for rows of which nothing is known."""
        return tuple((locale, gender) for locale in self._locales for gender in self._genders)

    def numbers(self, values: pl.Series, row: Mapping[str, pl.Series]) -> Numbers | None:
        """Every row's group; None where there is but one."""
        if len(self.groups) == 1:
            return None
        found = np.zeros(len(values), dtype=np.intp)
        if self.locale_from is not None:
            places = {locale: place for place, locale in enumerate(self._locales)}
            names = countries.locales(row[self.locale_from], self.locale)
            found += names.replace_strict(places, return_dtype=pl.Int64).to_numpy()
        found *= len(self._genders)
        if len(self._genders) > 1:
            found += genders.read(values if self.gender is None else row[self.gender])
        return found

    @property
    def _locales(self) -> tuple[str, ...]:
        return (self.locale,) if self.locale_from is None else tuple(dict.fromkeys((self.locale, *SHIPPED)))

    @property
    def _genders(self) -> tuple[int, ...]:
        told = self.gender is not None or self.own_gender
        return (genders.UNKNOWN, genders.FEMALE, genders.MALE) if told else (genders.UNKNOWN,)
