"""Names of persons among sampled values, told by common given and family names of eight languages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

from datamask.classify.words import plain
from datamask.masking.pools import SHIPPED, pool

_FOLDER = Path(__file__).with_name("lexicon")

# Many given names are common and on the list; most families have a rare name. A column of products or
# places has a few by chance.
FEWEST: Final = 6
# Languages, colours and trades are family names too.
_FEWEST_FAMILIES: Final = 12
_GIVEN_SHARE: Final = 0.45
_FAMILY_SHARE: Final = 0.3
_FULL_SHARE: Final = 0.4
_TRACE: Final = 0.1

_NAME = re.compile(r"[^\W\d_]+(?:[.'’-][^\W\d_]+)*\.?(?:,?\s+[^\W\d_]+(?:[.'’-][^\W\d_]+)*\.?){0,4}")
_PART = re.compile(r"[^\W\d_]+")


def person_name_class(values: Sequence[str]) -> tuple[str, float] | None:
    """The class of names that the values are, with the part of them that is on the lists; or None.

    :param values: distinct values.
    """
    if len(values) < FEWEST:
        return None
    named = [value for value in values if len(value) <= 60 and _NAME.fullmatch(value)]
    if len(named) < 0.8 * len(values):
        return None
    parts = [_parts(value) for value in named]
    many = [found for found in parts if len(found) > 1]
    if len(many) >= 0.6 * len(values):
        # "Ada Lovelace" and "Lovelace, Ada"; "Ada Street" has no given name at its end.
        share = sum(found[0] in _given() or found[-1] in _given() for found in many) / len(values)
        return ("person.name", share) if share >= _FULL_SHARE else None
    single = [found[0] for found in parts if len(found) == 1]
    given = sum(name in _given() for name in single) / len(values)
    if given >= _GIVEN_SHARE:
        return "person.first_name", given
    family = sum(name in _family() for name in single) / len(values)
    return (
        ("person.last_name", family) if family >= _FAMILY_SHARE and len(values) >= _FEWEST_FAMILIES else None
    )


def has_person_names(values: Sequence[str]) -> bool:
    """True where more than a few of the values have a given name in them."""
    hits = sum(any(part in _given() for part in _parts(value)) for value in values)
    return hits > _TRACE * len(values)


def _parts(value: str) -> list[str]:
    return [plain(part) for part in _PART.findall(value)]


@cache
def _given() -> frozenset[str]:
    return _read("given_names", "first_name")


@cache
def _family() -> frozenset[str]:
    return _read("family_names", "last_name")


def _read(name: str, kind: str) -> frozenset[str]:
    """The list, and the pools that pseudonyms are picked from: they are names as well."""
    words = (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").split()
    for locale in SHIPPED:
        words += pool(kind, locale)
    return frozenset(plain(word) for word in words)
