"""``datamask snapshot``: a masked artifact of an environment."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from datamask.commands.acceptance import verdicts
from datamask.commands.compiling import compile_for, require_complete
from datamask.commands.project import Project
from datamask.db.conninfo import described
from datamask.db.session import connect
from datamask.execution.processes import WorkerPool, default_workers
from datamask.policy.plan import Finding
from datamask.progress import Progress
from datamask.snapshot.manifest import Manifest
from datamask.snapshot.take import SnapshotOptions, take_snapshot


@dataclass(frozen=True, slots=True)
class SnapshotResult:
    """A snapshot that was taken.

    :param findings: the compiler's warnings and notes, without what somebody has accepted.
    :param seconds: from the command's start to the artifact's publication.
    """

    manifest: Manifest
    folder: Path
    findings: tuple[Finding, ...]
    seconds: float


def snapshot(
    project: Project,
    environment_name: str,
    *,
    policy: Path | None = None,
    workers: int | None = None,
    max_rows_per_second: float | None = None,
    max_megabytes_per_second: float | None = None,
    progress: Progress,
) -> SnapshotResult:
    """Take a masked snapshot of an environment and publish it in the store.

    :param policy: the policy file, by default the environment's own.
    :param workers: processes, by default as configured, else one for each processor.
    :raises PolicyError: where the policy is incomplete; no row was read.
    :raises DatamaskError: where anything else fails; nothing was published.
    """
    begun = time.monotonic()
    settings = project.settings
    environment = project.environment(environment_name)
    rules = project.policy(environment, policy)
    key = project.key()
    store = project.store()
    conninfo = project.conninfo(environment)
    progress.note(f"policy {rules.name}, key {key.key_id}, store {store.root}")
    about = {
        "environment": environment.name,
        "database": described(conninfo),
        "policy": rules.name,
        "key": key.key_id,
    }
    # The workers import what they need while the leader reads the catalog.
    with (
        project.audit().action("snapshot", **about) as known,
        WorkerPool(workers or settings.workers or default_workers()) as pool,
        connect(conninfo, read_only=True) as session,
    ):
        snapshot_id = session.begin_snapshot()
        compiled = compile_for(project, environment, session, policy)
        require_complete(compiled.plan)
        # Before anything is read: the file of accepted findings may be malformed.
        [verdict] = verdicts(project, [(rules, compiled.plan.findings)])
        limit = settings.snapshot.max_bytes_per_second
        manifest = take_snapshot(
            session=session,
            snapshot_id=snapshot_id,
            conninfo=conninfo,
            catalog=compiled.catalog,
            plan=compiled.plan,
            key=key,
            store=store,
            pool=pool,
            environment=environment.name,
            project=settings.project,
            options=SnapshotOptions(
                chunk_bytes=settings.snapshot.chunk_bytes,
                zstd_level=settings.snapshot.compression_level,
                rows_per_second=max_rows_per_second or settings.snapshot.max_rows_per_second,
                megabytes_per_second=max_megabytes_per_second or (limit / 1e6 if limit else None),
            ),
            progress=progress,
        )
        known.update(
            snapshot=manifest.id,
            digest=manifest.digest,
            plan=manifest.plan,
            rows=sum(table.rows for table in manifest.tables),
            seconds=round(time.monotonic() - begun, 3),
        )
    return SnapshotResult(
        manifest,
        store.folder(manifest.id),
        verdict.open,
        round(time.monotonic() - begun, 3),
    )
