"""The tables of a database that is loaded in place: who owns them, and what hangs on them.

What makes a load slow (indexes, keys) or runs code of the database's (triggers) is taken off and put back in the
transaction that fills the tables. Ownership of the tables is enough for all of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from datamask.db.quoting import qualified, quote_identifier
from datamask.db.session import Session

_TABLES = (
    "SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " JOIN ROWS FROM (pg_catalog.unnest(%s::text[]), pg_catalog.unnest(%s::text[])) AS wanted(schema, name)"
    " ON wanted.schema = n.nspname AND wanted.name = c.relname"
)

# With the partitioned tables above them: keys are made and dropped there.
_FAMILY = (
    "SELECT DISTINCT a.relid::pg_catalog.oid FROM pg_catalog.unnest(%s::oid[]) AS t(oid)"
    " CROSS JOIN LATERAL (SELECT t.oid AS relid"
    "  UNION SELECT p.relid::pg_catalog.oid FROM pg_catalog.pg_partition_ancestors(t.oid::pg_catalog.regclass) p) a"
)

_NOT_OWNED = (
    "SELECT n.nspname, c.relname, pg_catalog.pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.oid = ANY (%s) AND NOT pg_catalog.pg_has_role(c.relowner, 'USAGE') ORDER BY 1, 2"
)

_MAY_CREATE = (
    "SELECT pg_catalog.bool_and(pg_catalog.has_schema_privilege(n.oid, 'CREATE')) FROM pg_catalog.pg_namespace n"
    " WHERE n.oid IN (SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = ANY (%s))"
)

# Those of partitions come and go with their parent's.
_CONSTRAINTS = (
    "SELECT n.nspname, c.relname, k.conname, k.contype::text FROM pg_catalog.pg_constraint k"
    " JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " LEFT JOIN pg_catalog.pg_class i ON i.oid = k.conindid AND k.contype IN ('p', 'u', 'x')"
    " WHERE k.conrelid = ANY (%s) AND k.conparentid = 0 AND k.coninhcount = 0"
    " AND (k.contype IN ('f', 'p', 'u', 'x') OR k.contype = 'c' AND NOT k.convalidated)"
    " AND coalesce(i.reltablespace, 0) = 0"
    # A view that groups by a primary key hangs on it.
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype IN ('n', 'a')"
    "  AND d.classid <> 'pg_catalog.pg_constraint'::pg_catalog.regclass"
    "  AND (d.refclassid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND d.refobjid = k.oid"
    "   OR i.oid IS NOT NULL AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass"
    "   AND d.refobjid = i.oid))"
    " ORDER BY k.contype <> 'f', 1, 2, 3"
)

_INDEXES = (
    "SELECT n.nspname, c.relname FROM pg_catalog.pg_index x"
    " JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE x.indrelid = ANY (%s) AND NOT c.relispartition AND c.reltablespace = 0"
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = x.indexrelid)"
    " AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.deptype IN ('n', 'a')"
    "  AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = x.indexrelid"
    "  AND d.classid <> 'pg_catalog.pg_class'::pg_catalog.regclass)"
    " ORDER BY 1, 2"
)

_PRESENT_CONSTRAINTS = (
    "SELECT n.nspname, c.relname, k.conname FROM pg_catalog.pg_constraint k"
    " JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE k.conrelid = ANY (%s)"
)
_PRESENT_INDEXES = (
    "SELECT n.nspname, c.relname FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE x.indrelid = ANY (%s)"
)

_TRIGGERS = (
    "SELECT n.nspname, c.relname, t.tgname, t.tgenabled::text FROM pg_catalog.pg_trigger t"
    " JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE t.tgrelid = ANY (%s) AND NOT t.tgisinternal AND t.tgenabled <> 'D' ORDER BY 1, 2, 3"
)

_FORCED_SECURITY = (
    "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c"
    " JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " WHERE c.oid = ANY (%s) AND c.relforcerowsecurity ORDER BY 1, 2"
)

# All that is taken off and put back, as the server says it: what comes out in the end must be what was there.
_STATE = (
    "SELECT 'constraint', k.conrelid::pg_catalog.text, k.conname::pg_catalog.text,"
    "  pg_catalog.pg_get_constraintdef(k.oid), k.convalidated, k.coninhcount, k.conparentid <> 0,"
    "  pg_catalog.obj_description(k.oid, 'pg_constraint')"
    " FROM pg_catalog.pg_constraint k WHERE k.conrelid = ANY (%s)"
    " UNION ALL SELECT 'index', x.indrelid::pg_catalog.text, c.relname, pg_catalog.pg_get_indexdef(c.oid),"
    "  x.indisvalid AND x.indisready, x.indisclustered::int + 2 * x.indisreplident::int, c.relispartition,"
    "  pg_catalog.obj_description(c.oid, 'pg_class')"
    " FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class c ON c.oid = x.indexrelid WHERE x.indrelid = ANY (%s)"
    " UNION ALL SELECT 'trigger', t.tgrelid::pg_catalog.text, t.tgname, t.tgenabled::text, NULL, NULL, NULL, NULL"
    " FROM pg_catalog.pg_trigger t WHERE t.tgrelid = ANY (%s) AND NOT t.tgisinternal"
    " UNION ALL SELECT 'table', c.oid::pg_catalog.text, c.relname, c.relreplident::text, c.relforcerowsecurity,"
    "  NULL, NULL, NULL"
    " FROM pg_catalog.pg_class c WHERE c.oid = ANY (%s)"
)

_ENABLE = {"O": "ENABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}


@dataclass(frozen=True, slots=True)
class Standing:
    """Tables by object id, and what may be done with them.

    :param tables: those that rows go into.
    :param family: the same with the partitioned tables above them.
    :param rebuildable: indexes may be dropped and made again, which takes the right to create in their schemas.
    """

    tables: tuple[int, ...]
    family: tuple[int, ...]
    rebuildable: bool


def find_tables(session: Session, names: Sequence[tuple[str, str]]) -> Standing:
    """The tables of those schemas and names; names that there are not are left out."""
    oids = relation_ids(session, names)
    family = [row[0] for row in session.rows(_FAMILY, [oids])]
    return Standing(tuple(oids), tuple(family), bool(session.value(_MAY_CREATE, [family])))


def relation_ids(session: Session, names: Sequence[tuple[str, str]]) -> list[int]:
    """The object ids of relations of those schemas and names."""
    columns = [[schema for schema, _ in names], [name for _, name in names]]
    return [row[0] for row in session.rows(_TABLES, columns)]


def not_owned(session: Session, oids: Sequence[int]) -> list[tuple[str, str, str]]:
    """Schema, name and owner of the relations that the session's role does not own."""
    return [(schema, name, owner) for schema, name, owner in session.rows(_NOT_OWNED, [list(oids)])]


