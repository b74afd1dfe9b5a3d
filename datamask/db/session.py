"""A session with a PostgreSQL server: one connection, fixed settings, errors without values."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import Any

import psycopg
from psycopg import pq

from datamask.db import copying
from datamask.db.conninfo import (
    Address,
    build_conninfo,
    conninfo_parts,
    described,
    narrowed,
    resolved,
)
from datamask.db.errors import translate_connect, translated
from datamask.db.quoting import quote_literal
from datamask.db.settings import CONNECT_DEFAULTS, session_settings
from datamask.errors import DatabaseError

# A source must not be held up: waiting longer for a lock than this is an error that says so.
SOURCE_LOCK_TIMEOUT = 15.0

_SNAPSHOT_ID = re.compile(r"[0-9A-Fa-f-]{1,64}")


def connect(
    conninfo: str,
    *,
    application_name: str = "datamask",
    read_only: bool = False,
    autocommit: bool = True,
    lock_timeout: float | None = None,
) -> Session:
    """Open a session.

    :param conninfo: a libpq connection string or URI.
    :param read_only: the session refuses writes, and row-level security is an error instead of missing rows.
    :param autocommit: False opens a transaction with the first statement.
    :param lock_timeout: seconds to wait for a lock; by default ``SOURCE_LOCK_TIMEOUT`` for a read-only
        session, and as long as it takes for others.
    :raises DatabaseError: where no connection can be made.
    :raises UsageError: where the connection string is not valid.
    """
    conninfo = resolved(conninfo)
    parts = {**CONNECT_DEFAULTS, **conninfo_parts(conninfo), "application_name": application_name}
    if lock_timeout is None and read_only:
        lock_timeout = SOURCE_LOCK_TIMEOUT
    try:
        # Statements are not prepared: poolers that share server connections would lose them.
        connection = psycopg.connect(build_conninfo(parts), autocommit=True, prepare_threshold=None)
    except psycopg.Error as error:
        raise translate_connect(error, described(conninfo)) from None
    session = Session(connection)
    try:
        session.script(
            session_settings(session.server_version, read_only=read_only, lock_timeout=lock_timeout)
        )
        connection.autocommit = autocommit
    except BaseException:
        session.close()
        raise
    return session


class Session:
    """A connection; close it, or use it as a context manager. Made by ``connect``."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection

    @property
    def server_version(self) -> int:
        """As libpq gives it: 180004 is 18.4."""
        return self._connection.info.server_version

    @property
    def major(self) -> int:
        """The server's major version: 18."""
        return self.server_version // 10000

    @property
    def info(self) -> Address:
        """Where the session is connected to."""
        info = self._connection.info
        return Address(info.host, info.port, info.dbname, info.user, info.hostaddr)

    @property
    def sslmode(self) -> str:
        """What libpq was told to demand of the connection: ``verify-full``, ``require``, ``prefer``…"""
        return self._connection.info.get_parameters().get("sslmode", "prefer")

    def reached(self, conninfo: str) -> str:
        """The connection string that this session was opened with, narrowed to the server that it has reached."""
        return narrowed(conninfo, self.info)

    @property
    def backend_pid(self) -> int:
        """The server process of this session."""
        return self._connection.info.backend_pid

    @property
    def closed(self) -> bool:
        """True once closed, by either side."""
        return self._connection.closed

    @property
    def in_transaction(self) -> bool:
        """True between BEGIN and COMMIT or ROLLBACK, also where a statement has failed there."""
        return self._connection.info.transaction_status != pq.TransactionStatus.IDLE

    def rows(self, sql: str, params: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """All rows of a query; ``%s`` in it stands for the next parameter, if there are any."""
        with translated(), self._connection.cursor() as cursor:
            cursor.execute(sql.encode(), params or None)
            return cursor.fetchall() if cursor.description is not None else []

    def row(self, sql: str, params: Sequence[object] = ()) -> tuple[Any, ...] | None:
        """The first row of a query, or None."""
        rows = self.rows(sql, params)
        return rows[0] if rows else None

    def value(self, sql: str, params: Sequence[object] = ()) -> Any:
        """The first column of the first row, or None."""
        row = self.row(sql, params)
        return row[0] if row else None

    def execute(self, sql: str, params: Sequence[object] = ()) -> int:
        """Run one statement; gives the number of rows that it touched, 0 where that means nothing."""
        with translated(), self._connection.cursor() as cursor:
            cursor.execute(sql.encode(), params or None)
            return max(cursor.rowcount, 0)

    def script(self, sql: str) -> None:
        """Run any number of statements by the simple query protocol.

        Without BEGIN in it they are one transaction; a statement that cannot run in one, such as
        CREATE DATABASE, must stand alone.
        """
        with translated(), self._connection.cursor() as cursor:
            cursor.execute(sql.encode())

    def leave_behind(self, sql: str) -> None:
        """Send one statement and close the session; the server carries it out with nobody waiting for it.

        Whether it succeeds is never known.
        """
        with translated():
            self._connection.pgconn.send_query(sql.encode())
            while self._connection.pgconn.flush():
                pass
        self.close()

    def copy_out(self, sql: str, *, block_bytes: int = copying.BLOCK_BYTES) -> Iterator[bytes]:
        """The data of a ``COPY … TO STDOUT`` in blocks of whole rows; see ``copying.copy_out``."""
        return copying.copy_out(self._connection, sql, block_bytes=block_bytes)

    def copy_in(self, sql: str) -> copying.CopyIn:
        """An open ``COPY … FROM STDIN`` as a context manager with ``write(bytes)``."""
        return copying.CopyIn(self._connection, sql)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction: committed at the end of the block, rolled back where an exception leaves it."""
        with translated(), self._connection.transaction():
            yield

    def begin_snapshot(self) -> str:
        """Open a read-only repeatable-read transaction and give the id that others can import.

        The id is good for as long as this transaction is open. Works on a hot standby.
        """
        self.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        return str(self.value("SELECT pg_catalog.pg_export_snapshot()"))

    def import_snapshot(self, snapshot_id: str) -> None:
        """Open a read-only transaction that sees exactly what another session's snapshot sees."""
        if not _SNAPSHOT_ID.fullmatch(snapshot_id):
            raise DatabaseError("the snapshot's id is malformed")
        self.script(
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; "
            + f"SET TRANSACTION SNAPSHOT {quote_literal(snapshot_id)}"
        )

    def commit(self) -> None:
        """End the open transaction."""
        self.script("COMMIT")

    def rollback(self) -> None:
        """Give up the open transaction."""
        self.script("ROLLBACK")

    def cancel(self) -> None:
        """Ask the server to stop what another thread has this session do."""
        with translated("cannot cancel the running statement"):
            self._connection.cancel_safe(timeout=5.0)

    def close(self) -> None:
        """Close the connection; an open transaction is rolled back by the server."""
        self._connection.close()

    def __enter__(self) -> Session:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
