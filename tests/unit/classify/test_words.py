from __future__ import annotations

import pytest

from datamask.classify.words import singular, words_of


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("first_name", ("first", "name")),
        ("EmailAddressID", ("email", "address", "id")),
        ("emailaddressid", ("email", "address", "id")),
        ("nationalidnumber", ("national", "id", "number")),
        ("XMLData2", ("xml", "data", "2")),
        ("Straße-Nr.", ("strasse", "nr")),
        ("Prénom", ("prenom",)),
        ("GRÖSSE", ("groesse",)),
        ("orderid", ("order", "id")),
        ("qqzz", ("qqzz",)),
        ("日本", ("日本",)),
        ("--", ()),
    ],
)
def test_names_are_cut_into_words(name: str, words: tuple[str, ...]) -> None:
    assert words_of(name) == words


@pytest.mark.parametrize(
    ("plural", "one"),
    [
        ("customers", "customer"),
        ("companies", "company"),
        ("addresses", "address"),
        ("status", "status"),
        ("bus", "bus"),
    ],
)
def test_singular(plural: str, one: str) -> None:
    assert singular(plural) == one
