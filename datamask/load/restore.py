"""Filling one fresh database: tables, rows, then indexes and constraints as soon as their rows are in."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from itertools import count

from datamask.db.quoting import qualified, quote_literal
from datamask.db.session import Session, connect
from datamask.errors import DatabaseError, DatamaskError, VerificationError
from datamask.execution.processes import WorkerPool, answer_interrupts
from datamask.load.refreshes import needed, trees_read, view_entry
from datamask.load.schedule import Job, run_jobs
from datamask.load.worker import LOAD_SETTINGS, CopyTask, copy_in
from datamask.progress import Progress
from datamask.snapshot.manifest import DataFile, Manifest, ManifestTable, ManifestView
from datamask.snapshot.schema import SchemaEntry, entry_name, parse_schema
from datamask.snapshot.verify import read_schema
from datamask.store.protocol import Folder

# Objects made in one transaction: each holds a lock until its end, and the server's lock table is finite
# (max_locks_per_transaction * max_connections, 6,400 by default).
_ENTRIES_A_TRANSACTION = 200

_CREATED_TABLE = re.compile(r'^CREATE (?:UNLOGGED )?TABLE ((?:\w+|"(?:[^"]|"")*")\.(?:\w+|"(?:[^"]|"")*"))')

# What an index build sorts in memory. The default of 64 MB makes it sort on disk from a million rows on.
_MAINTENANCE_MEMORY = "256MB"

# A table is split over several streams only where it is this much more than a fair share of the work: its
# rows can then not be frozen, which costs later phases more than a little imbalance does.
_SPLIT_SHARE = 1.5

# ANALYZE of a partitioned table alone, without its partitions, came with PostgreSQL 18.
_ANALYZE_ONLY_VERSION = 18

# Nanoseconds that kinds of work take, as measured on one core; only their proportion matters.
_COPY_BYTE = 10
_COPY_ROW = 200
_ANALYZE = 300_000_000
_REFRESH_ROW = 200
_COSTS = {"CONSTRAINT": 450, "INDEX": 450, "FK CONSTRAINT": 250}


def restore(
    *,
    conninfo: str,
    folder: Folder,
    manifest: Manifest,
    pool: WorkerPool,
    progress: Progress,
    cloned_next: bool = True,
) -> int:
    """Fill an empty database with a snapshot.

    :param conninfo: the database; nobody else is connected to it.
    :param folder: the snapshot's folder.
    :param cloned_next: it is going to be cloned at once, which begins with a checkpoint.
    :returns: rows copied.
    :raises DatamaskError: naming the object that could not be made; the database is then good for nothing.
    """
    answer_interrupts()
    _, entries = parse_schema(read_schema(folder, manifest))
    # Event triggers would fire at everything that is done to the schema, so they come when all is done.
    triggers = {entry.id for entry in entries if entry.type == "EVENT TRIGGER"}
    late = [entry for entry in entries if entry.id in triggers or entry.needs & triggers]
    late_ids = {entry.id for entry in late}
    after_data = [entry for entry in entries if entry.after_data and entry.id not in late_ids]
    with _session(conninfo) as session:
        _create(session, [entry for entry in entries if not entry.after_data])
        parallel = _Parallel(conninfo, folder, manifest, entries, pool, progress, session.major, cloned_next)
        rows = parallel.run(after_data)
        _set_sequences(session, manifest)
        _create(session, late)
    return rows


class _Parallel:
    """The part that runs in parallel: rows, and what depends on nothing but schema and rows."""

    def __init__(
        self,
        conninfo: str,
        folder: Folder,
        manifest: Manifest,
        entries: list[SchemaEntry],
        pool: WorkerPool,
        progress: Progress,
        server_major: int,
        cloned_next: bool,
    ) -> None:
        self._conninfo = conninfo
        self._cloned_next = cloned_next
        # Each table by itself, so that they can be sampled side by side.
        self._only = server_major >= _ANALYZE_ONLY_VERSION
        self._folder = folder
        self._manifest = manifest
        self._entries = {entry.id: entry for entry in entries}
        self._trees = table_trees(entries)
        self._pool = pool
        self._progress = progress
        self._numbers = count(1)
        self._copies: dict[int, set[int]] = defaultdict(set)
        self._analyzes: dict[int, set[int]] = defaultdict(set)
        self._changes: dict[int, int] = {}
        self._rows: dict[str, int] = defaultdict(int)
        # One more than jobs: the checkpoint runs beside them.
        self._threads = ThreadPoolExecutor(pool.workers + 1)
        self._open_copies = 0
        self._idle: list[Session] = []
        self._busy: set[Session] = set()

    def run(self, after_data: list[SchemaEntry]) -> int:
        """Do it all.

        :returns: rows copied.
        """
        tables = [table for table in self._manifest.tables if table.rows]
        self._progress.start(
            "load", total_bytes=sum(table.text_bytes for table in tables), tables=len(tables)
        )
        try:
            copies = self._copy_jobs(tables)
            self._open_copies = len(copies)
            changes = self._schema_jobs(after_data)
            jobs = [*copies, *changes, *self._analyze_jobs(changes)]
            run_jobs([*jobs, *self._refresh_jobs(jobs, after_data)], slots=self._pool.workers)
        except BaseException:
            self._threads.shutdown(wait=False, cancel_futures=True)
            for session in list(self._busy):
                with suppress(DatamaskError):
                    session.cancel()
            raise
        finally:
            self._threads.shutdown()
            for session in self._idle:
                session.close()
        self._check_rows()
        self._progress.finish()
        return sum(self._rows.values())

    def _copy_jobs(self, tables: list[ManifestTable]) -> list[Job]:
        ids = {
            (entry.schema, entry.name): entry.id for entry in self._entries.values() if entry.type == "TABLE"
        }
        share = sum(table.text_bytes for table in tables) / self._pool.workers
        partitioned = set(partition_parents(list(self._entries.values())).values())
        jobs: list[Job] = []
        for table in tables:
            streams = _streams(table, share, self._pool.workers)
            left = [len(streams)]
            entry = ids.get((entry_name(table.schema), entry_name(table.name)))
            tree = self._trees[entry] if entry is not None else 0
            for files in streams:
                task = CopyTask(
                    conninfo=self._conninfo,
                    folder=self._folder,
                    schema=table.schema,
                    name=table.name,
                    columns=tuple(column.name for column in table.columns),
                    files=files,
                    empty_rows=0 if table.columns else table.rows,
                    # Rows of a partitioned table go where the server deals them.
                    frozen=len(streams) == 1 and table.extension is None and entry not in partitioned,
                )
                size = table.text_bytes // len(streams)
                number = next(self._numbers)
                self._copies[tree].add(number)
                jobs.append(
                    Job(
                        number=number,
                        cost=(_COPY_BYTE * table.text_bytes + _COPY_ROW * table.rows) // len(streams),
                        start=partial(self._pool.submit, copy_in, task),
                        done=partial(self._copied, table, size, left),
                    )
                )
        return jobs

    def _copied(self, table: ManifestTable, size: int, left: list[int], rows: int) -> None:
        self._rows[table.key] += rows
        left[0] -= 1
        self._progress.advance(table.key, rows=rows, bytes_done=size, table_done=not left[0])
        self._open_copies -= 1
        if not self._open_copies and self._cloned_next:
            self._in_thread(_checkpoint)

    def _schema_jobs(self, after_data: list[SchemaEntry]) -> list[Job]:
        number_of = self._changes = {entry.id: next(self._numbers) for entry in after_data}
        every_copy = frozenset(number for numbers in self._copies.values() for number in numbers)
        rows = self._tree_rows()
        jobs = []
        for entry in after_data:
            trees = self._trees_of(entry)
            needs = {number_of[need] for need in entry.needs if need in number_of}
            # Where nothing says which rows an object looks at, it waits for all of them.
            needs |= set().union(*(self._copies[tree] for tree in trees)) if trees else every_copy
            jobs.append(
                Job(
                    number=number_of[entry.id],
                    cost=_COSTS.get(entry.type, 0) * max((rows[tree] for tree in trees), default=0),
                    start=partial(self._in_thread, partial(_execute, entry=entry)),
                    after=frozenset(needs),
                    tables=trees,
                    shared=entry.type == "INDEX",
                )
            )
        return jobs

    def _analyze_jobs(self, changes: list[Job]) -> list[Job]:
        """Statistics of each table, once its indexes and extended statistics are there."""
        touching: dict[int, set[int]] = defaultdict(set)
        for job in changes:
            for tree in job.tables:
                touching[tree].add(job.number)
        jobs = []
        partitioned = set(partition_parents(list(self._entries.values())).values())
        for table, tree in self._trees.items():
            if self._only and table in partitioned:
                command = "ANALYZE ONLY"
            elif self._only or table == tree:
                command = "ANALYZE"
            else:
                # Before PostgreSQL 18 the root of a partitioned table brings its partitions along.
                continue
            statement = f"{command} {_created_name(self._entries[table])}"
            number = next(self._numbers)
            self._analyzes[tree].add(number)
            jobs.append(
                Job(
                    number=number,
                    cost=_ANALYZE,
                    start=partial(self._in_thread, partial(Session.script, sql=statement)),
                    after=frozenset(touching[tree] | self._copies[tree]),
                )
            )
        return jobs

    def _refresh_jobs(self, jobs: list[Job], after_data: list[SchemaEntry]) -> list[Job]:
        """Materialized views, each once the tables that it reads have their rows, indexes and statistics."""
        rows = self._tree_rows()
        found: list[Job] = []
        numbers: dict[int | None, int] = {}
        for view in self._manifest.materialized_views:
            if not view.populated:
                continue
            entry = view_entry(view, self._entries)
            below = frozenset() if entry is None else needed(entry, self._entries)
            trees = trees_read(below, self._entries, self._trees)
            if trees is None:
                after = {job.number for job in (*jobs, *found)}
                trees = frozenset(self._trees.values())
            else:
                after = {job.number for job in jobs if not trees.isdisjoint(job.tables)}
                after |= set().union(*(self._copies[tree] | self._analyzes[tree] for tree in trees))
                # Its own indexes, what its definition had to wait for, and views that it reads.
                after |= {
                    self._changes[other.id]
                    for other in after_data
                    if entry in other.needs or other.id == entry or other.id in below
                }
                after |= {number for other, number in numbers.items() if other in below}
            numbers[entry] = next(self._numbers)
            found.append(
                Job(
                    number=numbers[entry],
                    cost=_REFRESH_ROW * sum(rows[tree] for tree in trees),
                    start=partial(self._in_thread, partial(_refresh_view, view=view)),
                    after=frozenset(after),
                )
            )
        return found

    def _tree_rows(self) -> dict[int, int]:
        rows_of = {
            (entry_name(table.schema), entry_name(table.name)): table.rows for table in self._manifest.tables
        }
        rows: dict[int, int] = defaultdict(int)
        for table, tree in self._trees.items():
            entry = self._entries[table]
            rows[tree] += rows_of.get((entry.schema, entry.name), 0)
        return rows

    def _trees_of(self, entry: SchemaEntry) -> frozenset[int]:
        """The tables (of partitions: the whole tree) that making an entry locks or reads."""
        found: set[int] = set()
        seen: set[int] = set()
        pending = list(entry.needs)
        while pending:
            need = pending.pop()
            if need in seen or need not in self._entries:
                continue
            seen.add(need)
            if need in self._trees:
                found.add(self._trees[need])
            elif self._entries[need].after_data:
                pending.extend(self._entries[need].needs)
        return frozenset(found)

    def _in_thread(self, work: Callable[[Session], None]) -> Future[int]:
        return self._threads.submit(self._with_session, work)

    def _with_session(self, work: Callable[[Session], None]) -> int:
        try:
            session = self._idle.pop()
        except IndexError:
            session = _session(self._conninfo)
        self._busy.add(session)
        try:
            work(session)
        except BaseException:
            session.close()
            raise
        finally:
            self._busy.discard(session)
        self._idle.append(session)
        return 0

    def _check_rows(self) -> None:
        for table in self._manifest.tables:
            if self._rows[table.key] != table.rows:
                raise VerificationError(
                    f"table {table.key} took {self._rows[table.key]} rows of the snapshot's {table.rows}",
                    hint="the load was undone; datamask snapshots verify checks the snapshot",
                )


def partition_parents(entries: list[SchemaEntry]) -> dict[int, int]:
    """For each partition's entry the entry of the partitioned table right above it."""
    names = {entry.id: (entry.schema, entry.name) for entry in entries if entry.type == "TABLE"}
    parent: dict[int, int] = {}
    for entry in entries:
        if entry.type == "TABLE ATTACH":
            # It needs the partitioned table and the partition, whose name it carries.
            tables = [need for need in entry.needs if need in names]
            child = next((need for need in tables if names[need] == (entry.schema, entry.name)), None)
            above = next((need for need in tables if need != child), None)
            if child is not None and above is not None:
                parent[child] = above
    return parent


