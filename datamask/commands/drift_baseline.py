"""What an environment is compared with: a snapshot, another environment, or a file that was saved."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from datamask.catalog.schema_reader import read_schema_state
from datamask.catalog.schema_state import SchemaState, load_state
from datamask.commands.env import standing_conninfo
from datamask.commands.project import Project
from datamask.commands.selection import readable_manifests, select_snapshot
from datamask.config.settings import Environment
from datamask.db.session import Session, connect
from datamask.errors import UsageError
from datamask.load.marks import Marks, parse_comment
from datamask.snapshot.manifest import Manifest
from datamask.snapshot.schema_file import snapshot_state
from datamask.suggest import nearest

BASELINE = "baseline"

BaselineKind = Literal["snapshot", "environment", "file"]


@dataclass(frozen=True, slots=True)
class Baseline:
    """One side of a comparison.

    :param name: a snapshot's id, an environment's name, or a file.
    :param manifest: of a snapshot.
    """

    kind: BaselineKind
    name: str
    state: SchemaState
    manifest: Manifest | None = None

    def carried(self, environment: Environment) -> bool:
        """True where the environment can only have what a load carries over."""
        return self.manifest is not None and self.manifest.source.environment != environment.name


def read_marks(session: Session) -> Marks:
    """What the session's own database says of what was loaded into it."""
    comment = session.value(
        "SELECT pg_catalog.shobj_description(d.oid, 'pg_database') FROM pg_catalog.pg_database d"
        " WHERE d.datname = pg_catalog.current_database()"
    )
    return parse_comment(comment)[1]


def read_environment(project: Project, environment: Environment) -> SchemaState:
    """The state of an environment's schema as it is now; it is only read."""
    with connect(standing_conninfo(project, environment), read_only=True) as session:
        return read_schema_state(session)


def find_baseline(project: Project, environment: Environment, against: str | None, marks: Marks) -> Baseline:
    """What ``against`` means.

    :param against: an environment, a file, a snapshot's id or the beginning of one, ``latest``, ``latest:ENV``;
        ``baseline`` for what the environment was loaded from; None for the configured one, else that.
    :raises UsageError: where it means nothing, or there is nothing to compare with.
    """
    if against is None and environment.drift.baseline is not None:
        return _named(project, environment, environment.drift.baseline, project.settings.root)
    if against is None or against == BASELINE:
        return _from_snapshot(project, _loaded(project, environment, marks))
    return _named(project, environment, against, Path.cwd())


def _named(project: Project, environment: Environment, name: str, folder: Path) -> Baseline:
    if name == environment.name:
        raise UsageError(f"environment {name} cannot be its own baseline")
    if name in project.settings.environments:
        return Baseline("environment", name, read_environment(project, project.environment(name)))
    path = folder / Path(name).expanduser()
    if path.is_file():
        return Baseline("file", name, load_state(path.read_bytes(), where=name))
    if name.endswith(".json") or "/" in name:
        raise UsageError(f"there is no file {name}", hint=f"datamask drift {environment.name} --save {name}")
    try:
        return _from_snapshot(project, select_snapshot(project, name))
    except UsageError as error:
        if "there is no snapshot" not in error.message:
            raise
        meant = nearest(name, project.settings.environments)
        raise UsageError(
            f"{name!r} is no environment, no file and no snapshot",
            hint=f"did you mean {meant!r}?" if meant else error.hint,
        ) from None


def _from_snapshot(project: Project, manifest: Manifest) -> Baseline:
    state = snapshot_state(project.store().folder(manifest.id), manifest)
    return Baseline("snapshot", manifest.id, state, manifest)


def _loaded(project: Project, environment: Environment, marks: Marks) -> Manifest:
    """The snapshot that it was loaded from, that it is to be loaded from, or that was last taken from it."""
    if marks.snapshot is not None:
        try:
            return select_snapshot(project, marks.snapshot)
        except UsageError:
            raise UsageError(
                f"environment {environment.name} was loaded from snapshot {marks.snapshot}, which is no longer there",
                hint="say what to compare with: --against ENV, SNAPSHOT or FILE",
            ) from None
    if environment.baseline is not None:
        return select_snapshot(project, environment.baseline)
    for manifest in readable_manifests(project):
        if manifest.source.environment == environment.name:
            return manifest
    raise UsageError(
        f"environment {environment.name} has no baseline: nothing was loaded into it, and no snapshot taken from it",
        hint="say what to compare with: --against ENV, SNAPSHOT or FILE; --save FILE saves a baseline",
    )
