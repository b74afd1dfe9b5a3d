"""Loads into the tables that are there: by a role that owns them and nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from support.digests import row_digests
from support.pipeline import adopt, assert_same, load, sequence_states, take
from support.programs import run_sql
from support.sampledata import SAMPLES, load_sample, load_torture, sample_data_dir
from support.schemas import carried_schema

from datamask.config.reset import ResetSettings
from datamask.db.conninfo import build_conninfo, conninfo_parts, with_database
from datamask.errors import DatabaseError, DatamaskError, RefusedError
from datamask.load.content import held
from datamask.load.schema_comparison import Comparison, compare
from datamask.load.server import open_server
from datamask.snapshot.manifest import Manifest
from datamask.snapshot.schema import dump_schema, parse_schema
from datamask.snapshot.verify import read_schema
from datamask.store.local import LocalStore

SCHEMA = b"""
    create table customers (
        id integer generated always as identity primary key, email text not null unique, boss integer references customers
    );
    create table orders (
        id serial primary key, customer integer not null references customers deferrable initially deferred,
        placed date not null, note text, total numeric generated always as (id * 2) stored,
        constraint sane check (id > 0)
    );
    create index orders_by_customer on orders (customer) where note is not null;
    create index on orders (lower(note));
    comment on index orders_by_customer is 'for the list';
    comment on constraint sane on orders is 'ids count from one';
    alter table orders add constraint later check (id < 1000000) not valid;
    alter table orders cluster on orders_pkey;
    alter table customers replica identity using index customers_email_key;
    create table events (at date not null, n integer, primary key (at, n)) partition by range (at);
    create table events_1 partition of events for values from ('2020-01-01') to ('2021-01-01');
    create table events_2 partition of events for values from ('2021-01-01') to ('2022-01-01');
    create index events_n on events (n);
    create table event_notes (at date, n integer, foreign key (at, n) references events);
    create table base (id integer primary key, v text);
    create table special (extra text) inherits (base);
    create view per_customer as
        select c.*, count(*) as n from customers c join orders o on o.customer = c.id group by c.id;
    create materialized view totals as select customer, sum(total) as total from orders group by 1;
    create unique index on totals (customer);
    create table log (n integer);
    create function noise() returns trigger language plpgsql as $$
        begin insert into public.log values (1); return null; end $$;
    create trigger noisy after insert or update on orders for each row execute function noise();
    create trigger always after insert on customers for each statement execute function noise();
    alter table customers enable always trigger always;
    create trigger emptied before truncate on orders for each statement execute function noise();
    create trigger off after insert on orders for each row execute function noise();
    alter table orders disable trigger off;
    create trigger parts after insert on events for each row execute function noise();
    create constraint trigger constrained after insert on orders deferrable initially deferred
        for each row execute function noise();
    create table "odd "" na me" ("sel ect" integer primary key, " " text);
    create sequence free_standing start 5 increment 3 maxvalue 20;
"""

ROWS = b"""
    insert into customers (email, boss) select 'u' || n || '@example.com', null from generate_series(1, 60) as n;
    update customers set boss = id - 1 where id > 1;
    insert into orders (customer, placed, note)
        select 1 + n % 60, '2024-01-01', case when n % 3 = 0 then 'note ' || n end from generate_series(1, 300) as n;
    insert into events select date '2020-06-01' + n, n from generate_series(0, 400) as n;
    insert into event_notes select at, n from events where n % 7 = 0;
    insert into base select n, 'v' from generate_series(1, 20) as n;
    insert into special select n, 'v', 'x' from generate_series(21, 30) as n;
    insert into "odd "" na me" select n, 'tab	and \\ and ' || n from generate_series(1, 9) as n;
    refresh materialized view totals;
    select nextval('free_standing') from generate_series(1, 6);
    analyze;
"""

# It binds the owner too, so it comes behind the rows.
SECURITY = b"""
    alter table customers enable row level security;
    alter table customers force row level security;
    create policy nobody on customers using (false);
