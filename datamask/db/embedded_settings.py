"""The embedded server's configuration: fast, private, and disposable."""

from __future__ import annotations

import os
from pathlib import Path

# Below this, parallel index builds run out of /dev/shm (containers often have 64 MB of it).
_ENOUGH_SHARED_MEMORY = 256 << 20

# A crash may cost the data, which a snapshot brings back: nothing waits for the disk.
_FAST = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "30min",
    "shared_buffers": "256MB",
    "autovacuum": "on",
}

# The log holds what the server does, never a statement or a value: errors belong to who caused them.
_QUIET = {
    "log_min_messages": "log",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_statement": "none",
    "log_checkpoints": "off",
    "log_timezone": "UTC",
    "timezone": "UTC",
}


def server_settings(major: int, *, port: int, socket_directory: Path) -> str:
    """The text of the configuration file."""
    settings = {
        **_FAST,
        **_QUIET,
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": str(socket_directory),
        "unix_socket_permissions": "0700",
        "password_encryption": "scram-sha-256",
    }
    if major >= 18:
        # Copy-on-write where the file system has it, so that a clone of a database takes no time.
        settings["file_copy_method"] = "clone"
    if _small_shared_memory():
        settings["dynamic_shared_memory_type"] = "mmap"
    lines = (f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in settings.items())
    return "\n".join(("# Written by datamask at every start.", *lines, ""))


def initdb_options(major: int) -> list[str]:
    """How a new data folder is made: UTF-8, the same sort order on every machine."""
    options = ["--encoding=UTF8", "--locale=C", "--no-sync", "--no-instructions"]
    if major >= 17:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    if major >= 18:
        options.append("--no-data-checksums")
    return options


def _small_shared_memory() -> bool:
    try:
        status = os.statvfs("/dev/shm")
    except OSError:
        return False
    return status.f_blocks * status.f_frsize < _ENOUGH_SHARED_MEMORY
