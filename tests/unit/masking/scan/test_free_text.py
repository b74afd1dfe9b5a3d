"""The transform over whole texts: what becomes of findings, of the row's own names, and of all other text."""

from __future__ import annotations

import sys
from types import ModuleType, SimpleNamespace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.registry import get

KEY = MaskingKey(b"k" * 32)
TEXT = ColumnType("text", "text", "text")
NAMES = {
    "names_from": ["first", "last"],
    "column_rules": {
        "first": {"first_name": None, "domain": "person.first_name"},
        "last": {"last_name": None, "domain": "person.last_name"},
    },
}


def run(
    text: str, params: dict[str, object] | None = None, kind: ColumnType = TEXT, **row: str | None
) -> str:
    frame = pl.DataFrame({"text": [text], **{name: [value] for name, value in row.items()}})
    frame = frame.with_columns(pl.all().cast(pl.String))
    checked = get("free_text").validate(params or {})
    result = Masker([ColumnMask("text", "free_text", kind, "free_text", checked)], KEY).mask(frame)["text"][0]
    assert isinstance(result, str)
    return result


def pseudonym(transform: str, value: str, domain: str, **params: object) -> str:
    mask = ColumnMask("value", transform, TEXT, domain, get(transform).validate(params))
    result = Masker([mask], KEY).mask(pl.DataFrame({"value": [value]}))["value"][0]
    assert isinstance(result, str)
    return result


@pytest.mark.parametrize(
    ("kind", "transform", "value", "around"),
    [
        ("email", "email", "maria@web.example", "Write to {}, please."),
        ("phone", "phone", "+49 151 23456789", "Call {}!"),
        ("card_number", "card_number", "4111 1111 1111 1111", "I paid with {} then."),
        ("iban", "iban", "DE89 3704 0044 0532 0130 00", "IBAN: {}"),
        ("national_id", "ff1", "123-45-6789", "My SSN is {}."),
        ("ip", "ip", "203.0.113.7", "from {}:443"),
        ("url", "url", "https://shop.example/a?b=c", "see ({})"),
        ("handle", "username", "maria_s", "ping @{} now"),
    ],
)
def test_a_finding_becomes_what_its_column_becomes(kind, transform, value, around):
    rules = {"rules": {kind: {transform: None, "domain": "one.domain"}}}
    expected = around.format(pseudonym(transform, value, "one.domain"))
    assert run(around.format(value), rules) == expected != around.format(value)


def test_a_date_of_birth_is_masked_as_in_a_column_of_dates():
    rules = {"rules": {"birth_date": {"shift_date": {"within": "30d"}, "domain": "d"}}}
    mask = ColumnMask(
        "value",
        "shift_date",
        ColumnType("date", "date", "date"),
        "d",
        get("shift_date").validate({"within": "30d"}),
    )
    masked = Masker([mask], KEY).mask(pl.DataFrame({"value": ["1984-03-12"]}))["value"][0]
    assert run("born 1984-03-12", rules) == f"born {masked}"
    year, month, day = masked.split("-")
    assert run("geb. 12.03.1984", rules) == f"geb. {day}.{month}.{year}"
    assert run("born 12/3/84", rules) == f"born {int(day)}/{int(month)}/{year[2:]}"
    assert run("born 31.02.1984", rules) == "born [date]"


def test_all_other_text_stays_byte_for_byte():
    text = (
        "tab\there, line\nbreak, back\\slash, 🙂 名前 e\u0301 \u00a0 \u200b – „Zitat“, 12.03.2024, 1.234,50 €"
    )
    assert run(text) == text
    assert run(f"{text} a@b.example {text}") == f"{text} {run('a@b.example')} {text}"


def test_the_rest_may_be_blotted_out():
    masked = run("Größe 42, mail a@b.example, 名前!", {"otherwise": "redact"})
    assert masked == f"xxxxx 00, xxxx {run('a@b.example')}, xx!"


def test_only_what_is_wanted_is_looked_for():
    text = "a@b.example or +49 151 23456789"
    assert run(text, {"find": ["phone"]}).startswith("a@b.example or +49 1")
    assert run(text, {"find": ["email"]}).endswith(" or +49 151 23456789")


