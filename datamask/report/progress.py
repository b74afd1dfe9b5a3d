"""How far work is, for whoever watches: a terminal, a log, or nobody."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from datamask.progress import Progress, Silent
from datamask.report.phase import Phase
from datamask.report.style import style_for
from datamask.report.units import count, size

# A log wants to know that work goes on, not how: one line in that many seconds.
LOG_SECONDS = 5.0


@contextmanager
def watched(stream: TextIO, *, quiet: bool = False) -> Iterator[Progress]:
    """The progress that suits where messages go; a bar that is still drawn is removed at the end.

    :param stream: usually ``sys.stderr``.
    """
    if quiet:
        yield Silent()
    elif stream.isatty():
        # rich takes longer to import than many commands to run.
        from datamask.report.terminal_progress import TerminalProgress

        with TerminalProgress(stream, style_for(stream)) as progress:
            yield progress
    else:
        yield LogProgress(stream)


class LogProgress:
    """Lines for a log: when a phase begins and ends, and now and then in between.

    :param clock: seconds of a clock that only goes forward.
    """

    def __init__(
        self, stream: TextIO, *, interval: float = LOG_SECONDS, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._stream = stream
        self._interval = interval
        self._clock = clock
        self._phase: Phase | None = None
        self._said = 0.0

    def start(self, what: str, *, total_bytes: int, tables: int) -> None:
        """Say what begins."""
        self._said = self._clock()
        self._phase = Phase(what, total_bytes, tables, self._said)
        self._say(f"{what}: {count(tables, 'table')}, about {size(total_bytes)}")

    def advance(self, table: str, *, rows: int, bytes_done: int, table_done: bool) -> None:
        """Count; say so where nothing was said for a while."""
        if self._phase is None:
            return
        self._phase.add(table, rows, bytes_done, table_done)
        now = self._clock()
        if now - self._said >= self._interval:
            self._said = now
            self._say(f"{self._phase.what}: {self._phase.state(now - self._phase.begun)}")

    def note(self, message: str) -> None:
        """Say it."""
        self._say(message)

    def finish(self) -> None:
        """Say how it went."""
        if self._phase is not None:
            self._say(self._phase.summary(self._clock() - self._phase.begun))
            self._phase = None

    def _say(self, line: str) -> None:
        print(line, file=self._stream, flush=True)
