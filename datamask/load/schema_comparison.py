"""Does a database have a snapshot's schema: two dumps compared object by object. Pure.

Rows can go into tables that are already there only where those tables are what the snapshot's rows were in.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from datamask.snapshot.schema import SchemaEntry

# Comments change nothing about rows, and one of them may be datamask's own mark.
_IGNORED = frozenset({"COMMENT"})

# What an object may be that the target has on top, even where it is made from the snapshot's tables: it reads
# them, and does not decide what they hold.
_HARMLESS = frozenset(
    {
        "VIEW",
        "MATERIALIZED VIEW",
        "FUNCTION",
        "PROCEDURE",
        "AGGREGATE",
        "SCHEMA",
        "TYPE",
        "COMMENT",
        "EXTENSION",
    }
)

# Part of the text that belongs to the next entry, where pg_dump changes its mind.
_DUMP_SETTING = re.compile(r"^SET default_(?:tablespace|table_access_method) = [^\n]*;\n?", re.MULTILINE)

_BLANK_LINES = re.compile(r"\n\s*\n+")

_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two schemas do not have in common.

    :param differences: why the snapshot's rows cannot go into the target, a phrase each.
    :param extra: objects that the target has on top and that can stay as they are.
    """

    differences: tuple[str, ...]
    extra: tuple[str, ...]


def compare(snapshot: Iterable[SchemaEntry], target: Iterable[SchemaEntry]) -> Comparison:
    """Compare by type, schema, name and definition; the order of objects and their comments do not matter."""
    target = list(target)
    mine, theirs = _by_key(snapshot), _by_key(target)
    differences = [f"{entries[0].label} is missing" for key, entries in mine.items() if key not in theirs]
    differences += [
        f"{entries[0].label} is defined differently"
        for key, entries in mine.items()
        if key in theirs and _definitions(entries) != _definitions(theirs[key])
    ]
    about = _about_shared_tables(target, set(mine))
    extra = []
    for key, entries in theirs.items():
        if key in mine:
            continue
        if entries[0].type not in _HARMLESS and any(entry.id in about for entry in entries):
            differences.append(f"{entries[0].label} is not in the snapshot")
        elif entries[0].type != "SCHEMA":
            extra.append(entries[0].label)
    return Comparison(tuple(differences), tuple(extra))


def _by_key(entries: Iterable[SchemaEntry]) -> dict[_Key, list[SchemaEntry]]:
    found: dict[_Key, list[SchemaEntry]] = defaultdict(list)
    for entry in entries:
        if entry.type not in _IGNORED and not _is_public(entry):
            found[_key(entry)].append(entry)
    return found


def _is_public(entry: SchemaEntry) -> bool:
    """The schema that every database has; pg_dump names it only where its owner or its grants are unusual."""
    return entry.type == "SCHEMA" and entry.name == "public"


def _key(entry: SchemaEntry) -> _Key:
    return entry.type, entry.schema, entry.name


def _definitions(entries: list[SchemaEntry]) -> list[str]:
    return sorted(_BLANK_LINES.sub("\n", _DUMP_SETTING.sub("", entry.sql)).strip() for entry in entries)


def _about_shared_tables(target: list[SchemaEntry], shared: set[_Key]) -> set[int]:
    """Numbers of the target's entries that say something about a table of the snapshot, directly or by its keys."""
    tables = {entry.id for entry in target if entry.type == "TABLE" and _key(entry) in shared}
    keys = {
        entry.id
        for entry in target
        if entry.type in {"CONSTRAINT", "INDEX"} and not entry.needs.isdisjoint(tables)
    }
    return {entry.id for entry in target if not entry.needs.isdisjoint(tables | keys)}
