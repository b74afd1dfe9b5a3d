"""The session settings that make every connection behave alike, whatever role and database say."""

from __future__ import annotations

from datamask.db.quoting import quote_literal

# libpq's parameters where the connection string does not set its own. A dead network peer is noticed
# after idle + interval * count = 60 s instead of the kernel's two hours.
CONNECT_DEFAULTS = {
    "connect_timeout": "10",
    "keepalives": "1",
    "keepalives_idle": "30",
    "keepalives_interval": "10",
    "keepalives_count": "3",
    "tcp_user_timeout": "120000",
}

# Values as text must be the same on both sides, and parse back to the same value.
_EXACT_TEXT = {
    "client_encoding": "UTF8",
    "datestyle": "ISO, MDY",
    "intervalstyle": "postgres",
    "timezone": "UTC",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    "lc_monetary": "C",
    "xmloption": "content",
    "array_nulls": "on",
    "standard_conforming_strings": "on",
    "quote_all_identifiers": "off",
}

# Names resolve to what is written, and a role's or database's own defaults do not end the work.
_PREDICTABLE = {
    "search_path": "",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "idle_session_timeout": "0",
    "client_min_messages": "warning",
    "default_transaction_isolation": "read committed",
    # Parts of a table are read by several sessions: a scan must start at the start.
    "synchronize_seqscans": "off",
    # Compiling a catalog query costs more than running it.
    "jit": "off",
}


def session_settings(server_version: int, *, read_only: bool, lock_timeout: float | None) -> str:
    """The statement that sets a new session up, for the simple query protocol.

    :param server_version: as libpq gives it, e.g. 180004.
    :param read_only: also refuse writes, and make row-level security an error instead of missing rows.
    :param lock_timeout: seconds to wait for a lock, None for as long as it takes.
    """
    settings = {**_EXACT_TEXT, **_PREDICTABLE}
    settings["lock_timeout"] = str(round((lock_timeout or 0) * 1000))
    if server_version >= 170000:
        settings["transaction_timeout"] = "0"
    if read_only:
        settings["default_transaction_read_only"] = "on"
        settings["row_security"] = "off"
    return "; ".join(
        # search_path takes a list: '' is one empty name, which is how pg_dump empties it too.
        f"SET {name} = {_value(name, value)}"
        for name, value in settings.items()
    )


def _value(name: str, value: str) -> str:
    # datestyle is a list of words; quoted as one text it would be one unknown word.
    return value if name == "datestyle" else quote_literal(value)
