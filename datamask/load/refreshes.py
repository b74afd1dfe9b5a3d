"""What the refresh of a materialized view has to wait for: found in the schema's entries, without a database (pure)."""

from __future__ import annotations

from collections.abc import Mapping

from datamask.snapshot.manifest import ManifestView
from datamask.snapshot.schema import SchemaEntry, entry_name

# What may read tables that no dependency tells of.
_OPAQUE = frozenset({"FUNCTION", "PROCEDURE", "AGGREGATE", "OPERATOR", "FOREIGN TABLE"})


def view_entry(view: ManifestView, entries: Mapping[int, SchemaEntry]) -> int | None:
    """The entry of a materialized view."""
    name = entry_name(view.schema), entry_name(view.name)
    return next(
        (
            entry.id
            for entry in entries.values()
            if entry.type == "MATERIALIZED VIEW" and (entry.schema, entry.name) == name
        ),
        None,
    )


def needed(entry: int, entries: Mapping[int, SchemaEntry]) -> frozenset[int]:
    """Every entry that one needs, directly or through others."""
    seen: set[int] = set()
    pending = [entry]
    while pending:
        for need in entries[pending.pop()].needs:
            if need in entries and need not in seen:
                seen.add(need)
                pending.append(need)
    return frozenset(seen)


def trees_read(
    below: frozenset[int], entries: Mapping[int, SchemaEntry], trees: Mapping[int, int]
) -> frozenset[int] | None:
    """The tables (of partitions: the whole tree) whose rows a view shows; None where that cannot be told.

    :param below: what it needs.
    :param trees: by a table's entry, its tree.
    """
    if any(entries[need].type in _OPAQUE for need in below):
        return None
    return frozenset(trees[need] for need in below if need in trees) or None
