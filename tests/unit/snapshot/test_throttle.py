"""The limit on reading, with a clock that only sleeping moves."""

from __future__ import annotations

import pytest

from datamask.snapshot import source
from datamask.snapshot.source import Throttle


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0
        self.slept = 0.0

    def monotonic(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        assert seconds >= 0
        self.now += seconds
        self.slept += seconds


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(source, "time", clock)
    return clock


def test_without_a_limit_nothing_waits(clock):
    throttle = Throttle(None, None)
    throttle.wait(1_000_000, 1 << 40)
    assert clock.slept == 0
    assert throttle.block_bytes(77) == 77


def test_bytes_take_their_time(clock):
    throttle = Throttle(None, 1000.0)
    for _ in range(10):
        throttle.wait(1, 500)
    assert clock.slept == pytest.approx(5.0)


def test_rows_take_their_time(clock):
    throttle = Throttle(100.0, None)
    for _ in range(10):
        throttle.wait(50, 1 << 30)
    assert clock.slept == pytest.approx(5.0)


def test_the_slower_of_two_limits_counts(clock):
    throttle = Throttle(100.0, 1000.0)
    throttle.wait(100, 500)
    assert clock.slept == pytest.approx(1.0)
    throttle.wait(1, 5000)
    assert clock.slept == pytest.approx(6.0)


def test_time_that_the_work_itself_took_counts(clock):
    throttle = Throttle(None, 1000.0)
    throttle.wait(1, 1000)
    clock.now += 0.4
    throttle.wait(1, 1000)
    assert clock.now == pytest.approx(1002.0)


def test_a_pause_is_not_made_up_for(clock):
    throttle = Throttle(None, 1000.0)
    clock.now += 60
    throttle.wait(1, 1000)
    assert clock.slept == 0
    throttle.wait(1, 1000)
    throttle.wait(1, 1000)
    assert clock.slept == pytest.approx(2.0)


def test_a_block_is_what_a_second_may_bring():
    default = 24 << 20
    assert Throttle(None, 5e6).block_bytes(default) == 5_000_000
    assert Throttle(None, 1e9).block_bytes(default) == default
    # Smaller ones would be too many files.
    assert Throttle(None, 1000.0).block_bytes(default) == 1 << 20
    assert Throttle(10.0, None).block_bytes(default) == 1 << 20
