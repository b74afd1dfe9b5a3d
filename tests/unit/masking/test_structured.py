"""The transforms hstore, composite, xml, pairs, base64_json, and arrays of every kind."""

from __future__ import annotations

import base64
import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from datamask.catalog.model import ColumnType, TypeKind
from datamask.errors import PolicyError
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.registry import get

KEY = MaskingKey(b"k" * 32)
TEXT = ColumnType("text", "text", "text")
HSTORE = ColumnType("hstore", "other", "hstore")
COMPOSITE = ColumnType("address", "composite", "address")
XML = ColumnType("xml", "xml", "xml")
BLANKS = "".join(map(chr, range(33)))
FIXED = {"fixed": {"value": "x"}}

ANY_TEXT = st.text(alphabet=st.characters(exclude_characters="\0", codec="utf-8"))


def mask(transform: str, values: list[str | None], params: dict[str, Any], kind: ColumnType) -> list[Any]:
    checked = get(transform).validate(params)
    masker = Masker([ColumnMask("value", transform, kind, "d", checked)], KEY)
    return masker.mask(pl.DataFrame({"value": pl.Series(values, dtype=pl.String)}))["value"].to_list()


def one(transform: str, value: str, kind: ColumnType, **params: Any) -> str:
    return str(mask(transform, [value], params, kind)[0])


def array(kind: TypeKind, base: str) -> ColumnType:
    return ColumnType(f"{base}[]", "array", f"_{base}", element=kind)


# hstore


def written_hstore(pairs: dict[str, str | None]) -> str:
    def quoted(text: str) -> str:
        return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'

    return ", ".join(
        f"{quoted(key)}=>{'NULL' if value is None else quoted(value)}" for key, value in pairs.items()
    )


@settings(max_examples=50, deadline=None)
@given(pairs=st.dictionaries(ANY_TEXT, st.none() | ANY_TEXT, min_size=1, max_size=5))
def test_hstore_by_key(pairs: dict[str, str | None]) -> None:
    pairs = {key: held for key, held in pairs.items() if "@" not in key} | {"name": "Maria"}
    value = written_hstore(pairs)
    assert one("hstore", value, HSTORE, unknown="keep") == value
    named = {key: "x" if key == "name" else held for key, held in pairs.items()}
    assert one("hstore", value, HSTORE, keys={"name": FIXED}, unknown="keep") == written_hstore(named)
    blotted = {key: held and (held if key == "name" else "[redacted]") for key, held in pairs.items()}
    assert one("hstore", value, HSTORE, keys={"name": "keep"}) == written_hstore(blotted)
    assert one("hstore", value, HSTORE, keys={"name": "keep"}, unknown="drop").strip() == '"name"=>"Maria"'
    assert one("hstore", value, HSTORE, keys={"name": "null"}, unknown="drop").strip() == '"name"=>NULL'


def test_hstore_takes_hstore_alone() -> None:
    assert get("hstore").accepts(HSTORE) is None
    assert get("hstore").accepts(array("other", "hstore")) is None
    assert (
        get("hstore").accepts(ColumnType("ltree", "other", "ltree"))
        == "hstore takes hstore columns, not ltree"
    )


# composite


def written_composite(fields: list[str | None]) -> str:
    return (
        "("
        + ",".join(
            "" if one is None else '"' + one.replace("\\", "\\\\").replace('"', '""') + '"' for one in fields
        )
        + ")"
    )


@settings(max_examples=50, deadline=None)
@given(fields=st.lists(st.none() | ANY_TEXT, min_size=2, max_size=4))
def test_composite_by_field(fields: list[str | None]) -> None:
    value = written_composite(fields)
    same = one("composite", value, COMPOSITE, unknown="keep")
    assert one("composite", same, COMPOSITE, unknown="keep") == same
    expected = [fields[0], fields[1] and "x", *(None for _ in fields[2:])]
    result = one("composite", value, COMPOSITE, fields={"1": "keep", "2": FIXED})
    if fields[1] != "":
        assert result == one("composite", written_composite(expected), COMPOSITE, unknown="keep")


