"""``generate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datamask.cli.views.load import load_json, load_text
from datamask.report.json_text import Object
from datamask.report.style import Style
from datamask.report.table import Head, render
from datamask.report.units import count, duration, size

if TYPE_CHECKING:
    # For annotations only: what these import would slow the other verbs down.
    from datamask.commands.generate import Generation


def generation_json(result: Generation) -> Object:
    """What was made, table by table."""
    return {
        "source": result.source,
        "seed": result.seed,
        "snapshot": result.manifest.id if result.manifest else None,
        "digest": result.manifest.digest if result.manifest else None,
        "policy": result.manifest.policy if result.manifest else None,
        "folder": result.folder,
        "rows": sum(table.rows for table in result.tables),
        "bytes": sum(table.bytes for table in result.tables),
        "tables": [
            {"table": table.table, "rows": table.rows, "columns": table.columns, "bytes": table.bytes}
            for table in result.tables
        ],
        "notes": list(result.notes),
        "loaded": load_json(result.loaded) if result.loaded else None,
        "seconds": result.seconds,
    }


def generation_text(result: Generation, style: Style, *, verbose: bool) -> str:
    """One line, the notes, and on request the tables."""
    rows = sum(table.rows for table in result.tables)
    what = f"snapshot {style.name(result.manifest.id)}" if result.manifest else style.name(result.folder)
    lines = [
        f"{style.good('✓')} {what}: {count(rows, 'synthetic row')} for {count(len(result.tables), 'table')} "
        f"of {result.source}, {size(sum(table.bytes for table in result.tables))} in {duration(result.seconds)}"
    ]
    lines += [f"{style.caution('note:')} {text}" for text in result.notes]
    if verbose:
        heads = (
            Head("table", dress=style.name),
            Head("rows", right=True),
            Head("columns", right=True),
            Head("size", right=True),
        )
        listed = [
            (table.table, f"{table.rows:,}", str(table.columns), size(table.bytes)) for table in result.tables
        ]
        lines.append("\n" + render(heads, listed, style=style))
    if result.loaded is not None:
        lines.append(load_text(result.loaded, style, verbose=verbose))
    elif result.manifest is not None:
        takers = f"an environment that accepts `{result.manifest.policy}`"
        lines.append(style.dim(f"datamask load {result.manifest.id} ENV puts it into {takers}"))
    return "\n".join(lines)
