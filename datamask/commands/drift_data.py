"""The data of an environment compared with its baseline's: how many rows, what their columns are like, what changed.

Rows are looked at in memory and go nowhere; shares and distances are what is told.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from datamask.catalog.introspect import introspect
from datamask.catalog.model import Column
from datamask.catalog.queries import query
from datamask.catalog.schema_state import object_name
from datamask.commands.drift_baseline import Baseline
from datamask.commands.env import standing_conninfo
from datamask.commands.project import Project
from datamask.config.drift import DataThresholds
from datamask.db.quoting import identifier_list, qualified
from datamask.db.session import Session, connect
from datamask.drift.data import NUMBERS, TIMES, UNCOMPARABLE, ColumnDrift, Thresholds, compare_samples
from datamask.errors import DatamaskError, UsageError, VerificationError
from datamask.load.marks import Marks
from datamask.progress import Progress
from datamask.snapshot import copytext
from datamask.snapshot.manifest import DataFile, ManifestTable
from datamask.snapshot.statements import stored_columns
from datamask.snapshot.verify import require_same
from datamask.store.protocol import Folder

# Above this, a sample is made of whole pages: to throw a coin for every row would read all of them.
_BY_PAGES = 200_000

# A sample of a snapshot's table comes from at most so many of its files. Rows stand in them as they stood in the
# table, often by age: with fewer, whole buckets of a date would be missed.
_FILES = 64

_SEED = 0

# Types whose values have one spelling: what a load wrote reads the same. A masked value of another type may be
# spelled otherwise by the server, and differ without having changed.
_ONE_SPELLING = frozenset({"int2", "int4", "int8", "text", "varchar", "uuid", "bool", "date"})


@dataclass(frozen=True, slots=True)
class TableDrift:
    """One table on both sides.

    :param rows: before and after; None where the side does not have it.
    :param estimated: whether ``rows`` are estimates.
    :param changed: rows inserted, updated and deleted since the load, at least; None where that is not known.
    :param same_content: whether every row is as it was loaded; None where that was not compared.
    :param exceeded: ``rows``, ``content``.
    """

    table: str
    rows: tuple[int | None, int | None]
    estimated: bool
    changed: int | None
    same_content: bool | None
    columns: tuple[ColumnDrift, ...]
    exceeded: tuple[str, ...]

    @property
    def drifted(self) -> bool:
        """True where a threshold is passed, its own or a column's."""
        return bool(self.exceeded) or any(column.exceeded for column in self.columns)


@dataclass(frozen=True, slots=True)
class DataDrift:
    """All tables.

    :param loaded: the digest of what was loaded is the baseline's; None where the baseline is no snapshot.
    :param skipped: tables that could not be looked at, and why.
    """

    loaded: bool | None
    tables: tuple[TableDrift, ...]
    skipped: Mapping[str, str]

    @property
    def drifted(self) -> tuple[TableDrift, ...]:
        """The tables that have."""
        return tuple(table for table in self.tables if table.drifted)


@dataclass(frozen=True, slots=True)
class _Look:
    """How to look: what all tables have in common."""

    thresholds: DataThresholds
    exact: bool


