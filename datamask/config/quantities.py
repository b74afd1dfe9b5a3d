"""Sizes with units, as PostgreSQL writes them."""

from __future__ import annotations

import re

from datamask.config.document import Node

_SIZE = re.compile(r"([0-9]+(?:\.[0-9]+)?)\s*(B|kB|MB|GB)", re.IGNORECASE)
_UNITS = {"b": 1, "kb": 1 << 10, "mb": 1 << 20, "gb": 1 << 30}


def size_node(node: Node, what: str, *, minimum: int, maximum: int | None = None) -> int:
    """A number of bytes: ``64MB`` (1 MB = 1024 kB, as in postgresql.conf), or a whole number of bytes."""
    if isinstance(node.value, str):
        match = _SIZE.fullmatch(node.value.strip())
        if not match:
            raise node.error(f"{what} must be a size with a unit", "write it like 64MB; units: B, kB, MB, GB")
        size = int(float(match.group(1)) * _UNITS[match.group(2).lower()])
    else:
        size = node.integer(what)
    if size < minimum or (maximum is not None and size > maximum):
        upper = f" and at most {_shown(maximum)}" if maximum is not None else ""
        raise node.error(f"{what} must be at least {_shown(minimum)}{upper}")
    return size


def _shown(size: int) -> str:
    for unit in ("GB", "MB", "kB"):
        if size >= _UNITS[unit.lower()] and size % _UNITS[unit.lower()] == 0:
            return f"{size // _UNITS[unit.lower()]}{unit}"
    return f"{size}B"
