"""Taking a snapshot: the leader's side.

The leader holds the one transaction whose snapshot all workers import, so every chunk of every table and
the schema are the same instant. It never sees a row.
"""

from __future__ import annotations

import hashlib
import re
import time
from collections import defaultdict
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from secrets import token_hex
from typing import Any

from datamask.catalog.model import Catalog, MaterializedView, Table
from datamask.db.quoting import qualified
from datamask.db.session import Session
from datamask.errors import DatabaseError, DatamaskError
from datamask.execution.processes import WorkerPool, answer_interrupts, result
from datamask.masking.keys import MaskingKey
from datamask.policy.plan import Plan, TablePlan
from datamask.progress import Progress
from datamask.snapshot import manifest as manifests
from datamask.snapshot.chunks import CHUNK_BYTES, Chunk, plan_chunks
from datamask.snapshot.schema import SCHEMA_FILE, dump_schema
from datamask.snapshot.schema_file import STATE_FILE, described, read_source_state
from datamask.snapshot.statements import select, stored_columns
from datamask.snapshot.worker import ZSTD_LEVEL, ChunkResult, ChunkTask, WorkerSetup, extract
from datamask.store.protocol import Store

_INSUFFICIENT_PRIVILEGE = "42501"

_LOCALE_PROVIDERS = {"c": "libc", "i": "icu", "b": "builtin"}


@dataclass(frozen=True, slots=True)
class SnapshotOptions:
    """How to take a snapshot.

    :param rows_per_second: limit over all workers, None for none.
    :param megabytes_per_second: likewise, of COPY text.
    """

    chunk_bytes: int = CHUNK_BYTES
    rows_per_second: float | None = None
    megabytes_per_second: float | None = None
    lock_timeout: float | None = None
    zstd_level: int = ZSTD_LEVEL


def take_snapshot(
    *,
    session: Session,
    snapshot_id: str,
    conninfo: str,
    catalog: Catalog,
    plan: Plan,
    key: MaskingKey | None,
    store: Store,
    pool: WorkerPool,
    environment: str,
    project: str,
    options: SnapshotOptions,
    progress: Progress,
) -> manifests.Manifest:
    """Take a masked snapshot and publish it.

    :param session: the leader, inside the transaction that exported ``snapshot_id``.
    :param plan: without errors, compiled against ``catalog``, which was read in that same transaction.
    :raises DatamaskError: where anything fails; then nothing is published.
    """
    answer_interrupts()
    begun = time.monotonic()
    created = datetime.now(UTC)
    warnings: list[str] = []
    tables = _readable(_selected(catalog, plan), catalog, warnings)
    _lock(session, tables)
    _try_conditions(session, tables)
    _note_unread_sequences(catalog, warnings)
    if catalog.large_objects:
        warnings.append(f"{catalog.large_objects} large objects are not part of a snapshot")
    with store.draft(new_id(created)) as draft:
        setup = WorkerSetup(
            conninfo=conninfo,
            snapshot_id=snapshot_id,
            server_version=catalog.server_version,
            lock_timeout=options.lock_timeout,
            key=key,
            sink=draft.sink,
            rows_per_second=_share(options.rows_per_second, pool.workers),
            bytes_per_second=_share(options.megabytes_per_second, pool.workers, 1e6),
            zstd_level=options.zstd_level,
        )
        with ThreadPoolExecutor(2) as background:
            schema = background.submit(dump_schema, conninfo, snapshot_id, server_major=session.major)
            # The leader has nothing else to do while the workers read.
            state = background.submit(read_source_state, session)
            try:
                results = _extract(pool, setup, tables, catalog, options, schema, progress)
            except BaseException:
                # Before the draft goes: a worker that is still writing would make its folder again.
                pool.kill()
                raise
            schema_sql = schema.result().encode()
        setup.sink.write(SCHEMA_FILE, schema_sql)
        state_json = state.result()
        if isinstance(state_json, str):
            warnings.append(state_json)
        else:
            setup.sink.write(STATE_FILE, state_json)
        setup.sink.flush()
        manifest = manifests.Manifest(
            id=draft.id,
            created=created.isoformat(timespec="seconds"),
            project=project,
            datamask=version("datamask"),
            source=identity_of(catalog, environment),
            masked=True,
            policy=plan.policy,
            plan=plan.digest,
            key_id=key.key_id if key is not None else None,
            tables=tuple(_table(table, plan.by_table[table.key], results[table.key]) for table, _ in tables),
            sequences=tuple(
                manifests.ManifestSequence(
                    sequence.schema, sequence.name, sequence.last_value, sequence.is_called
                )
                for sequence in catalog.sequences
                if sequence.last_value is not None and sequence.extension is None
            ),
            materialized_views=tuple(
                manifests.ManifestView(view.schema, view.name, view.populated)
                for view in refresh_order(catalog.materialized_views)
            ),
            extensions=tuple(
                manifests.ManifestExtension(extension.name, extension.version)
                for extension in catalog.extensions
            ),
            schema_sha256=hashlib.sha256(schema_sql).hexdigest(),
            schema_bytes=len(schema_sql),
            seconds=round(time.monotonic() - begun, 3),
            warnings=tuple(warnings),
            state=None if isinstance(state_json, str) else described(state_json),
        )
        draft.publish(manifests.dump(manifest))
    return manifest