def state(session: Session, standing: Standing) -> set[tuple[Any, ...]]:
    """Constraints, indexes and triggers, as definitions that can be compared."""
    return set(session.rows(_STATE, [list(standing.family)] * 4))


def drop_keys(session: Session, standing: Standing) -> None:
    """Drop foreign keys and, where they can be made again, indexes and all that rests on them."""
    family = list(standing.family)
    for schema, table, name, kind in session.rows(_CONSTRAINTS, [family]):
        if kind in "fc" or standing.rebuildable:
            session.script(f"ALTER TABLE {qualified(schema, table)} DROP CONSTRAINT {quote_identifier(name)}")
    if standing.rebuildable:
        for schema, name in session.rows(_INDEXES, [family]):
            session.script(f"DROP INDEX {qualified(schema, name)}")


def present_keys(session: Session, standing: Standing) -> set[tuple[str, str]]:
    """Schema and name of what is still there, as entries of a dump name it: ``table constraint``, ``index``."""
    family = list(standing.family)
    found = {
        (schema, f"{table} {name}") for schema, table, name in session.rows(_PRESENT_CONSTRAINTS, [family])
    }
    return found | {(schema, name) for schema, name in session.rows(_PRESENT_INDEXES, [family])}


def silence(session: Session, standing: Standing) -> list[str]:
    """Turn off the tables' triggers, and row-level security that would bind even their owner.

    :returns: the statements that turn all of it on again, as it was.
    """
    undo = []
    for schema, table, name, enabled in session.rows(_TRIGGERS, [list(standing.family)]):
        alter = f"ALTER TABLE ONLY {qualified(schema, table)}"
        trigger = quote_identifier(name)
        session.script(f"{alter} DISABLE TRIGGER {trigger}")
        undo.append(f"{alter} {_ENABLE[enabled]} TRIGGER {trigger}")
    for schema, table in session.rows(_FORCED_SECURITY, [list(standing.family)]):
        alter = f"ALTER TABLE {qualified(schema, table)}"
        session.script(f"{alter} NO FORCE ROW LEVEL SECURITY")
        undo.append(f"{alter} FORCE ROW LEVEL SECURITY")
    return undo
