"""What an environment holds, held, and is meant to hold: by its database's own mark, and by the audit log."""

from __future__ import annotations

from datamask.commands.env import standing_conninfo
from datamask.commands.project import Project
from datamask.commands.selection import select_snapshot
from datamask.config.settings import Environment
from datamask.errors import DatamaskError, UsageError
from datamask.load.content import held
from datamask.load.marks import NO_MARKS, Marks
from datamask.load.server import open_server
from datamask.promotion.gates import Held
from datamask.promotion.history import digests_held
from datamask.snapshot.manifest import Manifest

LOADED = "loaded:"
"""Before an environment's name: the snapshot that it holds."""


def admitted_before(project: Project, environment: Environment, manifest: Manifest) -> str | None:
    """When a snapshot went through the gates of the environment that holds it, by the database's own mark.

    None where it did not, or the environment holds another one, or was loaded before it had gates.
    """
    marks = _marks(project, environment)
    return marks.admitted if marks.digest == manifest.digest else None


def held_by(project: Project, stage: Environment) -> Held:
    """What a stage holds by its own mark, and what it held by the audit log."""
    marks, problem = NO_MARKS, None
    try:
        marks = _marks(project, stage)
    except DatamaskError as error:
        problem = error.message
    log = project.audit()
    verdict = log.verify(anchor=log.anchor if log.anchor is not None and log.anchor.exists() else None)
    breach = verdict.breach
    return Held(
        digest=marks.digest,
        snapshot=marks.snapshot,
        admitted=stage.gates is None or marks.admitted is not None,
        problem=problem,
        history=digests_held(log.records(), stage.name, gated=stage.gates is not None),
        broken=f"{verdict.file}:{breach.line}: {breach.reason}" if breach else None,
    )


def _marks(project: Project, environment: Environment) -> Marks:
    """What an environment's database says of itself; nothing where it says that it is another one's."""
    with open_server(standing_conninfo(project, environment)) as server:
        marks = held(server)
    return marks if marks.environment == environment.name else NO_MARKS


def snapshot_for(project: Project, reference: str, environment: Environment) -> Manifest:
    """The snapshot that somebody means to put into an environment.

    :param reference: as ``select_snapshot`` takes it, or ``loaded:ENV`` for what that environment holds by its mark.
    :raises UsageError: there is none; or that environment holds none, or cannot say.
    """
    if reference.startswith(LOADED):
        name = reference.removeprefix(LOADED)
        marks = _marks(project, project.environment(name))
        if marks.snapshot is None:
            raise UsageError(
                f"environment {name} does not say that it was loaded from any snapshot",
                hint=f"name the snapshot; datamask env status {name} says what is known",
            )
        reference = marks.snapshot
    accepted = project.accepted_policies(environment)
    return select_snapshot(project, reference, accepts=lambda found: found.policy in accepted)