"""

OTHER_ROWS = b"""
    insert into customers (email) values ('mine@example.com');
    insert into orders (customer, placed) values (1, '2025-01-01');
    delete from event_notes;
    delete from events where n > 200;
    insert into special values (900, 'mine', 'x');
    select setval('free_standing', 8, false);
"""

IN_PLACE = ResetSettings(strategy="in-place", lock_timeout=2)


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def source(server) -> str:
    url = server.ensure_database("in_place_source")
    run_sql(url, SCHEMA, ROWS, SECURITY)
    return url


@pytest.fixture(scope="module")
def manifest(source, root) -> Manifest:
    return take(source, root)


@pytest.fixture(scope="module")
def template(server) -> Iterator[str]:
    """Other rows in the same schema, all of it owned by a role that may do nothing else."""
    url = server.ensure_database("in_place_template")
    run_sql(url, b"create role tables_only login; grant create on schema public to tables_only")
    run_sql(
        build_conninfo({**conninfo_parts(url), "user": "tables_only"}), SCHEMA, ROWS, OTHER_ROWS, SECURITY
    )
    yield url
    with open_server(url) as opened:
        opened.drop("in_place_template")
        opened.session.script("drop role tables_only")


@pytest.fixture
def clerk(template) -> Iterator[str]:
    """The environment by that role."""
    url = with_database(template, "in_place_dev")
    with open_server(url) as opened:
        opened.session.script("create database in_place_dev template in_place_template")
        adopt(url)
        yield build_conninfo({**conninfo_parts(url), "user": "tables_only"})
        opened.drop("in_place_dev")


def by_owner(url: str) -> str:
    return build_conninfo({**conninfo_parts(url), "user": "postgres"})


def everything(url: str) -> object:
    """All that a load could change."""
    with psycopg.connect(by_owner(url)) as connection:
        comments = connection.execute(
            "select classoid, objoid, objsubid, description from pg_description"
            " where objoid >= 16384 order by 1, 2, 3"
        ).fetchall()
    return row_digests(by_owner(url)), sequence_states(by_owner(url)), carried_schema(by_owner(url)), comments


def refused(
    url: str, manifest: Manifest, root: Path, kind: type[DatamaskError] = RefusedError, **how
) -> DatamaskError:
    before = everything(url)
    with pytest.raises(kind) as caught:
        load(url, manifest, root, **{"reset": IN_PLACE, **how})
    assert everything(url) == before
    return caught.value


def test_ownership_of_the_tables_is_enough(clerk, source, manifest, root):
    schema = carried_schema(by_owner(clerk))
    outcome = load(clerk, manifest, root)
    assert outcome.strategy == "in-place"
    assert outcome.reason.startswith("role tables_only may not create databases")
    assert outcome.warnings == ()
    # But for the mark, which stands on the first table.
    with psycopg.connect(by_owner(clerk)) as connection:
        (comment,) = connection.execute("select obj_description('base'::regclass)").fetchall()[0]
        assert comment.startswith("datamask: ")
        connection.execute("comment on table base is null")
    assert_same(source, by_owner(clerk))
    assert carried_schema(by_owner(clerk)) == schema


def test_what_it_holds_is_known_afterwards(clerk, manifest, root):
    with open_server(clerk) as server:
        assert held(server).snapshot is None
    load(clerk, manifest, root)
    load(clerk, manifest, root)
    with open_server(clerk) as server:
        marks = held(server)
    assert (marks.environment, marks.snapshot, marks.digest, marks.pinned) == (
        "dev",
        manifest.id,
        manifest.digest,
        True,
    )


def test_the_databases_owner_writes_the_mark_where_every_load_does(clerk, source, manifest, root):
    load(clerk, manifest, root)
    load(by_owner(clerk), manifest, root, reset=IN_PLACE)
    with open_server(clerk) as server:
        info = server.database("in_place_dev")
        assert info is not None
        assert info.marks.digest == manifest.digest
    assert_same(source, by_owner(clerk))


def test_triggers_stay_silent(clerk, manifest, root):
    load(clerk, manifest, root)
    (logged,) = [table.rows for table in manifest.tables if table.name == "log"]
    with psycopg.connect(by_owner(clerk)) as connection:
        assert connection.execute("select count(*) from log").fetchone() == (logged,)
        connection.execute("insert into orders (customer, placed) values (1, '2025-01-01')")
        connection.execute("set constraints all immediate")
        # noisy and constrained; off is off.
        assert connection.execute("select count(*) from log").fetchone() == (logged + 2,)


def test_another_schema_is_refused(clerk, manifest, root):
    run_sql(clerk, b"alter table orders add column more text")
    error = refused(clerk, manifest, root)
    assert error.message == (
        "the target's schema is not the snapshot's: table public.orders is defined differently"
    )


CHANGES = {
    "alter table customers add column more text": "table public.customers is defined differently",
    "drop view per_customer": "rule public.per_customer _RETURN is missing",
    "drop index orders_by_customer": "index public.orders_by_customer is missing",
    "create index mine on orders (placed)": "index public.mine is not in the snapshot",
    "create table mine_too (customer integer references customers)": (
        "fk constraint public.mine_too mine_too_customer_fkey is not in the snapshot"
    ),
    "create table part partition of events for values from ('2030-01-01') to ('2031-01-01')": (
        "table attach public.part is not in the snapshot"
    ),
    "create table child () inherits (base)": "table public.child is not in the snapshot",
    "alter table orders alter column note set default 'x'": "table public.orders is defined differently",
    "create policy mine on orders using (true)": "policy public.orders mine is not in the snapshot",
    "alter sequence free_standing increment 1": "sequence public.free_standing is defined differently",
    "create or replace function noise() returns trigger language plpgsql as 'begin return null; end'": (
        "function public.noise() is defined differently"
    ),
}


def test_every_difference_is_found(clerk, manifest, root):
    _, wanted = parse_schema(read_schema(LocalStore(root).folder(manifest.id), manifest))

    def compared() -> Comparison:
        return compare(wanted, parse_schema(dump_schema(by_owner(clerk), None, server_major=18))[1])

    assert compared() == Comparison((), ())
    run_sql(clerk, ";".join(CHANGES).encode())
    found = compared()
    # What comes with a partition belongs to it.
    expected = set(CHANGES.values())
    assert expected <= set(found.differences)
    assert {item for item in found.differences if "part" not in item} == {
        item for item in expected if "part" not in item
    } | {"view public.per_customer is missing"}
    assert found.extra == ("table public.mine_too",)


def test_what_is_on_top_stays_and_is_named(clerk, manifest, root):
    run_sql(clerk, b"create table mine (n integer); insert into mine values (7);"
                   b" create view my_orders as select * from orders")  # fmt: skip
    outcome = load(clerk, manifest, root)
    assert outcome.warnings == (
        "not in the snapshot, and left as it is: table public.mine, view public.my_orders",
    )
    with psycopg.connect(clerk) as connection:
        assert connection.execute("select n from mine").fetchall() == [(7,)]
        assert connection.execute("select count(*) from my_orders").fetchone() == (300,)


def test_tables_that_the_role_may_not_read_are_left_alone(clerk, manifest, root):
    run_sql(by_owner(clerk), b"create table secret (n integer); insert into secret values (1)")
    assert load(clerk, manifest, root).warnings == (
        "not in the snapshot, and left as it is: table public.secret",
    )


def test_tables_of_others_are_refused(clerk, manifest, root):
    run_sql(by_owner(clerk), b"alter table orders owner to postgres")
    error = refused(clerk, manifest, root)
    assert error.message == (
        "public.orders and 1 more belong to role postgres, and role tables_only may not replace what they hold"
    )


def test_without_the_right_to_create_indexes_they_stay(clerk, source, manifest, root):
    run_sql(by_owner(clerk), b"revoke create on schema public from tables_only")
    load(clerk, manifest, root)
    run_sql(by_owner(clerk), b"comment on table base is null")
    assert_same(source, by_owner(clerk))


def test_an_event_trigger_is_refused(clerk, manifest, root):
    run_sql(by_owner(clerk), b"""
        create function watch() returns event_trigger language plpgsql as 'begin end';
        create event trigger watching on ddl_command_end execute function watch();
    """)  # fmt: skip
    error = refused(clerk, manifest, root)
    assert error.message.startswith("the event trigger watching would fire")


def test_a_lock_is_not_waited_for_without_end(clerk, manifest, root):
    with psycopg.connect(clerk) as reader:
        reader.execute("select count(*) from orders")
        before = row_digests(by_owner(clerk))
        with pytest.raises(RefusedError) as caught:
            load(clerk, manifest, root, reset=ResetSettings("in-place", lock_timeout=1))
        assert caught.value.message == (
            "other sessions have held a lock on the tables for 1 s; nothing was changed"
        )
        assert reader.execute("select count(*) from orders").fetchone() == (301,)
    assert row_digests(by_owner(clerk)) == before


def test_rows_that_do_not_fit_leave_everything_as_it_was(clerk, manifest, root):
    tables = tuple(
        replace(table, rows=table.rows + 1) if table.key == "public.special" else table
        for table in manifest.tables
    )
    # The last table of all: everything else is already in, sequences are not yet.
    error = refused(clerk, replace(manifest, tables=tables), root, DatamaskError)
    assert error.message == "table public.special took 10 rows of the snapshot's 11"


def test_sequences_are_rolled_back_too(clerk, manifest, root):
    # What comes behind the sequences fails: there is no such view.
    views = tuple(replace(view, name="nowhere") for view in manifest.materialized_views)
    error = refused(clerk, replace(manifest, materialized_views=views), root, DatabaseError)
    assert error.message.startswith("cannot refresh materialized view public.nowhere: ")


def test_asked_for_in_place_it_is_in_place(clerk, source, manifest, root):
    outcome = load(by_owner(clerk), manifest, root, reset=IN_PLACE)
    assert (outcome.strategy, outcome.reason) == ("in-place", "asked for")
    assert_same(source, by_owner(clerk))


@pytest.mark.slow
def test_the_torture_database_in_place(server, tmp_path):
    """Without its event triggers, which a load in place refuses."""
    source = server.ensure_database("in_place_torture")
    load_torture(source, ("row_security",))
    run_sql(source, b"drop event trigger log_tables; drop event trigger refuse_drop;"
                    b'drop event trigger "Disabled ""one"""')  # fmt: skip
    manifest = take(source, tmp_path)
    dev = adopt(server.ensure_database("in_place_torture_dev"))
    load(dev, manifest, tmp_path)
    run_sql(dev, b"delete from events.precious")
    load(dev, manifest, tmp_path, reset=IN_PLACE)
    assert_same(source, dev)


@pytest.mark.slow
@pytest.mark.skipif(sample_data_dir() is None, reason="the sample databases are not here")
@pytest.mark.parametrize("major", [18, 16])
@pytest.mark.parametrize("name", SAMPLES)
def test_real_databases_in_place(request, tmp_path, name, major):
    if (name, major) == ("adventureworks", 16):
        pytest.skip("its dump was made by a newer version")
    server = request.getfixturevalue("server" if major == 18 else "server16")
    source = server.ensure_database(f"in_place_{name}")
    load_sample(name, source)
    manifest = take(source, tmp_path)
    dev = adopt(server.ensure_database(f"in_place_{name}_dev"))
    load(dev, manifest, tmp_path)
    schema = carried_schema(dev)
    load(dev, manifest, tmp_path, reset=IN_PLACE)
    assert carried_schema(dev) == schema
    assert_same(source, dev)
