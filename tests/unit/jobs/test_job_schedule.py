"""Cron expressions, time zones and windows."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamask.jobs.model import LONGEST_BACKOFF_SECONDS, pause
from datamask.jobs.schedule import Schedule, parse_schedule
from datamask.jobs.window import parse_window

EXPRESSIONS = ("15 2 * * *", "*/7 * * * *", "0 9-17/2 * * 1-5", "30 1 1,15 * 5", "0 0 L * *", "5 4 * 2 MON#2")
ZONES = ("UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu")

moments = st.datetimes(datetime(2024, 1, 1), datetime(2027, 12, 31)).map(
    lambda moment: moment.replace(tzinfo=UTC)
)


@settings(max_examples=60)
@given(st.sampled_from(EXPRESSIONS), st.sampled_from(ZONES), moments)
def test_what_is_due_next_was_due_last_when_it_comes(expression: str, zone: str, moment: datetime) -> None:
    schedule = parse_schedule(expression, zone)
    due = schedule.next_after(moment)
    assert due > moment
    assert schedule.last_before(due) == due
    last = schedule.last_before(due - timedelta(seconds=1))
    assert last is not None
    assert last <= moment
    assert schedule.next_after(last) == due


def test_a_time_that_summer_time_leaves_out_comes_once() -> None:
    schedule = parse_schedule("30 2 * * *", "Europe/Berlin")
    # On 29 March 2026 the clock goes from 02:00 to 03:00.
    first = schedule.next_after(datetime(2026, 3, 28, 12, tzinfo=UTC))
    assert first == datetime(2026, 3, 29, 1, 0, tzinfo=UTC)
    assert schedule.next_after(first) == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)


def test_a_time_that_occurs_twice_comes_once() -> None:
    schedule = parse_schedule("30 2 * * *", "Europe/Berlin")
    # On 25 October 2026 02:30 is there twice.
    first = schedule.next_after(datetime(2026, 10, 24, 12, tzinfo=UTC))
    assert first == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    assert schedule.next_after(first) == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("expression", "zone", "problem"),
    [
        ("60 2 * * *", "UTC", "bad minute in '60 2 * * *'"),
        ("2 * * *", "UTC", "wrong number of fields in '2 * * *'"),
        ("@daily", "UTC", "wrong number of fields in '@daily'"),
        ("0 0 31 2 *", "UTC", "bad day-of-month in '0 0 31 2 *'"),
        ("15 2 * * *", "Europe/Berlim", "there is no time zone 'Europe/Berlim'"),
        ("15 2 * * *", "../etc/passwd", "there is no time zone '../etc/passwd'"),
    ],
)
def test_what_is_no_schedule_is_refused(expression: str, zone: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_schedule(expression, zone)
    assert str(caught.value) == problem


def test_fields_are_sets() -> None:
    fields = Schedule("0,30 22-23 1 * 7").fields()
    assert (fields.minutes, fields.hours, fields.days) == ((0, 30), (22, 23), (1,))
    assert (fields.months, fields.weekdays, fields.either_day) == (None, (0,), True)
    with pytest.raises(ValueError, match="a last or nth day"):
        Schedule("0 0 L * *").fields()


@pytest.mark.parametrize(
    ("text", "inside", "outside"),
    [
        ("22:00-05:00", "2026-01-01T23:00+00:00", "2026-01-01T05:00+00:00"),
        ("22:00-05:00", "2026-01-01T04:59+00:00", "2026-01-01T21:59+00:00"),
        ("1:30-2:30", "2026-01-01T01:30+00:00", "2026-01-01T02:30+00:00"),
        # 23:30 in Berlin; 00:30 there.
        ("22:00-00:00 Europe/Berlin", "2026-01-01T22:30+00:00", "2026-01-01T23:30+00:00"),
    ],
)
def test_a_window_may_go_over_midnight(text: str, inside: str, outside: str) -> None:
    window = parse_window(text, "UTC")
    assert window.contains(datetime.fromisoformat(inside))
    assert not window.contains(datetime.fromisoformat(outside))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("22-5", "it must be written like 22:00-05:00, or 22:00-05:00 Europe/Berlin"),
        ("24:00-05:00", "'24:00-05:00' has a time that no day has"),
        ("05:00-05:00", "it begins when it ends: a job that may run at any time needs no window"),
        ("22:00-05:00 Mars", "there is no time zone 'Mars'"),
    ],
)
def test_what_is_no_window_is_refused(text: str, problem: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_window(text, "UTC")
    assert str(caught.value) == problem


@given(st.floats(1, 7200), st.integers(1, 5000))
def test_pauses_grow_up_to_a_limit(backoff: float, attempt: int) -> None:
    assert backoff <= pause(backoff, attempt) <= max(backoff, LONGEST_BACKOFF_SECONDS)
    assert pause(backoff, attempt) <= pause(backoff, attempt + 1)
    assert pause(backoff, 1) == backoff
