"""Goldens: a snapshot loaded once into a template database, which every load and reset then clones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from datamask.db.conninfo import with_database
from datamask.db.quoting import quote_identifier, quote_literal
from datamask.errors import DatabaseError, DatamaskError
from datamask.execution.processes import WorkerPool
from datamask.load.names import BUILDING_PREFIX, GOLDEN_PREFIX, building_name, golden_name
from datamask.load.restore import restore
from datamask.load.server import GOLDEN, SNAPSHOT, Server, set_statement
from datamask.progress import Progress
from datamask.snapshot.manifest import Manifest, SourceIdentity

# How long to wait for another process that builds the same golden right now.
_BUILD_SECONDS = 1800.0

_WRONG_LOCALE = frozenset({"22023", "42809", "42704", "0A000", "22P02"})


def has_golden(server: Server, manifest: Manifest) -> bool:
    """True where the server has the snapshot's golden, complete."""
    info = server.database(golden_name(manifest.id))
    return info is not None and not info.broken and info.settings.get(GOLDEN) == manifest.digest


@contextmanager
def golden(
    server: Server,
    manifest: Manifest,
    folder: Path,
    make_pool: Callable[[], WorkerPool],
    progress: Progress,
    warnings: list[str],
) -> Iterator[tuple[str, bool]]:
    """The snapshot's golden, built where it is missing, and held for as long as the block runs.

    :returns: its name, and whether it had to be built.
    """
    with server.lock(_lock_name(manifest.id), what=f"snapshot {manifest.id}", deadline=_BUILD_SECONDS):
        name = golden_name(manifest.id)
        if has_golden(server, manifest):
            yield name, False
            return
        server.drop(name)
        building = building_name(manifest.id)
        build(server, building, manifest, folder, make_pool, progress, warnings)
        quoted = quote_identifier(building)
        # One transaction: under its final name it is complete, or it has not got that name.
        server.session.script(
            f"{set_statement(f'DATABASE {quoted}', GOLDEN, manifest.digest)};"
            f" ALTER DATABASE {quoted} ALLOW_CONNECTIONS false IS_TEMPLATE true;"
            f" ALTER DATABASE {quoted} RENAME TO {quote_identifier(name)}"
        )
        yield name, True


def build(
    server: Server,
    name: str,
    manifest: Manifest,
    folder: Path,
    make_pool: Callable[[], WorkerPool],
    progress: Progress,
    warnings: list[str],
) -> None:
    """Make a database of that name and fill it with the snapshot; on failure it is gone again."""
    server.drop(name)
    _create(server, name, manifest.source, warnings)
    try:
        with make_pool() as pool:
            restore(
                conninfo=with_database(server.conninfo, name),
                folder=folder,
                manifest=manifest,
                pool=pool,
                progress=progress,
            )
    except BaseException:
        # The error at hand matters; what stays behind is dropped by the next load.
        with suppress(DatamaskError):
            server.drop(name)
        raise


def drop_unfinished(server: Server) -> None:
    """Drop what dead processes left half built; what live ones build is locked."""
    for name in server.databases():
        if name.startswith(BUILDING_PREFIX):
            _drop_if_free(server, name, name.removeprefix(BUILDING_PREFIX))


def drop_unused(server: Server) -> None:
    """Drop goldens that no database of the server was made from."""
    databases = server.databases().values()
    used = {info.settings.get(SNAPSHOT) for info in databases}
    for info in databases:
        snapshot_id = info.name.removeprefix(GOLDEN_PREFIX)
        if info.name.startswith(GOLDEN_PREFIX) and snapshot_id not in used:
            _drop_if_free(server, info.name, snapshot_id)


def _drop_if_free(server: Server, name: str, snapshot_id: str) -> None:
    with suppress(DatamaskError), server.lock(_lock_name(snapshot_id), what=name, deadline=0):
        server.drop(name)


def _lock_name(snapshot_id: str) -> str:
    return f"datamask golden {snapshot_id}"


def _create(server: Server, name: str, source: SourceIdentity, warnings: list[str]) -> None:
    """An empty database with the source's encoding and, where the server knows it, its locale."""
    base = (
        f"CREATE DATABASE {quote_identifier(name)} TEMPLATE template0 ENCODING {quote_literal(source.encoding)}"
    )
    try:
        server.session.script(base + _locale(source, server.session.major))
        return
    except DatabaseError as error:
        if error.sqlstate not in _WRONG_LOCALE:
            raise
    warnings.append(
        f"the target's server does not know the source's locale {source.locale or source.collate}: "
        "texts sort by code point"
    )
    server.session.script(base + " LC_COLLATE 'C' LC_CTYPE 'C'")


def _locale(source: SourceIdentity, major: int) -> str:
    clause = f" LC_COLLATE {quote_literal(source.collate)} LC_CTYPE {quote_literal(source.ctype)}"
    if major < 15 or source.locale_provider == "libc":
        return clause
    option = "ICU_LOCALE" if source.locale_provider == "icu" else "BUILTIN_LOCALE"
    return clause + f" LOCALE_PROVIDER {source.locale_provider} {option} {quote_literal(source.locale or '')}"
