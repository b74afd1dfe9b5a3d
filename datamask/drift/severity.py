"""How much a difference matters: to what statements give, to how fast they are, or to readers alone. Pure."""

from __future__ import annotations

from collections.abc import Iterable

from datamask.catalog.schema_state import SchemaObject
from datamask.drift.difference import SEVERITIES, Change, Severity

# Whole objects that change how fast or by whom, and not what a statement gives.
_WARNING_KINDS = frozenset(
    {
        "statistics", "setting", "role setting", "server", "default privileges", "publication", "subscription",
        "user mapping",
    }
)  # fmt: skip

_WARNING_ASPECTS = frozenset(
    {
        "owner", "storage", "compression", "options", "foreign options", "tablespace", "access method", "cost", "rows",
        "parallel", "support", "cache", "version", "collation version", "connection limit", "populated", "clustered",
        "replica identity", "persistence",
    }
)  # fmt: skip

_INFO_ASPECTS = frozenset({"minor version", "statistics target", "statistics targets"})

COLUMN_ORDER = "column order"


def severity_of(
    item: SchemaObject, change: Change, aspects: Iterable[str], *, column_order: bool = False
) -> Severity:
    """Of one object's difference.

    :param aspects: names of the attributes that differ, of a changed object.
    :param column_order: the order of columns counts as a difference, not as a note.
    """
    if change != "changed":
        return _whole(item)
    found = [_aspect(item, name, column_order=column_order) for name in aspects]
    return min(found, key=SEVERITIES.index, default="info")


def _whole(item: SchemaObject) -> Severity:
    if item.kind == "index":
        unique = str(item.attributes.get("definition", "")).startswith("CREATE UNIQUE")
        return "error" if unique else "warning"
    return "warning" if item.kind in _WARNING_KINDS else "error"


def _aspect(item: SchemaObject, name: str, *, column_order: bool) -> Severity:
    if name == COLUMN_ORDER:
        return "error" if column_order else "info"
    if name in _INFO_ASPECTS or name.startswith("comment"):
        return "info"
    if name in _WARNING_ASPECTS or name.startswith("security label"):
        return "warning"
    return _whole(item)