def refresh_order(views: Iterable[MaterializedView]) -> list[MaterializedView]:
    """Materialized views, each behind those that it reads."""
    remaining = {view.key: view for view in views}
    ordered: list[MaterializedView] = []
    while remaining:
        ready = [
            view
            for view in remaining.values()
            if not any(key in remaining for key in view.depends_on if key != view.key)
        ]
        # Views cannot depend on each other in a circle; should a catalog say so, any order is as good.
        for view in ready or list(remaining.values()):
            ordered.append(remaining.pop(view.key))
    return ordered


def _selected(catalog: Catalog, plan: Plan) -> list[tuple[Table, TablePlan]]:
    return [
        (table, plan.by_table[table.key])
        for table in sorted(catalog.tables, key=lambda table: table.key)
        if table.has_rows and table.key in plan.by_table
    ]


def _readable(
    tables: list[tuple[Table, TablePlan]], catalog: Catalog, warnings: list[str]
) -> list[tuple[Table, TablePlan]]:
    """The tables that this server and role can read; those of a standby that hold nothing are left empty."""
    kept: list[tuple[Table, TablePlan]] = []
    refused: list[str] = []
    for table, plan in tables:
        if plan.rows == "none":
            kept.append((table, plan))
        elif table.unlogged and catalog.in_recovery:
            warnings.append(f"table {table.key} is unlogged and has no rows on a standby: left empty")
            kept.append((table, TablePlan(plan.table, plan.columns, rows="none")))
        else:
            if not table.readable:
                refused.append(table.key)
            kept.append((table, plan))
    if refused:
        raise DatabaseError(
            f"the source's role may not read {'table' if len(refused) == 1 else 'tables'} {', '.join(refused)}",
            hint="GRANT SELECT on it to the role (or grant it pg_read_all_data), or leave the rows out with "
            "`tables: {NAME: {rows: none}}` in the policy",
            sqlstate=_INSUFFICIENT_PRIVILEGE,
        )
    return kept


def _note_unread_sequences(catalog: Catalog, warnings: list[str]) -> None:
    for sequence in catalog.sequences:
        if sequence.last_value is None and sequence.extension is None:
            warnings.append(f"sequence {sequence.key} cannot be read: in a copy it is at its start")


def _lock(session: Session, tables: list[tuple[Table, TablePlan]]) -> None:
    """Keep the tables from being dropped or emptied under the snapshot, as pg_dump does."""
    names = [qualified(table.schema, table.name) for table, plan in tables if plan.rows != "none"]
    if names:
        session.script(f"LOCK TABLE {', '.join(names)} IN ACCESS SHARE MODE")


