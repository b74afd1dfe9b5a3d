"""Figures of runs for Prometheus: a file for node_exporter, a push gateway."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError

from prometheus_client import CollectorRegistry, Gauge, push_to_gateway, write_to_textfile

from datamask.errors import DatamaskError
from datamask.registry.model import Load, Run

_PUSH_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class JobFigures:
    """What is known of one job.

    :param last: its newest run that has ended.
    :param success: its newest run that succeeded.
    """

    job: str
    last: Run | None
    success: Run | None


def collected(project: str, jobs: Iterable[JobFigures], loads: Iterable[Load]) -> CollectorRegistry:
    """The figures as Prometheus knows them: times are Unix seconds, spans seconds.

    :param loads: the last one into each environment.
    """
    registry = CollectorRegistry()

    def gauge(name: str, help_: str, *labels: str) -> Gauge:
        return Gauge(f"datamask_{name}", help_, ("project", *labels), registry=registry)

    ended = gauge("job_last_end_timestamp_seconds", "When the job's last run ended.", "job")
    success = gauge("job_last_success_timestamp_seconds", "When the job's last success ended.", "job")
    code = gauge("job_last_exit_code", "The exit code of the job's last run; 0 is success.", "job")
    seconds = gauge("job_last_duration_seconds", "How long the job's last run took.", "job")
    step_seconds = gauge("step_last_duration_seconds", "How long a step of it took.", "job", "step")
    step_rows = gauge("step_last_rows", "Rows that a step of it took or loaded.", "job", "step")
    loaded = gauge("environment_loaded_timestamp_seconds", "When an environment was loaded.", "environment")
    for figures in jobs:
        job, last = figures.job, figures.last
        if figures.success is not None and figures.success.ended is not None:
            success.labels(project, job).set(figures.success.ended.timestamp())
        if last is None:
            continue
        if last.ended is not None:
            ended.labels(project, job).set(last.ended.timestamp())
        if last.exit_code is not None:
            code.labels(project, job).set(last.exit_code)
        if last.seconds is not None:
            seconds.labels(project, job).set(last.seconds)
        for step in last.steps:
            if step.seconds is not None:
                step_seconds.labels(project, job, step.label).set(step.seconds)
            if step.rows is not None:
                step_rows.labels(project, job, step.label).set(step.rows)
    for load in loads:
        loaded.labels(project, load.environment).set(load.time.timestamp())
    return registry


def write_textfile(path: Path, registry: CollectorRegistry) -> None:
    """Replace the file in one step: whoever reads it sees the old or the new one.

    :raises DatamaskError: it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_to_textfile(str(path), registry)
        # The collector runs as a user of its own.
        path.chmod(0o644)
    except OSError as error:
        raise DatamaskError(f"the metrics file {path} cannot be written: {error.strerror}") from None


def push(address: str, registry: CollectorRegistry, *, project: str, job: str) -> None:
    """Replace the job's figures at a push gateway.

    :param address: its URL; it is not repeated in errors, as it may hold a password.
    :raises DatamaskError: it cannot be reached, or refuses.
    """
    try:
        push_to_gateway(
            address, job="datamask", registry=registry, grouping_key={"project": project, "datamask_job": job},
            timeout=_PUSH_SECONDS,
        )  # fmt: skip
    except HTTPError as error:
        # It holds the connection open.
        error.close()
        raise _not_taken(f"it answered with status {error.code}") from None
    except (URLError, OSError, ValueError) as error:
        reason = getattr(error, "reason", error)
        raise _not_taken(reason.strerror if isinstance(reason, OSError) else None) from None


def _not_taken(why: str | None) -> DatamaskError:
    return DatamaskError(
        f"the push gateway of metrics.push does not take the figures: {why or 'the address is wrong'}"
    )
