"""People and places: columns of one row that are about the same person, or about the same address."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
import polars as pl

from datamask.catalog.model import Column
from datamask.masking.countries import countries
from datamask.masking.genders import FEMALE, MALE
from datamask.masking.places import Place, places
from datamask.masking.pools import fitting, pool
from datamask.synthetic.bounds import Bounds
from datamask.synthetic.domains import Codes
from datamask.synthetic.randomness import below, uniform
from datamask.synthetic.units import Chance, Made, Unit, with_nulls

LOCALE: Final = "en_US"

PERSON_PARTS: Final[Mapping[str, str]] = {
    "person.first_name": "first", "person.last_name": "last", "person.name": "name", "person.email": "email",
    "person.username": "username", "person.gender": "gender", "person.salutation": "salutation",
}  # fmt: skip
"""The data classes of columns that one person fills, and what each takes of the person."""

PLACE_PARTS: Final[Mapping[str, str]] = {
    "address.city": "city", "address.region": "region", "address.postal_code": "postal",
    "address.country": "country", "address.street": "street", "address": "address", "address.coordinates": "point",
}  # fmt: skip
"""The same of addresses."""

_MAILS: Final = ("@example.com", "@example.org", "@example.net")
_DIGITS: Final = 12
_SHORTEST_LOCAL: Final = 2
# Kinds of text columns that both know how to fill; everything else is left to the type.
_NUMERIC: Final = frozenset({"numeric", "float"})


@dataclass(frozen=True)
class Part:
    """One column of a person or a place.

    :param what: which part of it.
    :param unique: no two rows may have the same.
    :param nulls: the share of rows without it.
    :param first: the number of the first row, in what numbers make unique.
    """

    column: Column
    what: str
    unique: bool = False
    nulls: float = 0.0
    first: int = 1


def person_part(column: Column, data_class: str, *, unique: bool) -> str | None:
    """What a column takes of a person; None where it must be filled otherwise."""
    what = PERSON_PARTS.get(data_class)
    length = column.type.max_length
    if what is None or column.type.kind != "text" or column.type.base == "char":
        return None
    if what in {"email", "username"}:
        room = _room(length, what)
        return what if room >= _SHORTEST_LOCAL else None
    if unique:
        return None
    if length is not None and length < 2 and what != "gender":
        return None
    return what


def allowed(what: str, bounds: Bounds, length: int | None) -> bool:
    """Whether a part of a person or a place meets what constraints say of the column, as far as can be told before."""
    if bounds == Bounds():
        return True
    if bounds != Bounds(pattern=bounds.pattern) or bounds.pattern is None:
        return (
            what == "gender" and set(bounds.values or ()) == {"F", "M"} and length is not None and length < 6
        )
    samples = {"email": ("ann.lee1@example.com", "o.x42@example.org"), "username": ("alee1", "oxx42"),
               "country": ("DE",) if length == 2 else ("DEU",) if length == 3 else ()}.get(what, ())  # fmt: skip
    try:
        return bool(samples) and all(re.search(bounds.pattern, sample) for sample in samples)
    except re.error:
        return False


def place_part(column: Column, data_class: str, words: tuple[str, ...], *, unique: bool) -> str | None:
    """What a column takes of a place; None where it must be filled otherwise."""
    what = PLACE_PARTS.get(data_class)
    if what is None or unique:
        return None
    if what == "point":
        if column.type.kind not in _NUMERIC:
            return None
        if any(word.startswith("lat") for word in words):
            return "latitude"
        return "longitude" if any(word.startswith(("lon", "lng")) for word in words) else None
    if column.type.kind != "text" or column.type.base == "char":
        return None
    shortest = {"region": 2, "country": 2, "city": 4, "street": 8, "address": 30, "postal": 5}[what]
    return what if column.type.max_length is None or column.type.max_length >= shortest else None


@dataclass(frozen=True, eq=False)
class Person(Unit):
    """Names, e-mail, user name and gender of one person a row.

    :param parts: by column.
    """

    columns: tuple[str, ...]
    parts: tuple[Part, ...]

    def make(self, chance: Chance, made: Made) -> dict[str, pl.Series]:  # noqa: ARG002
        """The columns."""
        words = chance.words("person first name")
        female = (words & np.uint64(1)).astype(np.bool_)
        women, men = len(pool("first_name", LOCALE, FEMALE)), len(pool("first_name", LOCALE, MALE))
        first = np.where(female, below(words, women), women + below(words, men))
        last = below(chance.words("person last name"), len(pool("last_name", LOCALE)))
        found = {}
        for part in self.parts:
            values = self._values(part, chance, first, last, female)
            found[part.column.name] = with_nulls(values, part.nulls, chance, part.column.name)
        return found

    def _values(
        self,
        part: Part,
        chance: Chance,
        first: np.ndarray[tuple[int], np.dtype[np.int64]],
        last: np.ndarray[tuple[int], np.dtype[np.int64]],
        female: np.ndarray[tuple[int], np.dtype[np.bool_]],
    ) -> pl.Series:
        length = part.column.type.max_length
        match part.what:
            case "first":
                return _first_names(length).gather(first)
            case "last":
                return _last_names(length).gather(last)
            case "gender":
                return _spelled(length, pl.Series(female), ("F", "M"), ("female", "male"))
            case "salutation":
                return _spelled(length, pl.Series(female), ("Ms", "Mr"), ("Ms.", "Mr."))
            case "name":
                whole = pl.select(
                    pl.concat_str(
                        _first_names(None).gather(first), pl.lit(" "), _last_names(None).gather(last)
                    )
                ).to_series()
                return whole if length is None else whole.str.slice(0, length).str.strip_chars_end()
        local = pl.concat_str(_plain_firsts().gather(first), pl.lit("."), _plain_lasts().gather(last))
        room = _room(length, part.what)
        if part.what == "username":
            local = pl.concat_str(_plain_firsts().gather(first).str.slice(0, 1), _plain_lasts().gather(last))
        numbers = (
            chance.rows + part.first
            if part.unique
            else below(chance.words(f"{part.column.name} number"), 100)
        )
        ending = pl.Series(_MAILS).gather(below(chance.words(f"{part.column.name} domain"), len(_MAILS)))
        named = pl.concat_str(local.str.slice(0, room), pl.Series(numbers).cast(pl.String))
        return pl.select(pl.concat_str(named, ending) if part.what == "email" else named).to_series()


@dataclass(frozen=True, eq=False)
class Address(Unit):
    """City, region, postal code, country and position of one place a row.

    :param parts: by column.
    """

    columns: tuple[str, ...]
    parts: tuple[Part, ...]

    def make(self, chance: Chance, made: Made) -> dict[str, pl.Series]:  # noqa: ARG002
        """The columns."""
        # Columns that repeat a part are of another address: the one to bill, the one to ship to.
        found: dict[str, pl.Series] = {}
        times: dict[str, int] = {}
        for part in self.parts:
            number = times[part.what] = times.get(part.what, -1) + 1
            row = below(chance.words(f"place {number}"), len(_places()))
            values = self._values(part, chance, row)
            found[part.column.name] = with_nulls(values, part.nulls, chance, part.column.name)
        return found

    def _values(
        self, part: Part, chance: Chance, row: np.ndarray[tuple[int], np.dtype[np.int64]]
    ) -> pl.Series:
        length = part.column.type.max_length
        name = part.column.name
        if part.what in {"latitude", "longitude"}:
            scale = part.column.type.scale
            near = (uniform(chance.words(name)) - 0.5) / 10
            values = pl.Series(_positions(part.what).to_numpy()[row] + near)
            return values.round(6 if scale is None else scale)
        if part.what == "street":
            streets = _pooled("street", length)
            return streets.gather(below(chance.words(name), streets.len()))
        if part.what == "postal":
            return _postal_codes(length).gather(
                row * _POSTAL_VARIANTS + below(chance.words(name), _POSTAL_VARIANTS)
            )
        if part.what == "address":
            streets = _pooled("street", None)
            street = streets.gather(below(chance.words(name), streets.len()))
            whole = pl.select(
                pl.concat_str(street, pl.lit(", "), _column("city", None).gather(row))
            ).to_series()
            return whole if length is None else whole.str.slice(0, length).str.strip_chars_end()
        return _column(part.what, length).gather(row)


_POSTAL_VARIANTS: Final = 16


def _room(length: int | None, what: str) -> int:
    """Characters that the letters of an address or a user name have."""
    whole = 64 if length is None else length
    return min(40, whole - _DIGITS + 4 - (len(_MAILS[0]) if what == "email" else 0))


def _spelled(
    length: int | None, female: pl.Series, short: tuple[str, str], long: tuple[str, str]
) -> pl.Series:
    words = long if length is None or length >= 6 else short
    if length is not None and length < len(words[0]):
        words = (words[0][:length], words[1][:length])
    return female.replace_strict({True: words[0], False: words[1]}, return_dtype=pl.String)


@cache
def _firsts() -> tuple[str, ...]:
    return pool("first_name", LOCALE, FEMALE) + pool("first_name", LOCALE, MALE)


@cache
def _first_names(length: int | None) -> pl.Series:
    return pl.Series(fitting(_firsts(), length))


@cache
def _last_names(length: int | None) -> pl.Series:
    return pl.Series(fitting(pool("last_name", LOCALE), length))


@cache
def _pooled(kind: str, length: int | None) -> pl.Series:
    return pl.Series(fitting(pool(kind, LOCALE), length))


@cache
def _plain_firsts() -> pl.Series:
    return pl.Series([_plain(name) for name in _firsts()])


@cache
def _plain_lasts() -> pl.Series:
    return pl.Series([_plain(name) for name in pool("last_name", LOCALE)])


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "".join(char for char in letters if char.isalpha()) or "x"


@cache
def _places() -> tuple[Place, ...]:
    return tuple(place for listed in places().values() for place in listed)


@cache
def _column(what: str, length: int | None) -> pl.Series:
    names = {country.code: country for country in countries()}
    texts = []
    for place in _places():
        if what == "city":
            text = place.city
        elif what == "region":
            text = place.region_code if length is not None and length <= 3 else place.region
        else:
            country = names[place.country]
            text = country.name
            if length is not None and length < len(text):
                text = country.code3 if length == 3 else country.code
        texts.append(text if length is None else text[:length].rstrip())
    return pl.Series(texts)


@cache
def _positions(what: str) -> pl.Series:
    return pl.Series([getattr(place, what) for place in _places()], dtype=pl.Float64)


@cache
def _postal_codes(length: int | None) -> pl.Series:
    """Some codes of each place, by its pattern."""
    texts: list[str] = []
    for number, place in enumerate(_places()):
        alphabets = {"#": "0123456789", "%": "123456789", "@": "ABEGHJLNPRTX"}
        codes = Codes(tuple(alphabets.get(char, char) for char in place.postal))
        chosen = (np.arange(_POSTAL_VARIANTS, dtype=np.int64) * 7919 + number * 31) % codes.size
        texts += [text if length is None else text[:length] for text in codes.values(chosen).to_list()]
    return pl.Series(texts)
