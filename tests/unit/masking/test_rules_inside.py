"""Exceptions and likenesses of rules inside of documents and texts, and what cannot stand there."""

from __future__ import annotations

import json

import polars as pl
import pytest

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.nested import rule_laws
from datamask.masking.registry import get

KEY = MaskingKey(b"k" * 32)
TEXT = ColumnType("text", "text", "text")
JSONB = ColumnType("jsonb", "json", "jsonb")


def masked(name, params, values, kind=TEXT, **row):
    mask = ColumnMask("value", name, kind, "d", get(name).validate(params))
    frame = pl.DataFrame({"value": values, **row}, schema_overrides={"value": pl.String})
    return Masker([mask], KEY).mask(frame)["value"].to_list()


def document(rule, **members):
    (result,) = masked("json", {"paths": {"$.*": rule}}, [json.dumps(members)], JSONB)
    return json.loads(result)


def test_a_path_keeps_what_matches_an_exception():
    rule = {"email": {}, "except": ["@ourcompany.com", "root@*"]}
    found = document(rule, a="bob@ourcompany.com", b="root@localhost.x", c="maria@web.example", d=None)
    assert (found["a"], found["b"], found["d"]) == ("bob@ourcompany.com", "root@localhost.x", None)
    assert found["c"] != "maria@web.example"
    plain = document("email", a="bob@ourcompany.com", c="maria@web.example")
    assert plain["a"] != "bob@ourcompany.com"
    assert plain["c"] == found["c"]


def test_an_exception_is_about_numbers_and_truth_values_too():
    found = document({"redact": {}, "except": [0, "true", "n/a"]}, a=0, b=10, c=True, d="n/a", e="x")
    assert found == {"a": 0, "b": 0, "c": True, "d": "n/a", "e": "[redacted]"}
    assert document("redact", c=True) == {"c": False}


def test_an_exception_counts_where_the_value_is_not_what_the_transform_takes():
    found = document(
        {"shift_date": {"within": "30d"}, "except": "unknown"}, a="unknown", b="2024-02-29", c="soon"
    )
    assert (found["a"], found["c"]) == ("unknown", "[redacted]")
    assert found["b"] != "2024-02-29"


def test_case_and_length_are_preserved_of_texts():
    rule = {"last_name": {}, "preserve": ["length", "case"]}
    found = document(rule, a="SCHNEIDER", b="schneider", c="Li", d=123456)
    assert found["a"].isupper()
    assert found["b"].islower()
    assert [len(found[name]) for name in "abc"] == [9, 9, 2]
    # Of a transform that takes numbers as such, these have no length to keep.
    number = document({"key": {}, "preserve": ["length"]}, a=12, b="12")
    assert isinstance(number["a"], int)
    assert len(number["b"]) == 2


def test_empty_texts_stay_where_they_are_preserved():
    filled = {"fixed": {"value": "x", "keep_nulls": False}}
    assert document(filled, a="") == {"a": "x"}
    assert document({**filled, "preserve": "empty"}, a="", b="y") == {"a": "", "b": "x"}


def test_findings_in_a_text_stay_by_the_exceptions_of_their_kind():
    rules = {
        "email": {"email": {}, "except": ["@ourcompany.com"]},
        "birth_date": {"shift_date": {}, "except": "1970-01-01"},
    }
    text = "support@ourcompany.com to maria@web.example, born 01.01.1970, not born 02.01.1970"
    (found,) = masked("free_text", {"rules": rules}, [text])
    assert "support@ourcompany.com" in found
    assert "maria@web.example" not in found
    assert "born 01.01.1970," in found
    assert "02.01.1970" not in found


def test_a_name_that_its_column_keeps_stays_in_the_text_as_it_is_written():
    params = {
        "names_from": ["author"],
        "column_rules": {"author": {"full_name": {}, "except": ["Maria Anna Schneider"]}},
        "find": ["own_names"],
    }
    text = "MARIA ANNA SCHNEIDER and Anna, Maria-Anna; Schneider's"
    kept, other = masked(
        "free_text", params, [text, "Bob Weber, Weber"], author=["Maria Anna Schneider", "Bob Weber"]
    )
    assert kept == text
    assert "Bob" not in other
    assert "Weber" not in other


def test_a_table_may_leave_some_of_the_other_values():
    params = {"values": {"a": "b"}, "else": {"hash": {}, "except": ["n/a"]}}
    a, rest, kept = masked("lookup", params, ["a", "x", "n/a"])
    assert (a, kept) == ("b", "n/a")
    assert rest != "x"


def test_what_stays_takes_its_laws_from_a_rule():
    plain = get("json").validate({"paths": {"$.a": "key"}})["paths"]["$.a"]
    kept = get("json").validate({"paths": {"$.a": {"key": {}, "except": ["1"]}}})["paths"]["$.a"]
    assert rule_laws(plain).injective
    assert not rule_laws(kept).injective
    assert not rule_laws(kept).reversible


def test_the_normal_form_of_a_normal_form_is_itself():
    rule = {"email": {}, "except": "@x.example", "preserve": [None, "case"]}
    once = get("json").validate({"paths": {"$.a": rule}})
    assert once["paths"]["$.a"]["except"] == ["@x.example"]
    assert once["paths"]["$.a"]["preserve"] == ["null", "case"]
    assert get("json").validate(once) == once
    # A rule without any is written as ever, so that digests of plans stay what they are.
    assert set(get("json").validate({"paths": {"$.a": "email"}})["paths"]["$.a"]) == {
        "transform",
        "params",
        "domain",
    }


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ({"email": {}, "when": "id > 3"}, "json: paths: when is about rows, and cannot stand inside of json"),
        ({"email": {}, "except": ["*"]}, "json: paths the exception '*' would let every value pass"),
        ({"email": {}, "except": [True]}, "json: paths except must be a text or a list of texts"),
        ({"email": {}, "preserve": ["caps"]}, "json: paths preserve must be of null, empty, case, length"),
        ({"keep": None, "except": ["a"]}, "json: paths keep leaves every value as it is, and takes nothing"),
        ({"email": {}, "hash": {}, "except": ["a"]}, "json: paths must name exactly one transform, not 2"),
    ],
)
def test_what_cannot_stand_inside(rule, message):
    with pytest.raises(PolicyError) as caught:
        get("json").validate({"paths": {"$.a": rule}})
    assert caught.value.message == message


def test_case_is_not_preserved_of_what_is_no_text():
    transform = get("json")
    params = transform.validate({"paths": {"$.a": {"shift_date": {"within": "3d"}, "preserve": ["case"]}}})
    with pytest.raises(PolicyError) as caught:
        transform.laws(params, JSONB, unique=False)
    assert caught.value.message == (
        "json: paths $.a: case and length are preserved of texts, and shift_date is about date here"
    )
