"""What one worker process does: make blocks of rows, and write them as Parquet."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from datamask.catalog.model import Catalog, Column
from datamask.snapshot import copytext
from datamask.snapshot.manifest import DataFile
from datamask.store.protocol import Sink
from datamask.synthetic.facts import Facts
from datamask.synthetic.generator import make_block, text_frame
from datamask.synthetic.model import SyntheticPlan, SyntheticTable
from datamask.synthetic.planner import plan_synthetic
from datamask.synthetic.profile import Profile
from datamask.synthetic.recipe import Recipe

BLOCKS_A_FILE = 4
"""Blocks that one file holds; a worker's memory is a small multiple of them."""

# Values of these kinds never hold what COPY text escapes.
_SAFE = frozenset(
    {"integer", "numeric", "float", "boolean", "date", "time", "timestamp", "interval", "uuid", "inet"}
)

# A plan is made once in each worker, from what made it in the leader: units hold what does not travel.
_planned: tuple[str, SyntheticPlan] | None = None


@dataclass(frozen=True, slots=True)
class SyntheticSetup:
    """What a plan is made of. Picklable.

    :param token: of its own for each run.
    :param sink: where files go.
    :param profile: what the rows are to look like, if that is known.
    :param tried: as ``SyntheticPlan.tried`` of the leader's plan.
    :param form: ``copy`` for what a load reads, ``typed`` for what people open.
    """

    token: str
    catalog: Catalog
    classes: Mapping[tuple[str, str], str]
    recipe: Recipe
    seed: int
    facts: Facts
    sink: Sink
    form: Literal["copy", "typed"] = "copy"
    profile: Profile | None = None
    tried: Mapping[str, frozenset[str]] | None = None
    zstd_level: int = 1


@dataclass(frozen=True, slots=True)
class FileTask:
    """One file to make.

    :param path: inside the sink.
    :param first: its first block.
    :param last: the block behind its last one.
    """

    table: str
    path: str
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class FileResult:
    """A file that was made.

    :param text_bytes: about the size of its rows as COPY text.
    """

    task: FileTask
    text_bytes: int
    file: DataFile


def make_file(setup: SyntheticSetup, task: FileTask) -> FileResult:
    """Make one file.

    :raises UsageError: rows that meet a CHECK were not found.
    """
    plan = _plan(setup)
    table = plan.table(task.table)
    frames = [make_block(plan, table, block) for block in range(task.first, task.last)]
    frame = frames[0] if len(frames) == 1 else pl.concat(frames)
    frame = copy_frame(frame, table) if setup.form == "copy" else typed_frame(frame, table)
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", compression_level=setup.zstd_level, statistics=False)
    content = buffer.getbuffer()
    setup.sink.write(task.path, content)
    setup.sink.flush()
    file = DataFile(task.path, frame.height, len(content), hashlib.sha256(content).hexdigest())
    return FileResult(task, int(frame.estimated_size()), file)


def copy_frame(frame: pl.DataFrame, table: SyntheticTable) -> pl.DataFrame:
    """Rows as a snapshot holds them: COPY text with its escapes, integers as numbers."""
    text = text_frame(frame, table.columns)
    return copytext.escape(text, [column.name for column in table.columns if column.type.kind not in _SAFE])


def typed_frame(frame: pl.DataFrame, table: SyntheticTable) -> pl.DataFrame:
    """Rows with the types of their columns, as far as Polars has them; text for all others."""
    return frame.with_columns(_typed(frame.get_column(column.name), column) for column in table.columns)


def _typed(values: pl.Series, column: Column) -> pl.Series:
    dtype = copytext.column_dtype(column.type.base)
    if dtype != pl.String:
        return values.cast(dtype)
    return values.cast(pl.String) if values.dtype == pl.Null or column.type.kind == "text" else values


def _plan(setup: SyntheticSetup) -> SyntheticPlan:
    global _planned
    if _planned is None or _planned[0] != setup.token:
        plan = plan_synthetic(
            setup.catalog,
            setup.classes,
            setup.recipe,
            setup.seed,
            setup.facts,
            profile=setup.profile,
            tried=setup.tried,
        )
        _planned = setup.token, plan
    return _planned[1]
