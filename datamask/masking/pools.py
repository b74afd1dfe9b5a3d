"""Pools of names, streets, cities, companies and jobs that pseudonyms are picked from.

The pools of the locales in :data:`SHIPPED` come with the package, as files that ``python -m
datamask.masking.pools`` wrote from Faker: the same on every machine and with every version of Faker.
Any other locale that Faker knows is drawn from it when it is first used: the same on every
machine that has the same version of Faker.
"""

from __future__ import annotations

import importlib.util
import sys
import unicodedata
from collections.abc import Callable
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Final

from datamask.errors import PolicyError
from datamask.masking.genders import FEMALE, MALE

SHIPPED: Final = ("en_US", "en_GB", "de_DE", "fr_FR", "es_ES", "it_IT", "nl_NL", "pl_PL", "pt_BR")
"""Locales whose pools are part of the package."""

LIMITS: Final = {"first_name": 24, "last_name": 32, "street": 48, "city": 40, "company": 64, "job": 64}
"""The kinds of pools, and the characters of an entry at most."""

_SIZES: Final = {
    "first_name": 2048, "last_name": 2048, "street": 2048, "city": 2048, "company": 2048, "job": 1024,
}  # fmt: skip
_METHODS: Final = {"street": "street_address"}
_DRAWS: Final = 10_000
_FORBIDDEN: Final = frozenset("\t\n\r\\")
_SUFFIXES: Final = {FEMALE: "_female", MALE: "_male"}
# Family names follow their bearer's gender here; first names do everywhere.
_GENDERED_FAMILIES: Final = frozenset(("cs_CZ", "sk_SK", "bg_BG", "ru_RU", "uk_UA", "lt_LT", "lv_LV"))


@cache
def pool(kind: str, locale: str, gender: int = 0) -> tuple[str, ...]:
    """A pool's distinct entries: no tab, newline or backslash, at most ``LIMITS[kind]`` characters.

    :param gender: of the bearers of first and last names, as in :mod:`datamask.masking.genders`; for the others
        and where it is not known the pool of all.
    :raises PolicyError: there is no such locale.
    """
    if gender and not _is_gendered(kind, locale):
        return pool(kind, locale)
    if locale in SHIPPED:
        name = f"{kind}{_SUFFIXES.get(gender, '')}.txt"
        file = resources.files(__package__) / "pooldata" / locale / name
        return tuple(file.read_text(encoding="utf-8").splitlines())
    return _draw(kind, locale, gender)


def fitting(entries: tuple[str, ...], length: int | None) -> tuple[str, ...]:
    """The pool for a column of ``length`` characters: the same size, so that most picks stay the same.

    An entry that is too long gives its place to one that is not, or is cut where hardly any fits.
    """
    if length is None or all(len(entry) <= length for entry in entries):
        return entries
    short = [entry for entry in entries if len(entry) <= length]
    if len(short) < 16:
        return tuple(entry[:length].rstrip() or entry[:length] for entry in entries)
    return tuple(
        entry if len(entry) <= length else short[place % len(short)] for place, entry in enumerate(entries)
    )


@cache
def plain_names(limit: int) -> tuple[str, ...]:
    """First names in the letters a to z, of 3 to ``limit`` characters, for addresses and user names."""
    plain = (
        unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        for name in pool("first_name", "en_US")
    )
    return tuple(dict.fromkeys(name for name in plain if name.isalpha() and 3 <= len(name) <= limit))


def known_locale(locale: str) -> bool:
    """Whether there are names for a locale; does not import Faker."""
    if locale in SHIPPED:
        return True
    spec = importlib.util.find_spec("faker")
    if spec is None or spec.origin is None:
        return False
    return (Path(spec.origin).parent / "providers" / "person" / locale / "__init__.py").is_file()


def _is_gendered(kind: str, locale: str) -> bool:
    return kind == "first_name" or (kind == "last_name" and locale in _GENDERED_FAMILIES)


def _draw(kind: str, locale: str, gender: int = 0) -> tuple[str, ...]:
    from faker import Faker

    if not known_locale(locale):
        raise PolicyError(
            f"there are no names for the locale {locale!r}",
            hint=f"use one of {', '.join(SHIPPED)}, or another locale that Faker has",
        )
    # Weighted draws would take ten times as long, and a pool holds each entry once anyway.
    fake = Faker(locale, use_weighting=False)
    fake.seed_instance(20_240_229)
    draw: Callable[[], str] = getattr(fake, _METHODS.get(kind, kind) + _SUFFIXES.get(gender, ""))
    entries: dict[str, None] = {}
    for _ in range(_DRAWS):
        entry = " ".join(draw().splitlines()).strip()
        if 0 < len(entry) <= LIMITS[kind] and _FORBIDDEN.isdisjoint(entry):
            entries[entry] = None
        if len(entries) == _SIZES[kind]:
            break
    return tuple(entries)


def _added(kind: str, locale: str) -> tuple[str, ...]:
    """What a shipped pool has besides, where Faker has too few."""
    file = resources.files(__package__) / "pooldata" / "additions" / locale / f"{kind}.txt"
    return tuple(file.read_text(encoding="utf-8").splitlines()) if file.is_file() else ()


def write_pools(folder: Path) -> None:
    """Write the pools of every shipped locale, ``LOCALE/KIND.txt``, one entry a line."""
    for locale in SHIPPED:
        (folder / locale).mkdir(parents=True, exist_ok=True)
        for kind in LIMITS:
            for gender in (0, *_SUFFIXES) if _is_gendered(kind, locale) else (0,):
                entries = dict.fromkeys((*_added(kind, locale), *_draw(kind, locale, gender)))
                text = "".join(f"{entry}\n" for entry in entries)
                name = f"{kind}{_SUFFIXES.get(gender, '')}.txt"
                (folder / locale / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write_pools(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "pooldata")
