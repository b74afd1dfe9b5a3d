"""Names: their form, their bearer's gender and country, and addresses made of them."""

import re

import polars as pl
import pytest

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.countries import LOCALE_OF, codes, countries, locales
from datamask.masking.engine import Masker
from datamask.masking.genders import FEMALE, MALE, READINGS, UNKNOWN, read
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.pools import SHIPPED, pool
from datamask.masking.registry import get

KEY = MaskingKey(b"k" * 32)
TEXT = ColumnType("text", "text", "text")


def mask(column, transform, kind=TEXT, **params):
    return ColumnMask(column, transform, kind, "d", get(transform).validate(params))


def run(transform, values, kind=TEXT, row=None, **params):
    frame = pl.DataFrame({"value": pl.Series(values, dtype=pl.String), **(row or {})})
    return Masker([mask("value", transform, kind, **params)], KEY).mask(frame)["value"].to_list()


def varchar(length):
    return ColumnType(f"varchar({length})", "text", "varchar", length)


def test_first_names_have_the_gender_that_a_column_says():
    values, genders = [f"name {n}" for n in range(300)], ["Frau", "m", None] * 100
    results = run("first_name", values, gender="sex", locale="de_DE", row={"sex": genders})
    assert set(results[0::3]) <= set(pool("first_name", "de_DE", FEMALE))
    assert set(results[1::3]) <= set(pool("first_name", "de_DE", MALE))
    assert results[2::3] == run("first_name", values, locale="de_DE")[2::3]


def test_names_come_from_the_country_that_a_column_says():
    values, lands = [f"name {n}" for n in range(400)], ["Polska", "BR", "de-AT", "Atlantis"] * 100
    results = run("last_name", values, locale_from="land", locale="it_IT", row={"land": lands})
    for place, locale in enumerate(("pl_PL", "pt_BR", "de_DE", "it_IT")):
        assert set(results[place::4]) <= set(pool("last_name", locale))
    assert results[3::4] == run("last_name", values, locale="it_IT")[3::4]


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Maria Schneider", r"\w[\w -]*[a-z]+ \w[\w' -]+"),
        ("SCHNEIDER, MARIA", r"[A-Z' -]+, [A-Z' -]+"),
        ("Schneider, Maria", r"[A-Z][\w' -]+, [A-Z][\w' -]+"),
        ("maria schneider", r"[a-z' -]+ [a-z' -]+"),
        ("M. Schneider", r"[A-Z]\. [A-Z][\w' -]+"),
        ("Schneider, M.", r"[A-Z][\w' -]+, [A-Z]\."),
        ("张伟", r"[A-Z][\w' -]+ [A-Z][\w' -]+"),
    ],
)
def test_full_names_keep_their_form(name, form):
    (result,) = run("full_name", [name])
    assert re.fullmatch(form, result)
    assert result.lower() != name.lower()


def test_full_names_in_one_form():
    kept, first_last = (
        run("full_name", ["SCHNEIDER, MARIA"]),
        run("full_name", ["SCHNEIDER, MARIA"], form="first last"),
    )
    first, last = first_last[0].upper().split(" ", 1)
    assert kept == [f"{last}, {first}"]


@pytest.mark.parametrize("length", [1, 2, 3, 5, 8, 12, 20, 58])
def test_names_are_as_short_as_their_column(length):
    values = [
        name[:length] for name in ("SCHNEIDER, MARIA", "M. Schneider", "maria.s", "Maria Schneider")
    ] * 100
    values = [f"{value[:-2]}{number:02d}"[:length] for number, value in enumerate(values)]
    for transform in (
        "first_name",
        "last_name",
        "full_name",
        "display_name",
        "title",
        "job_title",
        "nationality",
    ):
        for locale in ("en_US", "de_DE"):
            params = {} if transform == "nationality" else {"locale": locale}
            laws = get(transform).laws(get(transform).validate(params), varchar(length), False)
            results = run(transform, values, varchar(length), **params)
            assert max(map(len, results)) <= laws.max_length <= length
            assert min(map(len, results)) > 0


def test_a_person_decides_instead_of_the_name():
    ids = [str(number) for number in range(200)] + [None]
    for transform in ("first_name", "last_name", "full_name", "display_name", "city", "job_title"):
        results = run(transform, ["Maria Schneider"] * 201, by="id", row={"id": ids})
        assert len(set(results)) > 80
        assert results[-1:] == run(transform, ["Maria Schneider"])
        again = run(transform, ["Someone Else"] * 201, by="id", row={"id": ids})
        assert again[:200] == results[:200]