def test_a_rule_may_keep_or_take_out():
    assert run("Write to a@b.example now", {"rules": {"email": "keep"}}) == "Write to a@b.example now"
    assert run("Write to a@b.example now", {"rules": {"email": "null"}}) == "Write to  now"
    assert run("Write to a@b.example now", {"rules": {"email": "redact"}}) == "Write to [redacted] now"


def test_a_narrow_column_loses_its_end_and_nothing_of_a_finding_survives():
    narrow = ColumnType("character varying(24)", "text", "varchar", 24)
    masked = run("From x@y.example, thanks", kind=narrow)
    assert len(masked) == 24
    assert masked == run("From x@y.example, thanks")[:24]
    assert "y.example" not in masked


FIRST = pseudonym("first_name", "Maria", "person.first_name")
LAST = pseudonym("last_name", "Schneider", "person.last_name")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Maria called.", "{F} called."),
        ("maria schneider, MARIA SCHNEIDER", "{f} {l}, {FF} {LL}"),
        ("Schneider, Maria", "{L}, {F}"),
        ("Maria's order and Schneiders Konto", "{F}'s order and {L}s Konto"),
        ("M. Schneider wrote", "{i}. {L} wrote"),
        ("Marìa Schnéider", "{F} {L}"),
        ("user maria_schneider84", "user {f}_{l}84"),
        ("marial and schneiderin stay", "marial and schneiderin stay"),
        ("(Maria)-\nSchneider", "({F})-\n{L}"),
    ],
)
def test_the_rows_own_names(text, expected):
    names = {
        "F": FIRST,
        "L": LAST,
        "f": FIRST.lower(),
        "l": LAST.lower(),
        "FF": FIRST.upper(),
        "LL": LAST.upper(),
    }
    params = {**NAMES, "find": ["own_names"]}
    masked = run(text, params, first="Maria", last="Schneider")
    assert masked == expected.format(**names, i=FIRST[0])


def full(text: str, name: str | None) -> str:
    params = {"find": ["own_names"], "names_from": ["name"], "column_rules": {"name": "full_name"}}
    return run(text, params, name=name)


def test_names_of_other_rows_stay():
    frame = pl.DataFrame({"text": ["Maria wrote", "Peter wrote"], "name": ["Peter Lang", "Maria Kurz"]})
    params = get("free_text").validate({"find": ["own_names"], "names_from": ["name"]})
    assert Masker([ColumnMask("text", "free_text", TEXT, "d", params)], KEY).mask(frame)[
        "text"
    ].to_list() == [
        "Maria wrote",
        "Peter wrote",
    ]


def test_a_whole_name_becomes_the_whole_pseudonym():
    whole = pseudonym("full_name", "Jan van der Berg", "free_text")
    assert full("Jan van der Berg wrote", "Jan van der Berg") == f"{whole} wrote"
    given, family = whole.split(" ", 1)[0], whole.rsplit(" ", 1)[-1]
    assert full("Mr. Berg and Jan", "Jan van der Berg") == f"Mr. {family} and {given}"


def test_two_ways_to_write_an_umlaut_are_one_name():
    masked = full("Jürgen Mueller, Juergen Müller, JUERGEN MUELLER, Jurgen", "Jürgen Müller")
    assert "rgen" not in masked.lower()
    assert "ller" not in masked.lower().replace(
        pseudonym("full_name", "Jürgen Müller", "free_text").lower(), ""
    )


def test_a_name_that_is_a_word_counts_with_a_capital_or_beside_the_other_name():
    assert full("I will write to Will", "Will Smithers").startswith("I will write to ")
    assert "Will" not in full("I will write to Will", "Will Smithers")
    assert "will" not in full("regards, will smithers", "Will Smithers")


def test_names_without_blanks_around_them():
    masked = full("担当者は山田太郎です", "山田太郎")
    assert "山田" not in masked
    assert masked.startswith("担当者は")


def test_rows_without_a_name():
    assert full("Nobody is here", None) == "Nobody is here"
    assert full("Nobody is here", "") == "Nobody is here"
    assert full("- ... -", "-") == "- ... -"


