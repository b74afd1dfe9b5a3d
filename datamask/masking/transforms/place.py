"""Addresses whose parts fit together: place."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.errors import PolicyError
from datamask.masking.countries import codes, countries
from datamask.masking.grouped import PoolSet
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, text, texts
from datamask.masking.places import PostalCodes, places, streets
from datamask.masking.pools import LIMITS, fitting
from datamask.masking.text import Words
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_WORDS = ("city", "region", "region_code", "country", "country_code")
_COORDINATES = ("latitude", "longitude")
_PARTS = ("street", "postal_code", *_WORDS, *_COORDINATES)
_SEPARATOR = "\x1f"
# Degrees around a city's centre, and the digits behind the point that they are given with.
_AROUND = 0.03
_DECIMALS = 5
_LONGEST_COORDINATE = len("-180.") + _DECIMALS
_LONGEST_POSTAL_CODE = 9

_Draw = Callable[[pl.Series, NDArray[np.intp]], pl.Series]
"""Entities and their countries → the part."""


class Place(Transform):
    """One part of an address; all parts of a row are of the same place.

    Cities, regions, the first characters of postal codes and coordinates are those of real places in 22 countries, in
    the language there (AT, AU, BE, BR, CA, CH, CN, DE, ES, FR, GB, IN, IT, JP, KR, MX, NL, PL, PT, SE, TR, US); streets,
    house numbers and what follows in postal codes are made up.
    Columns fit together where they have in common what decides on the place (``by`` or ``address``), the country and the
    domain; without one of their own they share one.
    """

    name = "place"
    summary = "a part of an address that fits the row's other parts"
    params = (
        Param("part", "text", None, "which part of the address it is", required=True, choices=_PARTS),
        Param(
            "by",
            "text",
            None,
            "the column of the row whose value decides on the place, such as a customer's id",
        ),
        Param(
            "address", "texts", None, "columns of the row that decide instead, such as [postal_code, city]"
        ),
        Param("country", "text", "US", "the places' country, by its code"),
        Param(
            "country_from",
            "text",
            None,
            "the column of the row with the country; `country` stands in for those without places",
        ),
    )
    kinds = frozenset(("text", "numeric", "float"))
    shared_domain = "place"
    cost = 200

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """Refuses a country that there are no places in; demands that something decides on the place."""
        checked = super().validate(params)
        if (checked["by"] is None) == (checked["address"] is None):
            raise PolicyError(
                "place: by or address must say what decides on the place",
                hint="give one of them, the same for all columns of the address",
            )
        if text(checked, "country") not in places():
            raise PolicyError(f"place: country must be one of {', '.join(sorted(places()))}")
        return checked

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The columns that decide, and the one named by ``country_from``."""
        country_from = params["country_from"]
        columns = (*_deciding(params), *(() if country_from is None else (str(country_from),)))
        return tuple(dict.fromkeys(columns))

    def column_laws(self, case: Case) -> Laws:
        """Refuses words in columns of numbers, and numbers that have no room for degrees."""
        part, kind = text(case.params, "part"), case.type
        if part not in _COORDINATES:
            if kind.kind != "text":
                raise PolicyError(f"place: {part} is text, and the column is {kind.name}")
            longest = _longest(part)
            return Laws(max_length=min(longest, kind.max_length or longest))
        if kind.precision is not None and kind.precision - (kind.scale or 0) < 3:
            raise PolicyError(
                f"place: {part} has up to three digits before the point, too many for {kind.name}"
            )
        if kind.max_length is not None and kind.max_length < _LONGEST_COORDINATE:
            raise PolicyError(
                f"place: {part} has up to {_LONGEST_COORDINATE} characters, {kind.name} holds fewer"
            )
        return Laws(max_length=_LONGEST_COORDINATE if kind.kind == "text" else None)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        params = binding.params
        listed = sorted(places(), key=lambda code: (code != text(params, "country"), code))
        numbers = {code: place for place, code in enumerate(listed)}
        deciding, country_from = _deciding(params), params["country_from"]
        draw = _draw(text(params, "part"), listed, binding)

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            entity = pl.DataFrame({name: row[name].fill_null("") for name in deciding})
            entities = entity.select(pl.concat_str(pl.all(), separator=_SEPARATOR)).to_series()
            homes = np.zeros(len(values), dtype=np.intp)
            if country_from is not None:
                told = codes(row[str(country_from)]).replace_strict(numbers, default=0, return_dtype=pl.Int64)
                homes = told.fill_null(0).to_numpy().astype(np.intp)
            return draw(entities, homes)

        return masked