@pytest.mark.parametrize(
    ("value", "result"),
    [
        ('(1,"Main St. 5",)', '(1,"x",)'.replace('"', "")),
        ("(1,,)", "(1,,)"),
        ('(1,"","a,b")', '(1,x,"a,b")'),
        ('("a\\"b",\\,,c)', '("a""b",x,c)'),
        ('(1,"(2,""two words"")",3)', "(1,x,3)"),
        ("( ,b,c)", '(" ",x,c)'),
    ],
)
def test_composite_values_as_the_server_prints_them(value: str, result: str) -> None:
    assert (
        one(
            "composite",
            value,
            COMPOSITE,
            order=["id", "street", "note"],
            fields={"street": FIXED},
            unknown="keep",
        )
        == result
    )


def test_fields_of_composites_that_there_are_not() -> None:
    with pytest.raises(PolicyError) as caught:
        get("composite").validate({"order": ["street", "city"], "fields": {"sreet": "hash"}})
    assert (caught.value.message, caught.value.hint) == (
        "composite: there is no field 'sreet'",
        "did you mean 'street'?",
    )
    with pytest.raises(PolicyError, match="composite: there is no field 'street'"):
        get("composite").validate({"fields": {"street": "hash"}})


# XML

PERSON = '<person id="7"><name>Maria</name> called <b>Bob <i>B.</i></b><!-- note --><?php x ?></person>'


@pytest.mark.parametrize(
    ("paths", "unknown", "result"),
    [
        ({"//name": FIXED}, "keep", PERSON.replace("Maria", "x")),
        ({"/person/@id": FIXED}, "keep", PERSON.replace('"7"', '"x"')),
        ({"//b/text()": FIXED}, "keep", PERSON.replace("Bob ", "x")),
        ({"//b": FIXED}, "keep", PERSON.replace("Bob ", "x").replace("B.", "x")),
        ({"/person": FIXED, "//i": "keep"}, "redact", '<person id="x"><name>x</name>x<b>x<i>B.</i></b></person>'),
        ({"//name": "keep"}, "redact", '<person id="[redacted]"><name>Maria</name>[redacted]'
         "<b>[redacted]<i>[redacted]</i></b></person>"),
        ({"//i": "keep"}, "drop", "<person><b><i>B.</i></b></person>"),
        ({"//name": "null"}, "drop", "<person><name/></person>"),
    ],
)  # fmt: skip
def test_xml_by_path(paths: dict[str, Any], unknown: str, result: str) -> None:
    assert one("xml", PERSON, XML, paths=paths, unknown=unknown) == result


def test_xml_namespaces_declarations_and_fragments() -> None:
    value = (
        '<?xml version="1.0" encoding="utf-8"?>\n<a xmlns="urn:a" xmlns:b="urn:b"><b:c b:d="1">2</b:c></a>'
    )
    masked = one("xml", value, XML, paths={"//n:c/@n:d": FIXED, "//n:c": FIXED}, namespaces={"n": "urn:b"})
    assert masked == value.replace('"1">2', '"x">x')
    fragment = "<e>1</e>between<e>2</e>"
    assert one("xml", fragment, XML, paths={"/e": FIXED}) == "<e>x</e>[redacted]<e>x</e>"


@pytest.mark.parametrize(
    "value",
    [
        '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        '<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>',
        "<a>&undefined;</a>",
        "<a>",
        "call Mary",
        "</r><r>",
        "<a>" * 500 + "</a>" * 500,
    ],
)
def test_xml_that_is_not_read_is_replaced_wholly(value: str) -> None:
    masked = one("xml", value, XML, unknown="keep")
    assert etree.fromstring(masked).tag == "x"
    assert len(masked) == 23


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(
        st.one_of(ANY_TEXT, st.text(alphabet="<>/ab=\"'&;!-[]? ", max_size=20)), min_size=1, max_size=5
    )
)
def test_any_text_as_xml(texts: list[str]) -> None:
    for unknown in ("redact", "drop", "keep"):
        for text, result in zip(texts, mask("xml", list(texts), {"unknown": unknown}, TEXT), strict=True):
            assert not text or etree.fromstring(f"<r>{_body(result)}</r>") is not None


def _body(value: str) -> str:
    return value.split("?>", 1)[1] if value.lstrip().startswith("<?xml") else value


@pytest.mark.parametrize("path", ["//", "count(//a)", "//n:a", "'text'", ""])
def test_what_is_no_xpath(path: str) -> None:
    with pytest.raises(PolicyError, match=r"xml: .* is not a path"):
        get("xml").validate({"paths": {path: "hash"}})


