"""Shifts and truncation of dates, timestamps and times, against Python's calendar."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta

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
TIMESTAMP = ColumnType("timestamp without time zone", "timestamp", "timestamp")
TIMESTAMPTZ = ColumnType("timestamp with time zone", "timestamp", "timestamptz")
TIME = ColumnType("time without time zone", "time", "time")
TIMETZ = ColumnType("time with time zone", "time", "timetz")
YEARS = st.dates(date(12, 1, 1), date(9980, 1, 1))


def run(transform, values, kind=DATE, others=None, **params):
    mask = ColumnMask("value", transform, kind, "d", get(transform).validate(params))
    columns = {"value": pl.Series(values, dtype=pl.String), **(others or {})}
    return Masker([mask], KEY).mask(pl.DataFrame(columns))["value"].to_list()


@settings(max_examples=100, deadline=None)
@given(st.lists(YEARS, min_size=1))
def test_a_shift_of_whole_weeks_keeps_the_weekday(days):
    shifted = run("shift_date", [day.isoformat() for day in days], within="3w", keep="weekday")
    for day, result in zip(days, shifted, strict=True):
        moved = date.fromisoformat(result) - day
        assert moved.days % 7 == 0
        assert 7 <= abs(moved.days) <= 21


@settings(max_examples=100, deadline=None)
@given(st.lists(YEARS, min_size=1))
def test_a_shift_of_whole_years_keeps_month_and_day(days):
    shifted = run("shift_date", [day.isoformat() for day in days], within="10y", keep="month_day")
    for day, result in zip(days, shifted, strict=True):
        moved = date.fromisoformat(result)
        assert 1 <= abs(moved.year - day.year) <= 10
        assert (moved.month, moved.day) == (day.month, day.day) or (moved.month, moved.day) == (2, 28)


def test_a_shift_that_has_no_room_is_refused():
    with pytest.raises(PolicyError, match="within has no room for a shift that keeps the weekday") as refused:
        get("shift_date").laws(get("shift_date").validate({"within": "6d", "keep": "weekday"}), DATE, False)
    assert refused.value.hint == "take 7d at least"


@settings(max_examples=100, deadline=None)
@given(st.lists(st.datetimes(datetime(12, 1, 1), datetime(9980, 1, 1)), min_size=2))
def test_all_of_an_entity_s_timestamps_move_alike_to_the_second(moments):
    values = [str(moment) for moment in moments]
    customers = {"customer": ["7"] * len(values)}
    shifted = run("shift_date", values, TIMESTAMP, customers, by="customer", time="shift", within="30d")
    moves = {datetime.fromisoformat(result) - moment for moment, result in zip(moments, shifted, strict=True)}
    (move,) = moves
    assert timedelta(hours=12) <= abs(move) <= timedelta(days=30, hours=12)
    assert move.microseconds == 0
    assert move.seconds % 3600


def test_dates_and_timestamps_of_an_entity_move_by_the_same_days():
    customers = {"customer": ["7"]}
    (day,) = run("shift_date", ["2024-02-29"], DATE, customers, by="customer")
    (moment,) = run("shift_date", ["2024-02-29 10:00:00+00"], TIMESTAMPTZ, customers, by="customer")
    assert moment == f"{day} 10:00:00+00"


def test_shifted_times_at_the_edges():
    values = ["9999-12-31 23:00:00", "infinity", "0001-01-01 00:00:00"]
    assert run("shift_date", values, TIMESTAMP, time="shift") == values
    edge = [f"9999-12-30 {hour:02d}:00:00" for hour in range(24)]
    for result in run("shift_date", edge, TIMESTAMP, time="shift", within="1d"):
        assert re.fullmatch(r"9999-12-\d\d \d\d:\d\d:\d\d", result)
    old = run("shift_date", ["0044-03-15 12:00:00.5 BC", "12024-01-01 00:00:00"], TIMESTAMP, time="shift")
    assert re.fullmatch(r"0044-\d\d-\d\d \d\d:\d\d:\d\d\.5 BC", old[0])
    assert re.fullmatch(r"120\d\d-\d\d-\d\d \d\d:\d\d:\d\d", old[1])


@settings(max_examples=100, deadline=None)
@given(st.lists(st.dates(), min_size=1))
def test_truncation_is_that_of_the_calendar(days):
    values = [day.isoformat() for day in days]
    for unit, first in {
        "day": lambda day: day,
        "week": lambda day: day - timedelta(day.weekday()),
        "month": lambda day: day.replace(day=1),
        "quarter": lambda day: day.replace(month=(day.month - 1) // 3 * 3 + 1, day=1),
        "year": lambda day: day.replace(month=1, day=1),
        "decade": lambda day: day.replace(year=max(1, day.year // 10 * 10), month=1, day=1),
    }.items():
        expected = [first(day).isoformat() for day in days]
        assert run("truncate_date", values, to=unit) == expected
        midnight = [f"{day} 00:00:00" for day in expected]
        assert run("truncate_date", [f"{day} 12:34:56" for day in values], TIMESTAMP, to=unit) == midnight


def test_truncation_of_times():
    stamps = ["2024-02-29 12:34:56.789+00", "0044-03-15 12:34:56.5+00 BC", "infinity"]
    assert run("truncate_date", stamps, TIMESTAMPTZ, to="hour") == [
        "2024-02-29 12:00:00.000+00",
        "0044-03-15 12:00:00+00 BC",
        "infinity",
    ]
    assert run("truncate_date", stamps[:1], TIMESTAMPTZ, to="minute") == ["2024-02-29 12:34:00.000+00"]
    times = ["12:34:56.789", "00:00:59", "24:00:00"]
    assert run("truncate_date", times, TIME, to="minute") == ["12:34:00.000", "00:00:00", "24:00:00"]
    assert run("truncate_date", ["12:34:56+05:30"], TIMETZ, to="hour") == ["12:00:00+05:30"]


@pytest.mark.parametrize(("kind", "to"), [(DATE, "hour"), (TIME, "day"), (TIME, "month")])
def test_a_unit_that_the_type_does_not_have_is_refused(kind, to):
    with pytest.raises(PolicyError, match=f"truncate_date: {kind.name} cannot be cut to the {to}"):
        get("truncate_date").laws(get("truncate_date").validate({"to": to}), kind, False)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.times(), min_size=1))
def test_times_move_a_little_around_midnight(times):
    values = [one.isoformat() for one in times]
    day = timedelta(days=1)
    for one, result in zip(times, run("shift_time", values, TIME, minutes=10), strict=True):
        moved = time.fromisoformat(result)
        distance = (datetime.combine(date(2000, 1, 1), moved) - datetime.combine(date(2000, 1, 1), one)) % day
        assert timedelta() < min(distance, day - distance) <= timedelta(minutes=10)


def test_what_is_no_time_does_not_stay():
    assert re.fullmatch(r"(00|23):\d\d:\d\d", run("shift_time", ["Maria Schneider"], TIME)[0])
