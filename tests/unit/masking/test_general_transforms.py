"""Text made, chosen, looked up, generalized, hashed, blotted out; places on the earth."""

from __future__ import annotations

import base64
import hashlib
import hmac
import math
import re
from decimal import Decimal

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.engine import Masker
from datamask.masking.files import refer
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.registry import get
from datamask.masking.transforms.location import cosine

KEY = MaskingKey(b"k" * 32)
TEXT = ColumnType("text", "text", "text")
INTEGER = ColumnType("integer", "integer", "int4")
BIGINT = ColumnType("bigint", "integer", "int8")
FLOAT = ColumnType("double precision", "float", "float8")
DEGREES = ColumnType("numeric(9,6)", "numeric", "numeric", precision=9, scale=6)
POINT = ColumnType("point", "other", "point")
TEXTS = st.lists(st.text(alphabet=st.characters(exclude_characters="\0", codec="utf-8"), min_size=1))


def varchar(length):
    return ColumnType(f"character varying({length})", "text", "varchar", length)


def mask(column, transform, kind=TEXT, domain="d", **params):
    return ColumnMask(column, transform, kind, domain, get(transform).validate(params))


def run(transform, values, kind=TEXT, /, **params):
    frame = pl.DataFrame({"value": pl.Series(values, dtype=pl.String)})
    return Masker([mask("value", transform, kind, **params)], KEY).mask(frame)["value"].to_list()


def refusal(transform, kind=TEXT, **params):
    with pytest.raises(PolicyError) as refused:
        get(transform).laws(get(transform).validate(params), kind, False)
    return refused.value.message


@settings(max_examples=40, deadline=None)
@given(TEXTS)
def test_formats_are_those_of_rfc_4648(texts):
    key = KEY.derive("hash", "d").hex().encode()
    digests = [hmac.new(key, text.encode(), hashlib.sha256).digest() for text in texts]
    base32 = [base64.b32encode(digest).decode().rstrip("=") for digest in digests]
    assert run("hash", texts, format="base32") == base32
    assert run("hash", texts, format="base32", length=20) == [text[:20] for text in base32]
    assert run("hash", texts, format="base64") == [
        base64.b64encode(one).decode().rstrip("=") for one in digests
    ]
    url = [base64.urlsafe_b64encode(digest).decode().rstrip("=") for digest in digests]
    assert run("hash", texts, format="base64url") == url
    first = [int.from_bytes(digest[:8], "big") for digest in digests]
    assert run("hash", texts, format="integer") == [f"{number % 10**18:018d}" for number in first]


def test_numbers_are_the_digest_s_first_bits():
    key = KEY.derive("hash", "d").hex().encode()
    first = int.from_bytes(hmac.new(key, b"42", hashlib.sha256).digest()[:8], "big")
    assert run("hash", ["42"], BIGINT) == [str(first >> 1)]
    assert run("hash", ["42"], INTEGER) == [str(first >> 33)]
    assert get("hash").laws(get("hash").validate({}), BIGINT, False).collision_bits == 63
    assert not get("hash").laws(get("hash").validate({}), INTEGER, False).injective


def test_hashes_that_make_no_sense():
    assert refusal("hash", format="integer", length=19) == "hash: a number has at most 18 digits"
    assert refusal("hash", INTEGER, format="hex") == "hash: integer holds a number of its own size"


def test_tokens():
    first, again, other = run("token", ["a", "a", "b"], prefix="tok_")
    assert first == again != other
    assert re.fullmatch(r"tok_[0-9A-Za-z]{16}", first)
    assert run("token", ["a"], prefix="tok_", length=32)[0].startswith(first)
    assert re.fullmatch(r"[0-9a-f]{9}", run("token", ["a"], varchar(9), alphabet="hex")[0])
    assert refusal("token", varchar(6), prefix="tok_") == (
        "token: character varying(6) has no room for a token behind the prefix"
    )


def test_token_characters_are_hit_evenly():
    tokens = "".join(run("token", [f"value {number}" for number in range(20_000)], length=31))
    hits = np.unique(list(tokens), return_counts=True)[1]
    expected = len(tokens) / 62
    # Chi-square with 61 degrees of freedom: 100.9 is passed once in a thousand times.
    assert ((hits - expected) ** 2 / expected).sum() < 100.9


