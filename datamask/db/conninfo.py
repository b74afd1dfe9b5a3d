"""Connection strings: taken apart, changed, and shown without their secrets."""

from __future__ import annotations

from dataclasses import dataclass

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from datamask.errors import UsageError

_SECRET = {"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"}


@dataclass(frozen=True, slots=True)
class Address:
    """Where a session is connected to, without a password.

    :param host: a name, an address, or the folder of a Unix socket.
    """

    host: str
    port: int
    database: str
    user: str

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
        text += f":{parts['port']}"
    if "dbname" in parts:
        text += f"/{parts['dbname']}"
    return f"{parts['user']}@{text}" if "user" in parts else text
