"""Goldens: a snapshot loaded once into a template database, which every load and reset then clones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from datamask.db.quoting import quote_identifier
from datamask.errors import DatamaskError
from datamask.load.marks import Marks
from datamask.load.names import BUILDING_PREFIX, GOLDEN_PREFIX, building_name, golden_name
from datamask.load.server import Server, mark_statement
from datamask.snapshot.manifest import Manifest

# How long to wait for another process that builds the same golden right now.
_BUILD_SECONDS = 1800.0


def has_golden(server: Server, manifest: Manifest) -> bool:
    """True where the server has the snapshot's golden, complete."""
    info = server.database(golden_name(manifest.id))
    return info is not None and not info.broken and info.marks.golden == manifest.digest


@contextmanager
def golden(server: Server, manifest: Manifest, build: Callable[[str], None]) -> Iterator[tuple[str, bool]]:
    """The snapshot's golden, built where it is missing, and held for as long as the block runs.

    :param build: makes a database of the name that it is given and fills it.
    :returns: its name, and whether it had to be built.
    """
    with server.lock(golden_lock(manifest.id), what=f"snapshot {manifest.id}", deadline=_BUILD_SECONDS):
        name = golden_name(manifest.id)
        if has_golden(server, manifest):
            yield name, False
            return
        server.drop(name)
        building = building_name(manifest.id)
        build(building)
        quoted = quote_identifier(building)
        with server.dropping(building):
            # One transaction: under its final name it is complete, or it has not got that name.
            server.session.script(
                f"{mark_statement(building, Marks(golden=manifest.digest), comment=None)};"
                f" ALTER DATABASE {quoted} ALLOW_CONNECTIONS false IS_TEMPLATE true;"
                f" ALTER DATABASE {quoted} RENAME TO {quote_identifier(name)}"
            )
        yield name, True


def drop_unfinished(server: Server) -> None:
    """Drop what dead processes left half built; what live ones build is locked."""
    for name in server.databases():
        if name.startswith(BUILDING_PREFIX):
            _drop_if_free(server, name, name.removeprefix(BUILDING_PREFIX))


def drop_unused(server: Server) -> None:
    """Drop goldens that no database of the server was made from."""
    databases = server.databases().values()
    used = {info.marks.snapshot for info in databases}
    for info in databases:
        snapshot_id = info.name.removeprefix(GOLDEN_PREFIX)
        if info.name.startswith(GOLDEN_PREFIX) and snapshot_id not in used:
            _drop_if_free(server, info.name, snapshot_id)


def _drop_if_free(server: Server, name: str, snapshot_id: str) -> None:
    with suppress(DatamaskError), server.lock(golden_lock(snapshot_id), what=name, deadline=0):
        server.drop(name)


def golden_lock(snapshot_id: str) -> str:
    """The lock of whoever builds, clones or drops a snapshot's golden."""
    return f"datamask golden {snapshot_id}"
