"""Synthetic rows as a snapshot of the store: what loads, resets and verifications know already works on them."""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections import defaultdict
from collections.abc import Iterator
from concurrent.futures import as_completed
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

from datamask.catalog.model import Catalog, Column
from datamask.execution.processes import WorkerPool, answer_interrupts, result
from datamask.progress import Progress
from datamask.snapshot import manifest as manifests
from datamask.snapshot.schema import SCHEMA_FILE, parse_schema
from datamask.snapshot.take import new_id, refresh_order, slug
from datamask.store.local import write_file
from datamask.store.protocol import Store
from datamask.synthetic.model import SyntheticPlan, SyntheticTable
from datamask.synthetic.planner import sequence_of
from datamask.synthetic.worker import BLOCKS_A_FILE, FileResult, FileTask, SyntheticSetup, make_file

POLICY = "synthetic"
"""The policy that the manifest of rows from a schema alone names; an environment lists it among those it accepts."""


_UNIQUE_INDEX = re.compile(
    r'^CREATE UNIQUE INDEX .+? ON (?:ONLY )?((?:\w+|"(?:[^"]|"")*")\.(?:\w+|"(?:[^"]|"")*")) USING',
    re.MULTILINE,
)
_PART = re.compile(r'\w+|"(?:[^"]|"")*"')
_GROUPING = re.compile(r"\b(?:GROUP BY|DISTINCT)\b")


@dataclass(frozen=True, slots=True)
class SchemaSource:
    """Where a schema came from.

    :param identity: of the database, as guard rails compare it.
    :param sql: ``schema.sql``.
    """

    identity: manifests.SourceIdentity
    sql: bytes


@dataclass(frozen=True, slots=True)
class FolderSink:
    """Files in a folder of the user's own. Picklable."""

    folder: Path

    def write(self, path: str, data: bytes | memoryview) -> None:
        """Write a new file.

        :raises DatamaskError: the folder cannot be written, or has such a file already.
        """
        write_file(self.folder / path, data)

    def flush(self) -> None:
        """Nothing is left to write."""


def publish(
    plan: SyntheticPlan,
    setup: SyntheticSetup,
    source: SchemaSource,
    *,
    store: Store,
    pool: WorkerPool,
    project: str,
    policy: str,
    progress: Progress,
) -> manifests.Manifest:
    """Make all rows and publish them as a snapshot.

    :param setup: what made the plan; its sink is replaced by the draft's.
    :param policy: the name that guard rails compare with what an environment accepts.
    :raises DatamaskError: where anything fails; then nothing is published.
    """
    answer_interrupts()
    begun = time.monotonic()
    created = datetime.now(UTC)
    with store.draft(new_id(created)) as draft:
        setup = replace(setup, sink=draft.sink, form="copy")
        try:
            made = make_files(plan, setup, pool, progress, "data/{index:04d}-{slug}/{number:05d}.parquet")
        except BaseException:
            # Before the draft goes: a worker that is still writing would make its folder again.
            pool.kill()
            raise
        draft.sink.write(SCHEMA_FILE, source.sql)
        draft.sink.flush()
        catalog = setup.catalog
        views, left = _views(catalog, source.sql.decode())
        manifest = manifests.Manifest(
            id=draft.id,
            created=created.isoformat(timespec="seconds"),
            project=project,
            datamask=version("datamask"),
            source=source.identity,
            masked=True,
            policy=policy,
            plan=recipe_digest(setup),
            key_id=None,
            tables=tuple(_table(table, made[table.key]) for table in plan.tables),
            sequences=tuple(sequences(plan, catalog)),
            materialized_views=tuple(views),
            extensions=tuple(
                manifests.ManifestExtension(item.name, item.version) for item in catalog.extensions
            ),
            schema_sha256=hashlib.sha256(source.sql).hexdigest(),
            schema_bytes=len(source.sql),
            seconds=round(time.monotonic() - begun, 3),
            warnings=("every row is synthetic", *plan.notes, *left),
        )
        draft.publish(manifests.dump(manifest))
    return manifest


