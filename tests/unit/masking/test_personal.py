"""Gender, nationality, user agents and pictures."""

import re
import struct
import zlib
from urllib.parse import unquote
from xml.etree import ElementTree

import polars as pl
import pytest

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.registry import get
from datamask.masking.user_agents import DESKTOP, MOBILE, PROGRAM, user_agents

KEY = MaskingKey(b"k" * 32)
TEXT = ColumnType("text", "text", "text")
BYTEA = ColumnType("bytea", "bytea", "bytea")
SEX = ColumnType("sex", "enum", "sex", labels=("Female", "Male", "Other"))


def run(transform, values, kind=TEXT, row=None, **params):
    mask = ColumnMask("value", transform, kind, "d", get(transform).validate(params))
    frame = pl.DataFrame({"value": pl.Series(values, dtype=pl.String), **(row or {})})
    return Masker([mask], KEY).mask(frame)["value"].to_list()


@pytest.mark.parametrize(
    ("kind", "pair", "other"),
    [
        (TEXT, ("Frau", "Herr"), "divers"),
        (TEXT, ("F", "M"), "x"),
        (TEXT, ("femme", "homme"), "?"),
        (SEX, ("Female", "Male"), "Other"),
        (ColumnType("smallint", "integer", "int2"), ("2", "1"), "9"),
        (ColumnType("varchar(1)", "text", "varchar", 1), ("f", "m"), "d"),
    ],
)
def test_a_share_of_the_rows_changes_its_gender(kind, pair, other):
    female, male = pair
    ids = [str(number) for number in range(4000)]
    results = run("gender", [female, male] * 2000, kind, by="id", swap=0.25, row={"id": ids})
    assert set(results) == {female, male}
    changed = sum(result == male for result in results[0::2]) + sum(
        result == female for result in results[1::2]
    )
    assert 880 < changed < 1120
    unknown = run("gender", [other] * 4000, kind, by="id", row={"id": ids})
    assert other not in unknown
    assert len(set(unknown)) == 2


def test_all_rows_of_one_person_agree():
    assert len(set(run("gender", ["f"] * 50, by="id", row={"id": ["7"] * 50}))) == 1


def test_genders_in_words_of_ones_own():
    results = run("gender", ["W", "female", "?"] * 20, by="value", female="w", male="d")
    assert set(results) <= {"w", "d"}


@pytest.mark.parametrize(
    ("kind", "params", "message"),
    [
        (
            ColumnType("e", "enum", "e", labels=("a", "b")),
            {},
            "gender: the labels of e do not say which is female",
        ),
        (SEX, {"female": "x", "male": "y"}, "gender: female and male must be labels of sex"),
        (
            ColumnType("varchar(1)", "text", "varchar", 1),
            {"female": "ff", "male": "m"},
            "gender: female and male have more characters than varchar(1) holds",
        ),
        (TEXT, {"female": "x"}, "gender: female and male go together"),
    ],
)
def test_genders_that_a_type_cannot_hold(kind, params, message):
    gender = get("gender")
    with pytest.raises(PolicyError) as caught:
        gender.laws(gender.validate({"by": "id", **params}), kind, False)
    assert caught.value.message.startswith(message)


def test_nationalities_keep_their_form():
    word, name, code, code3 = run("nationality", ["German", "Germany", "DE", "DEU"])
    assert re.fullmatch(r"[A-Z]{2}", code)
    assert re.fullmatch(r"[A-Z]{3}", code3)
    assert len(word) > 3
    assert len(name) > 3
    ids = [str(number) for number in range(500)]
    assert len(set(run("nationality", ["German"] * 500, by="id", row={"id": ids}))) > 150
    assert run("nationality", ["German"], form="code") != ["German"]


def test_user_agents_stay_in_their_family():
    phone = "Mozilla/5.0 (Linux; Android 9; SM-G960F) Chrome/80.0 Mobile Safari/537.36"
    desktop = "Mozilla/5.0 (Windows NT 6.1) Gecko/20100101 Firefox/68.0"
    results = run("user_agent", [phone, desktop, "curl/7.1", "Googlebot/2.1", "something"])
    families = [next(f for f in (DESKTOP, MOBILE, PROGRAM) if one in user_agents(f)) for one in results]
    assert families == [MOBILE, DESKTOP, PROGRAM, PROGRAM, DESKTOP]
    for family in (DESKTOP, MOBILE, PROGRAM):
        assert len(set(user_agents(family))) == len(user_agents(family)) > 50
        values = [f"{one} {number}" for number, one in enumerate(user_agents(family))]
        assert set(run("user_agent", values)) <= set(user_agents(family))


def test_a_picture_in_svg():
    one, again, other = run("avatar", ["a.png", "a.png", "b.png"], **{"as": "svg"})
    assert one == again != other
    head, _, body = one.partition(",")
    assert head == "data:image/svg+xml"
    assert ElementTree.fromstring(unquote(body)).tag.endswith("svg")


def test_a_picture_in_png():
    values = [f"\\x{number:04x}" for number in range(100)]
    results = run("avatar", values, BYTEA)
    assert len(set(results)) > 95
    picture = bytes.fromhex(results[0].removeprefix("\\x"))
    assert picture.startswith(b"\x89PNG\r\n\x1a\n")
    at, chunks = 8, {}
    while at < len(picture):
        size, kind = struct.unpack(">I4s", picture[at : at + 8])
        data = picture[at + 8 : at + 8 + size]
        assert struct.unpack(">I", picture[at + 8 + size : at + 12 + size])[0] == zlib.crc32(kind + data)
        chunks[kind] = data
        at += 12 + size
    assert struct.unpack(">II", chunks[b"IHDR"][:8]) == (40, 40)
    assert len(zlib.decompress(chunks[b"IDAT"])) == 40 * 6
    assert len(chunks[b"PLTE"]) == 6
    assert list(chunks)[-1] == b"IEND"


def test_a_picture_that_a_column_cannot_hold():
    avatar = get("avatar")
    narrow = ColumnType("varchar(255)", "text", "varchar", 255)
    with pytest.raises(
        PolicyError, match=r"avatar: a picture has up to 400 characters, varchar\(255\) holds 255"
    ):
        avatar.laws(avatar.validate({"as": "svg"}), narrow, False)
    assert avatar.laws(avatar.validate({}), narrow, False).injective
