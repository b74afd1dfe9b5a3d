"""Progress as a bar on a terminal."""

from __future__ import annotations

import time
from types import TracebackType
from typing import TextIO

from rich.console import Console
from rich.progress import BarColumn, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar
from rich.text import Text

from datamask.report.phase import Phase
from datamask.report.style import Style
from datamask.report.units import count, size


class _State(ProgressColumn):
    """Tables, rows and speed."""

    def render(self, task: Task) -> Text:
        phase: Phase | None = task.fields.get("phase")
        if phase is None:
            return Text("")
        speed = size(task.speed) + "/s" if task.speed else ""
        parts = [f"{len(phase.tables_done)}/{phase.tables} tables", count(phase.rows, "row"), speed]
        return Text("  ".join(part for part in parts if part))


class TerminalProgress:
    """A bar for the phase that runs, a line with a check mark for each that is over. A context manager."""

    def __init__(self, stream: TextIO, style: Style) -> None:
        self._style = style
        self._stream = stream
        self._console = Console(file=stream, no_color=not style.enabled, highlight=False)
        self._bar: Bar | None = None
        self._phase: Phase | None = None

    def start(self, what: str, *, total_bytes: int, tables: int) -> None:
        """Draw the bar."""
        self._stop()
        self._phase = Phase(what, total_bytes, tables, time.monotonic())
        self._bar = Bar(
            TextColumn("{task.description}"),
            BarColumn(bar_width=30),
            TextColumn("{task.percentage:>3.0f}%"),
            _State(),
            TimeRemainingColumn(compact=True),
            console=self._console,
            transient=True,
        )
        self._bar.add_task(what, total=max(1, total_bytes), phase=self._phase)
        self._bar.start()

    def advance(self, table: str, *, rows: int, bytes_done: int, table_done: bool) -> None:
        """Move the bar."""
        if self._phase is None or self._bar is None:
            return
        self._phase.add(table, rows, bytes_done, table_done)
        self._bar.advance(self._bar.task_ids[0], bytes_done)

    def note(self, message: str) -> None:
        """A line above the bar."""
        # Not through rich's markup: names may hold brackets.
        self._console.print(Text(message, style="dim" if self._style.enabled else ""), soft_wrap=True)

    def finish(self) -> None:
        """Put a line in the bar's place."""
        phase = self._phase
        self._stop()
        if phase is not None:
            print(phase.summary(time.monotonic() - phase.begun, self._style), file=self._stream, flush=True)

    def _stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()
        self._bar = self._phase = None

    def __enter__(self) -> TerminalProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop()
