"""What a database's schema looks like, and whether all of it is in force."""

from __future__ import annotations

import re
from typing import LiteralString

import psycopg
from psycopg import sql

from .programs import run

# A dump's first lines and last lines, and the key of psql's restricted mode, differ from run to run.
_VOLATILE = re.compile(
    r"^(\\(un)?restrict .*|-- Dumped (from|by) .*|-- Started on .*|-- Completed on .*)\n", re.MULTILINE
)

# User mappings hold passwords of other servers, and stay behind. Of the schema public there is nothing left to say
# when its owner is left out.
_NOT_CARRIED = re.compile(
    r"^--\n-- Name: USER MAPPING [^\n]*\n--\n\nCREATE USER MAPPING .*?\);\n\n\n"
    r"|^--\n-- Name: public; Type: SCHEMA; [^\n]*\n--\n\n-- \*not\* creating schema[^\n]*\n\n\n",
    re.MULTILINE | re.DOTALL,
)

_INVALID_INDEXES: LiteralString = """
    select indexrelid::regclass::text from pg_catalog.pg_index
    where not (indisvalid and indisready and indislive)
    order by 1
"""

# Partitions' and children's copies of a constraint are dropped and made with the parent's.
_CONSTRAINTS: LiteralString = """
    select conrelid::regclass::text, conname::text, pg_catalog.pg_get_constraintdef(oid), convalidated
    from pg_catalog.pg_constraint
    where contype in ('f', 'c') and conrelid <> 0 and conparentid = 0 and coninhcount = 0
      and connamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
    order by 1, 2
"""


def schema_dump(url: str, *arguments: str) -> str:
    """``pg_dump --schema-only`` without what differs from run to run.

    :param arguments: more options of pg_dump, e.g. ``--no-owner``.
    """
    return _VOLATILE.sub("", run("pg_dump", "--schema-only", *arguments, "-d", url))


def carried_schema(url: str, *arguments: str) -> str:
    """As ``schema_dump``, without what a load leaves to the target."""
    return _NOT_CARRIED.sub("", schema_dump(url, *arguments))


def invalid_constraints(url: str) -> list[str]:
    """The foreign keys and checks that are NOT VALID, as ``table: constraint``."""
    with psycopg.connect(url) as connection:
        connection.execute("set search_path = ''")
        rows = connection.execute(_CONSTRAINTS).fetchall()
    return [f"{table}: {name}" for table, name, _, validated in rows if not validated]


def broken_constraints(url: str) -> list[str]:
    """The valid foreign keys and checks that the rows breach, as ``table: constraint``.

    Each is made anew in a transaction that is rolled back: a load that skipped them cannot hide it.
    """
    broken = []
    with psycopg.connect(url) as connection:
        connection.execute("set search_path = ''; set client_min_messages = warning")
        for table, name, definition, validated in connection.execute(_CONSTRAINTS).fetchall():
            # NOT ENFORCED constraints (PostgreSQL 18) are never validated either.
            if not validated:
                continue
            alter = sql.SQL("alter table {} drop constraint {}, add constraint {} {}").format(
                sql.SQL(table), sql.Identifier(name), sql.Identifier(name), sql.SQL(definition)
            )
            try:
                with connection.transaction(force_rollback=True):
                    connection.execute(alter)
                    connection.execute("set constraints all immediate")
            except psycopg.IntegrityError:
                broken.append(f"{table}: {name}")
        connection.rollback()
    return broken


def invalid_indexes(url: str) -> list[str]:
    """The indexes that are not valid or not ready."""
    with psycopg.connect(url) as connection:
        connection.execute("set search_path = ''")
        return [name for (name,) in connection.execute(_INVALID_INDEXES).fetchall()]