def table_trees(entries: list[SchemaEntry]) -> dict[int, int]:
    """For each table's entry the entry of the topmost partitioned table above it, or itself."""
    parent = partition_parents(entries)
    trees: dict[int, int] = {}
    for table in (entry.id for entry in entries if entry.type == "TABLE"):
        top = table
        while top in parent:
            top = parent[top]
        trees[table] = top
    return trees


def _created_name(entry: SchemaEntry) -> str:
    """A table's name, quoted, from its CREATE TABLE: an entry's own name has lost its line breaks."""
    created = _CREATED_TABLE.search(entry.sql)
    return created[1] if created else qualified(entry.schema, entry.name)


def _streams(table: ManifestTable, share: float, workers: int) -> list[tuple[DataFile, ...]]:
    """A table's files, divided over as many streams as the table is worth."""
    streams = 1
    if share and table.text_bytes > share * _SPLIT_SHARE:
        streams = max(1, min(workers, len(table.files), round(table.text_bytes / share)))
    return [table.files[index::streams] for index in range(streams)]


def _session(conninfo: str) -> Session:
    session = connect(conninfo, application_name="datamask load")
    session.script(
        f"{LOAD_SETTINGS}; SET check_function_bodies = off; SET row_security = off;"
        f" SET maintenance_work_mem = {quote_literal(_MAINTENANCE_MEMORY)}"
    )
    return session


