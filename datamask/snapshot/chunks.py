"""Cutting tables into chunks that workers can read independently. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from datamask.catalog.model import Table
from datamask.policy.plan import TablePlan

PAGE_BYTES = 8192

# A chunk's worth of heap. Small enough that two workers finish within a second of each other at the end,
# large enough that a chunk's fixed cost (a statement, a file) does not show.
CHUNK_BYTES = 48 << 20

# TID range scans, which make a range of pages cost only its own pages, came with PostgreSQL 14.
_TID_RANGE_VERSION = 140000


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of one table: all of it, or a range of its heap pages. Picklable.

    :param table: the table's ``key``.
    :param index: position among the table's chunks, from 0.
    :param first_page: the first page, None for the table's start.
    :param end_page: the page behind the last, None for the table's end (pages added later included).
    :param bytes: expected size, for balance and progress.
    """

    table: str
    index: int
    first_page: int | None
    end_page: int | None
    bytes: int


def plan_chunks(
    tables: Iterable[tuple[Table, TablePlan]], *, server_version: int, chunk_bytes: int = CHUNK_BYTES
) -> list[Chunk]:
    """The chunks of all tables, the largest tables first so that no large one is left for the end.

    A sampled table is one chunk: its sample is drawn over the whole table. Tables whose rows the plan
    leaves out have none.
    """
    chunks: list[Chunk] = []
    for table, plan in sorted(tables, key=lambda pair: (-pair[0].bytes, pair[0].key)):
        if plan.rows == "none":
            continue
        whole = plan.sample is not None or server_version < _TID_RANGE_VERSION
        chunks.extend(_table_chunks(table, chunk_bytes, whole=whole))
    return chunks


def _table_chunks(table: Table, chunk_bytes: int, *, whole: bool) -> list[Chunk]:
    count = 1 if whole else max(1, round(table.bytes / chunk_bytes))
    count = min(count, max(1, table.pages))
    bounds = [table.pages * index // count for index in range(1, count)]
    starts: list[int | None] = [None, *bounds]
    ends: list[int | None] = [*bounds, None]
    return [
        Chunk(table.key, index, first, end, table.bytes // count)
        for index, (first, end) in enumerate(zip(starts, ends, strict=True))
    ]
