from __future__ import annotations

from collections.abc import Sequence

import pytest
from stdnum.br import cpf
from stdnum.pl import pesel

from datamask.classify.by_value import (
    guess_by_dates,
    guess_by_numbers,
    guess_by_values,
    holds_contacts,
    is_label,
    looks_secret,
)
from datamask.classify.formats import is_base64_json, is_card_number, is_iban, is_ip, is_phone
from datamask.classify.national_ids import national_id_class
from datamask.classify.person_names import has_person_names, person_name_class

# Made from the numbers' own rules; nobody has been given them.
PESELS = [
    base + pesel.calc_check_digit(base)
    for base in (f"80{month:02}1512{n:02}" for month in range(1, 13) for n in (34, 57))
]
CPFS = [
    base + cpf._calc_check_digits(base)
    for base in (f"{number:09}" for number in range(111_222_300, 111_222_330))
]


def found(values: Sequence[str]) -> str | None:
    guess = guess_by_values(values)
    return guess.data_class if guess else None


@pytest.mark.parametrize(
    ("values", "data_class"),
    [
        (PESELS, "person.national_id"),
        ([f"{value[:3]}.{value[3:6]}.{value[6:9]}-{value[9:]}" for value in CPFS], "person.national_id"),
        (["RSSMRA85T10A562S", "VRDLGI80A01H501U", "BNCMRC75D15F205Z"] * 4, None),
        ([f"{number:011}" for number in range(10**10, 10**10 + 50)], None),
        (["$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHQ$" + "x" * 20] * 6, "credential.password"),
        (["{SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3"] * 6, "credential.password"),
        ([f"AKIAIOSFODNN7EXAMP{number:02}" for number in range(10)], "credential.token"),
        ([f"sk_live_4eC39HqLyjWDarjtT1zdp7{number}" for number in range(10)], "credential.token"),
        (["-----BEGIN PRIVATE KEY-----\nMIIE"] * 6, "credential.token"),
        (["eyJlbWFpbCI6ICJhZGFAZXhhbXBsZS5vcmcifQ=="] * 6, "document"),
        (["Mozilla/5.0 (X11; Linux x86_64)"] * 6, "network.user_agent"),
        ([f"48.85{number}, 2.3522" for number in range(10, 20)], "address.coordinates"),
        (["12 Main Street", "7 Elm Ave.", "221b Baker St", "9 Oak Lane", "1 High Road", "n/a"], "address.street"),
        (["Hauptstraße 5", "Bahnhofstr. 12a", "Am Ring 3", "Gartenweg 1", "Marktplatz 7"], "address.street"),
        (["Calle Mayor 5", "Avda. del Sol 12", "Plaza Real 3", "Via Roma 7", "rua Augusta 99"], "address.street"),
        (["12 rue de la Paix", "3 bis avenue Foch", "5 bd Voltaire", "7 quai Branly", "1 place Foch"], "address.street"),
        (["SW1A 1AA", "EC1A 1BB", "1012 AB", "00-950", "1000-205"], "address.postal_code"),
        (["030 1234567", "0221/987654", "(02) 9374 4000", "01 23 45 67 89", "+1 212-555-0100"], "person.phone"),
        ([f"03012345{number}" for number in range(10, 30)], "person.phone"),
        (["2024-01-02", "2024-02-03", "2023-03-04", "2022-04-05", "2021-05-06"], None),
        (["Anna", "Peter", "Maria", "Thomas", "Julia", "Xyloph"], "person.first_name"),
        (["Ada Smith", "Peter Jones", "Maria Klein", "Thomas Braun", "Julia Weiß", "Paul Novak"], "person.name"),
        (["Smith, Anna", "Jones, Peter", "Klein, Maria", "Braun, Thomas", "Weiß, Julia", "Novak, Paul"], "person.name"),
        (["red shoes", "blue hat", "green coat", "white shirt", "black tie", "grey socks"], None),
        (["English", "French", "German", "Italian", "Japanese", "Mandarin"], None),
    ],
)  # fmt: skip
def test_values_tell_classes(values: list[str], data_class: str | None) -> None:
    assert found(values) == data_class


def test_chance_does_not_make_a_card_or_a_number_of_a_person() -> None:
    counted = [str(4_000_000_000_000_000 + number) for number in range(200)]
    assert 0.05 < sum(map(is_card_number, counted)) / len(counted) < 0.15
    assert guess_by_numbers(counted) is None
    cards = [number for number in counted if is_card_number(number)]
    assert guess_by_numbers(cards * 2).data_class == "payment.card_number"  # type: ignore[union-attr]
    assert guess_by_numbers(PESELS).data_class == "person.national_id"  # type: ignore[union-attr]
    assert national_id_class(PESELS[:5]) is None


def test_dates_of_birth_lie_decades_apart() -> None:
    born = [f"{year}-05-06" for year in range(1945, 2005)]
    assert guess_by_dates(born).data_class == "person.birth_date"  # type: ignore[union-attr]
    assert guess_by_dates([f"{year}-05-06" for year in range(2004, 2025)] * 3) is None
    assert guess_by_dates(born[:10]) is None
    assert guess_by_dates(["infinity", "0044-03-15 BC"] * 30) is None


def test_formats_refuse_what_only_looks_alike() -> None:
    assert not is_iban("GB82WEST12345698765433")
    assert not is_ip("1.2.3")
    assert not is_ip("10:30")
    assert is_ip("10.0.0.0/8")
    assert not is_phone("2024-01-02")
    assert not is_phone("12345678")
    assert not is_base64_json("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln")


def test_labels_and_secrets() -> None:
    assert is_label(["new", "paid", "sent"] * 20)
    assert not is_label(["", " "] * 30)
    assert not is_label(["Anna", "Peter", "Maria"] * 20)
    assert not is_label(["8cb2237d0679ca88db6464eac60da96345513964"] * 60)
    assert looks_secret(["8cb2237d0679ca88db6464eac60da96345513964"])
    assert not looks_secret(["a long text that somebody wrote in words"])
    assert not looks_secret([])


def test_contacts_inside_text() -> None:
    for text in (
        "call +44 20 7946 0018 now",
        "mail ada@example.org",
        "to GB82 WEST 1234 5698 7654 32",
        "(212) 555-0100",
    ):
        assert holds_contacts([None, text])
    assert not holds_contacts(["order 4711 of 2024-05-06", "1.2.3"])


def test_names_in_capitals_and_with_accents() -> None:
    assert person_name_class(["PENELOPE", "NICK", "JENNIFER", "JOHNNY", "GRACE", "MATTHEW"]) is not None
    assert person_name_class(["José", "Zoë", "Łukasz", "Małgorzata", "Jürgen", "François"]) == (
        "person.first_name",
        1.0,
    )
    assert has_person_names(["sent to Anna"])
    assert not has_person_names(["sent", "paid"])


def test_a_probe_does_not_miss_a_format_that_most_values_have() -> None:
    values = [f"ada{number}@example.org" if number % 4 else f"x{number}" for number in range(240)]
    assert found(values) == "person.email"
