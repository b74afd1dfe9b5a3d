"""``snapshots export``, ``import`` and ``diff``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datamask.cli.views.snapshots import manifest_json
from datamask.report.json_text import Object
from datamask.report.style import Style
from datamask.report.table import Head, render
from datamask.report.units import count, size

if TYPE_CHECKING:
    # For annotations only: what these import would slow the other verbs down.
    from datamask.commands.snapshots import Difference
    from datamask.commands.transfer import Transferred
    from datamask.snapshot.compare import Comparison

_SIGNS = {"added": "+", "removed": "-", "changed": "~"}


def transferred_json(result: Transferred) -> Object:
    """The snapshot, and where it is now."""
    return {**manifest_json(result.manifest), "place": result.place, "new": result.new}


def exported_text(result: Transferred, style: Style) -> str:
    """Where it is, and the digest that whoever imports it can ask for."""
    manifest = result.manifest
    return (
        f"{style.good('✓')} snapshot {style.name(manifest.id)} is in {result.place}: {size(manifest.bytes)}, "
        f"every checksum holds\n{style.dim('digest ' + manifest.digest)}"
    )


def imported_text(result: Transferred, style: Style) -> str:
    """Where it is now, or that it was there."""
    manifest = result.manifest
    if not result.new:
        return f"snapshot {style.name(manifest.id)} is already in {result.place}"
    return (
        f"{style.good('✓')} snapshot {style.name(manifest.id)} is in {result.place}: "
        f"{count(len(manifest.tables), 'table')}, {count(manifest.rows, 'row')}, {size(manifest.bytes)}, "
        f"every checksum holds\n{style.dim('digest ' + manifest.digest)}"
    )


def difference_json(result: Difference) -> Object:
    """Every difference of the second snapshot from the first."""
    comparison = result.comparison
    return {
        "before": manifest_json(result.before),
        "after": manifest_json(result.after),
        "same": comparison.same,
        "facts": [
            {"what": fact.what, "before": fact.before, "after": fact.after} for fact in comparison.facts
        ],
        "schema": [{"change": item.kind, "object": item.object} for item in comparison.schema],
        "columns": [
            {
                "table": item.table,
                "column": item.column,
                "what": item.what,
                "before": item.before,
                "after": item.after,
            }
            for item in comparison.columns
        ],
        "rows": [
            {
                "table": item.table,
                "before": item.before,
                "after": item.after,
                "selections": list(item.selections) if item.selections else None,
            }
            for item in comparison.rows
        ],
    }


def difference_text(result: Difference, style: Style) -> str:
    """A block for each kind of difference."""
    comparison = result.comparison
    head = f"{style.name(result.before.id)} → {style.name(result.after.id)}"
    if comparison.same:
        return f"{head}: the same schema, masking and numbers of rows"
    blocks = [head, _facts(comparison, style), _schema(comparison, style), _columns(comparison, style)]
    return "\n\n".join(block for block in [*blocks, _rows(comparison, style)] if block)


def _facts(comparison: Comparison, style: Style) -> str:
    heads = (Head("made by"), Head("before"), Head("after"))
    rows = [(fact.what, _short(fact.before), _short(fact.after)) for fact in comparison.facts]
    return render(heads, rows, style=style) if rows else ""


def _schema(comparison: Comparison, style: Style) -> str:
    if not comparison.schema:
        return ""
    lines = [f"  {_SIGNS[item.kind]} {item.object}" for item in comparison.schema]
    return "\n".join([style.bold(f"schema: {count(len(lines), 'difference')}"), *lines])


def _columns(comparison: Comparison, style: Style) -> str:
    heads = (Head("column", dress=style.name), Head("what"), Head("before"), Head("after"))
    rows = [
        (f"{item.table}.{item.column}", item.what, item.before or "—", item.after or "—")
        for item in comparison.columns
    ]
    return render(heads, rows, style=style) if rows else ""


def _rows(comparison: Comparison, style: Style) -> str:
    heads = (
        Head("table", dress=style.name),
        Head("rows before", right=True),
        Head("after", right=True),
        Head("difference", right=True),
        Head("selection", wrap=True),
    )
    rows = [
        (
            item.table,
            "—" if item.before is None else f"{item.before:,}",
            "—" if item.after is None else f"{item.after:,}",
            f"{(item.after or 0) - (item.before or 0):+,}",
            " → ".join(item.selections) if item.selections else "",
        )
        for item in comparison.rows
    ]
    return render(heads, rows, style=style) if rows else ""


def _short(value: str | None) -> str:
    """A digest by its beginning."""
    if value is None:
        return "—"
    return value[:12] if len(value) == 64 else value
