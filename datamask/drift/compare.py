"""Two states of a schema compared, object by object. Pure.

A change that follows from another one is told with it: the columns of a table that went, the sequence of a column
that came, what a partition takes over from its table.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from datamask.catalog.schema_state import KINDS, SchemaObject, SchemaState
from datamask.drift.difference import SEVERITIES, Aspect, Change, Difference, Severity
from datamask.drift.scope import Scope
from datamask.drift.severity import COLUMN_ORDER, severity_of

EVERYTHING = Scope()

_PLACE = {kind: number for number, kind in enumerate(KINDS)}


@dataclass(frozen=True, slots=True)
class _Found:
    """One object that differs, before what follows from others is folded into them."""

    change: Change
    item: SchemaObject
    other: SchemaObject
    aspects: tuple[Aspect, ...]
    group: str
    of: str | None
    like: str | None


def compare(before: SchemaState, after: SchemaState, scope: Scope = EVERYTHING) -> tuple[Difference, ...]:
    """Everything that differs, sorted by the outermost object, then by kind and name.

    ``compare(a, a)`` is empty, and ``compare(b, a)`` is ``inverted(compare(a, b))``.

    :param before: the baseline.
    :raises UsageError: where a pattern of ``scope`` means nothing.
    """
    old, new = scope.selected(before), scope.selected(after)
    found: dict[str, _Found] = {}
    for key in old.keys() | new.keys():
        one = _compared(key, old, new, scope)
        if one is not None:
            found[key] = one
    included: dict[str, Counter[str]] = defaultdict(Counter)
    roots = {key: _root(key, found) for key in found}
    for key, root in roots.items():
        if root != key:
            included[root][found[key].item.kind] += 1
    differences = [_difference(one, included[key], scope) for key, one in found.items() if roots[key] == key]
    return tuple(sorted(differences, key=_order))


def _compared(
    key: str, old: Mapping[str, SchemaObject], new: Mapping[str, SchemaObject], scope: Scope
) -> _Found | None:
    before, after = old.get(key), new.get(key)
    if before is not None and after is not None:
        aspects = _aspects(before, after, scope)
        if not aspects:
            return None
        group = min(_group(before, old), _group(after, new))
        # Only what repeats the same object on both sides can have changed along with it.
        like = before.like if before.like == after.like else None
        return _Found("changed", after, before, aspects, group, None, like)
    if before is not None:
        return _Found("removed", before, before, (), _group(before, old), before.of, before.like)
    assert after is not None
    return _Found("added", after, after, (), _group(after, new), after.of, after.like)


def _aspects(before: SchemaObject, after: SchemaObject, scope: Scope) -> tuple[Aspect, ...]:
    names = sorted(before.attributes.keys() | after.attributes.keys())
    return tuple(
        Aspect(name, before.attributes.get(name), after.attributes.get(name))
        for name in names
        if scope.compares(before, name) and not _same(name, before, after)
    )


def _same(name: str, before: SchemaObject, after: SchemaObject) -> bool:
    old, new = before.attributes.get(name), after.attributes.get(name)
    if name == COLUMN_ORDER and isinstance(old, list) and isinstance(new, list):
        # A column that is on one side alone is told as such.
        both = set(old) & set(new)
        return [column for column in old if column in both] == [column for column in new if column in both]
    if name == COLUMN_ORDER:
        return True
    # In Python 1 == True, in a schema it is not.
    return old == new and type(old) is type(new)


def _group(item: SchemaObject, objects: Mapping[str, SchemaObject]) -> str:
    """The key of the outermost container below the schema."""
    seen = {item.key}
    while item.of is not None and item.of in objects and item.of not in seen:
        container = objects[item.of]
        if container.kind == "schema" and item.kind != "grant":
            break
        item = container
        seen.add(item.key)
    return item.key


def _root(key: str, found: Mapping[str, _Found]) -> str:
    """The difference from which this one follows, itself where it stands for itself."""
    seen = {key}
    at = key
    while (cause := _cause(found[at], found)) is not None:
        if cause in seen:
            return key
        seen.add(cause)
        at = cause
    return at


def _cause(one: _Found, found: Mapping[str, _Found]) -> str | None:
    for key in (one.of, one.like):
        other = found.get(key) if key is not None else None
        if other is None or key is None or other.change != one.change:
            continue
        if one.change != "changed" or other.aspects == one.aspects:
            return key
    return None


def _difference(one: _Found, included: Counter[str], scope: Scope) -> Difference:
    return Difference(
        change=one.change,
        kind=one.item.kind,
        name=one.item.name,
        group=one.group,
        severity=_severity(one, scope),
        aspects=one.aspects,
        detail="" if one.change == "changed" else _detail(one.item),
        includes=tuple(
            sorted(included.items(), key=lambda item: (_PLACE.get(item[0], len(_PLACE)), item[0]))
        ),
    )


def _detail(item: SchemaObject) -> str:
    for name in ("definition", "type", "privileges", "version", "value"):
        value = item.attributes.get(name)
        if value is not None:
            return ", ".join(value) if isinstance(value, list) else str(value)
    return ""


def _severity(one: _Found, scope: Scope) -> Severity:
    names = [aspect.name for aspect in one.aspects]
    both = (
        severity_of(item, one.change, names, column_order=scope.column_order)
        for item in (one.item, one.other)
    )
    return min(both, key=SEVERITIES.index)


def _order(item: Difference) -> tuple[int, str, bool, int, str]:
    kind = next(
        (kind for kind in _LONGEST_FIRST if item.group == kind or item.group.startswith(f"{kind} ")), ""
    )
    return (
        _PLACE.get(kind, len(_PLACE)),
        item.group,
        item.key != item.group,
        _PLACE.get(item.kind, len(_PLACE)),
        item.name,
    )


# "foreign server x" is no "foreign".
_LONGEST_FIRST = sorted(KINDS, key=len, reverse=True)
