"""The names of the databases that a load works with. Pure.

What a database is, and how far its making has come, is written in its name and in PostgreSQL's own
catalog. There is no second record that could disagree with it after a crash.
"""

from __future__ import annotations

import hashlib
import re

GOLDEN_PREFIX = "datamask_golden_"
BUILDING_PREFIX = "datamask_building_"

# What stands between the name of an environment's database and that of a branch of it.
_BRANCH_MARK = "__"

# PostgreSQL cuts identifiers at 63 bytes; a cut name could be another database's.
_NAME_BYTES = 63
_HASH_CHARACTERS = 10

# Of the digest of what hooks made of a snapshot; the whole one stands in the golden's mark.
_RECIPE_CHARACTERS = 8


def golden_key(snapshot_id: str, recipe: str = "") -> str:
    """What a golden's names are made of: the snapshot, and the beginning of what hooks made of it."""
    key = f"{snapshot_id}_{recipe[:_RECIPE_CHARACTERS]}" if recipe else snapshot_id
    return _cut(key, _NAME_BYTES - len(BUILDING_PREFIX))


def golden_name(snapshot_id: str, recipe: str = "") -> str:
    """The template database that holds a snapshot, complete."""
    return GOLDEN_PREFIX + golden_key(snapshot_id, recipe)


def building_name(snapshot_id: str, recipe: str = "") -> str:
    """The same while it is being filled."""
    return BUILDING_PREFIX + golden_key(snapshot_id, recipe)


def next_name(database: str) -> str:
    """What will take a target's place."""
    return _derived(database, "__datamask_next")


def spare_name(database: str) -> str:
    """A clone that was made in advance for the next reset."""
    return _derived(database, "__datamask_spare")


def previous_name(database: str) -> str:
    """What stood in a target's place before."""
    return _derived(database, "__datamask_previous")


def branch_name(database: str, branch: str) -> str:
    """The database of a branch of an environment: the environment's own and the branch, in plain letters."""
    plain = re.sub(r"[^a-z0-9]+", "_", branch.lower()).strip("_")
    return _cut(database + _BRANCH_MARK + (plain or _hash(branch)), _NAME_BYTES)


def _derived(database: str, suffix: str) -> str:
    return _cut(database, _NAME_BYTES - len(suffix)) + suffix


def _cut(name: str, most: int) -> str:
    """The name in as many bytes as there are; one that is cut ends with a digest of all of it."""
    if len(name.encode()) <= most:
        return name
    digest = _hash(name)
    return name.encode()[: most - len(digest) - 1].decode(errors="ignore") + f"_{digest}"


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_HASH_CHARACTERS]
