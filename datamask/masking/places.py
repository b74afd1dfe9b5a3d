"""Places: cities with the region they are in, the pattern of their postal codes and their coordinates.

The list is ``pooldata/places.txt``, public facts about the largest cities of some countries. In a postal pattern ``#``
stands for a digit, ``%`` for one from 1 to 9, ``@`` for a letter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

import numpy as np
import polars as pl

from datamask.masking.countries import LOCALE_OF
from datamask.masking.pools import pool
from datamask.masking.text import Bytes, strings

# Letters that British, Canadian and Dutch postal codes all use, and that make no word the Dutch avoid.
_LETTERS: Final = np.frombuffer(b"ABEGHJLNPRTX", dtype=np.uint8)


@dataclass(frozen=True, slots=True)
class Place:
    """A city, or a part of one.

    :param country: ISO 3166-1 alpha-2.
    :param region: state, county or province.
    :param region_code: its short form.
    :param postal: the pattern of postal codes.
    :param latitude: degrees north, of its centre.
    :param longitude: degrees east.
    """

    country: str
    city: str
    region: str
    region_code: str
    postal: str
    latitude: float
    longitude: float


@cache
def places() -> dict[str, tuple[Place, ...]]:
    """All places by country."""
    file = resources.files(__package__) / "pooldata" / "places.txt"
    found: dict[str, list[Place]] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        country, city, region, code, postal, latitude, longitude = line.split("|")
        place = Place(country, city, region, code, postal, float(latitude), float(longitude))
        found.setdefault(country, []).append(place)
    return {country: tuple(listed) for country, listed in found.items()}


@cache
def streets(country: str) -> tuple[str, ...]:
    """Streets with house numbers as they are written in a country that there are places in."""
    if country in LOCALE_OF:
        return pool("street", LOCALE_OF[country])
    file = resources.files(__package__) / "pooldata" / "streets" / f"{country}.txt"
    return tuple(file.read_text(encoding="utf-8").splitlines())


class PostalCodes:
    """Fills the patterns of places.

    :param listed: the places that rows refer to.
    """

    def __init__(self, listed: Sequence[Place]) -> None:
        width = max(len(place.postal) for place in listed)
        padded = b"".join(place.postal.encode().ljust(width, b"\0") for place in listed)
        self._patterns = np.frombuffer(padded, dtype=np.uint8).reshape(-1, width)
        self._lengths = np.array([len(place.postal) for place in listed], dtype=np.int64)

    def fill(self, numbers: np.ndarray[tuple[int], np.dtype[np.uint32]], chance: Bytes) -> pl.Series:
        """A postal code for every row.

        :param numbers: places in the list.
        :param chance: k × 16 random bytes.
        """
        codes = self._patterns[numbers]
        drawn = chance[:, : codes.shape[1]]
        zero = np.uint8(ord("0"))
        codes = np.where(codes == ord("#"), zero + drawn % np.uint8(10), codes)
        codes = np.where(codes == ord("%"), zero + np.uint8(1) + drawn % np.uint8(9), codes)
        codes = np.where(codes == ord("@"), _LETTERS[drawn % np.uint8(len(_LETTERS))], codes)
        return strings(codes, self._lengths[numbers])
