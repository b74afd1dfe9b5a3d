"""How far migration tools have come is read from their own tables, as each of them makes them."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from support.programs import run_sql

from datamask.config.hooks import CommandStep
from datamask.load.hooks import Surroundings
from datamask.load.versions import Migration, compare_with_code, migrations_in

TABLES = {
    "alembic": (
        "create table {0}.alembic_version (version_num varchar(32) primary key);"
        "insert into {0}.alembic_version values ('b2'), ('a1')",
        Migration("Alembic", "alembic.alembic_version", ("a1", "b2")),
    ),
    "django": (
        "create table {0}.django_migrations (id serial, app text, name text, applied timestamptz);"
        "insert into {0}.django_migrations (app, name) values ('shop', '0002_b'), ('shop', '0001_a'), ('auth', '0001_x')",
        Migration("Django", "django.django_migrations", ("auth.0001_x", "shop.0002_b")),
    ),
    "rails": (
        "create table {0}.schema_migrations (version varchar primary key);"
        "insert into {0}.schema_migrations values ('20240101000000'), ('20250101000000')",
        Migration("Rails", "rails.schema_migrations", ("20250101000000",)),
    ),
    "go": (
        "create table {0}.schema_migrations (version bigint, dirty boolean);"
        "insert into {0}.schema_migrations values (17, false)",
        Migration("golang-migrate", "go.schema_migrations", ("17",)),
    ),
    "ecto": (
        "create table {0}.schema_migrations (version bigint, inserted_at timestamp);"
        "insert into {0}.schema_migrations values (9, now()), (10, now())",
        Migration("Ecto", "ecto.schema_migrations", ("10",)),
    ),
    "flyway": (
        "create table {0}.flyway_schema_history (installed_rank int, version varchar, success boolean);"
        "insert into {0}.flyway_schema_history values (1, '1', true), (2, '2.1', true), (3, null, true), (4, '3', false)",
        Migration("Flyway", "flyway.flyway_schema_history", ("2.1",)),
    ),
    "liquibase": (
        "create table {0}.databasechangelog (id varchar, author varchar, orderexecuted int);"
        "insert into {0}.databasechangelog values ('z', 'me', 1), ('a', 'me', 2)",
        Migration("Liquibase", "liquibase.databasechangelog", ("a",)),
    ),
    "prisma": (
        "create table {0}._prisma_migrations (migration_name text, finished_at timestamptz, rolled_back_at timestamptz);"
        "insert into {0}._prisma_migrations values ('1_a', now(), null), ('2_b', null, null), ('3_c', now(), now())",
        Migration("Prisma", "prisma._prisma_migrations", ("1_a",)),
    ),
    "sqlx": (
        "create table {0}._sqlx_migrations (version bigint, success boolean);"
        "insert into {0}._sqlx_migrations values (9, true), (10, true), (11, false)",
        Migration("sqlx", "sqlx._sqlx_migrations", ("10",)),
    ),
    "goose": (
        "create table {0}.goose_db_version (id serial, version_id bigint, is_applied boolean);"
        "insert into {0}.goose_db_version (version_id, is_applied)"
        " values (0, true), (9, true), (10, true), (10, false), (11, true), (11, false), (10, true)",
        Migration("goose", "goose.goose_db_version", ("10",)),
    ),
}


@pytest.fixture(scope="module")
def url(server) -> str:
    address = server.ensure_database("migration_tables")
    for schema, (script, _) in TABLES.items():
        run_sql(address, f"create schema {schema}; {script.format(schema)}".encode())
    run_sql(address, b"create schema other; create table other.alembic_version (n integer)")
    return address


def test_every_tool_is_known_by_its_table(url):
    assert migrations_in(url) == tuple(TABLES[schema][1] for schema in sorted(TABLES))


def test_a_database_without_any_has_none(database):
    assert migrations_in(database()) == ()


def test_code_that_is_ahead_is_told(url):
    around = Surroundings("dev", "snapshot")
    known = migrations_in(url)

    def told(printed: str) -> list[str]:
        return compare_with_code(known, CommandStep(("printf", printed), Path("/")), url, around)

    assert told("a1 (head)\\n") == []
    assert told("") == []
    (message,) = told("a1\\nc3 (head)\\n")
    assert message.startswith("the application's code knows migration c3, and in ")
    assert "Alembic is at a1, b2" in message


def test_a_table_that_may_not_be_read_is_left_out(url):
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create role nobody_reads login")
        try:
            assert migrations_in(url.replace("user=postgres", "user=nobody_reads")) == ()
        finally:
            connection.execute("drop role nobody_reads")