def _deciding(params: Mapping[str, JSONValue]) -> tuple[str, ...]:
    return texts(params, "address") or (text(params, "by"),)


def _draw(part: str, listed: list[str], binding: Binding) -> _Draw:
    """The function that draws one part, from the countries in ``listed``."""
    prf, limit = binding.prf("place"), binding.mask.type.max_length
    if part == "street":
        drawn = PoolSet([fitting(streets(country), limit) for country in listed])
        street_prf = binding.prf("place street")
        return lambda entities, homes: drawn.pick(street_prf.words(entities), homes)
    all_places = [place for country in listed for place in places()[country]]
    chosen = PoolSet([[place.city for place in places()[country]] for country in listed])
    if part == "postal_code":
        filled = PostalCodes(all_places)
        postal_prf = binding.prf("place postal code")

        def postal_code(entities: pl.Series, homes: NDArray[np.intp]) -> pl.Series:
            numbers = chosen.places(prf.words(entities), homes)
            codes = filled.fill(numbers, postal_prf.wide(entities).view(np.uint8))
            return codes if limit is None or limit >= _LONGEST_POSTAL_CODE else codes.str.slice(0, limit)

        return postal_code
    if part in _COORDINATES:
        centres = np.array([getattr(place, part) for place in all_places])
        scale = binding.mask.type.scale if binding.mask.type.precision is not None else _DECIMALS
        shift = np.uint64(16 * _COORDINATES.index(part))

        def coordinate(entities: pl.Series, homes: NDArray[np.intp]) -> pl.Series:
            tags = prf.wide(entities)
            degrees = centres[chosen.places(tags[:, 0], homes)] + _offsets(tags[:, 1] >> shift)
            return _written(degrees, scale or 0)

        return coordinate
    words = fitting(_words(part, listed), limit)
    series = pl.Series(values=words, dtype=pl.String)
    return lambda entities, homes: series.gather(chosen.places(prf.words(entities), homes))


def _words(part: str, listed: list[str]) -> tuple[str, ...]:
    """One part of every place, in the order of the countries."""
    names = {country.code: country.name for country in countries()}
    found = []
    for place in (place for country in listed for place in places()[country]):
        match part:
            case "country":
                found.append(names[place.country])
            case "country_code":
                found.append(place.country)
            case _:
                found.append(str(getattr(place, part)))
    return tuple(found)


def _longest(part: str) -> int:
    match part:
        case "street":
            return LIMITS["street"]
        case "postal_code":
            return _LONGEST_POSTAL_CODE
        case _:
            return max(map(len, _words(part, list(places()))))


def _offsets(words: Words) -> NDArray[np.float64]:
    part = (words & np.uint64(0xFFFF)).astype(np.float64)
    return (part / 0xFFFF * 2 - 1) * _AROUND


def _written(degrees: NDArray[np.float64], decimals: int) -> pl.Series:
    """Degrees with that many digits behind the point."""
    units = 10**decimals
    whole = pl.Series(np.rint(np.abs(degrees) * units).astype(np.int64))
    sign = pl.Series(np.where(degrees < 0, "-", "")).cast(pl.String)
    shown = (whole // units).cast(pl.String)
    if decimals:
        shown = shown + "." + (whole % units).cast(pl.String).str.zfill(decimals)
    result: pl.Series = sign + shown
    return result
