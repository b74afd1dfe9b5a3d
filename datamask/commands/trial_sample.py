"""A few rows of a table for a trial: read as a snapshot reads them, masked in memory, never kept."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

import polars as pl

from datamask.catalog.model import Column, Table
from datamask.db.session import Session
from datamask.errors import DatamaskError
from datamask.masking.engine import Masker, masked_here
from datamask.masking.keys import MaskingKey
from datamask.policy.plan import TablePlan
from datamask.snapshot import copytext, statements
from datamask.snapshot.chunks import Chunk

SAMPLE_ROWS = 200

# Pages that hold SAMPLE_ROWS rows in all but the widest tables.
_SAMPLE_PAGES = 50

# What a sample holds at most, about, by the average row; and its rows at least.
_SAMPLE_BYTES = 32 << 20
_FEWEST_ROWS = 4

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Sample:
    """Rows of one table before and after masking.

    :param before: plain text of PostgreSQL, columns in the table's order; those that the source's server
        masks are masked already.
    :param after: the same rows, masked.
    """

    table: Table
    plan: TablePlan
    before: pl.DataFrame
    after: pl.DataFrame

    @property
    def name(self) -> str:
        """The table's key, a partitioned one's for its partitions."""
        return self.table.root or self.table.key

    @property
    def columns(self) -> tuple[Column, ...]:
        """The columns that were read."""
        return tuple(column for column in self.table.columns if column.name in self.before.columns)

    @property
    def hidden(self) -> tuple[str, ...]:
        """The masked columns."""
        return tuple(mask.column for mask in self.plan.masks)


def read_sample(
    session: Session, table: Table, plan: TablePlan, key: MaskingKey, names: frozenset[str] | None
) -> Sample | None:
    """At most ``SAMPLE_ROWS`` rows of a table, None where it has none.

    :param session: a read-only one, outside a transaction.
    :param names: the columns wanted; what masks read beside them is read too. None for all.
    :raises DatamaskError: where the table cannot be read or masked.
    """
    here = masked_here(plan.masks)
    masker = Masker(here, key) if here else None
    stored = statements.stored_columns(table)
    if names is not None:
        names = names | {mask.column for mask in plan.masks} | set(masker.columns if masker else ())
        stored = tuple(column for column in stored if column.name in names)
    if not stored:
        return None
    before = _rows(session, table, plan, stored)
    if not before.height:
        return None
    return Sample(table, plan, before, masker.mask(before) if masker else before)


def _rows(session: Session, table: Table, plan: TablePlan, columns: Sequence[Column]) -> pl.DataFrame:
    """Rows from the table's start and middle, which may be of different ages."""
    # A sample of a sample would read the whole table to find few rows.
    plan = replace(plan, sample=None)
    table = replace(table, columns=tuple(columns))
    schema = {column.name: copytext.column_dtype("text") for column in columns}
    frames = []
    # As of one instant: a row that moves meanwhile would be read twice, and look like a breach of its key.
    session.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        for chunk, limit in _places(table):
            # COPY, not a row-wise query: the text that is masked is the one that a snapshot masks.
            sql = f"COPY ({statements.select(table, plan, chunk)} LIMIT {limit:d}) TO STDOUT"
            data = b"".join(session.copy_out(sql, block_bytes=_BLOCK_BYTES))
            frames.append(copytext.unescape(copytext.parse(data, schema), list(schema)))
    finally:
        # The error at hand is the one that matters.
        with suppress(DatamaskError):
            session.rollback()
    return pl.concat(frames)


def _places(table: Table) -> Iterator[tuple[Chunk | None, int]]:
    """Where to read, and how many rows there: fewer where they are wide."""
    width = table.bytes // max(1, table.rows_estimate if table.rows_estimate > 0 else table.pages)
    rows = max(_FEWEST_ROWS, min(SAMPLE_ROWS, _SAMPLE_BYTES // max(1, width)))
    if table.pages <= 2 * _SAMPLE_PAGES:
        yield None, rows
        return
    middle = table.pages // 2
    yield Chunk(table.key, 0, None, _SAMPLE_PAGES, 0), rows // 2
    yield Chunk(table.key, 1, middle, middle + _SAMPLE_PAGES, 0), rows // 2
