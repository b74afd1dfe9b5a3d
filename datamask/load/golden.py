"""Goldens: a snapshot loaded once into a template database, which every load and reset then clones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime

from datamask.db.quoting import quote_identifier
from datamask.errors import DatamaskError
from datamask.load.content import Content
from datamask.load.names import BUILDING_PREFIX, GOLDEN_PREFIX, golden_key
from datamask.load.server import DatabaseInfo, Server, mark_statement

# How long to wait for another process that builds the same golden right now.
_BUILD_SECONDS = 1800.0


def has_golden(server: Server, content: Content) -> bool:
    """True where the server has the content's golden, complete."""
    info = server.database(GOLDEN_PREFIX + content.key)
    return (
        info is not None
        and not info.broken
        and info.marks.golden == content.digest
        and (info.marks.recipe or "") == content.recipe
    )


@contextmanager
def golden(server: Server, content: Content, build: Callable[[str], None]) -> Iterator[tuple[str, bool]]:
    """The content's golden, built where it is missing, and held for as long as the block runs.

    :param build: makes a database of the name that it is given and fills it.
    :returns: its name, and whether it had to be built.
    """
    with server.lock(golden_lock(content.key), what=f"snapshot {content.snapshot}", deadline=_BUILD_SECONDS):
        name = GOLDEN_PREFIX + content.key
        if has_golden(server, content):
            yield name, False
            return
        server.drop(name)
        building = BUILDING_PREFIX + content.key
        build(building)
        quoted = quote_identifier(building)
        with server.dropping(building):
            marks = replace(
                content.marks(),
                snapshot=None,
                digest=None,
                golden=content.digest,
                scenario=content.scenario or None,
                loaded=datetime.now(UTC).isoformat() if content.scenario else None,
            )
            # What a hook left connected would keep the database from being renamed.
            server.terminate_sessions(building)
            # One transaction: under its final name it is complete, or it has not got that name.
            server.session.script(
                f"{mark_statement(building, marks, comment=None)};"
                f" ALTER DATABASE {quoted} ALLOW_CONNECTIONS false IS_TEMPLATE true;"
                f" ALTER DATABASE {quoted} RENAME TO {quote_identifier(name)}"
            )
        yield name, True


def drop_unfinished(server: Server) -> None:
    """Drop what dead processes left half built; what live ones build is locked."""
    for name in server.databases():
        if name.startswith(BUILDING_PREFIX):
            _drop_if_free(server, name, name.removeprefix(BUILDING_PREFIX))


def drop_unused(server: Server, *, leaving: str | None = None) -> None:
    """Drop goldens that no database of the server was made from, nor will soon be.

    Of a snapshot that a database holds, the golden without anything else stays, which resets and scenarios start
    from, and the newest one of every scenario, so that tests can change between scenarios.

    :param leaving: a database that is being dropped right now.
    """
    databases = server.databases().values()
    digests = {info.marks.digest for info in databases if info.marks.digest and info.name != leaving}
    newest: dict[tuple[str | None, str], DatabaseInfo] = {}
    for info in databases:
        marks = info.marks
        if marks.golden in digests and (marks.scenario or not marks.recipe):
            place = marks.golden, marks.scenario or ""
            if place not in newest or (newest[place].marks.loaded or "") < (marks.loaded or ""):
                newest[place] = info
    kept = {info.name for info in newest.values()}
    used = {
        golden_key(info.marks.snapshot, info.marks.recipe or "")
        for info in databases
        if info.marks.snapshot and info.name != leaving
    }
    for info in databases:
        key = info.name.removeprefix(GOLDEN_PREFIX)
        if info.name.startswith(GOLDEN_PREFIX) and key not in used and info.name not in kept:
            _drop_if_free(server, info.name, key)


def _drop_if_free(server: Server, name: str, key: str) -> None:
    with suppress(DatamaskError), server.lock(golden_lock(key), what=name, deadline=0):
        server.drop(name)


def golden_lock(key: str) -> str:
    """The lock of whoever builds, clones or drops a golden."""
    return f"datamask golden {key}"
