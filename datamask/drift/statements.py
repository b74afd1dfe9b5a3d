"""The SQL that would make a database as its baseline says: to look at, never to run. Pure.

Statements come object by object and know nothing of rows, locks or what else hangs on an object. For what is rare
there is a note in their place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from datamask.catalog.schema_state import KINDS, SchemaObject, SchemaState
from datamask.drift import alteration, creation
from datamask.drift.difference import Difference

HEADER = (
    "To look at, never to run as it is: what would make the database as its baseline says. It knows nothing of",
    "rows, of locks, or of what else hangs on an object. Write a migration that does.",
)

# What can keep a column from being changed.
_IN_THE_WAY = frozenset({"constraint", "index", "trigger", "rule", "policy", "statistics"})

_PLACE = {kind: number for number, kind in enumerate(KINDS)}


def statements(differences: Iterable[Difference], baseline: SchemaState, found: SchemaState) -> Iterator[str]:
    """Texts for each difference, statements and notes: what is in the way goes first, what else is too much last.

    :param differences: ``compare(baseline, found)``.
    """
    ordered = sorted(differences, key=lambda item: (_PLACE.get(item.kind, len(_PLACE)), item.name))
    parts = _Parts(baseline)
    added = [item for item in reversed(ordered) if item.change == "added"]
    for item in added:
        if item.kind in _IN_THE_WAY:
            yield alteration.dropped(found.by_key[item.key])
    for item in ordered:
        if item.change == "removed":
            yield from _created(baseline.by_key[item.key], parts)
        elif item.change == "changed":
            yield from alteration.altered(item, baseline.by_key[item.key], found.by_key[item.key])
    for item in added:
        if item.kind not in _IN_THE_WAY:
            yield alteration.dropped(found.by_key[item.key])


def commented(texts: Iterable[str]) -> str:
    """The statements as a script of comments alone: whoever runs it by mistake changes nothing."""
    lines = [*HEADER, ""]
    for text in texts:
        lines += text.splitlines()
    return "\n".join(f"-- {line}".rstrip() for line in lines)


class _Parts:
    """What each object of a state contains."""

    def __init__(self, state: SchemaState) -> None:
        self._state = state
        self._by_container: dict[str, list[SchemaObject]] | None = None

    def of(self, key: str) -> list[SchemaObject]:
        """The parts of one object, sorted by kind and name."""
        if self._by_container is None:
            self._by_container = {}
            for item in sorted(
                self._state.objects, key=lambda item: (_PLACE.get(item.kind, len(_PLACE)), item.name)
            ):
                if item.of is not None:
                    self._by_container.setdefault(item.of, []).append(item)
        return self._by_container.get(key, [])


def _created(item: SchemaObject, parts: _Parts) -> Iterator[str]:
    contained = parts.of(item.key)
    columns = [item] if item.kind == "column" else [part for part in contained if part.kind == "column"]
    of_columns = [part for column in columns for part in parts.of(column.key)]
    # An identity column makes its sequence itself, the default of another one needs it to be there.
    identities = {column.key for column in columns if column.attributes.get("identity")}
    sequences = [part for part in of_columns if part.kind == "sequence" and part.of not in identities]
    yield from (creation.sequence(part) for part in sequences)
    if item.kind == "table":
        yield creation.table(item, columns)
    else:
        make: Callable[[SchemaObject], str | None] = creation.BY_KIND.get(item.kind, lambda _: None)
        yield make(item) or f"note: make {item.key} by hand"
    yield from (creation.ownership(part) for part in sequences)
    for part in (*contained, *of_columns):
        # A constraint brings its index along.
        if part.kind not in ("column", "sequence") and not (
            item.kind == "constraint" and part.kind == "index"
        ):
            yield from _created(part, parts)
