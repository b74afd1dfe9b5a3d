from datetime import UTC, datetime

import pytest

from datamask.report.units import age, count, duration, size


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (45_200_000, "45.2 MB"),
        (99_940, "99.9 kB"),
        (99_960, "100 kB"),
        (999_400, "999 kB"),
        (999_600, "1.0 MB"),
        (3.2e12, "3.2 TB"),
        (5e18, "5000 PB"),
    ],
)
def test_size(number: float, text: str) -> None:
    assert size(number) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.004, "0.00 s"),
        (0.84, "0.84 s"),
        (9.996, "10.0 s"),
        (59.94, "59.9 s"),
        (59.96, "1 min 00 s"),
        (185, "3 min 05 s"),
        (3599.6, "1 h 00 min"),
        (7800, "2 h 10 min"),
    ],
)
def test_duration(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("created", "text"),
    [
        ("2026-01-10T11:59:57+00:00", "3 s"),
        ("2026-01-10T11:30:00+00:00", "30 min"),
        ("2026-01-10T13:00:00+02:00", "60 min"),
        ("2026-01-09T18:00:00+00:00", "18 h"),
        ("2026-01-01T12:00:00+00:00", "9 d"),
        ("2026-01-10T12:00:09+00:00", "0 s"),
    ],
)
def test_age(created: str, text: str) -> None:
    assert age(created, datetime(2026, 1, 10, 12, tzinfo=UTC)) == text


def test_count() -> None:
    assert count(1, "table") == "1 table"
    assert count(12_345, "row") == "12,345 rows"
    assert count(2, "index", "indexes") == "2 indexes"
