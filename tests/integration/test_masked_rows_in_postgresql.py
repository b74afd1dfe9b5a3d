"""Random databases with keys in a real server: what a plan without errors makes of their rows meets every constraint."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from hypothesis import HealthCheck, event, given, settings
from support.keyed_databases import Row, Rows, compiled, masked

from datamask.catalog.model import Catalog, Table
from datamask.db.embedded import EmbeddedServer
from datamask.db.quoting import identifier_list, qualified, quote_identifier
from datamask.db.session import Session, connect
from datamask.policy.plan import Plan


@pytest.fixture(scope="module")
def session(server: EmbeddedServer) -> Iterator[Session]:
    with connect(server.ensure_database("masked_rows")) as session:
        yield session


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(compiled())
def test_masked_rows_meet_real_constraints(session: Session, case: tuple[Rows, Catalog, Plan]) -> None:
    made, database, plan = case
    if plan.errors:
        event("refused")
        return
    event("carried out")
    after = masked(made, plan)
    # A partitioned table is one table here: a unique key need not hold its partition key then.
    tables = [table for table in database.tables if table.root is None]
    for rows in (made, after):
        session.script("BEGIN")
        try:
            for table in tables:
                create(session, table)
                fill(session, table, rows.of(table))
            for table in tables:
                refer(session, table)
        finally:
            session.rollback()


def create(session: Session, table: Table) -> None:
    columns = ", ".join(
        f"{quote_identifier(listed.name)} {listed.type.name}{' not null' if listed.not_null else ''}"
        for listed in table.columns
    )
    name = qualified(table.schema, table.name)
    session.script(f"create table {name} ({columns})")
    for key in table.unique_keys:
        nulls = "" if key.nulls_distinct else " nulls not distinct"
        session.script(f"create unique index on {name} ({identifier_list(key.columns)}){nulls}")


def fill(session: Session, table: Table, rows: Sequence[Row]) -> None:
    for row in rows:
        values = ", ".join(f"%s::{listed.type.name}" for listed in table.columns)
        names = [listed.name for listed in table.columns]
        session.execute(
            f"insert into {qualified(table.schema, table.name)} ({identifier_list(names)}) values ({values})",
            [row[name] for name in names],
        )


def refer(session: Session, table: Table) -> None:
    for key in table.foreign_keys:
        schema, _, name = key.referenced_table.partition(".")
        match = " match full" if key.match_full else ""
        session.script(
            f"alter table {qualified(table.schema, table.name)} add foreign key ({identifier_list(key.columns)})"
            f" references {qualified(schema, name)} ({identifier_list(key.referenced_columns)}){match}"
        )
