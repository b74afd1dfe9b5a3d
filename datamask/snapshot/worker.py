"""What one worker process does: read a chunk, mask it, write it as Parquet.

Raw rows exist here, in memory, and nowhere else.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl

from datamask.catalog.model import Table
from datamask.errors import DatamaskError
from datamask.masking.effective import effective_laws
from datamask.masking.engine import Masker, masked_here
from datamask.masking.keys import MaskingKey
from datamask.policy.plan import TablePlan
from datamask.snapshot import copytext, statements
from datamask.snapshot.chunks import Chunk
from datamask.snapshot.manifest import DataFile
from datamask.snapshot.source import Source, Throttle, open_source
from datamask.store.protocol import Sink

# One file's worth of COPY text. Memory of a worker is a small multiple of it.
BLOCK_BYTES = 16 << 20

# Levels above 1 cost more time than they save space on masked text.
ZSTD_LEVEL = 1

# One snapshot is taken at a time; its worker lives as long as its process.
_worker: Worker | None = None


@dataclass(frozen=True, slots=True)
class WorkerSetup:
    """What all chunks of one snapshot have in common. Picklable.

    :param conninfo: the source, secrets included: it travels between processes only.
    :param snapshot_id: the server's exported snapshot.
    :param key: None where no column needs one.
    :param sink: where the draft's files go.
    :param rows_per_second: one worker's share of the limit, None for none.
    :param bytes_per_second: likewise.
    """

    conninfo: str
    snapshot_id: str
    server_version: int
    lock_timeout: float | None
    key: MaskingKey | None
    sink: Sink
    rows_per_second: float | None = None
    bytes_per_second: float | None = None
    zstd_level: int = ZSTD_LEVEL


@dataclass(frozen=True, slots=True)
class ChunkTask:
    """A chunk with all that is needed to read it. Picklable.

    :param data_folder: the table's folder of data files, inside the draft.
    """

    chunk: Chunk
    table: Table
    plan: TablePlan
    data_folder: str


@dataclass(frozen=True, slots=True)
class ChunkResult:
    """What became of a chunk."""

    chunk: Chunk
    rows: int
    text_bytes: int
    files: tuple[DataFile, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class _Masking:
    """A table's masker, bound to the key.

    :param unsafe: columns that the masker sees whose values may hold what COPY text must escape.
    """

    masker: Masker
    unsafe: tuple[str, ...]


def extract(setup: WorkerSetup, task: ChunkTask) -> ChunkResult:
    """Read, mask and write one chunk in this process, on the connection that its earlier chunks opened.

    :raises DatamaskError: naming the table; the reason never quotes a value.
    """
    global _worker
    if _worker is None or _worker.setup.snapshot_id != setup.snapshot_id:
        _worker = Worker(setup)
    return _worker.run(task)


class Worker:
    """A worker's state: its connection, and the maskers of the tables it has seen."""

    def __init__(self, setup: WorkerSetup) -> None:
        self.setup = setup
        self._source: Source | None = None
        self._maskings: dict[str, _Masking | None] = {}
        self._throttle = Throttle(setup.rows_per_second, setup.bytes_per_second)

    def run(self, task: ChunkTask) -> ChunkResult:
        """Read, mask and write one chunk."""
        try:
            return self._run(task)
        except DatamaskError as error:
            error.message = f"table {task.table.key}: {error.message}"
            error.args = (error.message,)
            raise

    def _run(self, task: ChunkTask) -> ChunkResult:
        columns = statements.stored_columns(task.table)
        rows = text_bytes = 0
        files: list[DataFile] = []
        for data in self._read(statements.copy_out(task.table, task.plan, task.chunk)):
            if columns:
                frame = self._masked(task.table, task.plan, data)
                count = frame.height
                files.append(self._write(task, len(files), frame))
            else:
                # Rows without a column are empty lines: there is only their number to keep.
                count = len(data)
            rows += count
            text_bytes += len(data)
            self._throttle.wait(count, len(data))
        self.setup.sink.flush()
        return ChunkResult(task.chunk, rows, text_bytes, tuple(files))

    def _read(self, sql: str) -> Iterator[bytes]:
        if self._source is None:
            self._source = open_source(
                self.setup.conninfo,
                self.setup.snapshot_id,
                server_version=self.setup.server_version,
                lock_timeout=self.setup.lock_timeout,
            )
        return self._source.read(sql, block_bytes=self._throttle.block_bytes(BLOCK_BYTES))

    def _masked(self, table: Table, plan: TablePlan, data: bytes) -> pl.DataFrame:
        masking = self._masking(plan)
        # What a transform reads, masked or only looked at, it reads as text.
        texts = masking.masker.columns if masking else ()
        schema = {
            column.name: pl.String if column.name in texts else copytext.column_dtype(column.type.base)
            for column in statements.stored_columns(table)
        }
        frame = copytext.parse(data, schema)
        if masking is None:
            return frame
        if copytext.has_escapes(data):
            frame = copytext.unescape(frame, masking.masker.columns)
        return copytext.escape(masking.masker.mask(frame), masking.unsafe)

    def _masking(self, plan: TablePlan) -> _Masking | None:
        if plan.table not in self._maskings:
            self._maskings[plan.table] = self._bind(plan) if plan.masks else None
        return self._maskings[plan.table]

    def _bind(self, plan: TablePlan) -> _Masking:
        if self.setup.key is None:
            raise DatamaskError("there is no masking key")
        masks = masked_here(plan.masks)
        masker = Masker(masks, self.setup.key)
        safe = {mask.column for mask in masks if effective_laws(mask).copy_safe}
        # Columns that a transform only looks at were unescaped too, and go out as they came.
        return _Masking(masker, tuple(name for name in masker.columns if name not in safe))

    def _write(self, task: ChunkTask, part: int, frame: pl.DataFrame) -> DataFile:
        buffer = io.BytesIO()
        frame.write_parquet(
            buffer, compression="zstd", compression_level=self.setup.zstd_level, statistics=False
        )
        content = buffer.getbuffer()
        name = f"{task.data_folder}/{task.chunk.index:05d}-{part:03d}.parquet"
        self.setup.sink.write(name, content)
        return DataFile(name, frame.height, len(content), hashlib.sha256(content).hexdigest())
