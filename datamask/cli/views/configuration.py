"""``config``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datamask.report.json_text import Object
from datamask.report.style import Style
from datamask.report.table import Head, printable, render

if TYPE_CHECKING:
    from datamask.commands.config import Explanation


def explanation_json(result: Explanation) -> Object:
    """Every effective setting."""
    return {
        "file": str(result.file),
        "settings": [
            {"key": item.key, "value": item.value, "layer": item.layer, "line": item.line}
            for item in result.settings
        ],
    }


def explanation_text(result: Explanation, style: Style) -> str:
    """A line a setting, defaults dimmed."""
    rows = []
    for item in result.settings:
        value = "" if item.value is None else str(item.value)
        value = value.lower() if isinstance(item.value, bool) else printable(value)
        place = item.layer if item.line is None else f"{item.layer}:{item.line}"
        rows.append([item.key, value, style.dim(place) if item.layer == "default" else place])
    return render([Head("setting"), Head("value", wrap=True), Head("from")], rows, style=style)