def make_files(
    plan: SyntheticPlan, setup: SyntheticSetup, pool: WorkerPool, progress: Progress, names: str
) -> dict[str, list[FileResult]]:
    """All rows as files, by table's key, in the order of their rows.

    :param names: of the files, with the fields ``index``, ``slug`` and ``number``.
    """
    tasks = [
        FileTask(
            table.key,
            names.format(index=index, slug=slug(table.key), number=first // BLOCKS_A_FILE),
            first,
            min(first + BLOCKS_A_FILE, table.blocks),
        )
        for index, table in enumerate(plan.tables)
        for first in range(0, table.blocks, BLOCKS_A_FILE)
    ]
    setup = replace(setup, tried=plan.tried)
    left: dict[str, int] = defaultdict(int)
    for task in tasks:
        left[task.table] += 1
    progress.start("generate", total_bytes=plan.rows, tables=len(left))
    found: dict[str, list[FileResult]] = defaultdict(list)
    for future in as_completed([pool.submit(make_file, setup, task) for task in tasks]):
        done = result(future)
        key = done.task.table
        found[key].append(done)
        left[key] -= 1
        progress.advance(key, rows=done.file.rows, bytes_done=done.file.rows, table_done=not left[key])
    progress.finish()
    return {key: sorted(listed, key=lambda item: item.task.first) for key, listed in found.items()}


def recipe_digest(setup: SyntheticSetup) -> str:
    """SHA-256 over what decides the rows beside the schema: recipe, seed and classes."""
    content: dict[str, Any] = {
        "generator": 1,
        "seed": setup.seed,
        "rows": {name: asdict(rows) for name, rows in setup.recipe.rows.items()},
        "default": setup.recipe.default,
        "columns": {".".join(place): asdict(rule) for place, rule in setup.recipe.columns.items()},
        "first": {".".join(place): first for place, first in setup.recipe.first.items()},
        "classes": {".".join(place): name for place, name in setup.classes.items()},
    }
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def sequences(plan: SyntheticPlan, catalog: Catalog) -> Iterator[manifests.ManifestSequence]:
    """Sequences behind the numbers that were handed out; all others stay at their start."""
    last: dict[str, int] = {}
    for (key, name), number in plan.counters.items():
        column = catalog.by_key[key].column(name)
        for sequence in catalog.sequences:
            if sequence.owned_by == f"{key}.{name}" or _counts(column, sequence.key):
                last[sequence.key] = max(number, last.get(sequence.key, number))
    for sequence in catalog.sequences:
        if sequence.key in last and sequence.extension is None:
            yield manifests.ManifestSequence(
                sequence.schema, sequence.name, last[sequence.key], is_called=True
            )


def _views(catalog: Catalog, schema_sql: str) -> tuple[list[manifests.ManifestView], list[str]]:
    """The materialized views, and why some of them are left empty.

    A unique index on a view that groups nothing says something about the rows of several tables together that no
    constraint of theirs says: rows that nobody knows it of may break it, and the load with it.
    """
    unique = {tuple(map(_unquoted, _PART.findall(name))) for name in _UNIQUE_INDEX.findall(schema_sql)}
    _, entries = parse_schema(schema_sql)
    grouping = {
        (entry.schema, entry.name)
        for entry in entries
        if entry.type == "MATERIALIZED VIEW" and _GROUPING.search(entry.sql)
    }
    views: list[manifests.ManifestView] = []
    left: list[str] = []
    empty: set[str] = set()
    for view in refresh_order(catalog.materialized_views):
        place = view.schema, view.name
        doubtful = (place in unique and place not in grouping) or not empty.isdisjoint(view.depends_on)
        if doubtful and view.populated:
            empty.add(view.key)
            left.append(
                f"materialized view {view.key} is left empty: its unique index may not hold for synthetic rows; "
                "REFRESH MATERIALIZED VIEW tries it"
            )
        views.append(manifests.ManifestView(view.schema, view.name, view.populated and not doubtful))
    return views, left


def _unquoted(part: str) -> str:
    return part[1:-1].replace('""', '"') if part.startswith('"') else part


def _counts(column: Column | None, sequence: str) -> bool:
    name = None if column is None else sequence_of(column)
    return name is not None and name in {sequence, sequence.partition(".")[2]}


def _table(table: SyntheticTable, made: list[FileResult]) -> manifests.ManifestTable:
    return manifests.ManifestTable(
        schema=table.schema,
        name=table.name,
        key=table.key,
        columns=tuple(
            manifests.ManifestColumn(column.name, column.type.name, table.meaning.get(column.name), POLICY)
            for column in table.columns
        ),
        rows=sum(item.file.rows for item in made),
        text_bytes=sum(item.text_bytes for item in made),
        selection=POLICY,
        files=tuple(item.file for item in made),
    )
