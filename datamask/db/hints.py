"""What to do about the server's and the network's refusals."""

from __future__ import annotations

import re

_BY_SQLSTATE = {
    "25006": "is this a standby, or is default_transaction_read_only set for the role or database?",
    "28000": "check user, database and address against the server's pg_hba.conf",
    "28P01": "check the user and the password in the environment's url",
    "3D000": "check the database's name in the environment's url",
    "40001": "run again; on a standby, set hot_standby_feedback or raise max_standby_streaming_delay",
    "40P01": "run again; another session locked the same tables in another order",
    "42501": "grant the right to the role that datamask connects with",
    "53100": "free disk space on the server",
    "53200": "the server is out of memory; lower the number of workers or its work_mem",
    "53300": "lower the number of workers, or raise the server's max_connections",
    "53400": "raise the server's limit, or lower the number of workers",
    "55006": "other sessions still use it; close them and run again",
    "55P03": "another session holds the lock, for ALTER TABLE or VACUUM FULL perhaps; run again later",
    "57014": "a timeout or an administrator cancelled it; run again",
    "57P01": "an administrator ended the session or stopped the server; run again when it is back",
    "57P02": "the server crashed; look at its log, and run again when it is back",
    "57P03": "the server is starting up or shutting down; run again in a moment",
}

_ROW_SECURITY = (
    "row-level security would hide rows; connect with the tables' owner, or a role with BYPASSRLS "
    "(ALTER ROLE … BYPASSRLS)"
)

# (pattern of the connection error, what it means, what to do, its SQLSTATE)
_CONNECT: tuple[tuple[re.Pattern[str], str, str, str | None], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), what, hint, state)
    for pattern, what, hint, state in (
        (
            r"definition of service|service file",
            "there is no such service",
            "name it in ~/.pg_service.conf, or in the file that PGSERVICEFILE names",
            None,
        ),
        (
            r"session is (?:not )?read-only|server is (?:not )?in hot standby mode",
            "no server among its hosts is of the kind that target_session_attrs asks for",
            "check target_session_attrs, and which of the hosts is the primary",
            None,
        ),
        (
            r"private key file|certificate file|root certificate|revocation list file",
            "a file of its certificates cannot be used",
            "check sslcert, sslkey and sslrootcert; only its owner may be able to read a key",
            None,
        ),
        (
            r"password authentication failed|authentication failed",
            "the server refuses the user or the password",
            "check the user and the password in the environment's url",
            "28P01",
        ),
        (
            r"no password supplied|fe_sendauth",
            "the server wants a password and none was given",
            "put it into the referenced url, PGPASSWORD or a passfile",
            "28P01",
        ),
        (
            r'database ".*" does not exist',
            "the server has no such database",
            "check the database's name in the environment's url, or create it",
            "3D000",
        ),
        (
            r'role ".*" does not exist',
            "the server has no such role",
            "check the user in the environment's url",
            "28000",
        ),
        (
            r"no pg_hba\.conf entry|pg_hba\.conf rejects",
            "the server's pg_hba.conf does not let this user connect from here",
            "add a line for this user, database and address to the server's pg_hba.conf",
            "28000",
        ),
        (
            r"permission denied for database|not currently accepting connections",
            "the database accepts no connection from this role",
            "grant CONNECT on it, or look at its ALLOW_CONNECTIONS",
            "42501",
        ),
        (
            r"too many clients|too many connections|remaining connection slots",
            "the server has no free connection",
            "lower the number of workers, or raise the server's max_connections",
            "53300",
        ),
        (
            r"starting up|shutting down|in recovery mode|not yet accepting connections",
            "the server is starting up or shutting down",
            "run again in a moment",
            "57P03",
        ),
        (
            r"could not translate host name|name or service not known|no address associated|"
            r"failed to resolve host|temporary failure in name resolution",
            "the host's name cannot be resolved",
            "check the host in the environment's url, and the network",
            None,
        ),
        (
            r"connection refused|no such file or directory",
            "nothing listens there",
            "is the server running, and are host and port right?",
            None,
        ),
        (
            r"timeout expired|timed out|no route to host|network is unreachable",
            "the server does not answer",
            "check host, port and firewall",
            None,
        ),
        (
            r"does not support SSL|SSL (?:error|negotiation)|certificate verify failed|root certificate|"
            r"server certificate",
            "the encrypted connection could not be set up",
            "check sslmode and sslrootcert in the environment's url",
            None,
        ),
    )
)


def hint_for(sqlstate: str | None, message: str) -> str | None:
    """What to do about a statement's error, or None where nothing general can be said."""
    if sqlstate == "42501" and "row-level security" in message:
        return _ROW_SECURITY
    if sqlstate is not None and sqlstate.startswith("08"):
        return "the connection was lost; is the server still running? run again"
    return _BY_SQLSTATE.get(sqlstate or "")


def hint_for_text(message: str) -> str | None:
    """As ``hint_for``, for what a client program said, which leaves the SQLSTATE out."""
    if "row-level security" in message:
        return _ROW_SECURITY
    if re.search(r"server closed the connection|terminating connection|connection .*lost", message):
        return hint_for("08006", message)
    return None


def connection_problem(text: str) -> tuple[str, str, str | None] | None:
    """(what it means, what to do, SQLSTATE) of libpq's text about a failed connection, where it is known."""
    for pattern, what, hint, state in _CONNECT:
        if pattern.search(text):
            return what, hint, state
    return None
