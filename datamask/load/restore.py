"""Filling one fresh database: tables, rows, then indexes and constraints as soon as their rows are in."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue

from datamask.db.quoting import qualified, quote_literal
from datamask.db.session import Session, connect
from datamask.errors import DatabaseError, DatamaskError, VerificationError
from datamask.execution.processes import WorkerPool, result
from datamask.load.worker import LOAD_SETTINGS, CopyTask, copy_in
from datamask.progress import Progress
from datamask.snapshot.manifest import Manifest, ManifestTable
from datamask.snapshot.schema import SCHEMA_FILE, SchemaEntry, parse_schema

# Objects made in one transaction: each holds a lock until its end, and the server's lock table is finite
# (max_locks_per_transaction * max_connections, 6,400 by default).
_ENTRIES_A_TRANSACTION = 200

# What an index build sorts in memory. The default of 64 MB makes it sort on disk from a million rows on.
_MAINTENANCE_MEMORY = "256MB"

# A table is split over several streams only where it is this much more than a fair share of the work: its
# rows can then not be frozen, which costs later phases more than a little imbalance does.
_SPLIT_SHARE = 1.5


@dataclass(frozen=True, slots=True)
class RestoreOptions:
    """How to fill a database.

    :param maintenance_work_mem: for each session that builds indexes.
    """

    maintenance_work_mem: str = _MAINTENANCE_MEMORY


@dataclass(order=True)
class _Job:
    """One piece of work; the heap gives the largest first.

    :param shared: it may run beside other shared jobs on the same tables.
    """

    priority: int
    sequence: int
    name: str = field(compare=False)
    run: Callable[[], Future[int]] = field(compare=False)
    after: set[int] = field(compare=False)
    tables: frozenset[int] = field(compare=False)
    shared: bool = field(compare=False)
    done: Callable[[int], None] = field(compare=False)


def restore(
    *,
    conninfo: str,
    folder: Path,
    manifest: Manifest,
    pool: WorkerPool,
    progress: Progress,
    options: RestoreOptions,
) -> int:
    """Fill an empty database with a snapshot.

    :param conninfo: the database; nobody else is connected to it.
    :returns: rows copied.
    :raises DatamaskError: naming the object that could not be made; the database is then good for nothing.
    """
    _, entries = parse_schema((folder / SCHEMA_FILE).read_text(encoding="utf-8"))
    with _session(conninfo, options) as session:
        _create(session, [entry for entry in entries if not entry.after_data])
        rows = _Restore(conninfo, folder, manifest, entries, pool, progress, options).run()
        _set_sequences(session, manifest)
        _refresh(session, manifest)
        # They would fire at everything that is done to the schema, so they come when all is done.
        _create(session, [entry for entry in entries if entry.after_data and _is_event_trigger(entry, entries)])
    return rows


class _Restore:
    """The part that runs in parallel: rows, and what depends on nothing but rows and schema."""

    def __init__(
        self,
        conninfo: str,
        folder: Path,
        manifest: Manifest,
        entries: list[SchemaEntry],
        pool: WorkerPool,
        progress: Progress,
        options: RestoreOptions,
    ) -> None:
        self._conninfo = conninfo
        self._folder = folder
        self._manifest = manifest
        self._entries = {entry.id: entry for entry in entries}
        self._pool = pool
        self._progress = progress
        self._options = options
        self._rows: dict[str, int] = defaultdict(int)
        self._sessions: SimpleQueue[Session] = SimpleQueue()
        self._trees = _table_trees(entries)

    def run(self) -> int:
        """Do it all.

        :returns: rows copied.
        """
        tables = [table for table in self._manifest.tables if table.rows]
        self._progress.start(
            "load", total_bytes=sum(table.text_bytes for table in tables), tables=len(tables)
        )
        try:
            with ThreadPoolExecutor(self._pool.workers) as threads:
                jobs, ids = self._copy_jobs(tables)
                jobs += self._schema_jobs(threads, ids, {job.sequence for job in jobs})
                jobs += self._analyze_jobs(threads, jobs)
                _run_jobs(jobs, slots=self._pool.workers)
        finally:
            while not self._sessions.empty():
                self._sessions.get().close()
        for table in self._manifest.tables:
            if self._rows[table.key] != table.rows:
                raise VerificationError(
                    f"table {table.key} has {self._rows[table.key]} rows, and the snapshot {table.rows}"
                )
        self._progress.finish()
        return sum(self._rows.values())

    def _copy_jobs(self, tables: list[ManifestTable]) -> tuple[list[_Job], dict[int, set[int]]]:
        """Jobs that copy rows; and by a table's entry, the jobs that must be over for it to be full."""
        by_name = {(entry.schema, entry.name): entry.id for entry in self._entries.values() if entry.type == "TABLE"}
        share = sum(table.text_bytes for table in tables) / self._pool.workers
        jobs: list[_Job] = []
        ids: dict[int, set[int]] = defaultdict(set)
        for table in tables:
            entry = by_name.get((table.schema, table.name), 0)
            streams = _streams(table, share, self._pool.workers)
            left = [len(streams)]
            for files in streams:
                number = len(jobs) + 1
                ids[entry].add(number)
                task = CopyTask(
                    conninfo=self._conninfo,
                    folder=self._folder,
                    schema=table.schema,
                    name=table.name,
                    columns=tuple(column.name for column in table.columns),
                    files=files,
                    empty_rows=0 if table.columns else table.rows,
                    frozen=len(streams) == 1,
                )
                size = table.text_bytes // len(streams)
                jobs.append(
                    _Job(
                        priority=-(1 << 60) - size,
                        sequence=number,
                        name=table.key,
                        run=lambda task=task: self._pool.submit(copy_in, task),  # type: ignore[misc]
                        after=set(),
                        tables=frozenset({-number}),
                        shared=True,
                        done=lambda rows, table=table, size=size, left=left: self._copied(table, rows, size, left),  # type: ignore[misc]
                    )
                )
        return jobs, ids

    def _copied(self, table: ManifestTable, rows: int, size: int, left: list[int]) -> None:
        self._rows[table.key] += rows
        left[0] -= 1
        self._progress.advance(table.key, rows=rows, bytes_done=size, table_done=not left[0])

    def _schema_jobs(
        self, threads: ThreadPoolExecutor, copies: dict[int, set[int]], everything: set[int]
    ) -> list[_Job]:
        """Jobs for the schema's second half."""
        entries = list(self._entries.values())
        after_data = [entry for entry in entries if entry.after_data and not _is_event_trigger(entry, entries)]
        number_of = {entry.id: len(everything) + 1 + index for index, entry in enumerate(after_data)}
        sizes = {(table.schema, table.name): table.text_bytes for table in self._manifest.tables}
        by_tree: dict[int, set[int]] = defaultdict(set)
        for table_id, numbers in copies.items():
            by_tree[self._trees.get(table_id, table_id)] |= numbers
        size_of_tree: dict[int, int] = defaultdict(int)
        for entry in entries:
            if entry.type == "TABLE":
                size_of_tree[self._trees[entry.id]] += sizes.get((entry.schema, entry.name), 0)
        jobs = []
        for entry in after_data:
            trees = self._tables_of(entry)
            needs = {number_of[need] for need in entry.needs if need in number_of}
            for tree in trees:
                needs |= by_tree[tree]
            if not trees:
                # Nothing says which rows it looks at, so it waits for all of them.
                needs |= everything
            jobs.append(
                _Job(
                    priority=-sum(size_of_tree[tree] for tree in trees),
                    sequence=number_of[entry.id],
                    name=entry.label,
                    run=lambda entry=entry: threads.submit(self._run_entry, entry),  # type: ignore[misc]
                    after=needs,
                    tables=trees,
                    shared=entry.type == "INDEX",
                    done=lambda _: None,
                )
            )
        return jobs

    def _analyze_jobs(self, threads: ThreadPoolExecutor, earlier: list[_Job]) -> list[_Job]:
        """Statistics of each table, once its indexes and extended statistics are there."""
        first = max((job.sequence for job in earlier), default=0) + 1
        touching: dict[int, set[int]] = defaultdict(set)
        for job in earlier:
            for table in job.tables:
                touching[table].add(job.sequence)
        roots = [
            entry
            for entry in self._entries.values()
            # The root of a partitioned table brings its partitions along.
            if entry.type == "TABLE" and self._trees[entry.id] == entry.id
        ]
        copies = {job.sequence for job in earlier if job.tables and min(job.tables) < 0}
        return [
            _Job(
                priority=0,
                sequence=first + index,
                name=f"statistics of {entry.schema}.{entry.name}",
                run=lambda entry=entry: threads.submit(self._analyze, entry),  # type: ignore[misc]
                after=touching[entry.id] or copies,
                tables=frozenset({entry.id}),
                shared=True,
                done=lambda _: None,
            )
            for index, entry in enumerate(roots)
        ]

    def _tables_of(self, entry: SchemaEntry) -> frozenset[int]:
        """The tables (of partitions: the whole tree) that an entry locks or reads."""
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

    def _run_entry(self, entry: SchemaEntry) -> int:
        return self._with_session(lambda session: _execute(session, entry))

    def _analyze(self, entry: SchemaEntry) -> int:
        return self._with_session(
            lambda session: session.script(f"ANALYZE {qualified(entry.schema, entry.name)}")
        )

    def _with_session(self, work: Callable[[Session], None]) -> int:
        session = (
            _session(self._conninfo, self._options) if self._sessions.empty() else self._sessions.get()
        )
        try:
            work(session)
        except BaseException:
            session.close()
            raise
        self._sessions.put(session)
        return 0


