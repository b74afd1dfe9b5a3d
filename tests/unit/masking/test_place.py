"""Places: the parts of one address fit together."""

import re

import polars as pl
import pytest

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.countries import countries
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.places import places, streets
from datamask.masking.registry import get

KEY = MaskingKey(b"k" * 32)
TEXT = ColumnType("text", "text", "text")
DEGREES = ColumnType("numeric(9,6)", "numeric", "numeric", precision=9, scale=6)
PARTS = (
    "street",
    "city",
    "region",
    "region_code",
    "postal_code",
    "country",
    "country_code",
    "latitude",
    "longitude",
)
POSTAL = {
    "AU": r"\d{4}", "BR": r"\d{5}-\d{3}", "CA": r"[A-Z]\d[A-Z] \d[A-Z]\d", "DE": r"\d{5}", "ES": r"\d{5}",
    "FR": r"\d{5}", "GB": r"[A-Z]{1,2}\d[A-Z\d]? \d[A-Z]{2}", "IT": r"\d{5}", "NL": r"[1-9]\d{3} [A-Z]{2}",
    "PL": r"\d\d-\d{3}", "US": r"\d{5}", "AT": r"\d{4}", "BE": r"\d{4}", "CH": r"\d{4}", "CN": r"\d{6}",
    "IN": r"[1-9]\d{5}", "JP": r"\d{3}-\d{4}", "KR": r"\d{5}",
    "MX": r"\d{5}", "PT": r"\d{4}-\d{3}", "SE": r"\d{3} \d\d", "TR": r"\d{5}",
}  # fmt: skip


def addresses(count, by="id", **params):
    """The frame of all parts of masked addresses."""
    ids = [str(number) for number in range(count)]
    lands = [sorted(places())[number % len(places())] for number in range(count)]
    frame = pl.DataFrame({"id": ids, "land": lands, **{part: ["x"] * count for part in PARTS}})
    masks = [
        ColumnMask(part, "place", TEXT, "place", get("place").validate({"part": part, "by": by, **params}))
        for part in PARTS
    ]
    return Masker(masks, KEY).mask(frame)


def test_all_parts_are_of_one_place():
    rows = addresses(3000, country_from="land")
    for row in rows.rows(named=True):
        assert row["country_code"] == row["land"]
        assert re.fullmatch(POSTAL[row["land"]], row["postal_code"])
        fitting = [
            place
            for place in places()[row["land"]]
            if (place.city, place.region, place.region_code)
            == (row["city"], row["region"], row["region_code"])
            and re.fullmatch(
                place.postal.replace("#", r"\d").replace("%", "[1-9]").replace("@", "[A-Z]"),
                row["postal_code"],
            )
            and abs(place.latitude - float(row["latitude"])) < 0.031
            and abs(place.longitude - float(row["longitude"])) < 0.031
        ]
        assert fitting, row
    names = {country.code: country.name for country in countries()}
    assert {row["country"] for row in rows.rows(named=True)} == {names[code] for code in places()}
    assert rows["city"].n_unique() > 250


def test_places_are_in_one_country_unless_a_column_says_otherwise():
    assert set(addresses(100)["country_code"]) == {"US"}
    assert set(addresses(100, country="PL")["country"]) == {"Poland"}


def test_equal_deciders_get_equal_places():
    frame = pl.DataFrame({"city": ["Ulm", "Ulm", "Bonn"], "zip": ["1", "1", "1"], "a": ["p", "q", "r"]})
    params = get("place").validate({"part": "city", "address": ["zip", "city"]})
    first, second, third = Masker([ColumnMask("a", "place", TEXT, "d", params)], KEY).mask(frame)["a"]
    assert first == second != third


def test_coordinates_have_the_digits_that_the_column_has():
    params = get("place").validate({"part": "longitude", "by": "value"})
    frame = pl.DataFrame({"value": ["1", "2"]})
    results = Masker([ColumnMask("value", "place", DEGREES, "d", params)], KEY).mask(frame)["value"]
    assert all(re.fullmatch(r"-?\d{1,3}\.\d{6}", result) for result in results)


def test_the_list_of_places():
    for country, listed in places().items():
        assert len(streets(country)) >= 800
        assert len(listed) >= 17
        for place in listed:
            assert place.city == place.city.strip() != ""
            assert re.fullmatch(r"[A-Z0-9#%@ -]{4,9}", place.postal)
            assert -90 <= place.latitude <= 90
            assert -180 <= place.longitude <= 180


@pytest.mark.parametrize(
    ("params", "kind", "message"),
    [
        ({"part": "city"}, TEXT, "place: by or address must say what decides on the place"),
        (
            {"part": "city", "by": "a", "country": "XX"},
            TEXT,
            "place: country must be one of AT, AU, BE, BR, CA",
        ),
        ({"part": "city", "by": "a"}, DEGREES, "place: city is text, and the column is numeric"),
        (
            {"part": "latitude", "by": "a"},
            ColumnType("numeric(4,2)", "numeric", "numeric", precision=4, scale=2),
            "place: latitude has up to three digits before the point",
        ),
        (
            {"part": "latitude", "by": "a"},
            ColumnType("varchar(4)", "text", "varchar", 4),
            "place: latitude has up to 10 characters",
        ),
    ],
)
def test_what_cannot_be(params, kind, message):
    transform = get("place")
    with pytest.raises(PolicyError) as caught:
        transform.laws(transform.validate(params), kind, False)
    assert caught.value.message.startswith(message)


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("length", [2, 5, 10, 30])
def test_parts_are_as_short_as_their_column(part, length):
    kind = ColumnType(f"varchar({length})", "text", "varchar", length)
    transform = get("place")
    params = transform.validate({"part": part, "by": "value", "country": "GB"})
    if part in {"latitude", "longitude"} and length < 10:
        return
    frame = pl.DataFrame({"value": [str(number) for number in range(300)]})
    results = Masker([ColumnMask("value", "place", kind, "d", params)], KEY).mask(frame)["value"]
    assert results.str.len_chars().max() <= transform.laws(params, kind, False).max_length <= length


def test_an_address_in_japan_is_written_as_there():
    rows = addresses(200, country="JP")
    assert set(rows["region"].str.tail(1)) <= {"都", "道", "府", "県"}
    assert rows["street"].str.contains(r"^\p{Han}\p{L}*[1-6]丁目\d+-\d+$").all()
    assert set(rows["country"]) == {"Japan"}
