"""A database's address as a URI, as applications take it."""

from __future__ import annotations

from urllib.parse import quote, urlencode

from datamask.db.conninfo import conninfo_parts, split_secrets

# What stands before the question mark.
_IN_ADDRESS = frozenset({"user", "password", "host", "port", "dbname"})

# What libpq's target_session_attrs is when it asks for nothing; other libraries do not know it.
_ANY = "any"


def database_url(conninfo: str) -> str:
    """The address with all that it needs, password included: for a program's environment, never for a message."""
    parts = conninfo_parts(conninfo)
    user, password = parts.get("user", ""), parts.get("password", "")
    host, port = parts.get("host", ""), parts.get("port", "")
    query = {key: value for key, value in parts.items() if key not in _IN_ADDRESS and value != _ANY}
    credentials = quote(user, safe="")
    if user and password:
        credentials += ":" + quote(password, safe="")
    elif password:
        query["password"] = password
    if not host or host.startswith("/") or "," in host + port:
        # A socket's folder has slashes, and several hosts have a port each: they go behind.
        query |= {key: value for key, value in (("host", host), ("port", port)) if value}
        place = ""
    else:
        place = (f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    database = quote(parts.get("dbname", ""), safe="")
    address = f"postgresql://{credentials}{'@' if credentials else ''}{place}/{database}"
    return f"{address}?{urlencode(query, quote_via=quote)}" if query else address


def shown_url(conninfo: str) -> str:
    """The address without its secrets."""
    return database_url(split_secrets(conninfo)[0])