class _Live:
    """The tables of a database."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.tables = {table.key: table for table in introspect(session).tables if table.has_rows}
        self._changes = {key: rest for key, *rest in session.rows(query("health/changes"))}

    def rows(self, key: str, *, exact: bool) -> tuple[int, bool]:
        """How many, and whether that is an estimate."""
        table = self.tables[key]
        if table.rows_estimate >= 0 and not exact:
            return table.rows_estimate, True
        name = qualified(table.schema, table.name)
        return int(self._session.value(f"SELECT pg_catalog.count(*) FROM ONLY {name}")), False  # noqa: S608 - quoted

    def changed(self, key: str, loaded: int) -> int | None:
        """Rows inserted, updated and deleted since the load, as far as the server has counted."""
        if key not in self._changes:
            return None
        inserted, updated, deleted = self._changes[key]
        # A database that was built counts the load's own rows, a clone does not.
        own = loaded if inserted >= loaded else 0
        return int(inserted - own + updated + deleted)

    def sample(self, key: str, columns: Iterable[str], size: int) -> pl.DataFrame:
        """About that many rows, in random order."""
        table = self.tables[key]
        rows = max(table.rows_estimate, 0)
        sample = ""
        if rows > size * 1.5:
            method = "SYSTEM" if table.pages > _BY_PAGES else "BERNOULLI"
            share = min(100.0, max(100 * size / rows, 1e-4))
            sample = f" TABLESAMPLE {method} ({share!r}) REPEATABLE ({_SEED})"
        # What has grown since it was last analyzed is cut off.
        frames = list(self.frames(key, columns, sample, limit=2 * size if sample else None))
        return pl.concat(frames).sample(fraction=1, shuffle=True, seed=_SEED).head(size)

    def frames(
        self, key: str, columns: Iterable[str], sample: str = "", *, limit: int | None = None
    ) -> Iterator[pl.DataFrame]:
        """All rows, or those of a sample, in pieces."""
        table = self.tables[key]
        by_name = {column.name: column for column in table.columns}
        names = [name for name in columns if name in by_name]
        schema = {name: copytext.column_dtype(by_name[name].type.base) for name in names}
        yield pl.DataFrame(schema=schema)
        source = f"SELECT {identifier_list(names)} FROM ONLY {qualified(table.schema, table.name)}{sample}"  # noqa: S608 - quoted
        source += f" LIMIT {limit}" if limit is not None else ""
        for block in self._session.copy_out(f"COPY ({source}) TO STDOUT"):
            yield copytext.parse(block, schema)


class _Stored:
    """The tables of a snapshot."""

    def __init__(self, folder: Folder, tables: Iterable[ManifestTable]) -> None:
        self._folder = folder
        self.tables = {table.key: table for table in tables}

    def sample(self, key: str, columns: Iterable[str], size: int) -> pl.DataFrame:
        """About that many rows, in random order."""
        files = self.tables[key].files
        chosen = files[:: max(1, -(-len(files) // _FILES))]
        rows = sum(file.rows for file in chosen)
        frames = []
        for file in chosen:
            frame = self._read(file, columns)
            frames.append(
                frame.sample(min(frame.height, -(-size * frame.height // max(rows, 1))), seed=_SEED)
            )
        return pl.concat(frames).sample(fraction=1, shuffle=True, seed=_SEED).head(size)

    def frames(self, key: str, columns: Iterable[str]) -> Iterator[pl.DataFrame]:
        """All rows, file by file."""
        return (self._read(file, columns) for file in self.tables[key].files)

    def _read(self, file: DataFile, columns: Iterable[str]) -> pl.DataFrame:
        content = self._folder.read(file.path)
        require_same(file, content)
        try:
            return pl.read_parquet(io.BytesIO(content), columns=list(columns))
        except pl.exceptions.PolarsError:
            raise VerificationError(
                f"the data file {file.path} cannot be read",
                hint="datamask snapshots verify says which files are damaged",
            ) from None


def compare_data(
    project: Project,
    baseline: Baseline,
    session: Session,
    marks: Marks,
    *,
    thresholds: DataThresholds,
    exact: bool,
    left_out: Iterable[str],
    progress: Progress,
) -> DataDrift:
    """Compare the rows of two environments, or of one with a snapshot.

    :param session: of the environment, read-only.
    :param exact: count rows instead of estimating them; against a snapshot that was loaded, compare every row.
    :param left_out: names of tables that are not compared, as a schema's state has them.
    :raises UsageError: where the baseline is a file, which has no rows.
    """
    look = _Look(thresholds, exact)
    live, excluded = _Live(session), set(left_out)
    if baseline.kind == "file":
        raise UsageError(
            "a saved baseline has no rows to compare with", hint="--against an environment or a snapshot"
        )
    if baseline.manifest is None:
        with connect(standing_conninfo(project, project.environment(baseline.name)), read_only=True) as other:
            return _compare(live, _Live(other), look, None, excluded, progress)
    manifest = baseline.manifest
    stored = _Stored(project.store().folder(manifest.id), manifest.tables)
    loaded = marks.digest == manifest.digest if marks.snapshot is not None else None
    return _compare(live, stored, look, loaded, excluded, progress)


def _compare(
    live: _Live,
    other: _Live | _Stored,
    look: _Look,
    loaded: bool | None,
    excluded: set[str],
    progress: Progress,
) -> DataDrift:
    tables: list[TableDrift] = []
    skipped: dict[str, str] = {}
    names = {
        key: object_name((table.schema, table.name))
        for side in (other, live)
        for key, table in side.tables.items()
    }
    keys = sorted(key for key, name in names.items() if name not in excluded)
    weights = {key: live.tables[key].bytes if key in live.tables else 0 for key in keys}
    progress.start("compare rows", total_bytes=sum(weights.values()), tables=len(keys))
    for key in keys:
        rows = 0
        try:
            found = _table(key, live, other, look, loaded is True)
            tables.append(found)
            rows = found.rows[1] or 0
        except DatamaskError as error:
            skipped[key] = error.message
        progress.advance(key, rows=rows, bytes_done=weights[key], table_done=True)
    progress.finish()
    return DataDrift(loaded, tuple(tables), skipped)


def _table(key: str, live: _Live, other: _Live | _Stored, look: _Look, loaded: bool) -> TableDrift:
    before, one_estimated = _rows(key, other, look)
    after, other_estimated = _rows(key, live, look)
    found = TableDrift(key, (before, after), one_estimated or other_estimated, None, None, (), ())
    if before is None or after is None:
        # That it is missing is a difference of the schema.
        return found
    exceeded = []
    # Estimates are off by some rows, and a few rows more or less are nothing.
    if abs(after - before) > max(look.thresholds.rows * max(before, 1), 10):
        exceeded.append("rows")
    same = None
    if loaded and isinstance(other, _Stored):
        found = replace(found, changed=live.changed(key, before))
        if look.exact:
            same = _same_content(key, live, other)
            exceeded += [] if same else ["content"]
    return replace(
        found, columns=_columns(key, live, other, look), same_content=same, exceeded=tuple(exceeded)
    )


def _rows(key: str, side: _Live | _Stored, look: _Look) -> tuple[int | None, bool]:
    if key not in side.tables:
        return None, False
    if isinstance(side, _Stored):
        return side.tables[key].rows, False
    return side.rows(key, exact=look.exact)


def _columns(key: str, live: _Live, other: _Live | _Stored, look: _Look) -> tuple[ColumnDrift, ...]:
    table = live.tables[key]
    there = {column.name for column in other.tables[key].columns}
    names = [column.name for column in stored_columns(table) if column.name in there]
    if not names:
        return ()
    if isinstance(other, _Stored) and not other.tables[key].files:
        return ()
    size, limits = look.thresholds.sample, look.thresholds
    respelled = _respelled(table.columns, other.tables[key]) if isinstance(other, _Stored) else set()
    bases = {
        column.name: UNCOMPARABLE
        if column.name in respelled and column.type.base not in NUMBERS | TIMES
        else column.type.base
        for column in table.columns
    }
    return compare_samples(
        other.sample(key, names, size),
        live.sample(key, names, size),
        bases,
        Thresholds(limits.nulls, limits.distinct, limits.psi, limits.ks),
    )


def _same_content(key: str, live: _Live, other: _Stored) -> bool:
    """Whether both have the same rows, in any order, by the columns that can be compared byte by byte."""
    table, stored = live.tables[key], other.tables[key]
    respelled, there = _respelled(table.columns, stored), {column.name for column in stored.columns}
    names = [column.name for column in stored_columns(table) if column.name in there - respelled]
    if live.rows(key, exact=True)[0] != other.tables[key].rows:
        return False
    return not names or _digest(live.frames(key, names)) == _digest(other.frames(key, names))


def _respelled(columns: Iterable[Column], stored: ManifestTable) -> set[str]:
    """The columns whose masked values the server may have written down in its own way."""
    masked = {column.name for column in stored.columns if column.transform != "keep"}
    return {
        column.name
        for column in columns
        if column.name in masked and column.type.base not in _ONE_SPELLING and column.type.kind != "enum"
    }


def _digest(frames: Iterable[pl.DataFrame]) -> int:
    """The sum of the rows' hashes: the same whatever their order is, within one process."""
    total = np.uint64(0)
    with np.errstate(over="ignore"):
        for frame in frames:
            if frame.height:
                total += frame.hash_rows(seed=_SEED).to_numpy().sum(dtype=np.uint64)
    return int(total)
