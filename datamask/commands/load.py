"""``datamask load`` and ``datamask reset``: an environment's database replaced, wholly or not at all."""

from __future__ import annotations

import time
from dataclasses import dataclass

from datamask.commands.project import Project
from datamask.commands.selection import select_snapshot
from datamask.config.settings import Environment
from datamask.db.conninfo import described
from datamask.errors import RefusedError, UsageError
from datamask.execution.processes import default_workers
from datamask.load.guards import check_confirmed, check_tier
from datamask.load.operation import load_snapshot
from datamask.load.operation import undo as undo_load
from datamask.load.server import open_server
from datamask.progress import Progress
from datamask.snapshot.manifest import Manifest


@dataclass(frozen=True, slots=True)
class LoadResult:
    """An environment that holds a snapshot now.

    :param strategy: ``spare``, ``clone``, ``build and clone`` or ``build``.
    :param phases: seconds by phase.
    """

    environment: str
    manifest: Manifest
    strategy: str
    phases: dict[str, float]
    warnings: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class UndoResult:
    """An environment that holds again what it held before.

    :param snapshot: what that was loaded from, None where it never was.
    """

    environment: str
    snapshot: str | None
    warnings: tuple[str, ...]
    seconds: float


def load(
    project: Project,
    reference: str,
    environment_name: str,
    *,
    confirm: str | None = None,
    workers: int | None = None,
    progress: Progress,
) -> LoadResult:
    """Load a snapshot into an environment; it becomes what ``reset`` goes back to."""
    begun = time.monotonic()
    environment = project.environment(environment_name)
    accepted = _early_checks(project, environment, confirm)
    manifest = select_snapshot(project, reference, accepts=lambda found: found.policy in accepted)
    return _replace(
        project, environment, manifest, begun, confirm, workers, progress, pinned=True, trust_golden=False
    )


def reset(
    project: Project,
    environment_name: str,
    *,
    confirm: str | None = None,
    workers: int | None = None,
    progress: Progress,
) -> LoadResult:
    """Bring an environment back to its baseline: the snapshot that was loaded, else what is configured."""
    begun = time.monotonic()
    environment = project.environment(environment_name)
    _early_checks(project, environment, confirm)
    loaded = _pinned_snapshot(project.conninfo(environment))
    reference = loaded or environment.baseline
    if reference is None:
        raise UsageError(
            f"environment {environment.name} has no baseline to go back to",
            hint=f"load a snapshot once (datamask load latest {environment.name}), or set "
            f"environments.{environment.name}.baseline in datamask.yaml",
        )
    try:
        manifest = select_snapshot(project, reference)
    except UsageError as error:
        if loaded is None:
            raise
        raise RefusedError(
            f"environment {environment.name} was loaded from snapshot {loaded}, which is not in the store any more",
            hint=f"load another one: datamask load latest {environment.name}",
        ) from error
    return _replace(
        project,
        environment,
        manifest,
        begun,
        confirm,
        workers,
        progress,
        pinned=loaded is not None,
        trust_golden=True,
    )


def undo(project: Project, environment_name: str, *, confirm: str | None = None) -> UndoResult:
    """Bring the database back that the last load or reset of an environment replaced.

    :raises RefusedError: where there is none any more.
    """
    begun = time.monotonic()
    environment = project.environment(environment_name)
    _early_checks(project, environment, confirm)
    target = project.target(environment)
    about = {"environment": environment.name, "database": described(target.conninfo)}
    with project.audit().action("reset undo", **about) as known:
        outcome = undo_load(target, confirm=confirm)
        known["snapshot"] = outcome.snapshot
    return UndoResult(
        environment.name, outcome.snapshot, outcome.warnings, round(time.monotonic() - begun, 3)
    )


def _early_checks(project: Project, environment: Environment, confirm: str | None) -> set[str]:
    """Refuse before an embedded server is started or a snapshot searched for."""
    check_tier(environment.name, environment.tier)
    check_confirmed(environment.name, environment.tier, confirm)
    return project.accepted_policies(environment)


def _pinned_snapshot(conninfo: str) -> str | None:
    """The snapshot that a load, not a reset, put into the database."""
    with open_server(conninfo) as server:
        info = server.database(server.target)
        return info.marks.snapshot if info is not None and info.marks.pinned else None


def _replace(
    project: Project,
    environment: Environment,
    manifest: Manifest,
    begun: float,
    confirm: str | None,
    workers: int | None,
    progress: Progress,
    *,
    pinned: bool,
    trust_golden: bool,
) -> LoadResult:
    target = project.target(environment)
    about = {
        "environment": environment.name,
        "database": described(target.conninfo),
        "snapshot": manifest.id,
        "digest": manifest.digest,
        "policy": manifest.policy,
        "plan": manifest.plan,
    }
    with project.audit().action("reset" if trust_golden else "load", **about) as known:
        outcome = load_snapshot(
            target,
            manifest,
            project.store().folder(manifest.id),
            confirm=confirm,
            pinned=pinned,
            trust_golden=trust_golden,
            workers=workers or project.settings.workers or default_workers(),
            progress=progress,
        )
        known["strategy"] = outcome.strategy
        known["seconds"] = round(time.monotonic() - begun, 3)
    return LoadResult(
        environment.name,
        manifest,
        outcome.strategy,
        outcome.phases,
        outcome.warnings,
        round(time.monotonic() - begun, 3),
    )
