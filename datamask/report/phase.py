"""A phase of work as far as it has come. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from datamask.report.style import PLAIN, Style
from datamask.report.units import count, duration, size


@dataclass
class Phase:
    """One phase as far as it has come.

    :param text_bytes: expected size of all, as the source estimates it.
    """

    what: str
    text_bytes: int
    tables: int
    begun: float
    rows: int = 0
    bytes_done: int = 0
    tables_done: set[str] = field(default_factory=set)

    def add(self, table: str, rows: int, bytes_done: int, table_done: bool) -> None:
        """Count a finished part."""
        self.rows += rows
        self.bytes_done += bytes_done
        if table_done:
            self.tables_done.add(table)

    def state(self, seconds: float) -> str:
        """Tables, rows and speed so far."""
        speed = size(self.bytes_done / seconds) + "/s" if seconds > 0 else ""
        parts = [f"{len(self.tables_done)}/{self.tables} tables", count(self.rows, "row"), speed]
        return ", ".join(part for part in parts if part)

    def summary(self, seconds: float, style: Style = PLAIN) -> str:
        """The line that stays when the phase is over."""
        text = (
            f"{self.what}: {count(len(self.tables_done), 'table')}, {count(self.rows, 'row')}, "
            f"{size(self.bytes_done)} in {duration(seconds)}"
        )
        return f"{style.good('✓')} {text}" if style.enabled else text