def _run_jobs(jobs: list[_Job], *, slots: int) -> None:
    """Run jobs, ``slots`` at once, the largest of those that are ready first."""
    waiting = {job.sequence: job for job in jobs}
    ready: list[_Job] = []
    running: dict[Future[int], _Job] = {}
    finished: set[int] = set()
    while waiting or ready or running:
        for job in [job for job in waiting.values() if job.after <= finished]:
            heapq.heappush(ready, waiting.pop(job.sequence))
        blocked: list[_Job] = []
        while ready and len(running) < slots:
            job = heapq.heappop(ready)
            if _conflicts(job, running.values()):
                blocked.append(job)
            else:
                running[job.run()] = job
        for job in blocked:
            heapq.heappush(ready, job)
        if not running:
            raise DatamaskError("the schema's objects depend on each other in a circle")
        done, _ = wait(running, return_when=FIRST_COMPLETED)
        for future in done:
            job = running.pop(future)
            job.done(result(future))
            finished.add(job.sequence)


def _conflicts(job: _Job, running: Iterable[_Job]) -> bool:
    """Two jobs on one table may run together only where both just read it, as index builds do."""
    return any(job.tables & other.tables and not (job.shared and other.shared) for other in running)


def _streams(table: ManifestTable, share: float, workers: int) -> list[tuple[str, ...]]:
    files = tuple(file.path for file in table.files)
    count = 1
    if share and table.text_bytes > share * _SPLIT_SHARE:
        count = min(workers, len(files), round(table.text_bytes / share))
    return [files[index::count] for index in range(count)] if count > 1 else [files]


