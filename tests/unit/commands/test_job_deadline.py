"""A deadline interrupts, and leaves other timers alone."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import pytest

from datamask.commands.deadline import TimedOut, deadline


@pytest.fixture(autouse=True)
def no_timer_of_the_tests_own() -> Iterator[None]:
    """pytest-timeout uses the same one."""
    handler = signal.getsignal(signal.SIGALRM)
    timer = signal.setitimer(signal.ITIMER_REAL, 0)
    yield
    signal.signal(signal.SIGALRM, handler)
    signal.setitimer(signal.ITIMER_REAL, *timer)


def test_it_interrupts_what_handles_errors() -> None:
    def stubborn() -> None:
        while True:
            try:
                time.sleep(1)
            except Exception:
                pytest.fail("an interruption is no error")

    with pytest.raises(TimedOut), deadline(0.05):
        stubborn()


def test_who_is_in_time_is_left_alone() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with deadline(60):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 0
    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    assert signal.getsignal(signal.SIGALRM) is before
    with deadline(None):
        assert signal.getitimer(signal.ITIMER_REAL)[0] == 0


def test_a_timer_that_was_there_goes_on() -> None:
    rung = []
    signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    signal.setitimer(signal.ITIMER_REAL, 300)
    with deadline(60):
        assert signal.getitimer(signal.ITIMER_REAL)[0] <= 60
    assert 60 < signal.getitimer(signal.ITIMER_REAL)[0] <= 300
    assert rung == []
