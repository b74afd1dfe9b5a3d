"""The source's schema in a scratch database: what can be made there, and which tables are usable then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from datamask.catalog.model import Catalog, Table
from datamask.db.session import Session, connect
from datamask.errors import DatabaseError
from datamask.snapshot.schema import SchemaEntry, dump_schema, entry_name, parse_schema

# What says nothing about whether a table takes a row, and may need more rights than a trial has.
_LEFT_OUT = frozenset(
    {"COMMENT", "ACL", "DEFAULT ACL", "FOREIGN DATA WRAPPER", "SERVER", "FOREIGN TABLE", "TRANSFORM"}
)

# What a table's rows are tried against once they are in.
_OVER_ROWS = frozenset({"INDEX", "CONSTRAINT", "CHECK CONSTRAINT"})

# duplicate_schema, duplicate_object, duplicate_function: a fresh database has those already.
_THERE_ALREADY = frozenset({"42P06", "42710", "42723"})


@dataclass(frozen=True, slots=True)
class ScratchSchema:
    """What could be made of a schema.

    :param tables: keys of the tables that are there as they are in the source.
    :param over_rows: indexes and constraints of each of them that are still to be made, in order.
    """

    tables: frozenset[str]
    over_rows: dict[str, tuple[SchemaEntry, ...]]


def source_schema(conninfo: str, server_major: int) -> list[SchemaEntry]:
    """The entries of a database's schema, as of now.

    :raises DatabaseError: where no ``pg_dump`` fits the server, or it fails.
    """
    with connect(conninfo, read_only=True) as session:
        snapshot_id = session.begin_snapshot()
        return parse_schema(dump_schema(conninfo, snapshot_id, server_major=server_major))[1]


def create_schema(
    session: Session, extender: Session, entries: Sequence[SchemaEntry], catalog: Catalog
) -> ScratchSchema:
    """Make everything that stands before the rows, without what cannot be made and what needs it.

    :param extender: a session that may create extensions.
    """
    session.script("SET check_function_bodies = off")
    failed: set[int] = set()
    before = [entry for entry in entries if not entry.after_data and entry.type not in _LEFT_OUT]
    # Of everything else it can be made of, a database's owner makes nothing without its schemas and extensions.
    for entry in sorted(before, key=_rank):
        if entry.needs & failed or not _made(extender if entry.type == "EXTENSION" else session, entry):
            failed.add(entry.id)
    return _usable(entries, failed, catalog)


def _rank(entry: SchemaEntry) -> int:
    return {"SCHEMA": 0, "EXTENSION": 1}.get(entry.type, 2)


def _made(session: Session, entry: SchemaEntry) -> bool:
    try:
        session.script(entry.sql)
    except DatabaseError as error:
        if session.closed:
            raise
        return error.sqlstate in _THERE_ALREADY
    return True


def _usable(entries: Sequence[SchemaEntry], failed: set[int], catalog: Catalog) -> ScratchSchema:
    by_name = {(entry_name(table.schema), entry_name(table.name)): table for table in catalog.tables}
    tables: dict[int, Table] = {}
    for entry in entries:
        table = by_name.get((entry.schema, entry.name)) if entry.type == "TABLE" else None
        if table is not None and table.has_rows:
            tables[entry.id] = table
    incomplete = {entry.id for entry in entries if entry.id in failed and entry.type == "TABLE"}
    for entry in entries:
        # A partition without its place among the others would take any row.
        if entry.id in failed and entry.type == "TABLE ATTACH":
            incomplete |= entry.needs
    over_rows: dict[str, list[SchemaEntry]] = {
        table.key: [] for number, table in tables.items() if number not in incomplete
    }
    for entry in entries:
        if entry.type in _OVER_ROWS:
            for key in _keys(entry.needs, tables):
                if key in over_rows:
                    over_rows[key].append(entry)
    return ScratchSchema(frozenset(over_rows), {key: tuple(found) for key, found in over_rows.items()})


def _keys(needs: Iterable[int], tables: dict[int, Table]) -> list[str]:
    return [tables[need].key for need in needs if need in tables]