def _checkpoint(session: Session) -> None:
    """Have the rows written to disk while processors are busy with indexes.

    The clone that follows begins with a checkpoint, and would otherwise wait for all of it. Only some roles
    may ask for one; for others it happens later.
    """
    with suppress(DatabaseError):
        session.script("CHECKPOINT")


def _create(session: Session, entries: list[SchemaEntry]) -> None:
    for start in range(0, len(entries), _ENTRIES_A_TRANSACTION):
        with session.transaction():
            for entry in entries[start : start + _ENTRIES_A_TRANSACTION]:
                _execute(session, entry)


def _execute(session: Session, entry: SchemaEntry) -> None:
    try:
        session.script(entry.sql)
    except DatabaseError as error:
        raise DatabaseError(
            f"cannot create {entry.label}: {error.message}", hint=error.hint, sqlstate=error.sqlstate
        ) from None


def _set_sequences(session: Session, manifest: Manifest) -> None:
    calls = [
        f"pg_catalog.setval({quote_literal(qualified(sequence.schema, sequence.name))}::pg_catalog.regclass,"
        f" {sequence.last_value}, {str(sequence.is_called).lower()})"
        for sequence in manifest.sequences
    ]
    for start in range(0, len(calls), _ENTRIES_A_TRANSACTION):
        session.rows("SELECT " + ", ".join(calls[start : start + _ENTRIES_A_TRANSACTION]))


def refresh_views(session: Session, manifest: Manifest) -> None:
    """Fill the snapshot's materialized views, in their order."""
    for view in manifest.materialized_views:
        if view.populated:
            _refresh_view(session, view)


def _refresh_view(session: Session, view: ManifestView) -> None:
    name = qualified(view.schema, view.name)
    try:
        session.script(f"REFRESH MATERIALIZED VIEW {name}")
        session.script(f"ANALYZE {name}")
    except DatabaseError as error:
        raise DatabaseError(
            f"cannot refresh materialized view {view.schema}.{view.name}: {error.message}",
            hint=error.hint,
            sqlstate=error.sqlstate,
        ) from None