def test_shapes():
    assert run("redact", ["Maria O'Neil, 42 (ÄÖü) 名前 ٣ 🙂é"], shape=True) == [
        "Xxxxx X'Xxxx, 99 (XXx) xx 9 xx"
    ]
    assert run("redact", ["DE89 3704 0044 0532"], shape=True, first=4, last=2) == ["DE89 9999 9999 9932"]
    assert run("redact", ["ABC12"], shape=True, first=2, last=2) == ["XXX99"]
    assert (
        refusal("redact", shape=True, keep_length=True) == "redact: keep_length and shape exclude each other"
    )


@settings(max_examples=100, deadline=None)
@given(TEXTS)
def test_no_letter_or_digit_is_left_in_a_shape(texts):
    for text, shape in zip(texts, run("redact", texts, shape=True), strict=True):
        assert len(shape) <= len(text)
        assert {char for char in shape if char.isalnum()} <= set("xX9")


def test_a_template_is_made_of_masked_columns():
    masks = [
        mask("address", "template", format="{{{first|initial|lower}.{last|slug}-{country}@example.com}}"),
        mask("first", "first_name"),
        mask("last", "last_name"),
    ]
    frame = pl.DataFrame(
        {
            "first": ["Maria", None, "Bob"],
            "last": ["Schneider", "Müller", ""],
            "country": ["DE", "AT", "US"],
            "address": ["m@web.de", "x@y.at", None],
        }
    )
    masked = Masker(masks, KEY).mask(frame)
    first, last = masked["first"][0], masked["last"][0]
    assert first != "Maria"
    assert masked["address"].to_list() == [
        f"{{{first[0].lower()}.{last.lower()}-DE@example.com}}",
        f"{{.{masked['last'][1].lower()}-AT@example.com}}",
        None,
    ]
    assert masked.columns == frame.columns


def test_a_template_may_be_made_of_another_one():
    masks = [
        mask("c", "template", format="<{b}>"),
        mask("b", "template", format="[{a}]"),
        mask("a", "fixed", value="x"),
    ]
    frame = pl.DataFrame({"a": ["1"], "b": ["2"], "c": ["3"]})
    assert Masker(masks, KEY).mask(frame).row(0) == ("x", "[x]", "<[x]>")
    circle = [mask("a", "template", format="{b}"), mask("b", "template", format="{a}")]
    with pytest.raises(PolicyError, match="the rules of a, b are made of each other's results"):
        Masker(circle, KEY)


def test_slugs_and_plain_letters():
    frame = pl.DataFrame({"name": ["Łukasz Groß-Ærø d'Été 名前 "], "value": ["x"]})
    for filtered, expected in {
        "ascii": "Lukasz Gross-Aero d'Ete  ",
        "slug": "lukasz-gross-aero-d-ete",
        "upper|ascii|initial": "L",
    }.items():
        made = Masker([mask("value", "template", format=f"{{name|{filtered}}}")], KEY).mask(frame)
        assert made["value"].to_list() == [expected]


def test_a_template_that_does_not_fit_gives_up_its_columns_first():
    frame = pl.DataFrame({"name": ["a", "a very long name"], "value": ["x", "y"]})
    rule = mask("value", "template", varchar(20), format="{name}.{$token}")
    short, long = Masker([rule], KEY).mask(frame)["value"].to_list()
    assert re.fullmatch(r"a\.[a-z2-7]{13}", short)
    assert re.fullmatch(r"\.[a-z2-7]{13}", long)
    cut = mask("value", "template", varchar(5), format="{name}!")
    assert Masker([cut], KEY).mask(frame)["value"].to_list() == ["a!", "a ver"]
    assert refusal("template", varchar(10), format="a.{$token}") == (
        "template: character varying(10) has no room for the format's own text and the token (15)"
    )


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("a{b", "template: format: a brace stands alone"),
        ("{name|reverse}", "template: format: there is no reverse"),
        ("{$row}", "template: format: there is no $row"),
        ("text", "template: format names no column"),
    ],
)
def test_formats_that_make_no_sense(written, message):
    with pytest.raises(PolicyError) as refused:
        get("template").validate({"format": written})
    assert refused.value.message == message


