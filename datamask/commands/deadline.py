"""Work that must end in time: the process interrupts itself, as Ctrl-C would."""

from __future__ import annotations

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class TimedOut(KeyboardInterrupt):
    """The time is over; everything cleans up as if somebody had pressed Ctrl-C."""


@contextmanager
def deadline(seconds: float | None) -> Iterator[None]:
    """Interrupt the block after so many seconds; only in the main thread, where signals arrive.

    :param seconds: None for as long as it takes.
    :raises TimedOut: the time was over.
    """
    if seconds is None:
        yield
        return
    before = signal.signal(signal.SIGALRM, _ring)
    # Somebody else may have set a timer: it goes on where it was.
    rest, interval = signal.setitimer(signal.ITIMER_REAL, max(seconds, 1e-3))
    begun = time.monotonic()
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
        if rest:
            signal.setitimer(signal.ITIMER_REAL, max(rest - (time.monotonic() - begun), 1e-3), interval)


def _ring(_number: int, _frame: FrameType | None) -> None:
    raise TimedOut
