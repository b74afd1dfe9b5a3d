"""Connection strings: taken apart, changed, and shown without their secrets."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from datamask.db.services import service_parameters
from datamask.errors import UsageError

_SECRET = {"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"}

# What libpq takes from the environment where a connection string does not say it: of that, what leads to a server or
# names a file.
_VARIABLES = {
    "host": "PGHOST",
    "hostaddr": "PGHOSTADDR",
    "port": "PGPORT",
    "dbname": "PGDATABASE",
    "user": "PGUSER",
    "target_session_attrs": "PGTARGETSESSIONATTRS",
    "connect_timeout": "PGCONNECT_TIMEOUT",
    "passfile": "PGPASSFILE",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcrl": "PGSSLCRL",
}

# Parameters that name a file, relative to the current folder where they are relative.
_FILES = {"sslcert", "sslkey", "sslrootcert", "sslcrl", "sslcrldir", "passfile", "servicefile"}

# Parameters that choose among servers.
_CHOOSING = {"host", "hostaddr", "port", "target_session_attrs", "load_balance_hosts"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a session is connected to, without a password.

    :param host: a name, an address, or the folder of a Unix socket.
    :param hostaddr: the address that the name stood for, empty for a socket.
    """

    host: str
    port: int
    database: str
    user: str
    hostaddr: str = ""

    def __str__(self) -> str:
        return f"{self.user}@{self.host}:{self.port}/{self.database}"


def conninfo_parts(conninfo: str) -> dict[str, str]:
    """The parameters that a libpq connection string or URI sets, secrets included.

    :raises UsageError: where libpq cannot parse it; the text is not repeated, as it may hold a password.
    """
    try:
        parts = conninfo_to_dict(conninfo)
    except psycopg.ProgrammingError:
        raise UsageError(
            "the connection string is not valid",
            hint="write postgresql://user@host:port/database, or libpq's key=value pairs",
        ) from None
    return {key: str(value) for key, value in parts.items() if value is not None}


def with_database(conninfo: str, database: str) -> str:
    """The same connection to another database of the same server."""
    return build_conninfo({**conninfo_parts(conninfo), "dbname": database})


def build_conninfo(parts: dict[str, str]) -> str:
    """A connection string of ``key=value`` pairs, quoted as libpq wants it."""
    return make_conninfo("", **parts)


def split_secrets(conninfo: str) -> tuple[str, dict[str, str]]:
    """The connection string without its secrets, and the secrets."""
    parts = conninfo_parts(conninfo)
    secrets = {key: value for key, value in parts.items() if key in _SECRET}
    return build_conninfo({key: value for key, value in parts.items() if key not in _SECRET}), secrets


def described(conninfo: str) -> str:
    """The connection string as a message may show it: ``user@host:port/database``, only what it sets."""
    parts = conninfo_parts(conninfo)
    host = (
        parts.get("host")
        or parts.get("hostaddr")
        or ("service " + parts["service"] if "service" in parts else "")
    )
    text = host or "the local server"
    if "port" in parts:
        ports, hosts = parts["port"].split(","), text.split(",")
        # Of several hosts each with its port, as in a URL; one port stands for all.
        pairs = zip(hosts, ports * len(hosts) if len(ports) == 1 else ports, strict=False)
        text = ",".join(f"{name}:{port}" for name, port in pairs)
    if "dbname" in parts:
        text += f"/{parts['dbname']}"
    return f"{parts['user']}@{text}" if "user" in parts else text


def resolved(conninfo: str, environ: Mapping[str, str] = os.environ) -> str:
    """The same address with what libpq would take from a service file and from ``PG…`` variables written out.

    What it leads to can so be told without connecting. Secrets stay where they are: libpq finds them when it connects.

    :raises UsageError: where libpq cannot parse it.
    """
    parts = conninfo_parts(conninfo)
    service = parts.get("service") or environ.get("PGSERVICE")
    named = service_parameters(service, file=parts.get("servicefile"), environ=environ) if service else {}
    variables = {key: environ[name] for key, name in _VARIABLES.items() if environ.get(name)}
    public = {key: value for key, value in {**variables, **named}.items() if key not in _SECRET}
    whole = {**public, **parts}
    for key in _FILES & whole.keys():
        # Who works in another folder must find it too; "system" names no file.
        if whole[key] and whole[key] != "system":
            whole[key] = str(Path(whole[key]).absolute())
    return build_conninfo(whole)


def each_host(conninfo: str) -> list[str]:
    """An address of several hosts as one address a host, whatever state its server is in."""
    parts = conninfo_parts(conninfo)
    lists = {key: parts[key].split(",") for key in ("host", "hostaddr", "port") if key in parts}
    count = max((len(values) for values in lists.values()), default=1)
    if count == 1:
        return [conninfo]
    return [
        build_conninfo(
            {
                **parts,
                # One port stands for all hosts.
                **{key: values[index] if len(values) > 1 else values[0] for key, values in lists.items()},
                "target_session_attrs": "any",
            }
        )
        for index in range(count)
        if all(len(values) in (1, count) for values in lists.values())
    ]


def narrowed(conninfo: str, address: Address) -> str:
    """The same address with the one server that a session has reached by it.

    A list of hosts, or a name with several addresses, may lead to another server each time: whoever works with
    several sessions needs all of them on one.
    """
    parts = {key: value for key, value in conninfo_parts(conninfo).items() if key not in _CHOOSING}
    reached = {"host": address.host, "port": str(address.port), "target_session_attrs": "any"}
    if address.hostaddr:
        reached["hostaddr"] = address.hostaddr
    return build_conninfo({**parts, **{key: value for key, value in reached.items() if value}})


def sslmode(conninfo: str) -> str:
    """What an address says of encryption, else what ``PGSSLMODE`` says, else libpq's own ``prefer``."""
    return conninfo_parts(resolved(conninfo)).get("sslmode") or os.environ.get("PGSSLMODE") or "prefer"


def demands_tls(conninfo: str) -> bool:
    """True where an address may only be connected to encrypted."""
    return sslmode(conninfo) in {"require", "verify-ca", "verify-full"}
