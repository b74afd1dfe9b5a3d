"""Lengths of time as people write them: ``30m``, ``36h``, ``7d``, ``2w``."""

from __future__ import annotations

import re
from datetime import timedelta

from datamask.config.document import Node

_DURATION = re.compile(r"([1-9][0-9]{0,5})\s*(s|m|h|d|w)")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}


def parse_duration(text: str) -> timedelta | None:
    """The length of time that a text says, None where it says none."""
    match = _DURATION.fullmatch(text.strip())
    return timedelta(**{_UNITS[match.group(2)]: int(match.group(1))}) if match else None


def duration_text(length: timedelta) -> str:
    """The length in the largest unit up to days that says it without a rest: ``7d``."""
    seconds = round(length.total_seconds())
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def duration_node(node: Node, what: str) -> timedelta:
    """A length of time from a document, errors with file and line."""
    found = parse_duration(node.text(what))
    if found is None:
        raise node.error(f"{what} must be a length of time", "write it like 7d; units: s, m, h, d, w")
    return found
