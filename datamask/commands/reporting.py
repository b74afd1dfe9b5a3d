"""Telling the world outside how a run ended: figures, messages. None of it can fail the run."""

from __future__ import annotations

from collections.abc import Callable

from datamask.commands.project import Project
from datamask.errors import DatamaskError
from datamask.monitoring.notifications import about_run, is_for, occasions, send
from datamask.registry.model import ENDED, Run
from datamask.registry.records import Registry

# Among so many runs there is one that has ended: only one can go on.
_RECENT = 3


def tell(
    project: Project,
    registry: Registry | None,
    run: Run,
    *,
    previous: str | None,
    warn: Callable[[str], None],
) -> None:
    """Send and write what the configuration asks for.

    :param previous: the state of the run before it.
    :param warn: told of what could not be sent.
    """
    found = occasions(run.state, previous)
    event = next(name for name in ("failure", "recovery", "success") if name in found)
    for channel in project.settings.notify.values():
        if is_for(channel, run.job, found):
            try:
                send(channel, about_run(run, event), subject=f"[datamask] {run.job}: {event} on {run.host}")
            except DatamaskError as error:
                warn(error.message)
    try:
        _figures(project, registry, run)
    except DatamaskError as error:
        warn(error.message)


def _figures(project: Project, registry: Registry | None, run: Run) -> None:
    metrics = project.settings.metrics
    if metrics.textfile is None and metrics.push is None:
        return
    if registry is None:
        # Figures that lack what the registry knows would look as if it had never happened.
        raise DatamaskError("metrics stay as they were: they come from the registry, which cannot be used")
    from datamask.monitoring.metrics import JobFigures, collected, push, write_textfile

    def figures(job: str) -> JobFigures:
        last = next((item for item in registry.runs(job, limit=_RECENT) if item.state in ENDED), None)
        return JobFigures(job, last, registry.last_success(job))

    if metrics.textfile is not None:
        jobs = [figures(job) for job in project.settings.jobs]
        write_textfile(
            metrics.textfile, collected(project.settings.project, jobs, registry.last_loads().values())
        )
    if metrics.push is not None:
        own = collected(project.settings.project, [figures(run.job)], ())
        push(metrics.push.resolve_text().strip(), own, project=project.settings.project, job=run.job)
