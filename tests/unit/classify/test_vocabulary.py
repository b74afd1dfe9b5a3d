"""The word lists are well formed, and say each thing once."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
import yaml

from datamask.classify.classes import CLASSES
from datamask.classify.vocabulary import canonical, vocabulary
from datamask.classify.words import plain, words_of, words_of_columns

LEXICON = Path(__file__).parents[3] / "datamask" / "classify" / "lexicon"
PHRASES = ("person", "address", "money", "online", "text")
LANGUAGES = {"all", "phrases", "en", "de", "fr", "es", "pt", "it", "nl", "pl"}


def sections(name: str) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = yaml.safe_load((LEXICON / f"{name}.yaml").read_text(encoding="utf-8"))
    return found


def test_every_file_is_read() -> None:
    assert {path.stem for path in LEXICON.glob("*.yaml")} == {*PHRASES, "tables", "names"}


@pytest.mark.parametrize("name", PHRASES)
def test_classes_and_languages_are_known(name: str) -> None:
    for data_class, by_language in sections(name).items():
        assert data_class in CLASSES
        assert set(by_language) <= LANGUAGES


def test_a_phrase_means_one_thing() -> None:
    classes = defaultdict(set)
    for name in PHRASES:
        for data_class, by_language in sections(name).items():
            for text in by_language.values():
                for phrase in text.split(","):
                    classes[canonical(tuple(phrase.split()))].add(data_class)
    assert {phrase: found for phrase, found in classes.items() if len(found) > 1} == {}


def test_phrases_are_written_as_names_are_read() -> None:
    words = {word for phrase in vocabulary().phrases for word in phrase}
    assert {word for word in words if plain(word) != word or not word.isalnum()} == set()
    # A digit is a word of its own.
    assert {word for word in words if any(char.isdigit() for char in word) and not word.isdigit()} == set()


def test_every_phrase_is_found_in_a_name_made_of_it() -> None:
    known = vocabulary().phrases
    lost = [
        phrase
        for phrase in known
        if canonical(words_of("_".join(phrase))) != phrase and "number" not in phrase
    ]
    assert lost == []


def test_a_prefix_or_suffix_that_all_columns_share_says_nothing() -> None:
    assert words_of_columns(["tkd_nom", "tkd_ville", "tkd_cp", "id"])["tkd_nom"] == ("nom",)
    assert words_of_columns(["nom_tkd", "ville_tkd", "cp_tkd", "id"])["cp_tkd"] == ("cp",)
    # Words that say something stay.
    assert words_of_columns(["ship_name", "ship_city", "ship_zip"])["ship_city"] == ("ship", "city")
    assert words_of_columns(["tkd_nom", "tkd_ville"])["tkd_nom"] == ("tkd", "nom")
