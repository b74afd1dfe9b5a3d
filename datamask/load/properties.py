"""What belongs to a database and not to its template: it must follow the name through a swap."""

from __future__ import annotations

from dataclasses import dataclass

from datamask.db.quoting import quote_identifier
from datamask.errors import DatabaseError
from datamask.load.server import DatabaseInfo, Server, set_statement


@dataclass(frozen=True, slots=True)
class _Grant:
    grantee: str | None
    privilege: str
    grantable: bool


def copy_properties(server: Server, origin: DatabaseInfo, name: str) -> list[str]:
    """Give database ``name`` the owner, grants, connection limit and settings of ``origin``.

    Its comment goes with the marks, which are part of it.

    :returns: what could not be carried over, one sentence each.
    """
    database = quote_identifier(name)
    statements: list[str] = []
    if origin.connection_limit >= 0:
        statements.append(f"ALTER DATABASE {database} CONNECTION LIMIT {origin.connection_limit}")
    statements += [
        set_statement(f"DATABASE {database}", setting, value) for setting, value in origin.settings.items()
    ]
    statements += _role_settings(server, origin, database)
    statements += _grants(server, origin, database)
    current = server.database(name)
    if current is not None and current.owner != origin.owner:
        statements.append(f"ALTER DATABASE {database} OWNER TO {quote_identifier(origin.owner)}")
    return [problem for statement in statements if (problem := _try(server, statement, origin.name))]


def _role_settings(server: Server, origin: DatabaseInfo, database: str) -> list[str]:
    rows = server.session.rows(
        "SELECT r.rolname, s.setconfig FROM pg_catalog.pg_db_role_setting s"
        " JOIN pg_catalog.pg_roles r ON r.oid = s.setrole WHERE s.setdatabase = %s",
        [origin.oid],
    )
    return [
        set_statement(f"ROLE {quote_identifier(role)} IN DATABASE {database}", *entry.split("=", 1))
        for role, settings in rows
        for entry in settings
    ]


def _grants(server: Server, origin: DatabaseInfo, database: str) -> list[str]:
    rows = server.session.rows(
        "SELECT r.rolname, a.privilege_type, a.is_grantable"
        " FROM pg_catalog.pg_database d"
        " CROSS JOIN LATERAL pg_catalog.aclexplode(d.datacl) a"
        " LEFT JOIN pg_catalog.pg_roles r ON r.oid = a.grantee"
        " WHERE d.oid = %s AND (a.grantee = 0 OR r.rolname IS NOT NULL) AND a.grantee <> d.datdba",
        [origin.oid],
    )
    customized = server.session.value(
        "SELECT datacl IS NOT NULL FROM pg_catalog.pg_database WHERE oid = %s", [origin.oid]
    )
    if not customized:
        return []
    grants = [_Grant(*row) for row in rows]
    statements = [f"REVOKE ALL ON DATABASE {database} FROM PUBLIC"]
    for grant in grants:
        grantee = "PUBLIC" if grant.grantee is None else quote_identifier(grant.grantee)
        option = " WITH GRANT OPTION" if grant.grantable else ""
        statements.append(f"GRANT {grant.privilege} ON DATABASE {database} TO {grantee}{option}")
    return statements


def _try(server: Server, statement: str, origin: str) -> str | None:
    try:
        server.session.script(statement)
    except DatabaseError as error:
        what = statement.split(" ", 2)
        return f"{what[0]} {what[1]} of {origin} could not be carried over: {error.message}"
    return None