def test_a_template_is_no_rule_inside_another():
    template = {"template": {"format": "{name}"}}
    assert refusal("lookup", values={"a": "b"}, **{"else": template}) == (
        "template is made of other columns: it can be a column's rule, not one inside another"
    )


def test_weights_hold_over_rows_by_another_column():
    rows = 30_000
    frame = pl.DataFrame({"id": [str(number) for number in range(rows)], "value": ["x"] * rows})
    rule = mask("value", "choice", values={"A": 3, "B": 1}, by="id")
    assert abs((Masker([rule], KEY).mask(frame)["value"] == "A").mean() - 0.75) < 0.01
    assert len(set(run("choice", ["x"] * 10, values={"A": 3, "B": 1}))) == 1


def test_choices_that_make_no_sense():
    assert (
        refusal("choice", INTEGER, values={"1": 1, "one": 1}) == "choice: the value is no integer (number 2)"
    )
    assert refusal("choice", values={"a": 0}) == "choice: the weight of value 1 is no number above 0"


def test_lookups(tmp_path):
    path = tmp_path / "codes.csv"
    path.write_text('from,to\nA1,B1\n"a ""b""","x,y"\n', encoding="utf-8-sig")
    found = refer("codes.csv", tmp_path)
    rule = {"fixed": {"value": "?"}}
    assert run("lookup", ["A1", 'a "b"', "A2", None, ""], file=found, **{"else": rule}) == [
        "B1", "x,y", "?", None, "",
    ]  # fmt: skip
    hashed = run("lookup", ["A1", "A2"], file=found, **{"else": "hash"})
    assert hashed == ["B1", run("hash", ["A2"])[0]]
    assert run("lookup", ["A1", "A2", "A3"], values={"A1": 7, "A2": True}, **{"else": "null"}) == [
        "7",
        "true",
        None,
    ]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"from,to\nsecret\n", "lookup: file: line 2 has 1 columns, not 2"),
        (b"from,to\na,b\na,c\n", "lookup: file: a value stands in two lines"),
        (b"from,to\n", "lookup: file: it holds nothing but a header"),
        (b"\xff\xfe", "lookup: file: it is not UTF-8"),
        (b'from,to\n"secret,b\n', "lookup: file: line 2 is no CSV"),
    ],
)
def test_files_that_are_no_tables_are_refused_without_their_values(tmp_path, content, message):
    (tmp_path / "codes.csv").write_bytes(content)
    assert refusal("lookup", file=refer("codes.csv", tmp_path), **{"else": "hash"}) == message


def test_lookups_that_make_no_sense():
    assert refusal("lookup", **{"else": "hash"}) == "lookup: give file or values, one of them"
    assert refusal("lookup", INTEGER, values={"1": "x"}, **{"else": "key"}) == (
        "lookup: the value is no integer (replacement 1)"
    )


def test_null_is_a_rule_for_other_values():
    assert run("lookup", ["A1", "A2"], values={"A1": "B1"}, **{"else": None}) == ["B1", None]


def test_generalization(tmp_path):
    groups = {"EU": {"Germany": ["Berlin", "Bonn"], "France": ["Paris"]}, "Asia": ["Osaka", 7]}
    cities = ["Berlin", "Paris", "Osaka", "7", "berlin", None]
    assert run("generalize", cities, groups=groups) == ["Germany", "France", "Asia", "Asia", "other", None]
    assert run("generalize", cities, groups=groups, level=2, ignore_case=True, other="-") == [
        "EU", "EU", "Asia", "Asia", "EU", None,
    ]  # fmt: skip
    (tmp_path / "icd.csv").write_text(
        "code,chapter,part\nE11.9,diabetes,endocrine\nI10,pressure,circulation\n"
    )
    found = refer("icd.csv", tmp_path)
    assert run("generalize", ["E11.9", "I10", "X"], file=found, level=2) == [
        "endocrine",
        "circulation",
        "other",
    ]


