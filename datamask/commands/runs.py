"""``datamask runs``: what jobs did, run by run and step by step."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from datamask.commands.job_lock import is_running
from datamask.commands.project import Project
from datamask.commands.recording import registry_of
from datamask.errors import DatamaskError, UsageError
from datamask.registry.model import Run
from datamask.registry.records import Registry


@dataclass(frozen=True, slots=True)
class History:
    """Runs, the newest first."""

    runs: tuple[Run, ...]
    warnings: tuple[str, ...]


def list_runs(project: Project, job: str | None = None, *, limit: int) -> History:
    """The newest runs, of all jobs or of one.

    :raises UsageError: there is no such job, and never was.
    """
    registry, warnings = open_history(project)
    runs = registry.runs(job, limit=limit)
    if not runs and job is not None:
        # A job that was taken out of the configuration still has its history.
        project.settings.job(job)
    return History(runs, warnings)


def show_run(project: Project, beginning: str) -> Run:
    """One run.

    :param beginning: its id, a unique beginning of it, or ``latest``.
    :raises UsageError: there is none, or more than one.
    """
    registry, _ = open_history(project)
    if beginning == "latest":
        newest = registry.runs(limit=1)
        if not newest:
            raise UsageError("there was no run yet", hint="datamask run JOB")
        return newest[0]
    ids = registry.run_ids(beginning)
    if len(ids) > 1 and beginning not in ids:
        raise UsageError(
            f"{beginning!r} is the beginning of {len(ids)} runs",
            hint="write more of the id; datamask runs shows them",
        )
    run = registry.run(beginning if beginning in ids else ids[0]) if ids else None
    if run is None:
        raise UsageError(f"there is no run {beginning!r}", hint="datamask runs shows those there are")
    return run


def open_history(project: Project) -> tuple[Registry, tuple[str, ...]]:
    """The registry, with runs whose process is gone recorded as crashed.

    :raises DatamaskError: it cannot be read.
    """
    opened = registry_of(project)
    registry = opened.registry
    if registry is None:
        raise DatamaskError(opened.warnings[0], hint="datamask audit log shows what this machine did")
    for run in registry.running():
        if registry.shared:
            with registry.held(f"job {run.job}") as free:
                gone = free
        else:
            gone = not is_running(project, run.job)
        if gone:
            # One that has ended in between says so itself, and stays as it said.
            registry.record_crash(run.id, datetime.now(UTC))
    return registry, opened.warnings
