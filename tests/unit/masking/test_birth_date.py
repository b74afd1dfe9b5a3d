"""Birth dates: what stays of an age."""

from datetime import date, timedelta

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
DATE = ColumnType("date", "date", "date")
BIRTHS = [date(1900, 1, 1) + timedelta(days=17 * number) for number in range(2800)]


def run(values, **params):
    mask = ColumnMask("value", "birth_date", DATE, "d", get("birth_date").validate(params))
    frame = pl.DataFrame({"value": [str(value) for value in values]})
    return [date.fromisoformat(result) for result in Masker([mask], KEY).mask(frame)["value"]]


def age(born, on):
    return on.year - born.year - ((born.month, born.day) > (on.month, on.day))


def test_the_year_stays():
    results = run(BIRTHS)
    assert [result.year for result in results] == [born.year for born in BIRTHS]
    assert sum(result == born for result, born in zip(results, BIRTHS, strict=True)) < 30
    assert len({(result.month, result.day) for result in results}) > 360


@pytest.mark.parametrize("today", [date(2026, 1, 1), date(2024, 2, 29), date(2025, 12, 31), date(2025, 7, 4)])
@pytest.mark.parametrize("band", [1, 5, 10])
def test_the_age_band_stays(today, band):
    born = [one for one in BIRTHS if one <= today]
    results = run(born, keep="age_band", band=band, today=str(today))
    assert [age(result, today) // band for result in results] == [age(one, today) // band for one in born]
    assert (
        band == 1
        or len({age(result, today) - age(one, today) for result, one in zip(results, born, strict=True)})
        > band
    )


@pytest.mark.parametrize("params", [{}, {"keep": "age_band", "band": 10}, {"within": "2y"}])
def test_nobody_crosses_the_age_of_adults(params):
    today = date(2025, 7, 4)
    born = [date(2005, 1, 1) + timedelta(days=number) for number in range(2000)]
    results = run(born, adult=18, today=str(today), **params)
    assert [age(result, today) >= 18 for result in results] == [age(one, today) >= 18 for one in born]
    crossing = run(born, today=str(today), **params)
    assert any((age(a, today) >= 18) != (age(b, today) >= 18) for a, b in zip(crossing, born, strict=True))


def test_a_distance_bounds_the_change():
    distances = [
        abs((result - born).days) for result, born in zip(run(BIRTHS, within="30d"), BIRTHS, strict=True)
    ]
    assert max(distances) == 30
    assert len(set(distances)) == 31


@settings(max_examples=100, deadline=None)
@given(
    st.dates(date(1, 1, 1), date(9999, 12, 31)),
    st.sampled_from(
        [{}, {"keep": "age_band"}, {"within": "10y"}, {"keep": "age_band", "within": "1y", "adult": 21}]
    ),
)
def test_any_date_becomes_a_date(born, params):
    mask = ColumnMask("value", "birth_date", DATE, "d", get("birth_date").validate(params))
    (result,) = Masker([mask], KEY).mask(pl.DataFrame({"value": [born.isoformat()]}))["value"]
    date.fromisoformat(result)


@pytest.mark.parametrize("today", ["yesterday", "2025-02-29", "20250101", "2025-1-1"])
def test_a_today_that_is_no_day(today):
    with pytest.raises(PolicyError, match="birth_date: today must be a day such as 2026-01-01"):
        get("birth_date").validate({"today": today})
