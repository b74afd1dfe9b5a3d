"""What the steps of a job do: each calls the command that the verb of the same name calls.

What hooks print is not shown: it may quote rows, and a scheduler keeps what a job prints.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from datamask.commands.project import LATEST, Project
from datamask.errors import DatamaskError, DriftError, RefusedError, VerificationError
from datamask.jobs.model import PRUNE, VERBS, Job, Step
from datamask.monitoring.notifications import send
from datamask.progress import Progress


@dataclass(frozen=True, slots=True)
class Done:
    """What a step did.

    :param said: in a few words.
    :param snapshot: the snapshot that it took, verified or loaded; later steps are about it.
    """

    said: str
    snapshot: str | None = None
    rows: int | None = None
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Stage:
    """What a step finds when its turn comes.

    :param run: the run's id.
    :param snapshot: the one that an earlier step took, None where none did.
    """

    project: Project
    job: Job
    run: str
    snapshot: str | None
    progress: Progress


def carry_out(step: Step, stage: Stage) -> Done:
    """Do what the step says.

    :raises DatamaskError: it failed; whatever the verb promises about failures holds.
    """
    return _WORK[step.verb](step, stage)


def described(step: Step, snapshot: str | None) -> str:
    """What a step would do, for a run that only tells.

    :param snapshot: in words, the one that it would be about.
    """
    if step.verb == "verify":
        return f"verify {step.target or snapshot or LATEST}"
    if step.verb in ("load", "promote"):
        return f"{step.verb} {step.options.get('from') or snapshot or LATEST} into {step.target}"
    return step.label


def _snapshot(step: Step, stage: Stage) -> Done:
    from datamask.commands.snapshot import snapshot

    limits = stage.job.limits
    policy = step.options.get("policy")
    size = limits.max_bytes_per_second
    result = snapshot(
        stage.project,
        str(step.target),
        policy=stage.project.settings.root / policy if policy else None,
        workers=limits.workers,
        max_rows_per_second=limits.max_rows_per_second,
        max_megabytes_per_second=size / 1e6 if size else None,
        progress=stage.progress,
    )
    manifest = result.manifest
    return Done(f"{manifest.id}, {manifest.rows:,} rows", manifest.id, manifest.rows)


def _verify(step: Step, stage: Stage) -> Done:
    from datamask.commands.snapshots import verify_snapshot

    result = verify_snapshot(stage.project, step.target or stage.snapshot or LATEST)
    if result.damage:
        raise VerificationError(
            f"snapshot {result.manifest.id} is damaged: {len(result.damage)} of {result.files:,} files",
            hint=f"datamask snapshots verify {result.manifest.id} names them",
        )
    return Done(f"{result.files:,} files are whole", result.manifest.id)


def _load(step: Step, stage: Stage) -> Done:
    from datamask.commands.load import load

    environment = str(step.target)
    result = load(
        stage.project,
        step.options.get("from") or stage.snapshot or LATEST,
        environment,
        confirm=step.options.get("confirm"),
        workers=stage.job.limits.workers,
        progress=stage.progress,
        output=False,
    )
    manifest = result.manifest
    return Done(
        f"{environment} holds {manifest.id}, by {result.strategy}",
        manifest.id,
        manifest.rows,
        result.warnings,
    )


def _reset(step: Step, stage: Stage) -> Done:
    from datamask.commands.load import reset

    environment = str(step.target)
    result = reset(
        stage.project,
        environment,
        confirm=step.options.get("confirm"),
        workers=stage.job.limits.workers,
        progress=stage.progress,
        output=False,
    )
    # A reset goes back to what was there: later steps are not about that.
    return Done(
        f"{environment} holds {result.manifest.id}, by {result.strategy}",
        rows=result.manifest.rows,
        warnings=result.warnings,
    )


def _seed(step: Step, stage: Stage) -> Done:
    from datamask.commands.seed import seed

    environment, scenario = str(step.target), step.options["scenario"]
    result = seed(
        stage.project,
        environment,
        scenario,
        confirm=step.options.get("confirm"),
        workers=stage.job.limits.workers,
        progress=stage.progress,
        output=False,
    ).load
    return Done(
        f"{environment} holds scenario {scenario}, by {result.strategy}",
        rows=result.manifest.rows,
        warnings=result.warnings,
    )


def _drift(step: Step, stage: Stage) -> Done:
    from datamask.commands.drift import DriftRequest, drift

    environment = str(step.target)
    request = DriftRequest(against=step.options.get("against"))
    result = drift(stage.project, environment, request, progress=stage.progress)
    if result.clean:
        return Done(f"{environment} is as its baseline says")
    said = f"{environment} differs from its baseline in {len(result.differences):,} places"
    if result.failed:
        raise DriftError(said, hint=f"datamask drift {environment} names them")
    return Done(said, warnings=(said,))


def _promote(step: Step, stage: Stage) -> Done:
    from datamask.commands.promote import promote

    environment = str(step.target)
    result = promote(
        stage.project,
        step.options.get("from") or stage.snapshot or LATEST,
        environment,
        confirm=step.options.get("confirm"),
        workers=stage.job.limits.workers,
        progress=stage.progress,
        output=False,
    )
    manifest = result.manifest
    if result.loaded is None:
        refused = ", ".join(gate.gate for gate in result.admission.refused)
        raise RefusedError(
            f"gates of {environment} refuse snapshot {manifest.id}: {refused}",
            hint=f"datamask promote {manifest.id} {environment} --dry-run says why, and what to do",
        )
    return Done(
        f"{environment} holds {manifest.id}, by {result.loaded.strategy}",
        manifest.id,
        manifest.rows,
        result.loaded.warnings,
    )


def _notify(step: Step, stage: Stage) -> Done:
    channel = stage.project.settings.notify[str(step.target)]
    text = step.options.get("message") or f"job {stage.job.name} came to step {step.number}"
    payload = {
        "event": "step",
        "text": f"datamask: {stage.project.settings.project}: {text}",
        "project": stage.project.settings.project,
        "job": stage.job.name,
        "run": stage.run,
        "step": step.number,
        "snapshot": stage.snapshot,
    }
    try:
        send(channel, payload, subject=f"[datamask] {stage.job.name}: step {step.number}")
    except DatamaskError as error:
        # A message that does not arrive must not keep data from being refreshed.
        return Done("not sent", warnings=(error.message,))
    return Done("sent")


def _prune(_step: Step, stage: Stage) -> Done:
    from datamask.commands.snapshots import prune_snapshots

    assert stage.job.keep is not None
    result = prune_snapshots(
        stage.project, rules=stage.job.keep, policies=policies_of(stage.project, stage.job)
    )
    return Done(f"{len(result.removed):,} snapshots removed, {len(result.kept):,} kept")


def policies_of(project: Project, job: Job) -> set[str]:
    """Names of the policies whose snapshots a job takes: what ``keep`` is about."""
    from datamask.policy.name import policy_name

    names = set()
    for step in job.steps:
        if step.verb == "snapshot":
            policy = step.options.get("policy")
            file = project.settings.root / policy if policy else project.environment(str(step.target)).policy
            if file is not None:
                names.add(policy_name(file))
    return names


_WORK: Mapping[str, Callable[[Step, Stage], Done]] = {
    "snapshot": _snapshot,
    "verify": _verify,
    "load": _load,
    "reset": _reset,
    "seed": _seed,
    "drift": _drift,
    "promote": _promote,
    "notify": _notify,
    PRUNE: _prune,
}

assert _WORK.keys() == {*VERBS, PRUNE}
