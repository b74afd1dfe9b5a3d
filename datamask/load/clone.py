"""Cloning a template database by the way that suits the server best, as measured there.

``FILE_COPY`` copies the files and has the whole cluster write a checkpoint before and after; from PostgreSQL 18 on
a file system with reflinks copies nothing at all. ``WAL_LOG`` writes every page to the WAL: several times as slow for
a large database, quicker for a small one, and no checkpoint for the others on the server. Whether reflinks
work cannot be asked, only timed.
"""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import replace

from datamask.config.reset import CloneMethod
from datamask.db.quoting import quote_identifier
from datamask.errors import DatabaseError
from datamask.load.server import DatabaseInfo, Server

FILE_COPY: CloneMethod = "file-copy"
WAL_LOG: CloneMethod = "wal-log"

# The strategies came with PostgreSQL 15; before it there is the file copy alone.
_STRATEGY_VERSION = 15

# file_copy_method, and with it reflinks.
_REFLINK_VERSION = 18

# WAL_LOG is tried on databases up to this size: beyond it, a trial alone could fill the WAL's disk.
_TRIAL_BYTES = 256 << 20


def clone(server: Server, template: str, name: str, method: CloneMethod = "auto") -> None:
    """Make ``name`` a copy of ``template``, and note at the template how long it took."""
    info = server.database(template)
    if server.session.major < _STRATEGY_VERSION:
        server.session.script(_statement(template, name))
        return
    seconds = measured(info) if info is not None else {}
    chosen = method if method != "auto" else _choice(server, template, seconds)
    if chosen == FILE_COPY and server.session.major >= _REFLINK_VERSION:
        # Where the server was built without it, the setting is refused and files are copied.
        with suppress(DatabaseError):
            server.session.script("SET file_copy_method = clone")
    begun = time.monotonic()
    server.session.script(f"{_statement(template, name)} STRATEGY {chosen.replace('-', '_').upper()}")
    took = time.monotonic() - begun
    if info is not None and info.marks.golden is not None and _worth_noting(seconds.get(chosen), took):
        noted = {**seconds, chosen: took}
        marks = replace(info.marks, measured=" ".join(f"{key}={value:.3f}" for key, value in noted.items()))
        # Who may clone a template of somebody else's may not write on it.
        with suppress(DatabaseError):
            server.mark(template, marks, comment=info.comment)


def measured(info: DatabaseInfo) -> dict[str, float]:
    """Seconds that clones of a golden took, by method."""
    found = {}
    for entry in (info.marks.measured or "").split():
        method, _, seconds = entry.partition("=")
        with suppress(ValueError):
            found[method] = float(seconds)
    return {method: seconds for method, seconds in found.items() if method in (FILE_COPY, WAL_LOG)}


def _choice(server: Server, template: str, seconds: dict[str, float]) -> CloneMethod:
    if FILE_COPY not in seconds:
        return FILE_COPY
    if WAL_LOG not in seconds:
        size = database_bytes(server, template)
        return WAL_LOG if size is not None and size <= _TRIAL_BYTES else FILE_COPY
    return FILE_COPY if seconds[FILE_COPY] < seconds[WAL_LOG] else WAL_LOG


def database_bytes(server: Server, name: str) -> int | None:
    """The size of a database on disk, None where the role may not know."""
    with suppress(DatabaseError):
        return int(server.session.value("SELECT pg_catalog.pg_database_size(%s::name)", [name]))
    return None


def _worth_noting(before: float | None, took: float) -> bool:
    """A note is a write to the catalog; one clone is like the other but for noise."""
    return before is None or not 0.5 * before < took < 2 * before


def _statement(template: str, name: str) -> str:
    return f"CREATE DATABASE {quote_identifier(name)} TEMPLATE {quote_identifier(template)}"
