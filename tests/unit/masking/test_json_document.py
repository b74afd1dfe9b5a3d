"""The transform json: against a plain walk through parsed documents, and where documents are odd."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

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
JSONB = ColumnType("jsonb", "json", "jsonb")
BIGINT = ColumnType("bigint", "integer", "int8")
DATE = ColumnType("date", "date", "date")


def mask(
    transform: str, values: list[str | None], params: dict[str, Any], kind: ColumnType = TEXT
) -> list[str | None]:
    checked = get(transform).validate(params)
    masker = Masker([ColumnMask("value", transform, kind, "d", checked)], KEY)
    return masker.mask(pl.DataFrame({"value": pl.Series(values, dtype=pl.String)}))["value"].to_list()


def one(document: str, **params: Any) -> str:
    result = mask("json", [document], params, JSONB)[0]
    assert result is not None
    return result


NAMES = st.sampled_from(["a", "b", "email", "odd key", "a very long name of a member", 'q"uote', "ü", ""])
SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False), st.text()
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(NAMES, inner, max_size=4)),
    max_leaves=12,
)
SPELLINGS: list[Callable[[Any], str]] = [
    lambda value: json.dumps(value, ensure_ascii=False),
    lambda value: json.dumps(value, separators=(",", ":")),
    lambda value: json.dumps(value, indent=2),
]


def fixed(value: Any) -> Any:
    return None if value is None else "x"


def redacted(value: Any) -> Any:
    if isinstance(value, bool):
        return False
    if isinstance(value, str):
        return value and "[redacted]"
    return None if value is None else 0


def walk(
    value: Any, steps: tuple[str | int, ...], rule: Callable[[tuple[str | int, ...]], Callable[[Any], Any]]
) -> Any:
    if isinstance(value, dict):
        return {name: walk(inner, (*steps, name), rule) for name, inner in value.items()}
    if isinstance(value, list):
        return [walk(inner, (*steps, place), rule) for place, inner in enumerate(value)]
    return rule(steps)(value)


def expected(steps: tuple[str | int, ...]) -> Callable[[Any], Any]:
    """What PATHS mean, said another way."""
    if steps[:2] in {("a", "b"), ("a", 1)} or ("email" in steps and steps[:1] != ("b",)):
        return fixed
    return (lambda value: value) if steps[:1] == ("b",) else redacted


PATHS = {"$.a.b": {"fixed": {"value": "x"}}, "$.a[1]": {"fixed": {"value": "x"}}, "$..email": {"fixed": {"value": "x"}},
         "$.b": "keep", "$.b.email": "keep", "$.b..email": "keep", "$.b..['odd key']": "keep"}  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(values=st.lists(VALUES, min_size=1, max_size=6), spelling=st.sampled_from(SPELLINGS))
def test_a_walk_through_the_parsed_document_finds_the_same(
    values: list[Any], spelling: Callable[[Any], str]
) -> None:
    surrogates = [text for text in map(spelling, values) if not text.isprintable() and not _is_utf8(text)]
    if surrogates:
        return
    results = mask("json", [spelling(value) for value in values], {"paths": PATHS})
    assert [json.loads(result or "") for result in results] == [walk(value, (), expected) for value in values]


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse(constant: str) -> None:
    raise ValueError(constant)


def _is_json(text: str) -> bool:
    try:
        json.loads(text, parse_constant=_refuse)
    except ValueError:
        return False
    return True


JSONLIKE = st.text(alphabet='{}[]:,"\\ \t\nabtrufalsen0123.-+eu\x01é', max_size=24)
TEXTS = st.one_of(
    st.text(alphabet=st.characters(exclude_characters="\0", codec="utf-8")),
    JSONLIKE,
    VALUES.map(json.dumps).flatmap(
        lambda text: st.integers(0, len(text)).map(lambda at: text[:at] + text[at + 1 :])
    ),
)


@settings(max_examples=120, deadline=None)
@given(texts=st.lists(TEXTS, min_size=1, max_size=8))
def test_what_is_no_json_is_replaced_wholly_and_disturbs_no_neighbour(texts: list[str]) -> None:
    kept = mask("json", list(texts), {"unknown": "keep"})
    for text, result in zip(texts, kept, strict=True):
        assert result is not None
        if _is_json(text) or not text.strip(" \t\n\r"):
            assert result == text
        else:
            assert len(json.loads(result)) == 16
            assert result != text
    for unknown in ("redact", "drop"):
        assert all(
            _is_json(text) or not text.strip() for text in mask("json", list(texts), {"unknown": unknown})
        )


@settings(max_examples=50, deadline=None)
@given(values=st.lists(VALUES, min_size=1, max_size=4), spelling=st.sampled_from(SPELLINGS))
def test_dropping_leaves_what_a_path_names(values: list[Any], spelling: Callable[[Any], str]) -> None:
    texts = [spelling(value) for value in values]
    results = mask("json", texts, {"paths": {"$.a": "keep", "$[1]": "keep"}, "unknown": "drop"})
    for value, result in zip(values, results, strict=True):
        if isinstance(value, dict):
            value = {"a": value["a"]} if "a" in value else {}
        elif isinstance(value, list):
            value = value[1:2]
        else:
            value = None
        assert json.loads(result or "") == value


def test_bytes_that_no_rule_is_about_stay() -> None:
    document = '{ "a" : 1.50e+3,\t"a":"x", "b" : [ 12345678901234567890.000 , "\\u00e9\\/" ],\n"ä":{ } }'
    assert one(document, paths={"$.nothing": "hash"}, unknown="keep") == document
    assert one(document, paths={"$.a": {"fixed": {"value": "y"}}}, unknown="keep") == (
        '{ "a" : "y",\t"a":"y", "b" : [ 12345678901234567890.000 , "\\u00e9\\/" ],\n"ä":{ } }'
    )


def test_what_stands_for_unknown_values() -> None:
    document = '{"s": "text", "e": "", "i": 12, "f": -1.5, "t": true, "x": false, "n": null, "l": ["a", {}]}'
    assert one(document) == (
        '{"s": "[redacted]", "e": "", "i": 0, "f": 0, "t": false, "x": false, "n": null, "l": ["[redacted]", {}]}'
    )
    assert one(document, unknown="drop") == "{}"


def test_a_value_has_the_pseudonym_of_its_column() -> None:
    rules = {"$.email": "email", "$.id": "key", "$.born": {"shift_date": {"within": "30d"}}}
    masked = json.loads(one('{"email": "maria@web.example", "id": 42, "born": "1984-02-29"}', paths=rules))
    assert [masked["email"]] == mask("email", ["maria@web.example"], {})
    assert [str(masked["id"])] == mask("key", ["42"], {}, BIGINT)
    assert [masked["born"]] == mask("shift_date", ["1984-02-29"], {"within": "30d"}, DATE)


@pytest.mark.parametrize(
    ("rule", "before", "after"),
    [
        ({"fixed": {"value": 7}}, "12", "7"),
        ({"fixed": {"value": "007"}}, "12", '"007"'),
        ({"fixed": {"value": "x"}}, "true", '"x"'),
        ({"fixed": {"value": 'say "\\"'}}, '"text"', '"say \\"\\\\\\""'),
        ("null", '"text"', "null"),
        ("null", "12", "null"),
        ("hash", "null", "null"),
        ("redact", "12.5", "0"),
        ("redact", "true", "false"),
        ({"truncate_date": {"to": "year"}}, '"2024-02-29"', '"2024-01-01"'),
        ({"truncate_date": {"to": "year"}}, '"2024-02-29T10:11:12.345Z"', '"2024-01-01T00:00:00.000Z"'),
        ({"truncate_date": {"to": "year"}}, '"yesterday"', '"[redacted]"'),
        ({"truncate_date": {"to": "year"}}, '"2023-02-29"', '"[redacted]"'),
        ({"truncate_date": {"to": "year"}}, "20240229", "0"),
        ({"number_noise": {"absolute": 1e-9}}, "12345678901234567890.5", "12345678901234567890.5"),
    ],
)
def test_values_of_each_kind(rule: Any, before: str, after: str) -> None:
    assert one(f'{{"v": {before}}}', paths={"$.v": rule}) == f'{{"v": {after}}}'


def test_names_of_members_are_masked_where_a_rule_says_so() -> None:
    document = '{"by": {"maria@web.example": 1, "bob@web.example": {"x": 2}}, "at": {"maria@web.example": 3}}'
    masked = one(document, names={"$.by": "email"}, unknown="keep")
    (maria,) = mask("email", ["maria@web.example"], {})
    assert masked.startswith(f'{{"by": {{"{maria}": 1, "')
    assert masked.endswith('": {"x": 2}}, "at": {"maria@web.example": 3}}')
    assert "bob" not in masked


def test_addresses_do_not_stay_as_names() -> None:
    document = '{"maria@web.example": {"a@b": 1, "plain": "x@y"}, "n": 2}'
    assert one(document, unknown="keep") == document
    masked = json.loads(one(document))
    (token, inner), plain = masked.items()
    assert (len(token), plain) == (16, ("n", 0))
    assert [len(name) for name in inner] == [16, 5]
    assert "@" not in one(document, unknown="drop", paths={"$.*.plain": {"fixed": {"value": 1}}})
    assert one(document, names={"$": "keep"}).startswith('{"maria@web.example": {"')


def test_the_more_exact_path_counts() -> None:
    rules = {
        "$..email": {"fixed": {"value": "deep"}},
        "$.a": {"fixed": {"value": "all"}},
        "$.a.email": {"fixed": {"value": "one"}},
    }
    assert one('{"a": {"email": 1, "b": {"email": 2}, "c": [3]}, "email": 4}', paths=rules) == (
        '{"a": {"email": "one", "b": {"email": "all"}, "c": ["all"]}, "email": "deep"}'
    )


def test_depth() -> None:
    deep = "[" * 9_999 + '"x"' + "]" * 9_999
    assert one(deep) == deep.replace("x", "[redacted]")
    assert len(one("[" * 20_000 + '"x"' + "]" * 20_000)) == 18


def test_one_document_of_many_megabytes() -> None:
    document = "[" + ", ".join(f'{{"email": "{number}@x.example"}}' for number in range(100_000)) + "]"
    masked = json.loads(one(document, paths={"$[*].email": "email"}))
    assert len({row["email"] for row in masked}) == 100_000


def test_blocks_of_documents_agree_with_single_ones() -> None:
    documents = [
        f'{{"email": "{number}@x.example", "pad": "{"p" * (number % 400)}"}}' for number in range(8_000)
    ]
    documents[4000] = '{"email": "broken'
    together = mask("json", list(documents), {"paths": {"$.email": "email"}})
    for place in (0, 1, 2500, 3999, 4000, 4001, 7999):
        assert mask("json", [documents[place]], {"paths": {"$.email": "email"}}) == [together[place]]


def test_a_document_that_grows_beyond_its_column_is_replaced() -> None:
    narrow = ColumnType("character varying(30)", "text", "varchar", 30)
    results = mask("json", ['{"e": "m@x.example"}', '{"e": 1}'], {"paths": {"$.e": "email"}}, narrow)
    assert [len(result or "") for result in results[:1]] == [18]
    assert all(len(result or "") <= 30 for result in results)


def test_a_zero_byte_never_stays() -> None:
    assert len(mask("json", ["a\0b", '{"a": 1}'], {"unknown": "keep"})[0] or "") == 18


@pytest.mark.parametrize(
    "path", ["email", "$.", "$.a.", "$[", "$[-1]", "$[0:2]", "$[?(@.a)]", "$a", "$.a b", "$['a", "$.[0]"]
)
def test_what_is_no_path(path: str) -> None:
    with pytest.raises(PolicyError) as caught:
        get("json").validate({"paths": {path: "hash"}})
    assert caught.value.message == f"json: {path!r} is not a JSON path"


@pytest.mark.parametrize(
    ("path", "document"),
    [
        ("$", '"v"'),
        ("$.a.b", '{"a": {"b": "v"}}'),
        ("$['odd key']", '{"odd key": "v"}'),
        ('$["odd key"]', '{"odd key": "v"}'),
        ('$."odd key"', '{"odd key": "v"}'),
        ("$['it\\'s']", '{"it\'s": "v"}'),
        ("$.items[*].email", '{"items": [{"email": "v"}, {"email": "v"}]}'),
        ("$.*", '{"a": "v", "b": ["v"]}'),
        ("$..email", '[[{"email": "v"}]]'),
        ("$..*", '{"a": {"b": "v"}}'),
        ("$..[1]", '[["v", "v"], ["v"]]'.replace('["v", "v"], ["v"]', 'null, ["v"]')),
        ("$[0]", '["v"]'),
        ("$.naïve_名", '{"naïve_名": "v"}'),
        ("$.a", '{"\\u0061": "v"}'),
        ("$.a_name_of_more_than_sixteen_bytes", '{"a_name_of_more_than_sixteen_bytes": "v"}'),
    ],
)
def test_paths(path: str, document: str) -> None:
    assert one(document, paths={path: {"fixed": {"value": "w"}}}) == document.replace('"v"', '"w"')
    assert one(document.replace('"v"', '"v"'), unknown="keep", paths={f"{path}.no.such": "hash"}) == document


def test_a_rule_that_is_about_no_value_is_refused() -> None:
    checked = get("json").validate({"paths": {"$.a": "placeholder"}})
    with pytest.raises(PolicyError, match=r"json: paths \$\.a: placeholder takes bytea"):
        get("json").laws(checked, JSONB, False)


def test_a_column_of_the_row_decides_where_a_rule_needs_it() -> None:
    rule = {"shift_date": {"within": "30d", "by": "customer"}}
    checked = get("json").validate({"paths": {"$[*]": rule}})
    assert get("json").needs(checked) == ("customer",)
    masker = Masker([ColumnMask("value", "json", JSONB, "d", checked)], KEY)
    frame = pl.DataFrame({"value": ['["2024-01-01", "2024-01-08"]'] * 2, "customer": ["7", "8"]})
    first, second = (json.loads(text) for text in masker.mask(frame)["value"])
    assert first != second
    assert pl.Series(first).str.to_date().diff()[1] == pl.Series(second).str.to_date().diff()[1]
