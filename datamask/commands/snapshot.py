"""``datamask snapshot``: a masked artifact of an environment."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from datamask.commands.acceptance import verdicts
from datamask.commands.compiling import Compiled, compile_for, require_complete
from datamask.commands.plan_approval import require_approved_plan
from datamask.commands.project import Project
from datamask.commands.trial import Trial, try_plan
from datamask.commands.trial_places import scratch_places
from datamask.db.conninfo import described
from datamask.db.session import connect
from datamask.execution.processes import WorkerPool, default_workers
from datamask.masking.keys import MaskingKey
from datamask.policy.model import Policy
from datamask.policy.plan import Finding
from datamask.progress import Progress
from datamask.snapshot.manifest import Manifest
from datamask.snapshot.take import SnapshotOptions, take_snapshot
from datamask.store.protocol import Folder


@dataclass(frozen=True, slots=True)
class SnapshotResult:
    """A snapshot that was taken.

    :param findings: the compiler's and the trial's warnings and notes, without what somebody has accepted.
    :param trial: what masked samples showed before, where they were tried.
    :param seconds: from the command's start to the artifact's publication.
    """

    manifest: Manifest
    folder: Folder
    findings: tuple[Finding, ...]
    seconds: float
    trial: Trial | None = None


def snapshot(
    project: Project,
    environment_name: str,
    *,
    policy: Path | None = None,
    workers: int | None = None,
    max_rows_per_second: float | None = None,
    max_megabytes_per_second: float | None = None,
    try_samples: bool | None = None,
    progress: Progress,
) -> SnapshotResult:
    """Take a masked snapshot of an environment and publish it in the store.

    :param policy: the policy file, by default the environment's own.
    :param workers: processes, by default as configured, else one for each processor.
    :param try_samples: mask a few rows of each table first and try the database's constraints on them; by default as
        configured.
    :raises PolicyError: where the policy is incomplete, and no row was read; or where its trial failed.
    :raises DatamaskError: where anything else fails; nothing was published.
    """
    begun = time.monotonic()
    settings = project.settings
    environment = project.environment(environment_name)
    rules = project.policy(environment, policy)
    key = project.key()
    store = project.store()
    conninfo = project.conninfo(environment)
    progress.note(f"policy {rules.name}, key {key.key_id}, store {store.location}")
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
        approved_by = require_approved_plan(project, environment, compiled.plan)
        if approved_by is not None:
            known["approved_by"] = approved_by
        plan, trial = compiled.plan, None
        if settings.snapshot.trial if try_samples is None else try_samples:
            progress.note("trying the policy on masked samples")
            trial = _tried(project, rules, compiled, conninfo, key)
            plan = trial.plan
            require_complete(plan)
        # Before anything is written: the file of accepted findings may be malformed.
        [verdict] = verdicts(project, [(rules, plan.findings)])
        limit = settings.snapshot.max_bytes_per_second
        manifest = take_snapshot(
            session=session,
            snapshot_id=snapshot_id,
            # Every other session has to see what this one sees, so it must be on the same server.
            conninfo=session.reached(conninfo),
            catalog=compiled.catalog,
            plan=plan,
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
            server=manifest.source.system_identifier,
            seconds=round(time.monotonic() - begun, 3),
        )
    return SnapshotResult(
        manifest,
        store.folder(manifest.id),
        verdict.open,
        round(time.monotonic() - begun, 3),
        trial,
    )


def _tried(project: Project, policy: Policy, compiled: Compiled, conninfo: str, key: MaskingKey) -> Trial:
    """Over a session of its own: a table that cannot be read must not end the snapshot's transaction."""
    with connect(conninfo, read_only=True) as session:
        return try_plan(
            session,
            compiled.catalog,
            compiled.plan,
            key,
            conninfo=conninfo,
            places=scratch_places(project, policy.files[-1]),
        )
