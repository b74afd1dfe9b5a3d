"""``preview``: values before and after, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datamask.report.json_text import Object
from datamask.report.style import Style
from datamask.report.table import Head, printable, render, shortened, terminal_width

if TYPE_CHECKING:
    # For annotations only: what these import would slow the other verbs down.
    from datamask.commands.preview import Cell, Preview, PreviewColumn

_NULL = "NULL"
_ON_SOURCE = "masked by the source"
_STAYS = "stays as it is"
_LEAST_WIDTH = 16


def preview_json(result: Preview) -> Object:
    """Rows of cells; without originals a masked column's cells tell the length only."""
    return {
        "environment": result.environment,
        "table": result.table,
        "policy": result.policy,
        "originals": result.originals,
        "columns": [
            {"column": item.name, "type": item.type, "class": item.data_class, "transform": item.transform}
            for item in result.columns
        ],
        "rows": [
            {column.name: _cell(column, cell) for column, cell in zip(result.columns, row, strict=True)}
            for row in result.rows
        ],
    }


def _cell(column: PreviewColumn, cell: Cell) -> Object:
    known: dict[str, object] = {"length": cell.length, "after": cell.masked}
    if cell.stays:
        known["stays"] = True
    if column.transform == "keep" or cell.original is not None:
        known["before"] = cell.original
    return known


def preview_text(result: Preview, style: Style) -> str:
    """A block a row: column, before, after, transform."""
    title = f"{style.bold(result.table)} in {result.environment}, by policy {result.policy}"
    if not result.rows:
        return f"{title}\n\nthe table has no rows"
    names = max(len(column.name) for column in result.columns)
    transforms = max(len(column.transform) for column in result.columns)
    width = max(_LEAST_WIDTH, (terminal_width() - names - transforms - 8) // 2)
    heads = (
        Head("column", dress=style.name),
        Head("before", dress=style.dim),
        Head("after"),
        Head("transform", dress=style.dim),
    )
    blocks = [title]
    for row in result.rows:
        lines = [
            (
                column.name,
                shortened(_before(column, cell, result.originals), width),
                shortened(_after(cell), width),
                column.transform,
            )
            for column, cell in zip(result.columns, row, strict=True)
        ]
        blocks.append(render(heads, lines, style=style))
    if not result.originals and any(column.transform != "keep" for column in result.columns):
        blocks.append(style.dim("the originals of masked columns stay hidden; --show-originals prints them"))
    return "\n\n".join(blocks)


def _after(cell: Cell) -> str:
    if cell.masked is None:
        return _STAYS if cell.stays else _NULL
    return printable(cell.masked)


def _before(column: PreviewColumn, cell: Cell, originals: bool) -> str:
    if column.on_source:
        return _ON_SOURCE
    if cell.length is None:
        return _NULL
    if cell.original is not None and (originals or column.transform == "keep"):
        return printable(cell.original)
    return f"{column.type} of {cell.length} character{'s' if cell.length != 1 else ''}"
