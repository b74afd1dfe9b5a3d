"""Connections to the registry's database, and its errors as datamask's.

A SQLite file is in write-ahead mode: readers never wait, writers wait for each other. SQLAlchemy's own
transactions on SQLite begin with the first change, and two readers that both want to write would then
deadlock; here every writing transaction says so at its begin.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from datamask.db.conninfo import conninfo_parts, described
from datamask.db.errors import translate, translate_connect
from datamask.errors import DatamaskError
from datamask.registry.tables import SCHEMA

# Twenty writers of a few rows each are through in a second; a disk that stalls is given its time.
BUSY_SECONDS = 60

# A registry that does not answer must not hold a job up.
_CONNECT_SECONDS = 10

WRITING = "datamask_writing"
"""The execution option of a connection whose transactions write."""


def sqlite_engine(file: Path) -> Engine:
    """An engine on a file, which is made with its folder where it is not there."""
    engine = create_engine(
        f"sqlite:///{file}", poolclass=NullPool, connect_args={"timeout": BUSY_SECONDS}, hide_parameters=True
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: object) -> None:
        # The driver begins no transaction by itself; ``begin`` below does.
        connection.isolation_level = None
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writing = connection.get_execution_options().get(WRITING, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    with failing_clearly(str(file)):
        file.parent.mkdir(parents=True, exist_ok=True)
        _switch_to_wal(file)
    return engine


def postgres_engine(conninfo: str) -> Engine:
    """An engine on a PostgreSQL database.

    :param conninfo: a libpq connection string or URI.
    """
    parts: dict[str, Any] = {"connect_timeout": _CONNECT_SECONDS, **conninfo_parts(conninfo)}
    engine = create_engine(
        "postgresql+psycopg://",
        poolclass=NullPool,
        connect_args={**parts, "application_name": "datamask registry"},
        hide_parameters=True,
    )

    @event.listens_for(engine, "connect", insert=True)
    def prepare(connection: Any, _record: object) -> None:
        # Not by libpq's options: connection poolers refuse those.
        connection.execute(f"SET search_path TO {SCHEMA}")
        connection.commit()

    return engine


@contextmanager
def writing(engine: Engine, where: str) -> Iterator[Connection]:
    """A transaction that writes, committed at the end of the block.

    :param where: the registry, for messages.
    """
    with (
        failing_clearly(where),
        engine.connect().execution_options(**{WRITING: True}) as connection,
        connection.begin(),
    ):
        yield connection


@contextmanager
def reading(engine: Engine, where: str) -> Iterator[Connection]:
    """A transaction that reads."""
    with failing_clearly(where), engine.connect() as connection:
        yield connection


@contextmanager
def failing_clearly(where: str) -> Iterator[None]:
    """Turn the driver's and the file system's errors into one of datamask's; parameters stay behind."""
    try:
        yield
    except DBAPIError as error:
        raise RegistryError(f"the registry {where}: {_said(error, where)}", hint=_hint(error.orig)) from None
    except sqlite3.Error as error:
        # From a connection that SQLAlchemy was still making.
        raise RegistryError(f"the registry {where}: {error}", hint=_hint(error)) from None
    except SQLAlchemyError as error:
        raise RegistryError(f"the registry {where} failed: {type(error).__name__}") from None
    except OSError as error:
        raise RegistryError(f"the registry {where}: {error.strerror}") from None


class RegistryError(DatamaskError):
    """The registry cannot be reached, read or written."""


def described_place(place: Path | str) -> str:
    """A registry as messages name it, without a password."""
    return str(place) if isinstance(place, Path) else described(place)


def _switch_to_wal(file: Path) -> None:
    """Write-ahead mode belongs to the file, and switching to it waits for nobody: one process does it."""
    lock = os.open(file.with_name(f"{file.name}.lock"), os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            # Who ran what when is for the owner alone, from the first byte on.
            os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))
        with closing(sqlite3.connect(file, timeout=BUSY_SECONDS)) as connection:
            connection.execute("PRAGMA journal_mode = WAL")
    finally:
        os.close(lock)


def _said(error: DBAPIError, where: str) -> str:
    if hasattr(error.orig, "sqlstate"):
        cause: Any = error.orig
        if cause.sqlstate is None or error.connection_invalidated:
            return translate_connect(cause, where).message
        return translate(cause).message
    # SQLite's messages name tables and columns, no values.
    return str(error.orig)


def _hint(error: BaseException | None) -> str | None:
    text = str(error)
    if "locked" in text:
        return "another process holds it; run again"
    if "malformed" in text or "not a database" in text:
        return "move the file away: a new one is filled from the audit log"
    return None
