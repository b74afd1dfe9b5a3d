"""Putting a database into another's place.

``ALTER DATABASE … RENAME`` is an ordinary change of the catalog, so both renames are one transaction: at
any instant, and after a crash at any instant, the target's name means the whole old database or the whole
new one. The rename also locks the database's entry, so a client that connects meanwhile waits for the end
instead of keeping the swap from happening.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from datamask.db.quoting import quote_identifier
from datamask.errors import DatabaseError, DatamaskError, RefusedError
from datamask.load.names import next_name, previous_name
from datamask.load.server import Server, in_use, open_server

SWAP_SECONDS = 30.0

# How often sessions that came in between are ended while a rename waits for the database to be empty.
_SWEEP_SECONDS = 0.02


def swap_in(server: Server, target: str, *, deadline: float = SWAP_SECONDS) -> None:
    """Rename ``target`` out of the way, if it is there, and the prepared next database into its place.

    :param deadline: seconds until sessions that do not end are given up on; then nothing has changed.
    :raises RefusedError: where the target stayed in use.
    """
    following, previous = quote_identifier(next_name(target)), quote_identifier(previous_name(target))
    name = quote_identifier(target)
    if server.database(target) is None:
        server.session.script(f"ALTER DATABASE {following} RENAME TO {name}")
        return
    server.drop(previous_name(target))
    _rename(
        server,
        f"ALTER DATABASE {name} RENAME TO {previous}; ALTER DATABASE {following} RENAME TO {name}",
        (target,),
        deadline,
    )


def exchange(server: Server, target: str, *, deadline: float = SWAP_SECONDS) -> None:
    """Let ``target`` and the previous database, which must be there, take each other's place.

    :param deadline: as for :func:`swap_in`.
    :raises RefusedError: where one of them stayed in use.
    """
    name, following, previous = map(quote_identifier, (target, next_name(target), previous_name(target)))
    _rename(
        server,
        f"ALTER DATABASE {name} RENAME TO {following}; ALTER DATABASE {previous} RENAME TO {name};"
        f" ALTER DATABASE {following} RENAME TO {previous}",
        (target, previous_name(target)),
        deadline,
    )


def _rename(server: Server, statements: str, databases: tuple[str, ...], deadline: float) -> None:
    """Run renames in one transaction, as soon as the databases are empty of sessions."""
    end = time.monotonic() + deadline
    with _sweeping(server, databases):
        while True:
            try:
                server.session.script(statements)
            except DatabaseError as error:
                if not in_use(error):
                    raise
            else:
                return
            if time.monotonic() >= end:
                raise RefusedError(
                    f"database {databases[0]} is still in use after {deadline:g} s; nothing was changed",
                    hint="stop what connects to it again and again, or end prepared transactions in it",
                )


@contextmanager
def _sweeping(server: Server, databases: tuple[str, ...]) -> Iterator[None]:
    """End sessions of the databases, on a connection of its own, for as long as the block runs."""
    stop = threading.Event()
    with open_server(server.conninfo) as helper:

        def sweep() -> None:
            while not stop.wait(_SWEEP_SECONDS):
                for database in databases:
                    with suppress(DatamaskError):
                        helper.terminate_sessions(database)

        # Before the first rename looks: it then finds the database empty and does not have to wait.
        for database in databases:
            helper.terminate_sessions(database)
        thread = threading.Thread(target=sweep, daemon=True)
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join()
