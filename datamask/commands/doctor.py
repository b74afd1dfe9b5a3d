"""``datamask doctor``: can every environment be reached, with which rights, tools and versions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from datamask.commands.doctor_project import look_at_project
from datamask.commands.doctor_source import look_at_source
from datamask.commands.doctor_target import Expected, look_at_target
from datamask.commands.env import standing_conninfo
from datamask.commands.observation import Observation, failure, ok
from datamask.commands.project import Project
from datamask.commands.selection import select_snapshot
from datamask.config.settings import Environment
from datamask.db.binaries import server_programs
from datamask.errors import DatamaskError
from datamask.load.server import open_server
from datamask.snapshot.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Examined:
    """A part of the project and what was found there.

    :param subject: ``project``, or an environment's name.
    :param tier: of an environment, else None.
    """

    subject: str
    tier: str | None
    observations: tuple[Observation, ...]


@dataclass(frozen=True, slots=True)
class Examination:
    """Everything that was looked at."""

    parts: tuple[Examined, ...]

    def count(self, status: str) -> int:
        """How many observations of that status."""
        return sum(item.status == status for part in self.parts for item in part.observations)

    @property
    def healthy(self) -> bool:
        """True where nothing keeps datamask from working."""
        return not self.count("problem")


def examine(project: Project, environment_name: str | None = None) -> Examination:
    """Look at the project and its environments, or at one of them; changes and starts nothing."""
    chosen = (
        [project.environment(environment_name)]
        if environment_name is not None
        else list(project.settings.environments.values())
    )
    parts = [Examined("project", None, tuple(look_at_project(project)))]
    parts += [Examined(item.name, item.tier, tuple(_look_at_environment(project, item))) for item in chosen]
    return Examination(tuple(parts))


def _look_at_environment(project: Project, environment: Environment) -> Iterator[Observation]:
    if environment.embedded:
        try:
            major, _ = server_programs()
        except DatamaskError as error:
            yield failure("server", error)
            return
        if not project.embedded_server().status().running:
            yield ok("server", f"embedded PostgreSQL {major}, stopped: it starts when it is needed")
            return
    try:
        conninfo = standing_conninfo(project, environment)
    except DatamaskError as error:
        yield failure("url", error)
        return
    if environment.tier == "protected":
        yield from look_at_source(conninfo, workers=project.settings.workers)
        return
    if environment.embedded and not _has_database(conninfo):
        yield ok("content", "no database yet: the first load makes it")
        return
    try:
        target = project.target(environment)
    except DatamaskError as error:
        yield failure("policy", error)
        return
    yield from look_at_target(
        target,
        Expected(project.settings.workers, _baseline(project, environment, conninfo), environment.extensions),
    )


def _baseline(project: Project, environment: Environment, conninfo: str) -> Manifest | None:
    """The snapshot that an environment was loaded from, or is to be loaded from, if it is in the store."""
    try:
        with open_server(conninfo) as server:
            info = server.database(server.target)
        reference = (info.marks.snapshot if info else None) or environment.baseline
        return select_snapshot(project, reference) if reference else None
    except DatamaskError:
        # What is wrong with the server is told by what looks at it, and a missing snapshot by whoever needs it.
        return None


def _has_database(conninfo: str) -> bool:
    with open_server(conninfo) as server:
        return server.database(server.target) is not None
