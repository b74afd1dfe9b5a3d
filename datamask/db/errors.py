"""psycopg's errors as ``DatabaseError``: the one border, where row values stay behind."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from datamask.db.hints import connection_problem, hint_for
from datamask.db.sanitize import copy_place, strip_values
from datamask.errors import DatabaseError

# Errors whose text was written by whoever wrote a trigger or function, not by the server: it may quote
# rows. Recognized by class, and by the source file of the language that raised it under another code.
_USER_WRITTEN = {"P0", "38", "39"}
_LANGUAGE_SOURCES = ("pl_exec", "plpy", "plperl", "pltcl")


@contextmanager
def translated(what: str | None = None) -> Iterator[None]:
    """Turn psycopg's errors inside the block into ``DatabaseError``.

    :param what: what was being done, to begin the message with: ``cannot read public.orders``.
    """
    try:
        yield
    except psycopg.Error as error:
        # "from None": the cause's text quotes values, and a traceback would print it.
        raise translate(error, what) from None


def translate(error: psycopg.Error, what: str | None = None) -> DatabaseError:
    """A statement's error without values: the server's words, the names from its diagnostics, a hint."""
    sqlstate = error.sqlstate
    if sqlstate is None:
        return _without_sqlstate(error, what)
    diag = error.diag
    if sqlstate[:2] in _USER_WRITTEN or (diag.source_file or "").startswith(_LANGUAGE_SOURCES):
        primary = f"a function or trigger of the database raised an error (SQLSTATE {sqlstate})"
    else:
        primary = _server_words(diag.message_primary or str(error), sqlstate)
    parts = [f"{what}: {primary}" if what else primary]
    places = [
        f"{label} {name}"
        for label, name in (
            ("table", _table(diag.schema_name, diag.table_name)),
            ("column", diag.column_name),
            ("constraint", diag.constraint_name),
        )
        if name and f'"{name}"' not in primary
    ]
    copied = copy_place(diag.context)
    if copied:
        places.append(copied)
    if places:
        parts.append(f"({', '.join(places)})")
    return DatabaseError(" ".join(parts), hint=hint_for(sqlstate, primary), sqlstate=sqlstate)


def translate_connect(error: psycopg.Error, where: str) -> DatabaseError:
    """A failed connection's error; ``where`` is the address without a password.

    libpq's own text can repeat parts of the connection string, so only what is known to be safe is said.
    """
    sqlstate = error.sqlstate
    problem = connection_problem(str(error))
    if problem:
        what, hint, state = problem
        return DatabaseError(f"cannot connect to {where}: {what}", hint=hint, sqlstate=sqlstate or state)
    if isinstance(error, psycopg.ProgrammingError):
        return DatabaseError(
            f"cannot connect to {where}: the connection string is not valid",
            hint="write postgresql://user@host:port/database, or libpq's key=value pairs",
        )
    text = str(error).rsplit("FATAL:", 1)[-1].removeprefix("connection failed:")
    return DatabaseError(
        f"cannot connect to {where}: {strip_values(text)}",
        hint="check the environment's url, and the server's log",
        sqlstate=sqlstate,
    )


def _without_sqlstate(error: psycopg.Error, what: str | None) -> DatabaseError:
    """The client's own errors: a lost connection, or a call that the driver refused."""
    prefix = f"{what}: " if what else ""
    if isinstance(error, psycopg.OperationalError):
        return DatabaseError(
            f"{prefix}the connection to the server was lost",
            hint="is the server still running? run again",
            sqlstate="08006",
        )
    return DatabaseError(f"{prefix}the database driver refused the call ({type(error).__name__})")


def _server_words(message: str, sqlstate: str) -> str:
    if sqlstate[:2] in {"22", "23", "XX"}:
        return strip_values(message)
    # Other classes quote names and the statement, never a row.
    return message.strip().split("\n", 1)[0]


def _table(schema: str | None, table: str | None) -> str | None:
    return f"{schema}.{table}" if schema and table else table
