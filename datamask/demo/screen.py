"""What the demo prints: numbered steps, each with the command that does the same, and its time."""

from __future__ import annotations

import textwrap
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from datamask.report.style import Style, style_for
from datamask.report.table import Head, render, terminal_width
from datamask.report.units import duration

# Longer lines are hard to read, however wide the terminal is.
_WIDEST = 100


class Screen:
    """Prints the story as it goes on.

    :param stream: where to, usually ``sys.stdout``.
    :param quiet: print nothing.
    """

    def __init__(self, stream: TextIO, *, quiet: bool = False) -> None:
        self.style: Style = style_for(stream)
        self._stream = stream
        self._quiet = quiet
        self._steps = 0

    @contextmanager
    def step(self, title: str, *commands: str) -> Iterator[None]:
        """A numbered step; says at its end how long it took.

        :param commands: what to type for the same, without the program's name.
        """
        self._steps += 1
        self.line()
        self.line(self.style.bold(f"{self._steps}. {title}"))
        for command in commands:
            self.command(f"datamask {command}")
        begun = time.monotonic()
        yield
        self.line(self.style.dim(f"   {duration(time.monotonic() - begun)}"))

    def command(self, command: str) -> None:
        """A line to type."""
        self.line(f"   {self.style.dim('$')} {self.style.name(command)}")

    def text(self, text: str) -> None:
        """A paragraph."""
        for line in textwrap.wrap(text, min(_WIDEST, terminal_width()) - 3):
            self.line(f"   {line}")

    def good(self, text: str) -> None:
        """Something that worked out."""
        self._marked(self.style.good("✓"), text)

    def stopped(self, text: str) -> None:
        """Something that was refused."""
        self._marked(self.style.bad("✗"), text)

    def table(self, heads: Sequence[Head], rows: Sequence[Sequence[str]]) -> None:
        """A small table."""
        self.line(render(heads, rows, style=self.style, indent="   "))

    def line(self, text: str = "") -> None:
        """One line as it stands."""
        if not self._quiet:
            print(text, file=self._stream, flush=True)

    def _marked(self, mark: str, text: str) -> None:
        first, *rest = textwrap.wrap(text, min(_WIDEST, terminal_width()) - 5)
        self.line(f"   {mark} {first}")
        for line in rest:
            self.line(f"     {line}")
