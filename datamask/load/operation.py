"""A load or a reset, from the guard rails to the end of the swap."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from datamask.errors import RefusedError
from datamask.load import guards, preflight
from datamask.load.golden import drop_unfinished, drop_unused, golden, has_golden
from datamask.load.guards import Target
from datamask.load.marks import Marks
from datamask.load.names import next_name, previous_name
from datamask.load.properties import copy_properties
from datamask.load.server import Server, open_server
from datamask.load.spare import drop_spare, prepare_in_background, take_spare
from datamask.load.swap import exchange, swap_in
from datamask.progress import Progress
from datamask.snapshot.manifest import Manifest


@dataclass(frozen=True, slots=True)
class LoadOutcome:
    """What a load or reset did.

    :param strategy: ``spare`` (prepared before), ``clone`` of a golden that was there, ``build and clone``, or
        ``build``.
    :param phases: seconds by phase.
    """

    strategy: str
    phases: dict[str, float]
    warnings: tuple[str, ...]


@dataclass
class _Run:
    warnings: list[str] = field(default_factory=list)
    phases: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        begun = time.monotonic()
        try:
            yield
        finally:
            self.phases[name] = round(time.monotonic() - begun, 3)


def load_snapshot(
    target: Target,
    manifest: Manifest,
    folder: Path,
    *,
    confirm: str | None,
    pinned: bool,
    trust_golden: bool,
    workers: int,
    progress: Progress,
) -> LoadOutcome:
    """Replace an environment's database by one that holds the snapshot, wholly or not at all.

    :param folder: the snapshot's folder.
    :param trust_golden: where the snapshot's golden is there, its files need not be read: they were whole when
        it was built from them.
    :param pinned: resets go back to this snapshot, whatever the configured baseline says.
    :param workers: processes for a build; a clone needs none.
    :raises RefusedError: where a guard rail or the server's state forbids it; nothing was written.
    :raises DatamaskError: where something fails; the environment is as it was.
    """
    run = _Run()
    guards.check_tier(target.environment, target.tier)
    guards.check_confirmed(target.environment, target.tier, confirm)
    with open_server(target.conninfo) as server:
        with run.phase("checks"):
            guards.check_marker(target, server)
            guards.check_not_source(target, server, manifest)
            if trust_golden and has_golden(server, manifest):
                guards.check_policy(target, manifest.policy, manifest.id)
            else:
                guards.check_snapshot(target, manifest, folder)
        with server.lock(
            f"datamask environment {server.target}", what=f"environment {target.environment}", deadline=0
        ):
            recover(server, target)
            info = server.database(server.target)
            preflight.check_rights(server, info)
            preflight.check_attachments(server, info)
            run.warnings += preflight.check_extensions(server, manifest)
            strategy = _prepare(target, server, manifest, folder, workers, progress, run)
            following = next_name(server.target)
            with run.phase("swap"), server.dropping(following):
                if info is not None:
                    run.warnings += copy_properties(server, info, following)
                marks = Marks(
                    environment=target.environment,
                    snapshot=manifest.id,
                    digest=manifest.digest,
                    pinned=pinned,
                    loaded=datetime.now(UTC).isoformat(timespec="seconds"),
                )
                server.mark(following, marks, comment=info.comment if info is not None else None)
                swap_in(server, server.target)
            with run.phase("clean up"):
                if target.spare:
                    # It also drops the previous database, which nobody needs to wait for.
                    prepare_in_background(target.conninfo, manifest, keep_previous=target.keep_previous)
                elif not target.keep_previous:
                    server.drop(previous_name(server.target))
                drop_unused(server)
    return LoadOutcome(strategy, run.phases, tuple(run.warnings))


@dataclass(frozen=True, slots=True)
class UndoOutcome:
    """What an undo brought back.

    :param snapshot: what the environment was loaded from before, None where it never was.
    """

    snapshot: str | None
    warnings: tuple[str, ...]


def undo(target: Target, *, confirm: str | None) -> UndoOutcome:
    """Let an environment and the database that the last load replaced take each other's place.

    Another undo undoes that.

    :raises RefusedError: where a guard rail forbids it, or there is no such database; nothing was written.
    """
    guards.check_tier(target.environment, target.tier)
    guards.check_confirmed(target.environment, target.tier, confirm)
    with open_server(target.conninfo) as server:
        guards.check_marker(target, server)
        guards.check_not_source(target, server, None)
        with server.lock(
            f"datamask environment {server.target}", what=f"environment {target.environment}", deadline=0
        ):
            info = server.database(server.target)
            previous = server.database(previous_name(server.target))
            if info is None or previous is None or previous.broken:
                raise RefusedError(
                    f"there is no previous database of environment {target.environment} to go back to",
                    hint=f"`keep_previous: true` for {target.environment} keeps it from the next load or reset on",
                )
            server.drop(next_name(server.target))
            preflight.check_rights(server, info)
            preflight.check_attachments(server, info)
            warnings = copy_properties(server, info, previous.name)
            marks = replace(previous.marks, environment=target.environment)
            server.mark(previous.name, marks, comment=info.comment)
            exchange(server, server.target)
    return UndoOutcome(previous.marks.snapshot, tuple(warnings))


def recover(server: Server, target: Target) -> None:
    """Remove what killed processes left: half-built databases, a next one that never got in, an old one.

    The target itself needs no repair: the swap is one transaction.
    """
    server.drop(next_name(server.target))
    if not target.keep_previous:
        server.drop(previous_name(server.target))
    if not target.spare:
        drop_spare(server)
    drop_unfinished(server)


def _prepare(
    target: Target,
    server: Server,
    manifest: Manifest,
    folder: Path,
    workers: int,
    progress: Progress,
    run: _Run,
) -> str:
    """Make the database that is to be swapped in."""
    following = next_name(server.target)

    def build_as(name: str) -> None:
        # Only a build needs Polars; a reset that clones is over before it is imported.
        from datamask.load.build import build

        with run.phase("build"):
            build(server, name, manifest, folder, workers, progress, run.warnings)

    if take_spare(server, manifest, following):
        return "spare"
    if not target.golden and not has_golden(server, manifest):
        build_as(following)
        return "build"
    with golden(server, manifest, build_as) as (name, built), run.phase("clone"):
        server.clone(name, following)
    return "build and clone" if built else "clone"