def test_values_of_the_row_are_found_as_a_whole():
    params = {"find": ["own_names"], "values_from": ["street"], "column_rules": {"street": "street"}}
    masked = run("lives in HAUPTSTR. 5, not in Hauptstr. 51", params, street="Hauptstr. 5")
    assert masked == f"lives in {pseudonym('street', 'Hauptstr. 5', 'free_text')}, not in Hauptstr. 51"


@settings(max_examples=60, deadline=None)
@given(
    before=st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    after=st.text(alphabet=st.characters(exclude_characters="\0", exclude_categories=["Cs"])),
    value=st.sampled_from(
        [
            "maria.schneider@web.example",
            "+49 151 23456789",
            "4111 1111 1111 1111",
            "DE89 3704 0044 0532 0130 00",
            "Maria",
        ]
    ),
)
def test_what_stands_apart_is_found_whatever_is_around_it(before, after, value):
    masked = run(f"{before}\n{value}\n{after}", NAMES, first="Maria", last="Schneider")
    assert value not in masked.splitlines() or value in before.splitlines() or value in after.splitlines()
    assert f"\n{value}\n" not in masked or f"\n{value}\n" in before + after


@pytest.mark.parametrize(
    ("params", "message", "hint"),
    [
        (
            {"find": ["mail"]},
            "free_text: find names 'mail', which is nothing that is found",
            "did you mean 'email'?",
        ),
        (
            {"rules": {"own_names": "redact"}},
            "free_text: rules names 'own_names', which is nothing that is found",
            None,
        ),
        (
            {"names_from": ["first"], "column_rules": {"last": "last_name"}},
            "free_text: column_rules has a rule for 'last', which is not searched for",
            "name the column in names_from or values_from",
        ),
        ({"backend": "spacy"}, "free_text: backend must be one of patterns, presidio", None),
    ],
)
def test_wrong_parameters(params, message, hint):
    with pytest.raises(PolicyError) as caught:
        get("free_text").validate(params)
    assert caught.value.message == message
    if hint:
        assert caught.value.hint == hint


def test_a_rule_that_takes_no_text_is_refused():
    transform = get("free_text")
    with pytest.raises(PolicyError, match="shift_date takes"):
        transform.laws(transform.validate({"rules": {"email": "shift_date"}}), TEXT, unique=False)


def test_what_it_needs():
    transform = get("free_text")
    assert transform.needs(transform.validate(NAMES)) == ("first", "last")
    assert transform.needs(transform.validate({**NAMES, "find": ["email"]})) == ()


def test_without_presidio_the_message_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "presidio_analyzer", None)
    with pytest.raises(PolicyError) as caught:
        run("text", {"backend": "presidio"})
    assert (
        caught.value.message == "free_text: backend presidio needs Microsoft Presidio, which is not installed"
    )
    assert "pip install 'datamask[presidio]'" in str(caught.value.hint)


def test_presidios_findings_are_masked_like_the_own_ones(monkeypatch):
    class AnalyzerEngine:
        def analyze(self, text: str, language: str, entities: list[str]) -> list[SimpleNamespace]:
            assert language == "de"
            assert "PERSON" in entities
            start = text.find("Ödön Horváth")
            person = SimpleNamespace(start=start, end=start + 12, entity_type="PERSON", score=0.85)
            doubtful = SimpleNamespace(start=0, end=5, entity_type="PERSON", score=0.1)
            return [person, doubtful] if start >= 0 else [doubtful]

    module = ModuleType("presidio_analyzer")
    module.AnalyzerEngine = AnalyzerEngine
    monkeypatch.setitem(sys.modules, "presidio_analyzer", module)
    params = {"backend": "presidio", "language": "de", "find": ["email"]}
    masked = run("„Größe“: Ödön Horváth, a@b.example", params)
    given, family = (
        pseudonym("first_name", "Ödön", "free_text"),
        pseudonym("last_name", "Horváth", "free_text"),
    )
    assert masked == f"„Größe“: {given} {family}, {pseudonym('email', 'a@b.example', 'free_text')}"
