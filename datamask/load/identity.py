"""Which database an address really means: two addresses may name one database in two ways."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from datamask.db.conninfo import Address, build_conninfo, conninfo_parts, each_host, resolved
from datamask.db.session import connect
from datamask.errors import DatamaskError
from datamask.load.server import Server
from datamask.snapshot.manifest import SourceIdentity

# A protected database that cannot be reached in this time is compared by its address alone.
_PROBE_SECONDS = "3"

Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Identity:
    """A database, as far as it can be told apart from others.

    :param system_identifier: of the cluster, None where unknown; physical copies of a cluster share it.
    :param database_oid: None where unknown.
    :param places: host, port and database as the server or the address gives them; the host by name and by address.
    """

    system_identifier: str | None
    database_oid: int | None
    places: frozenset[Place]


def target_identity(server: Server) -> Identity:
    """The identity of the database that a target's address names."""
    info = server.database(server.target)
    return Identity(
        server.system_identifier(), info.oid if info else None, _places(server.session.info, server.target)
    )


def source_identity(source: SourceIdentity) -> Identity:
    """The identity of a snapshot's source; its place is not recorded, as it means nothing elsewhere."""
    return Identity(source.system_identifier, source.database_oid, frozenset())


def address_identities(conninfo: str) -> list[Identity]:
    """The identities of a protected environment: one for each host that its address names.

    Asked where one can be reached, else by its address.
    """
    return [_identity(one) for one in each_host(resolved(conninfo))]


def same_database(one: Identity, other: Identity) -> bool:
    """True where both are, or may be, one database."""
    if (
        one.system_identifier is not None
        and one.system_identifier == other.system_identifier
        and one.database_oid is not None
        and one.database_oid == other.database_oid
    ):
        return True
    return bool(one.places & other.places)


def _identity(conninfo: str) -> Identity:
    parts = conninfo_parts(conninfo)
    try:
        with connect(build_conninfo({**parts, "connect_timeout": _PROBE_SECONDS}), read_only=True) as session:
            identifier = None
            if session.value(
                "SELECT pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'execute')"
            ):
                identifier = str(
                    session.value("SELECT system_identifier FROM pg_catalog.pg_control_system()")
                )
            name, oid = session.rows(
                "SELECT datname, oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()"
            )[0]
            return Identity(identifier, oid, _places(session.info, name))
    except DatamaskError:
        database = parts.get("dbname") or parts.get("user") or ""
        hosts = (parts.get("host", ""), parts.get("hostaddr", ""))
        return Identity(None, None, _named(hosts, parts.get("port") or "5432", database))


def _places(address: Address, database: str) -> frozenset[Place]:
    return _named((address.host, address.hostaddr), str(address.port), database)


def _named(hosts: Iterable[str], port: str, database: str) -> frozenset[Place]:
    return frozenset((host, port, database) for host in hosts if host and database)
