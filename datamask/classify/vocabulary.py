"""The words of the files in ``lexicon``, read once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from datamask.config.document import Node, load_document

_FOLDER = Path(__file__).with_name("lexicon")
_PHRASES = ("person", "address", "money", "online", "text")

_NUMBER_WORDS = frozenset({"no", "num", "nr", "nbr", "numero", "nummer", "numer", "numbers", "nro"})

Phrase = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What names are made of; the files say what each set is for.

    :param phrases: the words of a name → the data class that they stand for.
    :param in_person_tables: as ``phrases``, for whole names and only in tables of persons.
    :param in_pay_tables: the same in tables of what persons are paid.
    :param in_card_tables: the same in tables of payment cards.
    """

    phrases: dict[Phrase, str]
    in_person_tables: dict[Phrase, str]
    in_pay_tables: dict[Phrase, str]
    in_card_tables: dict[Phrase, str]
    transparent: frozenset[str]
    weak_words: frozenset[str]
    place_qualifiers: frozenset[str]
    person_nouns: frozenset[str]
    persons_or_things: frozenset[str]
    company_nouns: frozenset[str]
    pay_words: frozenset[str]
    card_words: frozenset[str]
    belongings: frozenset[str]
    content_nouns: frozenset[str]
    generic_words: frozenset[str]
    public_heads: frozenset[str]
    label_starts: frozenset[str]
    key_heads: frozenset[str]
    descriptive_heads: frozenset[str]
    depicting_heads: frozenset[str]
    reference_heads: frozenset[str]
    common_words: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """The shipped vocabulary."""
    phrases: dict[Phrase, str] = {}
    for name in _PHRASES:
        phrases.update(_classed(_load(name)))
    sections = {**_load("tables"), **_load("names")}
    return Vocabulary(
        phrases,
        _classed({"": sections.pop("in_person_tables")}),
        _classed({"": sections.pop("in_pay_tables")}),
        _classed({"": sections.pop("in_card_tables")}),
        **{name: frozenset(_listed(node)) for name, node in sections.items()},
    )


def canonical(words: Phrase) -> Phrase:
    """Words with all spellings of "number" made one."""
    return tuple("number" if word in _NUMBER_WORDS else word for word in words)


def _load(name: str) -> dict[str, Node]:
    return load_document(_FOLDER / f"{name}.yaml").mapping(f"the words of {name}")


def _classed(sections: dict[str, Node]) -> dict[Phrase, str]:
    """Phrases to classes, of ``class: {language: phrases}`` or of ``{class: phrases}`` under one heading."""
    found: dict[Phrase, str] = {}
    for heading, node in sections.items():
        for name, _, child in node.items:
            for phrase in _split(child):
                found[canonical(tuple(phrase.split()))] = heading or name
    return found


def _listed(node: Node) -> Iterator[str]:
    for _, _, child in node.items:
        yield from _split(child)


def _split(node: Node) -> Iterator[str]:
    return (word for item in node.text("a list of words").split(",") if (word := item.strip()))
