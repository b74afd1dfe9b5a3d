"""Colour, where the reader's terminal wants it."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TextIO

_BOLD, _DIM, _RED, _GREEN, _YELLOW, _CYAN = "1", "2", "31", "32", "33", "36"


@dataclass(frozen=True, slots=True)
class Style:
    """Dresses text in the terminal's escape sequences, or leaves it as it is.

    :param enabled: False gives every text back unchanged.
    """

    enabled: bool = False

    def bold(self, text: str) -> str:
        """A heading."""
        return self._dressed(_BOLD, text)

    def dim(self, text: str) -> str:
        """What matters less."""
        return self._dressed(_DIM, text)

    def bad(self, text: str) -> str:
        """An error, a problem."""
        return self._dressed(_RED, text)

    def good(self, text: str) -> str:
        """A success."""
        return self._dressed(_GREEN, text)

    def caution(self, text: str) -> str:
        """A warning."""
        return self._dressed(_YELLOW, text)

    def name(self, text: str) -> str:
        """A table, a column, an id."""
        return self._dressed(_CYAN, text)

    def _dressed(self, code: str, text: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.enabled and text else text


PLAIN = Style()


def style_for(stream: TextIO, environ: Mapping[str, str] = os.environ) -> Style:
    """Colours for a terminal, unless ``NO_COLOR`` is set (https://no-color.org) or it has none."""
    wanted = not environ.get("NO_COLOR") and environ.get("TERM") != "dumb"
    return Style(wanted and stream.isatty())
