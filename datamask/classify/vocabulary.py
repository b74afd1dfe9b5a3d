"""The words of ``vocabulary.yaml``, read once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from datamask.config.document import Node, load_document

_FILE = Path(__file__).with_name("vocabulary.yaml")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """What names are made of; the file says what each set is for.

    :param phrases: data class → the phrases that name it, each as its words.
    """

    phrases: dict[str, tuple[tuple[str, ...], ...]]
    transparent: frozenset[str]
    weak_words: frozenset[str]
    place_qualifiers: frozenset[str]
    person_nouns: frozenset[str]
    company_nouns: frozenset[str]
    public_heads: frozenset[str]
    key_heads: frozenset[str]
    descriptive_heads: frozenset[str]
    reference_heads: frozenset[str]
    common_words: frozenset[str]


@cache
def vocabulary() -> Vocabulary:
    """The shipped vocabulary."""
    sections = load_document(_FILE).mapping("the vocabulary")
    phrases = sections.pop("phrases")
    return Vocabulary(
        phrases={
            name: tuple(tuple(phrase.split()) for phrase in _listed(node)) for name, _, node in phrases.items
        },
        **{name: frozenset(_listed(node)) for name, node in sections.items()},
    )


def _listed(node: Node) -> list[str]:
    return [word.strip() for word in node.text("a list of words").split(",")]
