"""The names of the databases that a load works with. Pure.

What a database is, and how far its making has come, is written in its name and in PostgreSQL's own
catalog. There is no second record that could disagree with it after a crash.
"""

from __future__ import annotations

import hashlib

GOLDEN_PREFIX = "datamask_golden_"
BUILDING_PREFIX = "datamask_building_"

# PostgreSQL cuts identifiers at 63 bytes; a cut name could be another database's.
_NAME_BYTES = 63
_HASH_CHARACTERS = 10


def golden_name(snapshot_id: str) -> str:
    """The template database that holds a snapshot, complete."""
    return GOLDEN_PREFIX + snapshot_id


def building_name(snapshot_id: str) -> str:
    """The same while it is being filled."""
    return BUILDING_PREFIX + snapshot_id


def next_name(database: str) -> str:
    """What will take a target's place."""
    return _derived(database, "__datamask_next")


def spare_name(database: str) -> str:
    """A clone that was made in advance for the next reset."""
    return _derived(database, "__datamask_spare")


def previous_name(database: str) -> str:
    """What stood in a target's place before."""
    return _derived(database, "__datamask_previous")


def _derived(database: str, suffix: str) -> str:
    name = database + suffix
    if len(name.encode()) <= _NAME_BYTES:
        return name
    digest = hashlib.sha256(database.encode()).hexdigest()[:_HASH_CHARACTERS]
    room = _NAME_BYTES - len(suffix) - len(digest) - 1
    return database.encode()[:room].decode(errors="ignore") + f"_{digest}{suffix}"
