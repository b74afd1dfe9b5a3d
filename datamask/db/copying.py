"""COPY streams at the speed of libpq, without a Python step of psycopg's for each row."""

from __future__ import annotations

import select
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import psycopg
from psycopg import pq
from psycopg.errors import error_from_result

from datamask.db.errors import translate, translated
from datamask.errors import DatabaseError

# Blocks of 1 MiB: larger ones gain nothing, smaller ones cost a call each (measured with rows of 14 and
# of 252 bytes).
BLOCK_BYTES = 1 << 20

# How long an abandoned COPY may take to notice that it was cancelled before the connection is closed.
_CANCEL_SECONDS = 5.0


def copy_out(
    connection: psycopg.Connection[Any], sql: str, *, block_bytes: int = BLOCK_BYTES
) -> Iterator[bytes]:
    """The data of a ``COPY … TO STDOUT``, in blocks of whole rows.

    A block holds at least ``block_bytes`` bytes, but for the last one; a row that is larger is a block of
    its own at most together with the rows before it. Leaving the iterator early cancels the COPY.

    :raises DatabaseError: where the statement fails, at the start or in the middle.
    """
    pgconn = connection.pgconn
    with translated():
        pgconn.send_query(sql.encode())
        _start(connection, pq.ExecStatus.COPY_OUT)
    finished = False
    try:
        yield from _blocks(connection, block_bytes)
        finished = True
    except DatabaseError:
        finished = True
        raise
    finally:
        if not finished:
            _abandon(connection)


def _blocks(connection: psycopg.Connection[Any], block_bytes: int) -> Iterator[bytes]:
    pgconn = connection.pgconn
    get = pgconn.get_copy_data
    block = bytearray()
    poll = _reader(pgconn.socket)
    with translated():
        while True:
            count, data = get(1)
            if count > 0:
                block += data
                if len(block) < block_bytes:
                    continue
                full, block = block, bytearray()
                yield bytes(full)
            elif count == 0:
                # Nothing buffered: wait in poll(), which a signal interrupts and which releases the GIL.
                poll.poll()
                pgconn.consume_input()
            else:
                break
        _finish(connection)
    if block:
        yield bytes(block)


class CopyIn:
    """An open ``COPY … FROM STDIN``: write bytes, in pieces of any size.

    A context manager: leaving it ends the COPY, leaving it by an exception makes the server discard it.
    """

    def __init__(self, connection: psycopg.Connection[Any], sql: str) -> None:
        self._cursor = connection.cursor()
        self._context = self._cursor.copy(sql.encode())
        self._copy: psycopg.Copy | None = None
        self._rows = 0

    @property
    def rows(self) -> int:
        """Rows that the server took; known once the COPY has ended."""
        return self._rows

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send data in the statement's format; cut large buffers into blocks of ``BLOCK_BYTES``."""
        if self._copy is None:
            raise DatabaseError("the COPY is not open")
        view = memoryview(data)
        with translated():
            for start in range(0, len(view), BLOCK_BYTES):
                self._copy.write(bytes(view[start : start + BLOCK_BYTES]))

    def __enter__(self) -> CopyIn:
        with translated():
            self._copy = self._context.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._copy = None
        try:
            self._context.__exit__(kind, value, trace)
        except psycopg.Error as error:
            # After an exception of the caller's the server only confirms that the COPY was given up.
            if kind is None:
                raise translate(error) from None
        else:
            self._rows = max(self._cursor.rowcount, 0)


def _start(connection: psycopg.Connection[Any], expected: pq.ExecStatus) -> None:
    """Wait for the statement's first result and check that it is the COPY that was asked for."""
    pgconn = connection.pgconn
    poll = _reader(pgconn.socket)
    while pgconn.flush():
        select.select([], [pgconn.socket], [], 1.0)
    while pgconn.is_busy():
        poll.poll()
        pgconn.consume_input()
    result = pgconn.get_result()
    if result is None:
        raise DatabaseError("the server sent no answer to a COPY")
    if result.status == expected:
        return
    _drain(connection)
    if result.status == pq.ExecStatus.FATAL_ERROR:
        raise error_from_result(result)
    raise DatabaseError("the statement is not a COPY of the expected direction")


def _finish(connection: psycopg.Connection[Any]) -> None:
    """Read the command's end; raises the error that ended it early."""
    for result in _drain(connection):
        if result.status == pq.ExecStatus.FATAL_ERROR:
            raise error_from_result(result)


def _drain(connection: psycopg.Connection[Any]) -> list[pq.abc.PGresult]:
    results: list[pq.abc.PGresult] = []
    while True:
        result = connection.pgconn.get_result()
        if result is None:
            return results
        results.append(result)
        if connection.pgconn.status == pq.ConnStatus.BAD:
            return results


def _abandon(connection: psycopg.Connection[Any]) -> None:
    """Cancel a COPY that nobody reads any more, and make the connection usable again, or close it."""
    pgconn = connection.pgconn
    poll = _reader(pgconn.socket)
    try:
        connection.cancel_safe(timeout=_CANCEL_SECONDS)
        while (count := pgconn.get_copy_data(1)[0]) >= 0:
            if count == 0:
                if not poll.poll(_CANCEL_SECONDS * 1000):
                    connection.close()
                    return
                pgconn.consume_input()
        _drain(connection)
    except psycopg.Error:
        connection.close()


def _reader(descriptor: int) -> select.poll:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return poll
