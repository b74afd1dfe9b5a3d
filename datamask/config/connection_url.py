"""An environment's ``url``: a reference to a secret, an address without a password, or ``embedded``."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

from datamask.config.document import Node
from datamask.config.secrets import SecretRef, is_reference, secret_node

EMBEDDED = "embedded"

_SECRET_PARAMETERS = {"password", "sslpassword", "oauth_client_secret", "scram_client_key"}
_KEYWORD = re.compile(r"(?:^|\s)([a-z_]+)\s*=", re.IGNORECASE)


def url_node(node: Node, what: str, root: Path) -> SecretRef | str:
    """The value of a ``url`` key: a ``SecretRef``, ``embedded``, or a libpq connection string.

    :raises UsageError: for anything else, and for a password in clear text; the text is not repeated.
    """
    text = node.text(what).strip()
    if text == EMBEDDED:
        return text
    if is_reference(text):
        return secret_node(node, what, root)
    reference = "put the whole url into an environment variable and write env:NAME here"
    if has_password(text):
        raise node.error(f"{what} holds a password in clear text", reference)
    if not text.startswith(("postgresql://", "postgres://")) and not _KEYWORD.match(text):
        raise node.error(
            f"{what} is neither a reference, a PostgreSQL address nor {EMBEDDED!r}",
            "write env:NAME, file:PATH, command:PROGRAM …, postgresql://user@host/database or embedded",
        )
    return text


def has_password(conninfo: str) -> bool:
    """True where a connection string or URI sets a password or another secret."""
    if "://" in conninfo:
        parts = urlsplit(conninfo)
        # As libpq splits it: everything before the last @ of the authority, a colon before the password.
        user_part = parts.netloc.rpartition("@")[0]
        parameters = {key.lower() for key, _ in parse_qsl(parts.query, keep_blank_values=True)}
        return bool(user_part.partition(":")[2]) or bool(parameters & _SECRET_PARAMETERS)
    return any(word.lower() in _SECRET_PARAMETERS for word in _KEYWORD.findall(conninfo))
