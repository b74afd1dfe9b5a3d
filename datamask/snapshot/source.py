"""One worker's connection to the source: rows of COPY statements inside the leader's snapshot."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Protocol

from datamask.db.clients import installed_clients, speaks_tls
from datamask.db.conninfo import demands_tls
from datamask.db.psql_pipe import PsqlPipe
from datamask.db.quoting import quote_literal
from datamask.db.session import SOURCE_LOCK_TIMEOUT, Session, connect
from datamask.db.settings import session_settings

# Under a limit by rows; each block is a file of its own, so smaller ones would be too many.
_THROTTLED_BLOCK_BYTES = 1 << 20


class Source(Protocol):
    """Something that runs COPY statements."""

    def read(self, sql: str, *, block_bytes: int) -> Iterator[bytes]:
        """The statement's rows, in blocks of whole lines."""

    def close(self) -> None:
        """Let go of the connection."""


def open_source(
    conninfo: str, snapshot_id: str, *, server_version: int, lock_timeout: float | None
) -> Source:
    """A source over a pipe from ``psql`` where there is one, else over libpq.

    :param snapshot_id: the exported snapshot that all reads happen in.
    :param lock_timeout: seconds, ``SOURCE_LOCK_TIMEOUT`` by default. The leader has locked the tables already, so
        whoever is in the way here waits for the leader: without an end, each would wait for the other.
    """
    if lock_timeout is None:
        lock_timeout = SOURCE_LOCK_TIMEOUT
    clients = installed_clients("psql")
    if demands_tls(conninfo):
        clients = [client for client in clients if speaks_tls(client.path)]
    if not clients:
        return LibpqSource(conninfo, snapshot_id, lock_timeout=lock_timeout)
    # Any psql reads any server; one of the server's own version is least likely to surprise.
    major = server_version // 10000
    client = min(clients, key=lambda client: abs(client.major - major))
    pipe = PsqlPipe(client, conninfo)
    try:
        pipe.run(session_settings(server_version, read_only=True, lock_timeout=lock_timeout))
        pipe.run(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
            f"SET TRANSACTION SNAPSHOT {quote_literal(snapshot_id)}"
        )
    except BaseException:
        pipe.close()
        raise
    return pipe


class LibpqSource:
    """The fallback where no ``psql`` is installed."""

    def __init__(self, conninfo: str, snapshot_id: str, *, lock_timeout: float) -> None:
        self._session: Session = connect(
            conninfo, application_name="datamask worker", read_only=True, lock_timeout=lock_timeout
        )
        self._session.import_snapshot(snapshot_id)

    def read(self, sql: str, *, block_bytes: int) -> Iterator[bytes]:
        """The statement's rows, in blocks of whole lines."""
        return self._session.copy_out(sql, block_bytes=block_bytes)

    def close(self) -> None:
        """Let go of the connection."""
        self._session.close()


class Throttle:
    """Keeps the average rate of what is read under a limit.

    :param rows_per_second: None for no limit.
    :param bytes_per_second: None for no limit.
    """

    def __init__(self, rows_per_second: float | None, bytes_per_second: float | None) -> None:
        self._rows_per_second = rows_per_second
        self._bytes_per_second = bytes_per_second
        self._ready = time.monotonic()

    def block_bytes(self, default: int) -> int:
        """The size to read in: ``default``, or under a limit what it gives in a second, so that the rate is even."""
        if self._bytes_per_second is not None:
            return min(default, max(_THROTTLED_BLOCK_BYTES, int(self._bytes_per_second)))
        return default if self._rows_per_second is None else _THROTTLED_BLOCK_BYTES

    def wait(self, rows: int, size: int) -> None:
        """Sleep until that much more may have been read."""
        cost = 0.0
        if self._rows_per_second:
            cost = rows / self._rows_per_second
        if self._bytes_per_second:
            cost = max(cost, size / self._bytes_per_second)
        if not cost:
            return
        now = time.monotonic()
        # What the work itself took counts; time that was lost is not made up for by a burst.
        self._ready = max(self._ready + cost, now)
        time.sleep(max(0.0, self._ready - now))
