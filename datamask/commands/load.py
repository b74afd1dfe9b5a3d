"""``datamask load`` and ``datamask reset``: an environment's database replaced, wholly or not at all."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace

from datamask.commands.admission import Admission, admit
from datamask.commands.project import Project
from datamask.commands.selection import loaded_snapshot, select_snapshot
from datamask.config.reset import Strategy
from datamask.config.settings import Environment
from datamask.db.conninfo import described
from datamask.errors import RefusedError, UsageError
from datamask.execution.processes import default_workers
from datamask.load.content import held
from datamask.load.guards import check_confirmed, check_tier
from datamask.load.operation import load_snapshot
from datamask.load.operation import undo as undo_load
from datamask.load.recipe import Routine, with_routines
from datamask.load.server import open_server
from datamask.load.versions import Migration
from datamask.progress import Progress
from datamask.snapshot.manifest import Manifest


@dataclass(frozen=True, slots=True)
class LoadResult:
    """An environment that holds a snapshot now.

    :param strategy: ``spare``, ``clone``, ``build and clone``, ``build`` or ``in-place``.
    :param phases: seconds by phase.
    :param reason: why that strategy.
    :param migrations: how far migration tools have brought the database.
    """

    environment: str
    manifest: Manifest
    strategy: str
    phases: dict[str, float]
    warnings: tuple[str, ...]
    seconds: float
    reason: str = ""
    migrations: tuple[Migration, ...] = ()


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
    strategy: Strategy | None = None,
    progress: Progress,
    admission: Admission | None = None,
    output: bool = True,
) -> LoadResult:
    """Load a snapshot into an environment; it becomes what ``reset`` goes back to.

    :param admission: what the environment's gates said of this snapshot a moment ago; by default they are asked.
    """
    begun = time.monotonic()
    environment = with_strategy(project.environment(environment_name), strategy)
    accepted = _early_checks(project, environment, confirm)
    manifest = select_snapshot(project, reference, accepts=lambda found: found.policy in accepted)
    if admission is None or not admission.covers(environment, manifest):
        admission = admit(project, environment, manifest, verb="load")
    return replace_data(
        project,
        environment,
        manifest,
        begun,
        confirm,
        workers,
        progress,
        admission,
        pinned=True,
        trust_golden=False,
        output=output,
    )


def reset(
    project: Project,
    environment_name: str,
    *,
    confirm: str | None = None,
    workers: int | None = None,
    strategy: Strategy | None = None,
    progress: Progress,
    output: bool = True,
) -> LoadResult:
    """Bring an environment back to its baseline: the snapshot that was loaded, else what is configured."""
    begun = time.monotonic()
    environment = with_strategy(project.environment(environment_name), strategy)
    _early_checks(project, environment, confirm)
    manifest, pinned = baseline_of(project, environment, project.conninfo(environment))
    return replace_data(
        project,
        environment,
        manifest,
        begun,
        confirm,
        workers,
        progress,
        admit(project, environment, manifest, verb="reset"),
        pinned=pinned,
        trust_golden=True,
        output=output,
    )


def baseline_of(project: Project, environment: Environment, conninfo: str) -> tuple[Manifest, bool]:
    """What a reset of an environment goes back to, and whether a load put it there.

    :raises UsageError: where there is none.
    :raises RefusedError: where it is not in the store any more.
    """
    loaded = _pinned_snapshot(conninfo)
    reference = loaded or environment.baseline
    if reference is None:
        raise UsageError(
            f"environment {environment.name} has no baseline to go back to",
            hint=f"load a snapshot once (datamask load latest {environment.name}), or set "
            f"environments.{environment.name}.baseline in datamask.yaml",
        )
    try:
        manifest = loaded_snapshot(project, loaded) if loaded else select_snapshot(project, reference)
    except UsageError as error:
        if loaded is None:
            raise
        raise RefusedError(
            f"environment {environment.name} was loaded from snapshot {loaded}, which is not in the store any more",
            hint=f"load another one: datamask load latest {environment.name}",
        ) from error
    return manifest, loaded is not None


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


def with_strategy(environment: Environment, strategy: Strategy | None) -> Environment:
    """The environment as it is to be loaded this time."""
    if strategy is None:
        return environment
    return replace(environment, reset=replace(environment.reset, strategy=strategy))


def _early_checks(project: Project, environment: Environment, confirm: str | None) -> set[str]:
    """Refuse before an embedded server is started or a snapshot searched for."""
    check_tier(environment.name, environment.tier)
    check_confirmed(environment.name, environment.tier, confirm)
    return project.accepted_policies(environment)


def _pinned_snapshot(conninfo: str) -> str | None:
    """The snapshot that a load, not a reset, put into the database."""
    with open_server(conninfo) as server:
        marks = held(server)
        return marks.snapshot if marks.pinned else None


def replace_data(
    project: Project,
    environment: Environment,
    manifest: Manifest,
    begun: float,
    confirm: str | None,
    workers: int | None,
    progress: Progress,
    admission: Admission,
    *,
    pinned: bool,
    trust_golden: bool,
    output: bool,
    routines: Sequence[Routine] = (),
    scenario: str | None = None,
) -> LoadResult:
    """Replace what an environment holds by a snapshot, with a record in the audit log.

    :param begun: when the command began, by the monotonic clock.
    :param routines: what is done in the new database before anybody sees it.
    :param scenario: what these are called in the record.
    """
    target = project.target(environment)
    if scenario is not None:
        target = replace(target, recipe=with_routines(target.recipe, routines, scenario))
    about = {
        "environment": environment.name,
        "database": described(target.conninfo),
        "snapshot": manifest.id,
        "digest": manifest.digest,
        "policy": manifest.policy,
        "plan": manifest.plan,
        "admitted": admission.since,
    }
    if scenario is not None:
        about["scenario"] = scenario
    with project.audit().action("seed" if scenario is not None else admission.verb, **about) as known:
        outcome = load_snapshot(
            target,
            manifest,
            project.store().folder(manifest.id),
            confirm=confirm,
            pinned=pinned,
            trust_golden=trust_golden,
            workers=workers or project.settings.workers or default_workers(),
            progress=progress,
            admitted=admission.since,
            output=output,
        )
        known["strategy"] = outcome.strategy
        known["rows"] = manifest.rows
        known["server"] = outcome.server
        known["seconds"] = round(time.monotonic() - begun, 3)
    return LoadResult(
        environment.name,
        manifest,
        outcome.strategy,
        outcome.phases,
        outcome.warnings,
        round(time.monotonic() - begun, 3),
        outcome.reason,
        outcome.migrations,
    )