def _try_conditions(session: Session, tables: list[tuple[Table, TablePlan]]) -> None:
    """Let the server read the policy's SQL before any worker starts."""
    for table, plan in tables:
        if plan.rows == "none" or plan.where is None:
            continue
        try:
            session.rows("EXPLAIN " + select(table, plan))
        except DatabaseError as error:
            raise DatamaskError(
                f"table {table.key}: the policy's `where` does not work: {error.message}",
                hint="write an SQL condition over the table's own columns",
            ) from None


def _extract(
    pool: WorkerPool,
    setup: WorkerSetup,
    tables: list[tuple[Table, TablePlan]],
    catalog: Catalog,
    options: SnapshotOptions,
    schema: Future[str],
    progress: Progress,
) -> dict[str, list[ChunkResult]]:
    chunks = plan_chunks(tables, server_version=catalog.server_version, chunk_bytes=options.chunk_bytes)
    known = {table.key: (table, plan) for table, plan in tables}
    folders = {table.key: f"data/{index:04d}-{slug(table.key)}" for index, (table, _) in enumerate(tables)}
    open_chunks = defaultdict[str, int](int)
    for chunk in chunks:
        open_chunks[chunk.table] += 1
    progress.start("snapshot", total_bytes=sum(chunk.bytes for chunk in chunks), tables=len(open_chunks))
    results: dict[str, list[ChunkResult]] = defaultdict(list)
    futures: dict[Future[Any], Chunk | None] = {schema: None}
    for chunk in chunks:
        table, plan = known[chunk.table]
        task = ChunkTask(chunk, table, plan, folders[chunk.table])
        futures[pool.submit(extract, setup, task)] = chunk
    for future in as_completed(futures):
        part = futures[future]
        if part is None:
            # Where there is no schema, rows are of no use.
            schema.result()
            continue
        done: ChunkResult = result(future)
        results[part.table].append(done)
        open_chunks[part.table] -= 1
        progress.advance(
            part.table, rows=done.rows, bytes_done=part.bytes, table_done=not open_chunks[part.table]
        )
    progress.finish()
    return results


def _table(table: Table, plan: TablePlan, results: list[ChunkResult]) -> manifests.ManifestTable:
    by_name = {column.column: column for column in plan.columns}
    results = sorted(results, key=lambda item: item.chunk.index)
    selection = "none" if plan.rows == "none" else plan.where or "all"
    if plan.sample is not None:
        selection = f"sample {plan.sample:g}" + (f" where {plan.where}" if plan.where else "")
    return manifests.ManifestTable(
        schema=table.schema,
        name=table.name,
        key=table.key,
        columns=tuple(
            manifests.ManifestColumn(
                column.name,
                column.type.name,
                by_name[column.name].data_class if column.name in by_name else None,
                by_name[column.name].transform if column.name in by_name else "keep",
            )
            for column in stored_columns(table)
        ),
        rows=sum(item.rows for item in results),
        text_bytes=sum(item.text_bytes for item in results),
        selection=selection,
        files=tuple(file for item in results for file in item.files),
        extension=table.extension,
    )


def identity_of(catalog: Catalog, environment: str) -> manifests.SourceIdentity:
    """Which database rows are from, as a manifest tells it.

    :param environment: the environment's name.
    """
    return manifests.SourceIdentity(
        environment=environment,
        system_identifier=catalog.system_identifier,
        database_oid=catalog.database_oid,
        database=catalog.database,
        server_version=catalog.server_version,
        encoding=catalog.encoding,
        locale_provider=_LOCALE_PROVIDERS.get(catalog.settings.get("datlocprovider", "c"), "libc"),
        collate=catalog.collation,
        ctype=catalog.settings.get("datctype", catalog.collation),
        locale=catalog.settings.get("datlocale") or catalog.settings.get("daticulocale"),
    )


def new_id(created: datetime) -> str:
    """An id that sorts by time: the last part is the millisecond and three random digits, in hex."""
    return f"{created:%Y%m%d-%H%M%S}-{created.microsecond // 1000:03x}{token_hex(2)[:3]}"


def _share(limit: float | None, workers: int, unit: float = 1.0) -> float | None:
    return None if limit is None else limit * unit / workers


def slug(key: str) -> str:
    """A table's name as a file name: readable where it can be, never more than that."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", key)[:60]
