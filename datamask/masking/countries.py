"""Countries as people write them: codes, names, nationalities, and the language that names there are in.

The list is ``pooldata/countries.txt``: ISO 3166-1 codes, English names and adjectives, and names in the languages of
the shipped pools.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import polars as pl


@dataclass(frozen=True, slots=True)
class Country:
    """One country.

    :param code: ISO 3166-1 alpha-2.
    :param code3: ISO 3166-1 alpha-3.
    :param name: in English.
    :param nationality: the English word for its citizens' nationality.
    :param other_names: lower case, in other languages, and short forms.
    """

    code: str
    code3: str
    name: str
    nationality: str
    other_names: tuple[str, ...]


_LOCALES: Final[Mapping[str, tuple[str, ...]]] = {
    "de_DE": ("DE", "AT", "CH", "LI", "LU"),
    "en_GB": ("GB", "IE", "AU", "NZ", "ZA"),
    "en_US": ("US", "CA"),
    "es_ES": ("ES", "AR", "BO", "CL", "CO", "CR", "CU", "DO", "EC", "GT", "HN", "MX", "NI", "PA", "PE", "PY",
              "SV", "UY", "VE"),
    "fr_FR": ("FR", "BE", "MC"),
    "it_IT": ("IT", "SM"),
    "nl_NL": ("NL", "SR"),
    "pl_PL": ("PL",),
    "pt_BR": ("BR", "PT", "AO", "MZ", "CV"),
}  # fmt: skip
LOCALE_OF: Final[Mapping[str, str]] = {code: locale for locale, listed in _LOCALES.items() for code in listed}
"""The shipped locale whose names are at home in a country, by its code; none for most countries."""


@cache
def countries() -> tuple[Country, ...]:
    """All countries, by code."""
    file = resources.files(__package__) / "pooldata" / "countries.txt"
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        code, code3, name, nationality, others = line.split("|")
        found.append(Country(code, code3, name, nationality, tuple(filter(None, others.split(",")))))
    return tuple(found)


def known_code(code: str) -> bool:
    """Whether that is a country's code in upper case."""
    return code in {country.code for country in countries()}


def codes(values: pl.Series) -> pl.Series:
    """The country code of each value of a String series: from codes, names, nationalities and locales.

    :returns: ISO 3166-1 alpha-2 in upper case; null where the value is none, or names no country.
    """
    plain = values.str.strip_chars().str.to_lowercase()
    return plain.replace_strict(_codes_by_name(), default=None, return_dtype=pl.String)


def locales(values: pl.Series, default: str) -> pl.Series:
    """The shipped locale of each value: of the country that it names, or a locale such as ``de_AT``, else the default."""
    found = codes(values).replace_strict(LOCALE_OF, default=None, return_dtype=pl.String)
    return found.fill_null(default)


@cache
def _codes_by_name() -> dict[str, str]:
    found: dict[str, str] = {}
    for country in countries():
        names = country.code, country.code3, country.name, country.nationality, *country.other_names
        found |= {name.lower(): country.code for name in names}
    for locale, listed in _LOCALES.items():
        for code in listed:
            for separator in "_-":
                found[f"{locale[:2]}{separator}{code}".lower()] = code
    return found
