"""The words of ``vocabulary.txt``, read once, and the given names of the pools."""

from __future__ import annotations

from functools import cache
from importlib import resources

from datamask.masking.pools import SHIPPED, pool

# A shorter name is a word in some language.
_SHORTEST_NAME = 3


def words(section: str) -> frozenset[str]:
    """The words of one section, as folded text has them."""
    return _sections()[section]


@cache
def given_names() -> frozenset[str]:
    """Given names that are no common words, of all the pools that come with the package."""
    names = {name for locale in SHIPPED for name in pool("first_name", locale)}
    common = words("common")
    return frozenset(
        name
        for name in names
        if len(name) >= _SHORTEST_NAME and name.isalpha() and name.casefold() not in common
    )


@cache
def _sections() -> dict[str, frozenset[str]]:
    text = (resources.files(__package__) / "vocabulary.txt").read_text(encoding="utf-8")
    found: dict[str, list[str]] = {}
    current: list[str] = []
    for line in text.splitlines():
        plain = line.partition("#")[0].strip()
        if plain.startswith("["):
            current = found.setdefault(plain.strip("[]"), [])
        else:
            current += plain.split()
    return {name: frozenset(listed) for name, listed in found.items()}
