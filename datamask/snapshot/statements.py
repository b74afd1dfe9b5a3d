"""The COPY statements that read a source. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from datamask.catalog.model import Column, Table
from datamask.db.quoting import qualified, quote_identifier
from datamask.masking.model import ColumnMask
from datamask.masking.registry import get
from datamask.policy.plan import TablePlan
from datamask.snapshot.chunks import Chunk

# A sample is the same whenever the same rows stand in the same places.
_SAMPLE_SEED = 0


def stored_columns(table: Table) -> tuple[Column, ...]:
    """The columns that carry data of their own: all but generated ones, which a load computes again."""
    return tuple(column for column in table.columns if column.generated is None)


def copy_out(table: Table, plan: TablePlan, chunk: Chunk) -> str:
    """``COPY … TO STDOUT`` for one chunk.

    ``ONLY`` keeps children of plain inheritance out; they are tables of their own.
    """
    return f"COPY ({select(table, plan, chunk)}) TO STDOUT"


def select(table: Table, plan: TablePlan, chunk: Chunk | None = None) -> str:
    """The query behind ``copy_out``; without a chunk, over the whole table."""
    masks = {mask.column: mask for mask in plan.masks}
    names = ", ".join(_selected(column, masks.get(column.name)) for column in stored_columns(table))
    sample = ""
    if plan.sample is not None:
        sample = f" TABLESAMPLE BERNOULLI ({plan.sample * 100!r}) REPEATABLE ({_SAMPLE_SEED})"
    query = f"SELECT {names} FROM ONLY {qualified(table.schema, table.name)}{sample}"  # noqa: S608 - quoted
    conditions = _conditions(table, plan, chunk)
    if conditions:
        query += " WHERE " + " AND ".join(conditions)
    return query


def _selected(column: Column, mask: ColumnMask | None) -> str:
    """A column's name, or the expression that the server gives instead of it."""
    name = quote_identifier(column.name)
    if mask is None or not get(mask.transform).source_side:
        return name
    expression = get(mask.transform).source_expression(mask.params)
    # The cast makes the result fit the column, or the server say that it does not.
    return f"CAST((\n{expression}\n) AS {column.type.name}) AS {name}"


def _conditions(table: Table, plan: TablePlan, chunk: Chunk | None) -> Sequence[str]:
    conditions = []
    if chunk is not None and chunk.first_page is not None:
        conditions.append(f"ctid >= '({chunk.first_page},0)'::pg_catalog.tid")
    if chunk is not None and chunk.end_page is not None:
        conditions.append(f"ctid < '({chunk.end_page},0)'::pg_catalog.tid")
    if plan.where is not None:
        # The line breaks keep a comment at the end of the policy's SQL from swallowing the parenthesis.
        conditions.append(f"(\n{plan.where}\n)")
    if table.extension_condition:
        conditions.append(_without_where(table.extension_condition))
    return conditions


def _without_where(condition: str) -> str:
    """An extension registers its filter with or without the word WHERE."""
    stripped = condition.strip()
    if stripped[:5].upper() == "WHERE":
        stripped = stripped[5:]
    return f"(\n{stripped}\n)"
