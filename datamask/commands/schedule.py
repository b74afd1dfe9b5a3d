"""``datamask schedule``: the files that make another program run a job."""

from __future__ import annotations

import getpass
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

from datamask.commands.project import Project
from datamask.config.secrets import SecretRef
from datamask.config.settings import Settings
from datamask.errors import UsageError
from datamask.jobs.units.render import SCHEDULERS
from datamask.jobs.units.unit import Place, UnitFile
from datamask.suggest import did_you_mean

IMAGE = "registry.example.com/datamask:latest"
"""Stands where nobody said which image; it is nobody's."""


@dataclass(frozen=True, slots=True)
class Units:
    """The files of one scheduler.

    :param written: where they were written, empty where they were not.
    """

    scheduler: str
    files: tuple[UnitFile, ...]
    written: tuple[Path, ...]


def schedule(
    project: Project,
    name: str,
    scheduler: str,
    *,
    user: str | None = None,
    image: str | None = None,
    out: Path | None = None,
) -> Units:
    """Make the files that let a scheduler run a job.

    :param user: who runs it, by default who asks.
    :param image: a container image with datamask in it.
    :param out: a folder to write them into; what is there already stays, and is an error.
    :raises UsageError: no such job or scheduler, or one that cannot say the job's schedule.
    """
    job = project.settings.job(name)
    if scheduler not in SCHEDULERS:
        raise UsageError(
            f"there is no scheduler {scheduler!r}",
            hint=did_you_mean(scheduler, SCHEDULERS) or f"it is one of {', '.join(SCHEDULERS)}",
        )
    place = Place(
        project=project.settings.project,
        root=str(project.settings.root),
        config=project.settings.file.name,
        program=_program(),
        user=user or _user(),
        image=image or IMAGE,
        variables=variables(project.settings),
    )
    files = SCHEDULERS[scheduler](job, place)
    return Units(scheduler, files, tuple(_write(out, file) for file in files) if out else ())


def variables(settings: Settings) -> tuple[str, ...]:
    """Names of the environment variables that the configuration refers to, sorted."""
    references: list[object] = [
        settings.masking_key,
        settings.registry.url,
        settings.metrics.push,
        *(environment.url for environment in settings.environments.values()),
        *(channel.secret for channel in settings.notify.values()),
    ]
    return tuple(
        sorted({item.target for item in references if isinstance(item, SecretRef) and item.scheme == "env"})
    )


def _program() -> str:
    """The whole path of the program: schedulers know little of anybody's PATH."""
    beside = Path(sys.executable).with_name("datamask")
    found = str(beside) if beside.exists() else shutil.which("datamask")
    return found or "datamask"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return str(os.getuid())


def _write(folder: Path, file: UnitFile) -> Path:
    path = folder / file.name
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as out:
            out.write(file.text)
    except FileExistsError:
        raise UsageError(f"{path} is there already", hint="remove it, or name another folder") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    return path
