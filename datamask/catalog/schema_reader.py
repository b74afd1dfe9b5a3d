"""A live database as a ``SchemaState``: some two dozen set-based queries, no row of any table is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from datamask.catalog.queries import query
from datamask.catalog.schema_state import SchemaObject, SchemaState, Value, object_name
from datamask.catalog.spelling import one_spelling
from datamask.db.session import Session

# A container stands before what it contains.
_QUERIES = (
    "database", "extensions", "schemas", "collations", "types", "relations", "columns", "sequences", "constraints",
    "indexes", "routines", "operators", "text_search", "triggers", "rules", "policies", "statistics",
    "event_triggers", "foreign", "replication",
)  # fmt: skip

# Texts that the server makes of expressions.
_EXPRESSIONS = frozenset({"definition", "default", "generated", "using", "check", "bound", "partition key"})

_PUBLISHED_SCHEMAS_SINCE = 15


def read_schema_state(session: Session) -> SchemaState:
    """Read every object of the session's database with what defines it.

    Runs in the session's transaction if one is open, else in one of its own; works read-only and on a hot
    standby, PostgreSQL 14 and newer. What belongs to an extension is left out: the extension's version
    stands for it.

    :raises DatabaseError: where a query fails, as it does when an object is locked exclusively for longer
        than the session's lock timeout.
    """
    if session.in_transaction:
        return _read(session)
    session.script("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    try:
        return _read(session)
    finally:
        if not session.closed:
            session.rollback()


def _read(session: Session) -> SchemaState:
    objects = _objects(session)
    _add_published_schemas(session, objects)
    _add_comments(session, objects)
    found = [*objects.values(), *_grants(session, objects), *_default_privileges(session)]
    return SchemaState(
        tuple(sorted(found, key=lambda item: item.key)),
        datetime.now(UTC).isoformat(timespec="seconds"),
        f"{session.info.database}, PostgreSQL {session.major}.{session.server_version % 10000}",
    )


def _objects(session: Session) -> dict[str, SchemaObject]:
    """By address: the catalog, the object's number there, and that of a part of it."""
    left_out = {address for (address,) in session.rows(query("state/members"))}
    objects: dict[str, SchemaObject] = {}
    like: dict[str, str] = {}
    for name in _QUERIES:
        for kind, address, parts, suffix, container, model, attributes in session.rows(
            query(f"state/{name}")
        ):
            if address in left_out or container in left_out:
                left_out.add(address)
                continue
            of = objects.get(container) if container is not None else None
            objects[address] = SchemaObject(
                kind, object_name(parts, suffix), _attributes(attributes), of.key if of else None
            )
            if model is not None:
                like[address] = model
    for address, model in like.items():
        if model in objects:
            objects[address] = replace(objects[address], like=objects[model].key)
    return objects


def _attributes(found: dict[str, Any]) -> dict[str, Value]:
    return {
        name: one_spelling(value) if name in _EXPRESSIONS and isinstance(value, str) else value
        for name, value in found.items()
        if value is not None and value != []
    }


def _with(item: SchemaObject, name: str, value: Value) -> SchemaObject:
    return replace(item, attributes={**item.attributes, name: value})


def _add_published_schemas(session: Session, objects: dict[str, SchemaObject]) -> None:
    if session.major < _PUBLISHED_SCHEMAS_SINCE:
        return
    for address, schemas in session.rows(query("state/published_schemas")):
        objects[address] = _with(objects[address], "schemas", schemas)


def _add_comments(session: Session, objects: dict[str, SchemaObject]) -> None:
    for address, whole, column, what, text in session.rows(query("state/comments")):
        if text is None:
            continue
        if address in objects:
            objects[address] = _with(objects[address], what, text)
        elif whole in objects and column is not None:
            # Columns of views are no objects of their own: the view's definition tells them.
            objects[whole] = _with(objects[whole], f"{what} on column {column}", text)


def _grants(session: Session, objects: dict[str, SchemaObject]) -> Iterator[SchemaObject]:
    for address, grantee, here, _ in session.rows(query("state/grants")):
        item = objects.get(address)
        if item is not None:
            yield SchemaObject("grant", f"on {item.key} to {grantee}", _privileges(here), item.key)


def _default_privileges(session: Session) -> Iterator[SchemaObject]:
    for maker, schema, on, grantee, here, _ in session.rows(query("state/default_privileges")):
        place = f" in schema {object_name([schema])}" if schema else ""
        name = f"of {object_name([maker])} on {on}{place} to {grantee}"
        yield SchemaObject("default privileges", name, _privileges(here))


def _privileges(granted: list[str]) -> dict[str, Value]:
    # None at all differs from the usual ones, too: somebody has revoked them.
    return {"privileges": sorted(granted) or "none"}