# pairs


@settings(max_examples=50, deadline=None)
@given(
    pairs=st.lists(
        st.tuples(st.from_regex(r"[A-Za-z_$][A-Za-z0-9_.-]{0,8}", fullmatch=True), ANY_TEXT),
        min_size=1,
        max_size=5,
    )
)
def test_query_strings_by_key(pairs: list[tuple[str, str]]) -> None:
    value = urlencode([*pairs, ("name", "Maria")])
    assert one("pairs", value, TEXT, url_encoded=True, unknown="keep") == value
    masked = one("pairs", value, TEXT, url_encoded=True, keys={"name": FIXED})
    expected = [
        (key, "x" if key == "name" else held and "[redacted]") for key, held in [*pairs, ("name", "Maria")]
    ]
    blanks = [(key, held) for key, held in parse_qsl(masked, keep_blank_values=True)]
    assert blanks == expected
    kept = one("pairs", value, TEXT, url_encoded=True, keys={"name": "keep"}, unknown="drop")
    assert parse_qsl(kept, keep_blank_values=True) == [
        one for one in [*pairs, ("name", "Maria")] if one[0] == "name"
    ]


@pytest.mark.parametrize(
    ("value", "params", "result"),
    [
        ("a=1;name = Maria ;b", {"separator": ";"}, "a=[redacted];name = x ;[redacted]"),
        ("name: Maria\r\nage: 39\n", {"separator": "\n", "assign": ":"}, "name: x\r\nage: [redacted]\n"),
        ("name=a=b&&x=", {}, "name=x&&x="),
        ("a=1&name=Maria&b=2", {"unknown": "drop"}, "name=x"),
        ("a=1&b=2", {"unknown": "drop"}, ""),
        ("a=1&Mary said x=2", {}, "a=[redacted]&[redacted]"),
        ("a=1&name=%4D&b=%zz", {"unknown": "keep", "url_encoded": True}, "a=1&name=x&b=%zz"),
    ],
)
def test_pairs_in_other_spellings(value: str, params: dict[str, Any], result: str) -> None:
    assert one("pairs", value, TEXT, keys={"name": FIXED}, **params) == result


def test_queries_of_web_addresses() -> None:
    value = "https://shop.example/maria?name=Maria+S&page=2#top"
    keys = {"name": {"fixed": {"value": "a b"}}, "page": "keep"}
    masked = one("pairs", value, TEXT, url=True, keys=keys)
    assert masked.startswith("https://example.com/")
    assert masked.endswith("?name=a+b&page=2")
    assert (
        one("pairs", value, TEXT, url=True, keys=keys, base="keep")
        == "https://shop.example/maria?name=a+b&page=2"
    )
    assert (
        one("pairs", value, TEXT, url=True, keys=keys, unknown="keep")
        == "https://shop.example/maria?name=a+b&page=2#top"
    )


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(ANY_TEXT, min_size=1, max_size=5))
def test_any_text_as_pairs(texts: list[str]) -> None:
    for text, result in zip(texts, mask("pairs", list(texts), {"unknown": "keep"}, TEXT), strict=True):
        keys = [pair.partition("=")[0].strip(BLANKS) for pair in text.split("&") if "=" in pair]
        plain = any(re.fullmatch(r"[A-Za-z_$][A-Za-z0-9_$.:\[\]-]{0,63}", key) for key in keys)
        assert (result == text) == (plain or not text)
    for params in ({"url": True}, {"unknown": "drop"}, {"separator": "\n", "assign": ":"}):
        assert len(mask("pairs", list(texts), params, TEXT)) == len(texts)


@pytest.mark.parametrize("params", [{"separator": "&&"}, {"assign": "é"}, {"separator": "="}])
def test_separators_that_cannot_be_told_apart(params: dict[str, str]) -> None:
    with pytest.raises(PolicyError, match="pairs: "):
        get("pairs").validate(params)


# JSON in base64


def wrapped(document: str, *, url_safe: bool = False, padded: bool = True) -> str:
    encode = base64.urlsafe_b64encode if url_safe else base64.b64encode
    text = encode(document.encode()).decode()
    return text if padded else text.rstrip("=")


