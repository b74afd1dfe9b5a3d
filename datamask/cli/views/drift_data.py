"""The rows' part of ``drift``: counts, shares and distances, never a value."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datamask.report.json_text import Object
from datamask.report.style import Style
from datamask.report.table import Head, printable, render
from datamask.report.units import count

if TYPE_CHECKING:
    # For annotations only: what these import would slow the other verbs down.
    from datamask.commands.drift_data import DataDrift, TableDrift
    from datamask.drift.data import ColumnDrift


def data_json(data: DataDrift) -> Object:
    """Every table and column, drifted or not."""
    return {
        "loaded": data.loaded,
        "drifted": len(data.drifted),
        "tables": [_table_json(table) for table in data.tables],
        "skipped": [{"table": table, "reason": reason} for table, reason in data.skipped.items()],
    }


def _table_json(table: TableDrift) -> Object:
    return {
        "table": table.table,
        "rows_before": table.rows[0],
        "rows_after": table.rows[1],
        "estimated": table.estimated,
        "changed": table.changed,
        "same_content": table.same_content,
        "exceeded": list(table.exceeded),
        "columns": [_column_json(column) for column in table.columns],
    }


def _column_json(column: ColumnDrift) -> Object:
    shift = column.shift
    return {
        "column": column.column,
        "nulls_before": round(column.nulls[0], 4),
        "nulls_after": round(column.nulls[1], 4),
        "distinct_before": round(column.distinct[0], 4),
        "distinct_after": round(column.distinct[1], 4),
        "measure": column.measure,
        "psi": None if shift is None else round(shift.psi, 4),
        "ks": None if shift is None or shift.ks is None else round(shift.ks, 4),
        "shares_before": None if shift is None else [before for before, _ in shift.buckets],
        "shares_after": None if shift is None else [after for _, after in shift.buckets],
        "exceeded": list(column.exceeded),
    }


def data_text(data: DataDrift, style: Style, *, verbose: bool = False) -> str:
    """The tables and columns that drifted; all of them for who wants details."""
    blocks = []
    if data.loaded is False:
        blocks.append(style.caution("what was loaded is not the baseline: its digest is another one"))
    rows = [row for table in data.tables if table.drifted or verbose for row in _rows(table, verbose)]
    heads = (
        Head("rows of", dress=style.name),
        Head("column"),
        Head("what"),
        Head("baseline", right=True),
        Head("now", right=True),
        Head("", dress=style.caution),
    )
    blocks.append(render(heads, rows, style=style))
    touched = [table for table in data.tables if table.changed]
    if touched:
        changes = sum(table.changed or 0 for table in touched)
        blocks.append(
            f"{count(changes, 'row')} of {count(len(touched), 'table')} changed since the load, at least"
        )
    compared = [table for table in data.tables if table.same_content is not None]
    if compared:
        same = sum(table.same_content is True for table in compared)
        blocks.append(f"{same:,} of {count(len(compared), 'table')} hold exactly the rows that were loaded")
    blocks += [
        f"{style.caution('not looked at:')} {table}: {reason}" for table, reason in data.skipped.items()
    ]
    drifted = len(data.drifted)
    blocks.append(
        style.caution(f"! the data of {count(drifted, 'table')} drifted")
        if drifted
        else f"{style.good('✓')} the data of {count(len(data.tables), 'table')} is as the baseline's"
    )
    return "\n".join(block for block in blocks if block)


def _rows(table: TableDrift, verbose: bool) -> list[tuple[str, ...]]:
    name = printable(table.table)
    about = "~" if table.estimated else ""
    rows: list[tuple[str, ...]] = []
    if "rows" in table.exceeded or verbose:
        before, after = ("–" if number is None else f"{about}{number:,}" for number in table.rows)
        rows.append((name, "", "rows", before, after, "!" if "rows" in table.exceeded else ""))
    if "content" in table.exceeded:
        rows.append((name, "", "content", "as loaded", "changed", "!"))
    for column in table.columns:
        rows += [(name, printable(column.column), *row) for row in _column_rows(column, verbose)]
    return rows


def _column_rows(column: ColumnDrift, verbose: bool) -> list[tuple[str, str, str, str]]:
    rows = []
    for what, (before, after) in (("nulls", column.nulls), ("distinct", column.distinct)):
        if what in column.exceeded or verbose:
            rows.append((what, f"{before:.1%}", f"{after:.1%}", "!" if what in column.exceeded else ""))
    shift = column.shift
    if shift is not None and (verbose or {"psi", "ks"} & set(column.exceeded)):
        distance = "" if shift.ks is None else f", KS {shift.ks:.2f}"
        mark = "!" if {"psi", "ks"} & set(column.exceeded) else ""
        rows.append((str(column.measure), "", f"PSI {shift.psi:.2f}{distance}", mark))
    return rows
