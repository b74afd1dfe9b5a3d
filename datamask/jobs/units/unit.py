"""What a unit is made from, and what it is."""

from __future__ import annotations

import json
from dataclasses import dataclass

from datamask.errors import UsageError
from datamask.jobs.model import Job
from datamask.jobs.schedule import Fields, Schedule

FILE_NAME = "datamask.yaml"
"""What is looked for where no other name is given."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where and as whom a job is to run.

    :param project: the project's name.
    :param root: the configuration's folder.
    :param config: the configuration file's name in it.
    :param program: the whole path of ``datamask``.
    :param user: who runs it, where the scheduler asks.
    :param image: a container image with datamask in it.
    :param variables: names of environment variables that the configuration refers to.
    """

    project: str
    root: str
    config: str
    program: str
    user: str
    image: str
    variables: tuple[str, ...]

    def arguments(self, job: Job, *options: str) -> tuple[str, ...]:
        """The words behind ``datamask`` that run a job, in the configuration's folder."""
        config = () if self.config == FILE_NAME else ("--config", self.config)
        return ("run", job.name, *config, *options)


@dataclass(frozen=True, slots=True)
class UnitFile:
    """A file that a scheduler reads.

    :param name: as the scheduler, or its custom, wants it.
    :param text: the whole content.
    """

    name: str
    text: str


def schedule_of(job: Job) -> Schedule:
    """The job's schedule.

    :raises UsageError: it has none.
    """
    if job.schedule is None:
        raise UsageError(
            f"job {job.name} has no schedule", hint='add schedule: "15 2 * * *" and timezone: to it'
        )
    return job.schedule


def plain_fields(job: Job, scheduler: str) -> Fields:
    """The schedule taken apart, for a scheduler that knows no last or nth day.

    :raises UsageError: it has one.
    """
    schedule = schedule_of(job)
    try:
        return schedule.fields()
    except ValueError as error:
        raise UsageError(
            f"job {job.name}: {scheduler} has no word for {error} ({schedule.expression})",
            hint="name days of the month or of the week, or use --as cron",
        ) from None


def quoted(text: str) -> str:
    """A YAML scalar, or a Python string, that says exactly this: a JSON string is both."""
    return json.dumps(text)