def test_generalizations_that_make_no_sense():
    assert refusal("generalize") == "generalize: give groups or file, one of them"
    assert refusal("generalize", groups={"A": ["x"], "B": ["x"]}) == "generalize: a value is in two groups"
    assert refusal("generalize", groups={"A": "x"}) == (
        "generalize: a group must be a list of values, or a mapping of groups"
    )
    assert refusal("generalize", varchar(3), groups={"Germany": ["x"]}) == (
        "generalize: the value has 7 characters, character varying(3) holds 3"
    )


def test_the_cosine_is_the_mathematical_one():
    degrees = np.linspace(-90, 90, 10_001)
    expected = [math.cos(math.radians(degree)) for degree in degrees.tolist()]
    assert np.max(np.abs(cosine(degrees) - np.array(expected))) < 1e-14


def test_places_are_the_middle_of_a_cell_of_about_the_size():
    random = np.random.default_rng(3)
    latitudes, longitudes = random.uniform(-85, 85, 2000), random.uniform(-180, 180, 2000)
    values = [f"({east:.6f},{north:.6f})" for east, north in zip(longitudes, latitudes, strict=True)]
    for east, north, masked in zip(
        longitudes, latitudes, run("location", values, POINT, grid_km=10), strict=True
    ):
        x, y = (float(number) for number in masked[1:-1].split(","))
        kilometres = 111.195 * np.array([(x - east) * math.cos(math.radians(y)), y - north])
        assert np.abs(kilometres).max() < 5.2


def test_places_of_a_cell_are_equal_whatever_the_column():
    values = ["52.5200, 13.4050", "52.5215, 13.4100"]
    (together, near) = run("location", values, grid_km=25)
    assert together == near
    latitude, longitude = together.split(", ")
    assert run("location", ["52.5200"], FLOAT, grid_km=25) == [latitude]
    frame = pl.DataFrame({"lat": ["52.5200"], "value": ["13.4050"]})
    rule = mask("value", "location", DEGREES, grid_km=25, part="longitude", latitude="lat")
    assert Decimal(Masker([rule], KEY).mask(frame)["value"][0]) == Decimal(longitude)


def test_fewer_decimals():
    assert run("location", ["(13.4050,-52.52)"], POINT, decimals=1) == ["(13.4,-52.5)"]
    assert run("location", ["-0.04"], FLOAT, decimals=1) == ["0.0"]
    assert run("location", ["POINT(13.405 52.52)", "Maria"], decimals=0) == ["POINT(13 53)", "0,0"]
    assert run("location", ["12.345678"], DEGREES, decimals=2) == ["12.350000"]


def test_locations_that_make_no_sense():
    assert refusal("location", FLOAT) == "location: give grid_km or decimals, one of them"
    assert (
        refusal("location", FLOAT, decimals=1, part="both") == "location: double precision cannot hold both"
    )
    assert refusal("location", FLOAT, grid_km=1, part="longitude") == (
        "location: a grid of longitudes needs latitude, the row's column of latitudes"
    )
    assert get("location").accepts(ColumnType("macaddr", "other", "macaddr")) == (
        "location takes float, numeric, point and text columns, not macaddr"
    )


def test_a_number_that_is_too_large_is_refused_beforehand():
    narrow = ColumnType("numeric(4,2)", "numeric", "numeric", precision=4, scale=2)
    said = "the value is too large for numeric(4,2)"
    assert refusal("choice", narrow, values={"99.99": 1, "100": 1}) == f"choice: {said} (number 2)"
    assert refusal("lookup", narrow, values={"1": 100}, **{"else": "number_noise"}) == (
        f"lookup: {said} (replacement 1)"
    )


def test_choices_by_one_entity_are_independent_unless_they_are_of_the_same_values():
    frame = pl.DataFrame({"id": [str(number) for number in range(4000)], "a": "x", "b": "y", "c": "z"})
    one, other = {"A": 1, "B": 1}, {"C": 1, "D": 1}
    masks = [
        mask(name, "choice", values=values, by="id")
        for name, values in zip("abc", (one, one, other), strict=True)
    ]
    masked = Masker(masks, KEY).mask(frame)
    assert (masked["a"] == masked["b"]).all()
    both = masked.group_by("a", "c").len()["len"]
    assert len(both) == 4
    # Chi-square with 3 degrees of freedom: 16.3 is passed once in a thousand times.
    assert ((both - 1000) ** 2 / 1000).sum() < 16.3
