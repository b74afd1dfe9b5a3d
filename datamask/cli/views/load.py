"""``load`` and ``reset``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datamask.report.json_text import Object
from datamask.report.style import Style
from datamask.report.units import count, duration

if TYPE_CHECKING:
    # For annotations only: what these import would slow the other verbs down.
    from datamask.commands.load import LoadResult, UndoResult


def load_json(result: LoadResult) -> Object:
    """The environment, and what it holds now."""
    manifest = result.manifest
    return {
        "environment": result.environment,
        "snapshot": manifest.id,
        "digest": manifest.digest,
        "policy": manifest.policy,
        "strategy": result.strategy,
        "reason": result.reason,
        "tables": len(manifest.tables),
        "rows": manifest.rows,
        "bytes": manifest.bytes,
        "seconds": result.seconds,
        "phases": result.phases,
        "warnings": list(result.warnings),
        "migrations": [
            {"tool": item.tool, "table": item.table, "versions": list(item.versions)}
            for item in result.migrations
        ],
    }


def warning_lines(warnings: tuple[str, ...], style: Style) -> list[str]:
    """A line a warning."""
    return [f"{style.caution('warning:')} {text}" for text in warnings]


def load_text(result: LoadResult, style: Style, *, verbose: bool) -> str:
    """One line, the warnings, and the phases on request."""
    manifest = result.manifest
    lines = [
        f"{style.good('✓')} {style.bold(result.environment)} holds snapshot {style.name(manifest.id)}: "
        f"{count(len(manifest.tables), 'table')}, {count(manifest.rows, 'row')}, "
        f"by {result.strategy} in {duration(result.seconds)}"
    ]
    if result.strategy == "in-place":
        # It is slower and takes the tables away from their readers: nobody should have to ask why.
        lines.append(style.dim(f"  in place, as {result.reason}"))
    lines += warning_lines(result.warnings, style)
    if verbose:
        lines.append(style.dim(f"  {result.strategy}: {result.reason}"))
        lines += [
            style.dim(f"  {item.tool} is at {', '.join(item.versions) or 'nothing'} ({item.table})")
            for item in result.migrations
        ]
        lines += [style.dim(f"  {name:10} {duration(seconds)}") for name, seconds in result.phases.items()]
    return "\n".join(lines)


def undo_json(result: UndoResult) -> Object:
    """The environment, and what it holds again."""
    return {
        "environment": result.environment,
        "snapshot": result.snapshot,
        "strategy": "undo",
        "seconds": result.seconds,
        "warnings": list(result.warnings),
    }


def undo_text(result: UndoResult, style: Style) -> str:
    """One line and the warnings."""
    what = f"what was loaded from {style.name(result.snapshot)}" if result.snapshot else "what it held before"
    lines = [
        f"{style.good('✓')} {style.bold(result.environment)} holds {what} again, by undo in {duration(result.seconds)}"
    ]
    lines += [f"{style.caution('warning:')} {text}" for text in result.warnings]
    return "\n".join(lines)
