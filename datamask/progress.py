"""The interface between work that takes a while and whoever shows how far it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Told about work as it goes on; every method returns at once."""

    def start(self, what: str, *, total_bytes: int, tables: int) -> None:
        """A phase begins: ``total_bytes`` and ``tables`` are what lies ahead, bytes estimated."""

    def advance(self, table: str, *, rows: int, bytes_done: int, table_done: bool) -> None:
        """Part of a table is done."""

    def note(self, message: str) -> None:
        """Something worth a line happened."""

    def finish(self) -> None:
        """The phase is over."""


class Silent:
    """Shows nothing."""

    def start(self, what: str, *, total_bytes: int, tables: int) -> None:
        """Ignored."""

    def advance(self, table: str, *, rows: int, bytes_done: int, table_done: bool) -> None:
        """Ignored."""

    def note(self, message: str) -> None:
        """Ignored."""

    def finish(self) -> None:
        """Ignored."""
