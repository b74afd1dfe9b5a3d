"""Plain text tables that fit a terminal."""

from __future__ import annotations

import re
import shutil
import textwrap
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from datamask.report.style import PLAIN, Style

_ESCAPE = re.compile(r"\x1b\[[0-9;]*m")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_GAP = "  "

# A file or a pipe has no width; this is what lines in a log stay readable at.
_DEFAULT_WIDTH = 120
_LEAST_WRAPPED = 24


@dataclass(frozen=True, slots=True)
class Head:
    """A table's column.

    :param right: numbers stand to the right.
    :param wrap: long texts go on in the next line instead of pushing the table over the edge.
    :param dress: colours a cell's text, which has been laid out before.
    """

    title: str
    right: bool = False
    wrap: bool = False
    dress: Callable[[str], str] | None = None


def render(
    heads: Sequence[Head], rows: Sequence[Sequence[str]], *, style: Style = PLAIN, indent: str = ""
) -> str:
    """A table with a line of titles, each line without blanks at its end; empty without rows."""
    if not rows:
        return ""
    widths = [
        max(text_width(head.title), *(text_width(row[index]) for row in rows))
        for index, head in enumerate(heads)
    ]
    wrapped = [index for index, head in enumerate(heads) if head.wrap]
    if wrapped:
        room = terminal_width() - len(indent) - sum(widths) - len(_GAP) * (len(heads) - 1)
        for index in wrapped:
            share = room // len(wrapped)
            widths[index] = max(min(widths[index], _LEAST_WRAPPED), widths[index] + min(0, share))
    lines = []
    if any(head.title for head in heads):
        titles = [_pad(head.title, width, head.right) for head, width in zip(heads, widths, strict=True)]
        lines.append(style.dim(indent + _GAP.join(titles).rstrip()))
    for row in rows:
        lines += _row(heads, widths, row, indent)
    return "\n".join(lines)


def printable(text: str) -> str:
    """Text from elsewhere, without the control characters that a terminal would obey."""
    return _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text).replace("\n", "⏎").replace("\t", "⇥")


def text_width(text: str) -> int:
    """Columns of a terminal that the text takes."""
    text = _ESCAPE.sub("", text)
    if text.isascii():
        return len(text)
    return sum(_character_width(character) for character in text)


def shortened(text: str, width: int) -> str:
    """The text, cut to at most ``width`` columns with an ellipsis."""
    if text_width(text) <= width:
        return text
    kept, used = [], 0
    for character in text:
        used += _character_width(character)
        if used > width - 1:
            break
        kept.append(character)
    return "".join(kept) + "…"


def terminal_width() -> int:
    """The terminal's width, or what suits a file."""
    return shutil.get_terminal_size((_DEFAULT_WIDTH, 24)).columns


def _character_width(character: str) -> int:
    if unicodedata.combining(character):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _row(heads: Sequence[Head], widths: Sequence[int], row: Sequence[str], indent: str) -> list[str]:
    cells = [
        (textwrap.wrap(cell, width, break_on_hyphens=False) or [""]) if head.wrap else [cell]
        for head, width, cell in zip(heads, widths, row, strict=True)
    ]
    lines = []
    for number in range(max(map(len, cells))):
        parts = []
        for head, width, cell in zip(heads, widths, cells, strict=True):
            text = cell[number] if number < len(cell) else ""
            padded = _pad(text, width, head.right)
            parts.append(padded.replace(text, head.dress(text), 1) if head.dress and text else padded)
        lines.append((indent + _GAP.join(parts)).rstrip())
    return lines


def _pad(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - text_width(text))
    return blanks + text if right else text + blanks
