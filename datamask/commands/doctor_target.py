"""What ``doctor`` looks at in an environment that loads replace: rights, mark, what was left behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from datamask.commands.doctor_activity import look_at_activity
from datamask.commands.doctor_connection import look_at_connection
from datamask.commands.doctor_server import disk, extensions, target_settings
from datamask.commands.doctor_source import look_at_server, named
from datamask.commands.observation import Observation, failure, ok, problem, warning
from datamask.errors import DatamaskError
from datamask.load.guards import Target, check_marker, check_not_source
from datamask.load.names import BUILDING_PREFIX, golden_name, next_name, previous_name, spare_name
from datamask.load.preflight import check_attachments, check_rights
from datamask.load.server import Server, open_server
from datamask.snapshot.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Expected:
    """What a target has to be ready for.

    :param workers: as configured.
    :param manifest: of the snapshot that it holds or is to hold, None where there is none yet.
    :param extensions: versions that the environment declares, by name.
    """

    workers: int | None = None
    manifest: Manifest | None = None
    extensions: Mapping[str, str] = field(default_factory=dict)


def look_at_target(target: Target, expected: Expected = Expected()) -> Iterator[Observation]:
    """Everything that a load and a reset need; changes nothing."""
    try:
        server = open_server(target.conninfo)
    except DatamaskError as error:
        yield failure("connection", error)
        return
    with server:
        yield from look_at_server(server.session)
        yield from look_at_connection(server.session, workers=expected.workers, database=server.target)
        info = server.database(server.target)
        yield _passes("adopted", lambda: check_marker(target, server), f"database {server.target}")
        yield _passes(
            "identity",
            lambda: check_not_source(target, server, None),
            "is no protected environment",
        )
        yield _passes("rights", lambda: check_rights(server, info), "may create and rename databases")
        yield _passes(
            "attachments", lambda: check_attachments(server, info), "nothing is tied to the database"
        )
        if expected.manifest is not None:
            yield extensions(server, expected.manifest, expected.extensions)
        yield disk(server, copies=1 + target.golden + target.spare + target.keep_previous)
        yield from target_settings(server.session)
        yield from look_at_activity(server.session, database=server.target)
        yield from _content(target, server)


def _passes(topic: str, check: Callable[[], None], message: str) -> Observation:
    try:
        check()
    except DatamaskError as error:
        return failure(topic, error)
    return ok(topic, message)


def _content(target: Target, server: Server) -> Iterator[Observation]:
    databases = server.databases()
    info = databases.get(server.target)
    snapshot = info.marks.snapshot if info else None
    if snapshot is not None:
        spare = databases.get(spare_name(server.target))
        if spare is not None and spare.marks.snapshot == snapshot:
            how = "a spare is ready: a reset swaps it in"
        elif golden_name(snapshot) in databases:
            how = "its golden is there: a reset clones it"
        else:
            how = "no golden: a reset builds it anew"
        yield ok("content", f"snapshot {snapshot}; {how}")
    else:
        yield ok("content", "nothing was loaded yet")
    left = [name for name in databases if name.startswith(BUILDING_PREFIX)]
    left += [name for name in (next_name(server.target),) if name in databases]
    if not target.keep_previous:
        left += [name for name in (previous_name(server.target),) if name in databases]
    if left:
        yield warning(
            "leftovers",
            f"{named(left)}: of a load that runs right now, or was killed",
            f"the next load or reset of {target.environment} removes them",
        )
    broken = [name for name, found in databases.items() if found.broken]
    if broken:
        yield problem(
            "broken databases",
            f"{named(broken)}: the server crashed while it dropped them",
            "; ".join(f'DROP DATABASE "{name}"' for name in broken),
        )