@pytest.mark.parametrize("url_safe", [False, True])
@pytest.mark.parametrize("padded", [False, True])
def test_alphabet_and_padding_stay(url_safe: bool, padded: bool) -> None:
    # What ??>> and ÿ become has the characters that the alphabets differ in.
    value = wrapped('{"a": "??>>ÿÿ", "e": "m@x.example", "p": ""}', url_safe=url_safe, padded=padded)
    assert len(value.rstrip("=")) % 4
    masked = one("base64_json", value, TEXT, paths={"$.a": "keep", "$.e": FIXED})
    assert masked == wrapped('{"a": "??>>ÿÿ", "e": "x", "p": ""}', url_safe=url_safe, padded=padded)


@settings(max_examples=60, deadline=None)
@given(
    texts=st.lists(
        st.one_of(ANY_TEXT, st.binary().map(lambda data: base64.b64encode(data).decode())), min_size=1
    )
)
def test_any_text_as_base64(texts: list[str]) -> None:
    for text, result in zip(texts, mask("base64_json", list(texts), {}, TEXT), strict=True):
        if text:
            plain = base64.b64decode(result.replace("-", "+").replace("_", "/") + "=" * (-len(result) % 4))
            assert not plain.strip() or json.loads(plain) is not None or plain == b"null"


# arrays


@pytest.mark.parametrize(
    ("transform", "kind", "value", "element"),
    [
        ("key", array("integer", "int4"), "{{1,2},{3,NULL}}", ColumnType("integer", "integer", "int4")),
        (
            "number_noise",
            array("numeric", "numeric"),
            "{1.50,NaN}",
            ColumnType("numeric", "numeric", "numeric"),
        ),
        (
            "shift_date",
            array("date", "date"),
            "[0:1]={2024-02-29,infinity}",
            ColumnType("date", "date", "date"),
        ),
        (
            "uuid",
            array("uuid", "uuid"),
            "{7f0c1f4e-3b1a-4c22-9d0e-5a6b7c8d9e0f}",
            ColumnType("uuid", "uuid", "uuid"),
        ),
        ("ip", array("inet", "inet"), "{8.8.8.8,::1}", ColumnType("inet", "inet", "inet")),
        ("json", array("json", "jsonb"), '{"{\\"a\\": \\"x\\"}",NULL}', ColumnType("jsonb", "json", "jsonb")),
        ("hstore", array("other", "hstore"), '{"\\"a\\"=>\\"1\\""}', HSTORE),
        ("composite", array("composite", "address"), '{"(1,\\"a b\\")"}', COMPOSITE),
    ],
)
def test_elements_are_masked_as_in_a_column_of_their_type(
    transform: str, kind: ColumnType, value: str, element: ColumnType
) -> None:
    assert get(transform).accepts(kind) is None
    masked = one(transform, value, kind)
    plain = value.replace('\\"', "'").replace('"', "").replace("'", '"')
    inner = plain.partition("=")[2] if plain.startswith("[") else plain
    parts = (
        [inner.strip("{}")] if transform == "composite" else inner.strip("{}").replace("},{", ",").split(",")
    )
    parts = ['{"a": "x"}', "NULL"] if transform == "json" else parts
    for part, result in zip(
        parts, mask(transform, [None if part == "NULL" else part for part in parts], {}, element), strict=True
    ):
        expected = part if result is None else '"' + result.replace("\\", "\\\\").replace('"', '\\"') + '"'
        assert expected in masked


def test_how_far_a_domain_over_integers_goes_is_unknown_in_its_arrays() -> None:
    assert get("ff1").accepts(array("integer", "positive")) == (
        "ff1 takes arrays of smallint, integer and bigint, not of a domain (positive[])"
    )


def test_elements_share_their_rows_columns() -> None:
    checked = get("shift_date").validate({"by": "customer"})
    masker = Masker([ColumnMask("value", "shift_date", array("date", "date"), "d", checked)], KEY)
    frame = pl.DataFrame(
        {"value": ["{2024-01-01,2024-01-08}", "{}", "{2024-01-01}"], "customer": ["7", "8", "9"]}
    )
    first, empty, last = masker.mask(frame)["value"].to_list()
    days = pl.Series(first.strip('{}"').split('","')).str.to_date()
    assert (days[1] - days[0]).days == 7
    assert empty == "{}"
    assert last.strip('{}"') != str(days[0])