def test_display_names():
    one, handle = run("display_name", ["Maria S.", "maria.s"])
    assert re.fullmatch(r"[A-Z][\w-]+ \w\.", one)
    assert re.fullmatch(r"[a-z-]+\.\w", handle)


def test_titles_keep_the_gender_that_they_tell():
    results = run("title", ["Frau", "Mr.", "Mme", "Dr."] * 5, locale="de_DE")
    assert results[:3] == ["Frau", "Herr", "Frau"]
    assert set(results[3::4]) <= {"Frau", "Herr"}
    told = run("title", ["Dr."] * 2, locale="en_GB", gender="sex", row={"sex": ["1", "female"]})
    assert told[0] == "Mr"
    assert told[1] in {"Ms", "Mrs", "Miss"}
    ids = [str(n) for n in range(200)]
    by_person = run("title", ["Mrs."] * 200, by="id", row={"id": ids})
    assert set(by_person) == {"Ms.", "Mrs.", "Miss"}


def test_addresses_begin_with_the_names_that_the_row_gets():
    frame = pl.DataFrame(
        {
            "email": ["ada@corp.org", "bob@corp.org", "eve@home.net", "zoe@home.net"],
            "login": ["ada", "bob", "eve", "zoe"],
            "first": ["Ada", "Bob", None, "Zoe"],
            "last": ["Löwe", "Straßer", None, ""],
        }
    )
    masks = [
        mask("email", "email", **{"from": ["first", "last"], "domains": ["a.test", "b.test", "c.test"]}),
        mask("login", "username", **{"from": ["first"]}),
        mask("first", "first_name", locale="de_DE"),
        mask("last", "last_name", locale="de_DE"),
    ]
    masked = Masker(masks, KEY).mask(frame)
    for email, login, first, last in masked.rows():
        name = re.sub("[^a-z.]", "", f"{first or ''}.{last or ''}".lower().replace("ß", "ss")).strip(".")
        local, _, domain = email.partition("@")
        if name:
            assert local.startswith(re.sub(r"\.$", "", name[:3]))
        assert re.fullmatch(r"[a-z.]+\.[a-z2-7]{13}", local)
        assert re.fullmatch(r"[a-z]+_[a-z2-7]{13}", login)
        assert domain in {"a.test", "b.test", "c.test"}
    domains = [email.partition("@")[2] for email in masked["email"]]
    assert domains[0] == domains[1]
    assert domains[2] == domains[3]


def test_an_address_of_names_that_stay_has_them():
    frame = pl.DataFrame({"email": ["x@corp.org"], "first": ["Ørjan"], "last": ["de la Cruz Ł"]})
    (result,) = Masker([mask("email", "email", **{"from": ["first", "last"]})], KEY).mask(frame)["email"]
    assert re.fullmatch(r"orjan\.delacruzl\.[a-z2-7]{13}@example\.com", result)


@pytest.mark.parametrize(
    ("params", "message"),
    [
        (
            {"domains": ["Nope"]},
            "email: domains must be host names in lower case, such as example.com and example.org",
        ),
        (
            {"domains": ["a.test"], "keep_domain": True},
            "email: domains and keep_domain contradict each other",
        ),
    ],
)
def test_wrong_parameters(params, message):
    with pytest.raises(PolicyError) as caught:
        get("email").validate(params)
    assert caught.value.message == message


def test_countries_are_known_by_many_words():
    words = ["DE", "deu", " Germany ", "Deutschland", "German", "en_GB", "pt-br", "Holland", "", "X", None]
    expected = ["DE", "DE", "DE", "DE", "DE", "GB", "BR", "NL", None, None, None]
    assert codes(pl.Series(words)).to_list() == expected
    assert locales(pl.Series(["CH", "Mexico", None, "Japan"]), "en_GB").to_list() == [
        "de_DE",
        "es_ES",
        "en_GB",
        "en_GB",
    ]
    assert set(LOCALE_OF.values()) == set(SHIPPED)
    for field in ("code", "code3", "name", "nationality"):
        assert len({getattr(country, field) for country in countries()}) == len(countries()) > 180


def test_genders_are_known_by_many_words():
    words = ["F", "Frau", " mrs. ", "2", "m", "HERR", "1", "0", "9", "divers", "", None]
    expected = [FEMALE] * 4 + [MALE] * 3 + [UNKNOWN] * 5
    assert read(pl.Series(words)).tolist() == expected
    assert set(READINGS.values()) == {FEMALE, MALE}
