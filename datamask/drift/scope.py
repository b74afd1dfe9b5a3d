"""What a comparison is about: patterns of objects and attributes that it leaves out. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import translate
from functools import cached_property

from datamask.catalog.schema_state import KINDS, SchemaObject, SchemaState
from datamask.errors import UsageError
from datamask.suggest import did_you_mean

# What a load leaves to its target, so that no copy is like its source in it.
NOT_CARRIED_KINDS = frozenset(
    {
        "server", "setting", "role setting", "grant", "default privileges", "publication", "subscription",
        "user mapping",
    }
)  # fmt: skip
NOT_CARRIED_ASPECTS = ("owner", "tablespace", "security label*", "collation version", "connection limit")
NOT_CARRIED_OF_DATABASE = ("comment",)


@dataclass(frozen=True)
class Scope:
    """What is compared: everything, but for what is named here.

    :param exclude: patterns of objects, ``*`` and ``?`` as in file names: ``public.tmp_*``, ``function:audit.*``.
        What is a part of an excluded object is excluded with it.
    :param ignore: patterns of attributes: ``owner``, ``comment``.
    :param carried: compare only what a load carries over.
    :param column_order: the order of columns is a difference, not a note.
    :raises UsageError: on use, where a pattern names a kind that there is not.
    """

    exclude: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    carried: bool = False
    column_order: bool = False

    @cached_property
    def _patterns(self) -> list[tuple[str | None, re.Pattern[str]]]:
        return [_pattern(text) for text in self.exclude]

    @cached_property
    def _ignored(self) -> re.Pattern[str] | None:
        names = [*self.ignore, *(NOT_CARRIED_ASPECTS if self.carried else ())]
        return re.compile("|".join(map(translate, names))) if names else None

    def compares(self, item: SchemaObject, attribute: str) -> bool:
        """True where the attribute counts."""
        if self._ignored is not None and self._ignored.match(attribute):
            return False
        return not (self.carried and item.kind == "database" and attribute in NOT_CARRIED_OF_DATABASE)

    def selected(self, state: SchemaState) -> dict[str, SchemaObject]:
        """The objects that count, by their keys."""
        if not self._patterns and not self.carried:
            return state.by_key
        decided: dict[str, bool] = {}
        return {key: item for key, item in state.by_key.items() if not self._left_out(item, state, decided)}

    def left_out_tables(self, state: SchemaState) -> set[str]:
        """The names of the tables that do not count."""
        kept = self.selected(state)
        return {item.name for key, item in state.by_key.items() if item.kind == "table" and key not in kept}

    def _left_out(self, item: SchemaObject, state: SchemaState, decided: dict[str, bool]) -> bool:
        known = decided.get(item.key)
        if known is not None:
            return known
        # Against a circle in a file that somebody edited.
        decided[item.key] = False
        container = state.by_key.get(item.of) if item.of is not None else None
        decided[item.key] = self._named(item) or (
            container is not None and self._left_out(container, state, decided)
        )
        return decided[item.key]

    def _named(self, item: SchemaObject) -> bool:
        if self.carried and item.kind in NOT_CARRIED_KINDS:
            return True
        return any(
            (kind is None or kind == item.kind) and pattern.match(item.name)
            for kind, pattern in self._patterns
        )


def check_patterns(patterns: Iterable[str]) -> None:
    """Refuse patterns that cannot mean anything.

    :raises UsageError: naming the first one.
    """
    for text in patterns:
        _pattern(text)


def _pattern(text: str) -> tuple[str | None, re.Pattern[str]]:
    head, colon, rest = text.partition(":")
    if not colon or '"' in head:
        return None, re.compile(translate(text))
    kind = head.strip().lower().replace("_", " ").replace("-", " ")
    if kind not in KINDS:
        raise UsageError(
            f"the pattern {text!r} names no kind of object",
            hint=did_you_mean(kind, KINDS),
        )
    return kind, re.compile(translate(rest.strip()))
