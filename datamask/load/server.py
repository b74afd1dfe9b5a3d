"""The target's server: its databases, seen and changed from a maintenance database."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from datamask.db.conninfo import conninfo_parts, resolved, with_database
from datamask.db.quoting import quote_identifier, quote_literal
from datamask.db.session import Session, connect
from datamask.errors import DatabaseError, DatamaskError, RefusedError, UsageError
from datamask.load.marks import NO_MARKS, Marks, parse_comment, render_comment

# Tried in this order; neither is ever a target's own database.
_MAINTENANCE = ("postgres", "template1")

_OBJECT_IN_USE = "55006"
_NO_PRIVILEGE = "42501"

# No such database, no right to connect, and pg_hba.conf says no.
_NOT_THIS_DATABASE = frozenset({"3D000", _NO_PRIVILEGE, "28000"})

# Settings whose stored value is a list of identifiers, quoted where they need it.
_LIST_SETTINGS = frozenset(
    {
        "search_path", "temp_tablespaces", "local_preload_libraries", "session_preload_libraries",
        "shared_preload_libraries", "unix_socket_directories",
    }
)  # fmt: skip

_LIST_ELEMENT = re.compile(r'("(?:[^"]|"")*")|([^\s,"]+)')

_LOCK_POLL_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class DatabaseInfo:
    """One database of the server.

    :param settings: what ``ALTER DATABASE … SET`` set for everyone.
    :param comment: what its people wrote about it.
    :param marks: what datamask wrote down below that.
    """

    name: str
    oid: int
    owner: str
    is_template: bool
    allows_connections: bool
    connection_limit: int
    settings: dict[str, str] = field(default_factory=dict)
    comment: str | None = None
    marks: Marks = NO_MARKS

    @property
    def broken(self) -> bool:
        """True after a crash in the middle of DROP DATABASE: it can only be dropped."""
        return self.connection_limit == -2


class Server:
    """A connection to the maintenance database of a server."""

    def __init__(self, conninfo: str, session: Session) -> None:
        self.conninfo = conninfo
        self.session = session

    @property
    def target(self) -> str:
        """The database that the environment's address names."""
        parts = conninfo_parts(self.conninfo)
        return parts.get("dbname") or parts.get("user") or self.session.info.user

    @property
    def aside(self) -> bool:
        """True where the session is in another database than the target, as replacing the target takes."""
        return self.session.info.database != self.target

    def databases(self) -> dict[str, DatabaseInfo]:
        """All databases by name."""
        rows = self.session.rows(
            "SELECT d.datname, d.oid, pg_catalog.pg_get_userbyid(d.datdba), d.datistemplate, d.datallowconn,"
            " d.datconnlimit, s.setconfig, pg_catalog.shobj_description(d.oid, 'pg_database')"
            " FROM pg_catalog.pg_database d"
            " LEFT JOIN pg_catalog.pg_db_role_setting s ON s.setdatabase = d.oid AND s.setrole = 0"
        )
        databases = {}
        for name, oid, owner, is_template, allows_connections, limit, entries, comment in rows:
            settings = dict(entry.split("=", 1) for entry in entries or ())
            databases[name] = DatabaseInfo(
                name, oid, owner, is_template, allows_connections, limit, settings, *parse_comment(comment)
            )
        return databases

    def database(self, name: str) -> DatabaseInfo | None:
        """The database of that name, or None."""
        return self.databases().get(name)

    def system_identifier(self) -> str | None:
        """The cluster's identifier, None where the role may not read it."""
        allowed = self.session.value(
            "SELECT pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'execute')"
        )
        if not allowed:
            return None
        return str(self.session.value("SELECT system_identifier FROM pg_catalog.pg_control_system()"))

    def drop(self, name: str) -> None:
        """Drop a database if it is there, whoever is connected to it."""
        info = self.database(name)
        if info is None:
            return
        if info.is_template:
            self.session.script(f"ALTER DATABASE {quote_identifier(name)} IS_TEMPLATE false")
        self.session.script(f"DROP DATABASE IF EXISTS {quote_identifier(name)} WITH (FORCE)")

    def drop_unattended(self, name: str) -> None:
        """Have the server drop a database that no one uses, without waiting: a drop begins with a checkpoint.

        Should that fail, the next load drops it.
        """
        with suppress(DatamaskError):
            session = connect(with_database(self.conninfo, self.session.info.database))
            session.leave_behind(f"DROP DATABASE IF EXISTS {quote_identifier(name)} WITH (FORCE)")

    @contextmanager
    def dropping(self, name: str) -> Iterator[None]:
        """Drop a database where the block fails; what cannot be dropped now, the next load drops."""
        try:
            yield
        except BaseException:
            # The error at hand is the one that matters.
            with suppress(DatamaskError):
                self.drop(name)
            raise

    def mark(self, name: str, marks: Marks, *, comment: str | None) -> None:
        """Write the marks of a database below its people's comment."""
        self.session.script(mark_statement(name, marks, comment=comment))

    def terminate_sessions(self, database: str) -> None:
        """End every session of a database that this role may end.

        ``pg_terminate_backend`` is called without its timeout: with one, it waits in steps for each. Autovacuum's
        workers, which a role may not end and which give way by themselves, belong to no user; their type is shown
        only to roles with ``pg_read_all_stats``.
        """
        try:
            self.session.rows(
                "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity"
                " WHERE datname = %s AND pid <> pg_catalog.pg_backend_pid() "
                " AND backend_type IS DISTINCT FROM 'autovacuum worker' AND usesysid IS NOT NULL",
                [database],
            )
        except DatabaseError as error:
            if error.sqlstate != _NO_PRIVILEGE:
                raise
            raise RefusedError(
                f"database {database} is in use by sessions that role {self.session.info.user} may not end",
                hint="GRANT pg_signal_backend to the role, or close those sessions",
            ) from None

    @contextmanager
    def lock(self, name: str, *, what: str, deadline: float) -> Iterator[None]:
        """Hold the server-wide lock of that name; it ends with this session however the process ends.

        :param what: what the lock guards, for the message: ``environment dev``.
        :param deadline: seconds to wait for another holder, 0 to refuse at once.
        :raises RefusedError: where another process holds it still.
        """
        if not self._try_lock(name, deadline):
            raise RefusedError(
                f"another datamask is working on {what} right now",
                hint="wait until it is done; its lock ends with its process",
            )
        try:
            yield
        finally:
            # A session that was lost has let go already; its error is not the one to tell.
            with suppress(DatabaseError):
                self.session.value(
                    "SELECT pg_catalog.pg_advisory_unlock(pg_catalog.hashtextextended(%s, 0))", [name]
                )

    def _try_lock(self, name: str, deadline: float) -> bool:
        end = time.monotonic() + deadline
        while True:
            if self.session.value(
                "SELECT pg_catalog.pg_try_advisory_lock(pg_catalog.hashtextextended(%s, 0))", [name]
            ):
                return True
            if time.monotonic() >= end:
                return False
            time.sleep(_LOCK_POLL_SECONDS)

    def close(self) -> None:
        """Close the connection, which lets go of its locks."""
        self.session.close()

    def __enter__(self) -> Server:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def open_server(conninfo: str) -> Server:
    """Connect to a maintenance database of the server that an environment's address names, else to its own.

    :raises UsageError: where the address names a maintenance database itself.
    :raises DatabaseError: where none can be connected to.
    """
    conninfo = resolved(conninfo)
    named = conninfo_parts(conninfo).get("dbname")
    if named in ("postgres", "template0", "template1"):
        raise UsageError(
            f"the environment's database is {named}, which every server has for its own upkeep",
            hint="create a database for it and name that in its url",
        )
    refused: DatabaseError | None = None
    places = [with_database(conninfo, database) for database in _MAINTENANCE]
    # Who may enter no other database can still see the server's databases from its own.
    for place in [*places, conninfo]:
        try:
            session = connect(place, application_name="datamask")
        except DatabaseError as error:
            if error.sqlstate not in _NOT_THIS_DATABASE:
                raise
            refused = refused or error
        else:
            return Server(session.reached(conninfo), session)
    assert refused is not None
    raise refused


def in_use(error: DatabaseError) -> bool:
    """True where the server refused because somebody is connected."""
    return error.sqlstate == _OBJECT_IN_USE


def mark_statement(name: str, marks: Marks, *, comment: str | None) -> str:
    """``COMMENT ON DATABASE`` that says both; the database's owner may run it."""
    whole = render_comment(comment, marks)
    return (
        f"COMMENT ON DATABASE {quote_identifier(name)} IS {'NULL' if whole is None else quote_literal(whole)}"
    )


def set_statement(what: str, name: str, value: str) -> str:
    """``ALTER what SET name = value``.

    :param what: ``DATABASE "x"`` or ``ROLE "r" IN DATABASE "x"``, quoted.
    """
    quoted = ".".join(quote_identifier(part) for part in name.split("."))
    values = _list_elements(value) if name in _LIST_SETTINGS else [value]
    return f"ALTER {what} SET {quoted} = {', '.join(map(quote_literal, values))}"


def _list_elements(value: str) -> list[str]:
    """The names in a setting that is stored as a list of identifiers, unquoted."""
    return [
        quoted[1:-1].replace('""', '"') if quoted else plain for quoted, plain in _LIST_ELEMENT.findall(value)
    ] or [""]
