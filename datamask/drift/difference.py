"""What two states of a schema differ in, as plain values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from datamask.catalog.schema_state import Value

Change = Literal["added", "removed", "changed"]
Severity = Literal["error", "warning", "info"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "info")

_OPPOSITE: dict[Change, Change] = {"added": "removed", "removed": "added", "changed": "changed"}


@dataclass(frozen=True, slots=True)
class Aspect:
    """One attribute that differs; None stands for one that is not set.

    :param name: as ``SchemaObject.attributes`` has it.
    """

    name: str
    before: Value | None
    after: Value | None


@dataclass(frozen=True, slots=True)
class Difference:
    """One object that differs.

    :param change: ``added`` where only the later state has it, ``removed`` where only the earlier one has.
    :param group: the key of the outermost object that it is a part of, below its schema; its own where there is none.
    :param aspects: of a changed one.
    :param detail: of one that is on one side alone, its type or definition.
    :param includes: what came or went with it, counted by kind: a table's columns, a column's sequence, and the
        same change in partitions.
    """

    change: Change
    kind: str
    name: str
    group: str
    severity: Severity
    aspects: tuple[Aspect, ...] = ()
    detail: str = ""
    includes: tuple[tuple[str, int], ...] = ()

    @property
    def key(self) -> str:
        """As ``SchemaObject.key``."""
        return f"{self.kind} {self.name}" if self.name else self.kind


def inverted(differences: Iterable[Difference]) -> tuple[Difference, ...]:
    """The same differences, seen from the other side."""
    return tuple(
        replace(
            item,
            change=_OPPOSITE[item.change],
            aspects=tuple(Aspect(aspect.name, aspect.after, aspect.before) for aspect in item.aspects),
        )
        for item in differences
    )


def as_severe(severity: Severity, least: Severity) -> bool:
    """True where ``severity`` is ``least`` or worse."""
    return SEVERITIES.index(severity) <= SEVERITIES.index(least)
