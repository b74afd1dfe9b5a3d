"""A live database as a ``Catalog``: a dozen set-based queries, no row of any table is read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from datamask.catalog import keys
from datamask.catalog.model import (
    Catalog,
    Check,
    Column,
    Extension,
    ForeignKey,
    MaterializedView,
    Sequence,
    Table,
    UniqueKey,
    table_key,
)
from datamask.catalog.queries import query
from datamask.catalog.types import TypeResolver, TypeRow
from datamask.db.quoting import qualified
from datamask.db.session import Session

_TABLE_KINDS: dict[str, Literal["table", "partitioned", "foreign"]] = {
    "r": "table",
    "p": "partitioned",
    "f": "foreign",
}
_GENERATED: dict[str, Literal["stored", "virtual"]] = {"s": "stored", "v": "virtual"}
_IDENTITY: dict[str, Literal["always", "by default"]] = {"a": "always", "d": "by default"}

# Branches of one UNION ALL over sequences; each is a relation to plan and to lock.
_SEQUENCES_A_QUERY = 200


@dataclass(frozen=True, slots=True)
class _Names:
    """Table keys by oid, and column names by oid and number."""

    tables: Mapping[int, str]
    columns: Mapping[int, Mapping[int, str]]


def introspect(session: Session) -> Catalog:
    """Read what the session's database contains.

    Runs in the session's transaction if one is open, else in one of its own; works read-only and on a hot
    standby, PostgreSQL 14 and newer. System, temporary and TOAST relations are left out.

    :raises DatabaseError: where a query fails, as it does when a table is locked exclusively for longer
        than the session's lock timeout.
    """
    if session.in_transaction:
        return _read(session)
    # One view of the system catalogs for all queries: a table that is created meanwhile is in all or none.
    session.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        return _read(session)
    finally:
        if not session.closed:
            session.rollback()


def _read(session: Session) -> Catalog:
    name, oid, encoding, collation, in_recovery, large_objects, may_identify = session.rows(
        query("database")
    )[0]
    columns, column_rows = _columns(session)
    table_rows = session.rows(query("tables"))
    names = _Names({row[0]: table_key(row[1], row[2]) for row in table_rows}, column_rows)
    return Catalog(
        database=name,
        database_oid=oid,
        server_version=session.server_version,
        encoding=encoding,
        collation=collation,
        tables=_tables(session, table_rows, columns, names),
        sequences=_sequences(session, names),
        materialized_views=_materialized_views(session, names),
        extensions=tuple(Extension(*row) for row in session.rows(query("extensions"))),
        system_identifier=session.value(query("system_identifier")) if may_identify else None,
        in_recovery=in_recovery,
        large_objects=large_objects,
        settings=dict(session.rows(query("settings"))),
    )


@dataclass(frozen=True, slots=True)
class _TableColumns:
    columns: tuple[Column, ...]
    domain_checks: tuple[Check, ...]


def _columns(session: Session) -> tuple[dict[int, _TableColumns], dict[int, dict[int, str]]]:
    labels = {oid: tuple(texts) for oid, texts in session.rows(query("enum_labels"))}
    resolver = TypeResolver((TypeRow(*row) for row in session.rows(query("types"))), labels)
    checks_of_domain: dict[int, list[tuple[str, str]]] = defaultdict(list)
    for domain, check_name, definition in session.rows(query("domain_checks")):
        checks_of_domain[domain].append((check_name, definition))
    columns: dict[int, list[Column]] = defaultdict(list)
    checks: dict[int, list[Check]] = defaultdict(list)
    names: dict[int, dict[int, str]] = defaultdict(dict)
    for row in session.rows(query("columns")):
        (
            table,
            name,
            number,
            type_oid,
            modifier,
            type_name,
            not_null,
            generated,
            identity,
            default,
            comment,
        ) = row
        names[table][number] = name
        columns[table].append(
            Column(
                name=name,
                type=resolver.resolve(type_oid, modifier, type_name),
                position=number,
                not_null=not_null or resolver.domain_not_null(type_oid),
                generated=_GENERATED.get(generated),
                identity=_IDENTITY.get(identity),
                default=default,
                comment=comment,
            )
        )
        for domain in resolver.domains(type_oid):
            checks[table].extend(Check(label, (name,), text) for label, text in checks_of_domain[domain])
    return (
        {table: _TableColumns(tuple(found), tuple(checks[table])) for table, found in columns.items()},
        names,
    )


def _tables(
    session: Session, rows: list[tuple[Any, ...]], columns: Mapping[int, _TableColumns], names: _Names
) -> tuple[Table, ...]:
    parents: dict[int, list[int]] = defaultdict(list)
    for child, parent in session.rows(query("inheritance")):
        parents[child].append(parent)
    partitions = {row[0] for row in rows if row[5]}
    unique_keys = _unique_keys(session, names)
    foreign_keys, checks = _constraints(session, names)
    triggers: dict[int, list[str]] = defaultdict(list)
    bodies: dict[int, list[str]] = defaultdict(list)
    for table, trigger, body in session.rows(query("triggers")):
        triggers[table].append(trigger)
        if body is not None and body not in bodies[table]:
            bodies[table].append(body)
    no_columns = _TableColumns((), ())
    tables = []
    for row in rows:
        (oid, schema, name, kind, unlogged, is_partition, row_security, tuples, pages, size,
         extension, condition, readable, comment, key_numbers) = row  # fmt: skip
        above = parents[oid]
        own = columns.get(oid, no_columns)
        tables.append(
            Table(
                schema=schema,
                name=name,
                columns=own.columns,
                kind=_TABLE_KINDS[kind],
                parent=names.tables[above[0]] if is_partition else None,
                root=names.tables[_root(oid, parents, partitions)] if is_partition else None,
                inherits=() if is_partition else tuple(names.tables[parent] for parent in above),
                unique_keys=tuple(unique_keys[oid]),
                foreign_keys=tuple(foreign_keys[oid]),
                checks=(*checks[oid], *own.domain_checks),
                triggers=tuple(triggers[oid]),
                trigger_bodies=tuple(bodies[oid]),
                pages=pages,
                bytes=size,
                rows_estimate=tuples,
                unlogged=unlogged,
                row_security=row_security,
                extension=extension,
                extension_condition=condition,
                readable=readable,
                comment=comment,
                partition_key=tuple(names.columns[oid][number] for number in key_numbers),
            )
        )
    return tuple(tables)


def _root(oid: int, parents: Mapping[int, list[int]], partitions: set[int]) -> int:
    while oid in partitions:
        oid = parents[oid][0]
    return oid


def _unique_keys(session: Session, names: _Names) -> dict[int, list[UniqueKey]]:
    found: dict[int, list[UniqueKey]] = defaultdict(list)
    for table, *fields in session.rows(query("unique_keys")):
        found[table].append(keys.unique_key(names.columns[table], *fields))
    return found


def _constraints(
    session: Session, names: _Names
) -> tuple[dict[int, list[ForeignKey]], dict[int, list[Check]]]:
    foreign: dict[int, list[ForeignKey]] = defaultdict(list)
    checks: dict[int, list[Check]] = defaultdict(list)
    for row in session.rows(query("constraints")):
        table, name, kind, attnums, other, other_attnums, deferrable, definition, match_full = row
        columns = names.columns.get(table, {})
        if kind == "c":
            checks[table].append(keys.check(columns, name, attnums, definition))
        else:
            foreign[table].append(
                keys.foreign_key(
                    columns,
                    name,
                    attnums,
                    names.tables[other],
                    names.columns[other],
                    other_attnums,
                    deferrable,
                    match_full,
                )
            )
    return foreign, checks


def _sequences(session: Session, names: _Names) -> tuple[Sequence, ...]:
    rows = session.rows(query("sequences"))
    readable = [(oid, schema, name) for oid, schema, name, *_, may_read in rows if may_read]
    values: dict[int, tuple[int, bool]] = {}
    for start in range(0, len(readable), _SEQUENCES_A_QUERY):
        branches = " UNION ALL ".join(
            f"SELECT {oid}::int8, last_value, is_called FROM {qualified(schema, name)}"  # noqa: S608 - quoted
            for oid, schema, name in readable[start : start + _SEQUENCES_A_QUERY]
        )
        values.update({oid: (last, called) for oid, last, called in session.rows(branches)})
    sequences = []
    for oid, schema, name, owner, owner_column, extension, _ in rows:
        last, called = values.get(oid, (None, False))
        owned_by = None
        if owner in names.tables:
            owned_by = f"{names.tables[owner]}.{names.columns[owner][owner_column]}"
        sequences.append(Sequence(schema, name, last, called, owned_by, extension))
    return tuple(sequences)


def _materialized_views(session: Session, names: _Names) -> tuple[MaterializedView, ...]:
    rows = session.rows(query("views"))
    reads = {oid: related for oid, _, _, _, _, related in rows}
    ends = dict(names.tables)
    ends.update({oid: table_key(schema, name) for oid, schema, name, kind, _, _ in rows if kind == "m"})

    def sources(view: int) -> set[str]:
        found: set[str] = set()
        seen = {view}
        todo = list(reads[view])
        while todo:
            oid = todo.pop()
            if oid in seen:
                continue
            seen.add(oid)
            if oid in ends:
                found.add(ends[oid])
            else:
                todo.extend(reads.get(oid, ()))
        return found

    return tuple(
        MaterializedView(schema, name, populated, tuple(sorted(sources(oid))))
        for oid, schema, name, kind, populated, _ in rows
        if kind == "m"
    )
