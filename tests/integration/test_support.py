"""The comparing helpers of ``support``: each must see the difference that it is there to see."""

from __future__ import annotations

import psycopg
import pytest
from support.digests import column_digests, row_counts, row_digests
from support.programs import run, run_sql
from support.sampledata import (
    SAMPLES,
    TORTURE,
    load_sample,
    load_torture,
    sample_data_dir,
    torture_extras,
)
from support.schemas import broken_constraints, invalid_constraints, invalid_indexes, schema_dump

PAIR = """
    create type pair as (a integer, b integer);
    create table t (id integer, c char(4), p pair, j jsonb);
    insert into t values (1, 'x', null, '{}'), (2, 'y', row(null, null), null), (3, null, row(1, 2), '1');
"""


def changed(database, statement: str) -> tuple[str, str]:
    """Two databases with the same rows, one of them changed by a statement."""
    urls = database(), database()
    for url in urls:
        run_sql(url, PAIR.encode())
    run_sql(urls[1], statement.encode())
    return urls


def test_the_order_of_rows_does_not_matter(database):
    first, second = changed(
        database,
        "create table s as select * from t order by id desc; truncate t;"
        " insert into t select * from s; drop table s",
    )
    assert column_digests(first) == column_digests(second)
    assert row_digests(first) == row_digests(second)
    assert row_counts(first) == {"public.t": 3}


@pytest.mark.parametrize(
    ("statement", "columns"),
    [
        ("update t set p = null where id = 2", {"p"}),
        ("update t set c = '' where id = 3", {"c"}),
        ("update t set j = '{\"a\": 1}' where id = 1", {"j"}),
        ("update t set id = 4 where id = 3", {"id"}),
        ("insert into t values (1, 'x', null, '{}')", {"id", "c", "p", "j"}),
        ("insert into t values (null, null, null, null)", {"id", "c", "p", "j"}),
    ],
)
def test_a_changed_value_shows_in_its_column_alone(database, statement, columns):
    first, second = map(column_digests, changed(database, statement))
    assert {
        column for (_, column), digest in first.items() if second["public.t", column] != digest
    } == columns


def test_values_that_change_places_show_in_rows_only(database):
    first, second = changed(database, "update t set c = case id when 1 then 'y' when 2 then 'x' end")
    assert column_digests(first) == column_digests(second)
    assert row_digests(first) != row_digests(second)
    without = {("public.t", "c")}
    assert row_digests(first, without=without) == row_digests(second, without=without)


def test_what_is_not_in_force_is_named(database):
    url = database()
    run_sql(
        url,
        b"""
        create table parent (id integer primary key);
        create table "Child" (id integer references parent, n integer check (n > 0));
        create table later (n integer);
        insert into later values (-1);
        alter table later add constraint later_check check (n > 0) not valid;
        create index child_n on "Child" (n);
        update pg_index set indisvalid = false where indexrelid = 'child_n'::regclass;
        set session_replication_role = replica;
        insert into "Child" values (7, 1);
        """,
    )
    assert invalid_constraints(url) == ["public.later: later_check"]
    assert broken_constraints(url) == ['public."Child": Child_id_fkey']
    assert invalid_indexes(url) == ["public.child_n"]


@pytest.mark.skipif(sample_data_dir() is None, reason="the sample databases are not here")
@pytest.mark.parametrize("name", [pytest.param("adventureworks", marks=pytest.mark.slow), *SAMPLES[1:]])
def test_a_sample_loads_whole(database, name):
    url = database()
    load_sample(name, url)
    assert sum(row_counts(url).values()) > 3000
    assert broken_constraints(url) == []


def test_an_unknown_sample_is_an_error(database):
    with pytest.raises(FileNotFoundError, match="no sample database 'nowhere'"):
        load_sample("nowhere", database())


@pytest.mark.parametrize("version", ["server", "server16"])
def test_the_torture_database_survives_a_plain_dump_and_restore(request, version, tmp_path):
    server = request.getfixturevalue(version)
    source, target = (server.ensure_database(f"torture_{end}") for end in ("source", "target"))
    with psycopg.connect(source) as connection:
        major = connection.info.server_version // 10000
    load_torture(source, torture_extras(major))
    folder = tmp_path / "dump"
    # The server's own version: a newer pg_restore sets what an older server does not know.
    run("pg_dump", "-Fd", "-f", str(folder), "-d", source, major=major)
    run("pg_restore", "--exit-on-error", "-d", target, str(folder), major=major)

    # A script that stopped early would make two equal, small databases.
    assert len(row_counts(source)) > 110
    assert schema_dump(target) == schema_dump(source)
    assert row_counts(target) == row_counts(source)
    assert row_digests(target) == row_digests(source)
    assert broken_constraints(target) == []
    assert invalid_constraints(target) == invalid_constraints(source)
    assert invalid_indexes(target) == []


@pytest.mark.slow
@pytest.mark.parametrize("extra", sorted(file.stem for file in (TORTURE / "extra").glob("*.sql")))
def test_each_extra_loads_alone(database, extra):
    url = database()
    if extra == "postgres18":
        with psycopg.connect(url) as connection:
            if connection.info.server_version < 180000:
                pytest.skip("needs PostgreSQL 18")
    run_sql(url, (TORTURE / "extra" / f"{extra}.sql").read_bytes())
    assert invalid_indexes(url) == []
