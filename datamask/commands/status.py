"""``datamask status``: is what should be fresh, fresh? For monitoring."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from datamask.commands.project import Project
from datamask.commands.runs import open_history
from datamask.errors import UsageError
from datamask.jobs.model import Job
from datamask.registry.model import ENDED, Load, RunState
from datamask.registry.records import Registry
from datamask.suggest import did_you_mean

Verdict = Literal["fresh", "stale", "failed", "never"]

_RECENT = 3


@dataclass(frozen=True, slots=True)
class Health:
    """How a job or an environment is.

    :param kind: ``job`` or ``environment``.
    :param verdict: ``fresh``; ``failed`` where a job's last run did; ``stale`` where the last good one is too long
        ago; ``never`` where there was none.
    :param since: when the last good run ended, or the last load did; None where there was none.
    :param max_age: seconds that it may be ago, None where nothing says.
    :param last: of a job, how its last run ended.
    :param running: a run of the job goes on now.
    :param about: the last run's id, or the snapshot that was loaded.
    """

    kind: Literal["job", "environment"]
    name: str
    verdict: Verdict
    since: datetime | None
    max_age: float | None
    last: RunState | None = None
    running: bool = False
    about: str | None = None
    due: datetime | None = None


@dataclass(frozen=True, slots=True)
class Status:
    """All that was asked about."""

    items: tuple[Health, ...]
    warnings: tuple[str, ...]

    @property
    def healthy(self) -> bool:
        """Is all of it fresh?"""
        return all(item.verdict == "fresh" for item in self.items)


def status(
    project: Project, name: str | None = None, *, max_age: float | None = None, now: datetime | None = None
) -> Status:
    """How jobs and environments are, by what the registry knows; no database of theirs is asked.

    :param name: a job's or an environment's; by default all jobs.
    :param max_age: seconds that the last good run or load may be ago, by default the job's own ``max_age``.
    :raises UsageError: nothing is called so, or there is no job.
    """
    settings = project.settings
    moment = now or datetime.now(UTC)
    if name is None and not settings.jobs:
        raise UsageError(
            f"{settings.file} has no jobs", hint="name an environment: datamask status ENV --max-age 26h"
        )
    if name is not None and name not in settings.jobs and name not in settings.environments:
        raise UsageError(
            f"{settings.file}: there is neither a job nor an environment {name!r}",
            hint=did_you_mean(name, [*settings.jobs, *settings.environments]),
        )
    registry, warnings = open_history(project)
    jobs = [job for job in settings.jobs.values() if name in (None, job.name)]
    items = [_job(registry, job, max_age if max_age is not None else job.max_age, moment) for job in jobs]
    if name in settings.environments:
        items.append(_environment(name, registry.last_loads().get(name), max_age, moment))
    return Status(tuple(items), warnings)


def _job(registry: Registry, job: Job, max_age: float | None, now: datetime) -> Health:
    recent = registry.runs(job.name, limit=_RECENT)
    last = next((run for run in recent if run.state in ENDED), None)
    success = registry.last_success(job.name)
    since = success.ended if success else None
    verdict: Verdict = "fresh"
    if last is None:
        verdict = "never"
    elif last.state != "succeeded":
        verdict = "failed"
    elif _too_old(since, max_age, now):
        verdict = "stale"
    return Health(
        "job",
        job.name,
        verdict,
        since,
        max_age,
        last.state if last else None,
        any(run.state == "running" for run in recent),
        last.id if last else None,
        job.schedule.next_after(now) if job.schedule else None,
    )


def _environment(name: str, load: Load | None, max_age: float | None, now: datetime) -> Health:
    since = load.time if load else None
    verdict: Verdict = "never" if load is None else "stale" if _too_old(since, max_age, now) else "fresh"
    return Health("environment", name, verdict, since, max_age, about=load.snapshot if load else None)


def _too_old(since: datetime | None, max_age: float | None, now: datetime) -> bool:
    return max_age is not None and (since is None or (now - since).total_seconds() > max_age)