def _table_trees(entries: list[SchemaEntry]) -> dict[int, int]:
    """For each table's entry the entry of the topmost partitioned table above it, or itself."""
    parent: dict[int, int] = {}
    tables = {entry.id for entry in entries if entry.type == "TABLE"}
    for entry in entries:
        if entry.type == "TABLE ATTACH":
            # Its needs are the parent and the child, told apart by the child's name.
            child = [need for need in entry.needs if need in tables and _named(entries, need) == (entry.schema, entry.name)]
            others = [need for need in entry.needs if need in tables and need not in child]
            if child and others:
                parent[child[0]] = others[0]
    trees: dict[int, int] = {}
    for table in tables:
        top = table
        while top in parent:
            top = parent[top]
        trees[table] = top
    return trees


def _named(entries: list[SchemaEntry], number: int) -> tuple[str, str] | None:
    return next(((entry.schema, entry.name) for entry in entries if entry.id == number), None)


def _is_event_trigger(entry: SchemaEntry, entries: list[SchemaEntry]) -> bool:
    if entry.type == "EVENT TRIGGER":
        return True
    triggers = {other.id for other in entries if other.type == "EVENT TRIGGER"} if entry.type == "COMMENT" else set()
    return bool(entry.needs & triggers)


def _session(conninfo: str, options: RestoreOptions) -> Session:
    session = connect(conninfo, application_name="datamask load")
    session.script(
        f"{LOAD_SETTINGS}; SET check_function_bodies = off;"
        f" SET maintenance_work_mem = {quote_literal(options.maintenance_work_mem)}"
    )
    return session


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


def _refresh(session: Session, manifest: Manifest) -> None:
    for view in manifest.materialized_views:
        if not view.populated:
            continue
        name = qualified(view.schema, view.name)
        try:
            session.script(f"REFRESH MATERIALIZED VIEW {name}; ANALYZE {name}")
        except DatabaseError as error:
            raise DatabaseError(
                f"cannot refresh materialized view {view.schema}.{view.name}: {error.message}",
                hint=error.hint,
                sqlstate=error.sqlstate,
            ) from None
