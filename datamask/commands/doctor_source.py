"""What ``doctor`` looks at in a protected environment: can all of it be read, and by which programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from datamask.catalog.introspect import introspect
from datamask.catalog.model import Catalog
from datamask.commands.doctor_activity import look_at_activity
from datamask.commands.doctor_connection import look_at_connection
from datamask.commands.doctor_server import source_settings
from datamask.commands.observation import Observation, failure, ok, problem, warning
from datamask.db.clients import find_client
from datamask.db.quoting import quote_identifier
from datamask.db.session import Session, connect
from datamask.errors import DatamaskError

OLDEST_MAJOR = 14

# A list in a message ends somewhere.
_NAMED = 10


def look_at_source(conninfo: str, *, workers: int | None = None) -> Iterator[Observation]:
    """Everything that a snapshot needs; reads the catalog and no row.

    :param workers: as configured.
    """
    try:
        session = connect(conninfo, read_only=True)
    except DatamaskError as error:
        yield failure("connection", error)
        return
    with session:
        yield from look_at_server(session)
        yield from look_at_connection(session, workers=workers)
        yield _dump(session)
        try:
            catalog = introspect(session)
        except DatamaskError as error:
            yield failure("catalog", error)
            return
        standby = ", a standby" if catalog.in_recovery else ""
        yield ok("catalog", f"{len(catalog.tables)} tables in database {catalog.database}{standby}")
        role = quote_identifier(str(session.value("SELECT current_user")))
        yield from _rights(catalog, role)
        yield _row_security(session, role)
        yield from source_settings(session)
        yield from look_at_activity(session)
        if catalog.large_objects:
            yield warning(
                "large objects",
                f"{catalog.large_objects} large objects are not part of a snapshot",
                "keep such files in a bytea column, or outside of the database",
            )


def look_at_server(session: Session) -> Iterator[Observation]:
    """The server's version and who we are there."""
    info = session.info
    yield ok("connection", f"{info.user}@{info.host}:{info.port}")
    version = str(session.value("SELECT pg_catalog.current_setting('server_version')"))
    if session.major < OLDEST_MAJOR:
        yield problem(
            "server",
            f"PostgreSQL {version}",
            f"PostgreSQL {OLDEST_MAJOR} or newer is needed",
        )
    else:
        yield ok("server", f"PostgreSQL {version}")


def named(names: Iterable[str]) -> str:
    """Some names, and how many more."""
    listed = list(names)
    more = f" and {len(listed) - _NAMED} more" if len(listed) > _NAMED else ""
    return ", ".join(listed[:_NAMED]) + more


def _dump(session: Session) -> Observation:
    try:
        client = find_client("pg_dump", session.major)
    except DatamaskError as error:
        return failure("pg_dump", error)
    return ok("pg_dump", f"version {client.major} will be used ({client.path})")


def _rights(catalog: Catalog, role: str) -> Iterator[Observation]:
    hidden = [table.key for table in catalog.tables if table.has_rows and not table.readable]
    if hidden:
        yield problem(
            "rights",
            f"role {role} may not read {named(hidden)}",
            f"GRANT pg_read_all_data TO {role}; or GRANT SELECT on those tables",
        )
    else:
        yield ok("rights", f"role {role} may read every table")
    sequences = [item.key for item in catalog.sequences if item.last_value is None and not item.extension]
    if sequences:
        yield problem(
            "sequences",
            f"role {role} may not read {named(sequences)}: they would start anew in a copy",
            f"GRANT pg_read_all_data TO {role}; or GRANT SELECT on those sequences",
        )


def _row_security(session: Session, role: str) -> Observation:
    tables = [
        str(name)
        for (name,) in session.rows(
            "SELECT c.oid::pg_catalog.regclass FROM pg_catalog.pg_class c"
            " WHERE c.relrowsecurity AND pg_catalog.row_security_active(c.oid) ORDER BY 1"
        )
    ]
    if tables:
        return problem(
            "row-level security",
            f"it hides rows of {named(tables)} from role {role}, so a snapshot would refuse them",
            f"ALTER ROLE {role} BYPASSRLS; or connect as the tables' owner",
        )
    return ok("row-level security", "hides nothing")
