from __future__ import annotations

import json

import pytest

from datamask.classify.documents import are_documents, describe_documents

ORDERS = [
    {
        "customer": {
            "name": f"Ada {number}",
            "dob": "1980-01-02",
            "phones": [{"kind": "home", "number": "+49 30 1234567"}],
        },
        "contact": {"email": f"ada{number}@example.org", "odd key": number},
        "theme": ("dark", "light")[number % 2],
        "active": True,
        "total": number,
        "placed": "2024-05-06T07:08:09Z",
        "seen": {f"2024-01-{(number + day) % 28 + 1:02}": {"ip": f"10.0.0.{number}"} for day in range(3)},
        "words": f"whatever they said {number}",
        "to": f"grace{number}@example.org" if number % 2 else None,
    }
    for number in range(80)
]


def described(documents: list[object]) -> dict[str, str]:
    texts: list[str | None] = [json.dumps(document) for document in documents]
    return dict(describe_documents(texts, "payload", "events"))


def test_paths_have_the_classes_of_their_keys_and_values() -> None:
    assert described(list(ORDERS)) == {
        "$.active": "public",
        "$.contact.email": "person.email",
        "$.contact['odd key']": "key",
        "$.customer.dob": "person.birth_date",
        "$.customer.name": "person.name",
        "$.customer.phones[*].kind": "public",
        "$.customer.phones[*].number": "person.phone",
        "$.placed": "public",
        "$.seen.*.ip": "network.ip",
        "$.theme": "public",
        "$.to": "person.email",
        "$.total": "public",
    }


def test_keys_that_are_data_are_not_named() -> None:
    by_mail = [{"votes": {f"ada{number}@example.org": "yes"}, "id": number} for number in range(60)]
    found = described(list(by_mail))
    assert found == {"$.id": "key", "$.votes.*": "public"}
    assert described([{f"ada{number}": 1} for number in range(3)]) == {}
    assert described([{"ada@example.org": 1}] * 3) == {}
    assert described([{"Mary Smith": 1}] * 3) == {}
    votes = dict.fromkeys(("mary", "peter", "laura", "thomas", "julia", "daniel", "agenda"), "yes")
    assert described([{"votes": votes}] * 6) == {"$.votes.*": "public"}


def test_elements_of_arrays_at_the_top() -> None:
    assert described([[{"email": "ada@example.org"}], [{"email": "eve@example.org"}]]) == {
        "$[*].email": "person.email"
    }


@pytest.mark.parametrize(
    "values",
    [
        (),
        ('{"email": "ada@example.org"}',),
        ('{"email": "a', '{"email": "b'),
        ("[" * 100_000, "[" * 100_000),
        ("1", '"two"', None, ""),
    ],
)
def test_too_little_or_nothing_to_go_by(values: tuple[str | None, ...]) -> None:
    assert describe_documents(values, "payload", "events") == ()


def test_text_columns_that_hold_documents() -> None:
    assert are_documents(['{"a": 1}', "[1]", None])
    assert not are_documents(['{"a": 1}', "{not json"])
    assert not are_documents(['{"a": 1}'])
    assert not are_documents(["1", "2"])


def test_no_more_paths_than_somebody_can_review() -> None:
    wide = {f"key_{number}": f"ada{number}@example.org" for number in range(300)}
    assert len(described([wide] * 6)) == 100
