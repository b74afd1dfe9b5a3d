from __future__ import annotations

import io
from contextlib import redirect_stderr

from datamask.progress import Progress, Silent
from datamask.report.progress import LogProgress, watched


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def work(progress: Progress, clock: Clock) -> None:
    progress.note("policy staging")
    progress.start("snapshot", total_bytes=3_000_000, tables=2)
    for seconds, table, done in ((1, "a", False), (1, "a", True), (4, "b", False), (1, "b", True)):
        clock.now += seconds
        progress.advance(table, rows=500, bytes_done=1_000_000, table_done=done)
    progress.finish()


def test_a_log_gets_a_line_now_and_then() -> None:
    stream, clock = io.StringIO(), Clock()
    work(LogProgress(stream, clock=clock), clock)
    assert stream.getvalue().splitlines() == [
        "policy staging",
        "snapshot: 2 tables, about 3.0 MB",
        "snapshot: 1/2 tables, 1,500 rows, 500 kB/s",
        "snapshot: 2 tables, 2,000 rows, 4.0 MB in 7.00 s",
    ]


def test_quiet_says_nothing() -> None:
    stream = io.StringIO()
    with redirect_stderr(stream), watched(stream, quiet=True) as progress:
        assert isinstance(progress, Silent)
        work(progress, Clock())
    assert stream.getvalue() == ""


def test_a_stream_that_is_no_terminal_is_a_log() -> None:
    with watched(io.StringIO()) as progress:
        assert isinstance(progress, LogProgress)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_a_check_mark_for_each_phase() -> None:
    stream = Terminal()
    with watched(stream) as progress:
        work(progress, Clock())
    assert "2 tables, 2,000 rows, 4.0 MB in " in stream.getvalue()
    assert "✓" in stream.getvalue()


def test_a_bar_is_gone_after_a_failure() -> None:
    stream = Terminal()
    try:
        with watched(stream) as progress:
            progress.start("load", total_bytes=10, tables=1)
            raise ValueError
    except ValueError:
        pass
    hidden, shown = stream.getvalue().count("\x1b[?25l"), stream.getvalue().count("\x1b[?25h")
    assert hidden == shown
