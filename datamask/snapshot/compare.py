"""Two snapshots compared: schema, tables, rows, and what masked them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from datamask.snapshot.manifest import Manifest, ManifestColumn, ManifestTable
from datamask.snapshot.schema import parse_schema

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class SchemaChange:
    """An object of the schema that only one snapshot has, or that is made by other SQL.

    :param object: type and name, such as ``index public.orders_pkey``.
    """

    kind: Kind
    object: str


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A column that is there, typed, classified or masked differently.

    :param what: ``column``, ``type``, ``class`` or ``transform``.
    :param before: None where the first snapshot has nothing of that kind.
    :param after: likewise, of the second.
    """

    table: str
    column: str
    what: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class RowChange:
    """A table with another number of rows, another selection of them, or in one snapshot only.

    :param before: rows in the first snapshot, None where it has no such table.
    :param after: likewise, of the second.
    :param selections: which rows were chosen, where that differs: before and after.
    """

    table: str
    before: int | None
    after: int | None
    selections: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class FactChange:
    """Something else that differs: the policy, the plan, the key, the server's version, an extension."""

    what: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences of a second snapshot from a first."""

    facts: tuple[FactChange, ...]
    schema: tuple[SchemaChange, ...]
    columns: tuple[ColumnChange, ...]
    rows: tuple[RowChange, ...]

    @property
    def same(self) -> bool:
        """True where nothing differs; values are not compared."""
        return not (self.facts or self.schema or self.columns or self.rows)


def compare(before: Manifest, after: Manifest, schema_before: str, schema_after: str) -> Comparison:
    """What is different in a second snapshot.

    :param schema_before: the first one's ``schema.sql``.
    :param schema_after: the second one's.
    """
    first = {table.key: table for table in before.tables}
    second = {table.key: table for table in after.tables}
    both = [(first[key], second[key]) for key in sorted(first.keys() & second.keys())]
    return Comparison(
        facts=tuple(_facts(before, after)),
        schema=tuple(_schema(_objects(schema_before), _objects(schema_after))),
        columns=tuple(change for pair in both for change in _columns(*pair)),
        rows=tuple(_rows(first, second)),
    )


def _facts(before: Manifest, after: Manifest) -> Iterator[FactChange]:
    pairs = [
        ("source", before.source.environment, after.source.environment),
        ("policy", before.policy, after.policy),
        ("plan", before.plan, after.plan),
        ("key", before.key_id, after.key_id),
        ("server version", str(before.source.server_version), str(after.source.server_version)),
        ("encoding", before.source.encoding, after.source.encoding),
        ("datamask", before.datamask, after.datamask),
    ]
    first = {extension.name: extension.version for extension in before.extensions}
    second = {extension.name: extension.version for extension in after.extensions}
    pairs += [
        (f"extension {name}", first.get(name), second.get(name))
        for name in sorted(first.keys() | second.keys())
    ]
    for what, one, other in pairs:
        if one != other:
            yield FactChange(what, one, other)


def _objects(schema: str) -> dict[str, list[str]]:
    """The SQL of each object, by its label; objects that share one, such as overloads, in a fixed order."""
    _, entries = parse_schema(schema)
    found: dict[str, list[str]] = {}
    for entry in entries:
        found.setdefault(entry.label, []).append(entry.sql)
    return {label: sorted(statements) for label, statements in found.items()}


def _schema(before: Mapping[str, list[str]], after: Mapping[str, list[str]]) -> Iterator[SchemaChange]:
    for label in sorted(before.keys() | after.keys()):
        if label not in before:
            yield SchemaChange("added", label)
        elif label not in after:
            yield SchemaChange("removed", label)
        elif before[label] != after[label]:
            yield SchemaChange("changed", label)


def _columns(before: ManifestTable, after: ManifestTable) -> Iterator[ColumnChange]:
    first = {column.name: column for column in before.columns}
    second = {column.name: column for column in after.columns}
    for name in [*first, *(name for name in second if name not in first)]:
        one, other = first.get(name), second.get(name)
        if one is None or other is None:
            yield ColumnChange(before.key, name, "column", _described(one), _described(other))
            continue
        for what, old, new in (
            ("type", one.type, other.type),
            ("class", one.data_class, other.data_class),
            ("transform", one.transform, other.transform),
        ):
            if old != new:
                yield ColumnChange(before.key, name, what, old, new)


def _described(column: ManifestColumn | None) -> str | None:
    return None if column is None else f"{column.type}, {column.transform}"


def _rows(before: Mapping[str, ManifestTable], after: Mapping[str, ManifestTable]) -> Iterator[RowChange]:
    for key in sorted(before.keys() | after.keys()):
        one, other = before.get(key), after.get(key)
        if one is None or other is None:
            yield RowChange(key, one.rows if one else None, other.rows if other else None)
            continue
        selections = (one.selection, other.selection) if one.selection != other.selection else None
        if one.rows != other.rows or selections:
            yield RowChange(key, one.rows, other.rows, selections)
