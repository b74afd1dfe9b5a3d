"""Synthetic rows on a server: loaded with every constraint on, none is broken."""

from __future__ import annotations

import secrets
from pathlib import Path

import polars as pl
import psycopg
import pytest
from support.pipeline import adopt, load
from support.sampledata import load_sample, sample_data_dir
from support.schemas import broken_constraints

from datamask.catalog.introspect import introspect
from datamask.classify.discover import discover
from datamask.db.embedded import EmbeddedServer
from datamask.db.session import connect
from datamask.errors import UsageError
from datamask.execution.processes import WorkerPool
from datamask.progress import Silent
from datamask.snapshot.manifest import Manifest
from datamask.snapshot.schema import dump_schema
from datamask.snapshot.take import identity_of
from datamask.store.local import LocalStore
from datamask.synthetic.artifact import POLICY, FolderSink, SchemaSource, publish
from datamask.synthetic.facts import read_facts
from datamask.synthetic.generator import generate
from datamask.synthetic.planner import plan_synthetic
from datamask.synthetic.recipe_file import read_recipe
from datamask.synthetic.worker import SyntheticSetup

SCHEMA = r"""
set search_path = public;
create type mood as enum ('sad', 'ok', 'happy');
create domain zip as text check (value ~ '^\d{5}$');
create domain percent as integer not null check (value between 0 and 100);
create table countries (code char(2) primary key, name text not null unique);
create table customers (
    id bigint generated always as identity primary key,
    email text not null unique, first_name text not null, last_name varchar(20) not null,
    country char(2) not null references countries, born date check (born <= now() - interval '18 years'),
    mood mood not null, moods mood[], zip zip not null, share percent, active boolean not null,
    upper_email text generated always as (upper(email)) stored,
    token uuid not null unique, settings jsonb not null, seen timestamptz, ip inet, photo bytea,
    referrer bigint references customers, best_order bigint
);
create unique index on customers (lower(email));
create table orders (
    id bigserial primary key, customer_id bigint not null references customers, status text not null
        check (status in ('new', 'paid', 'shipped')), placed date not null, shipped date, due date not null,
    total numeric(10, 2) not null check (total > 0), discount numeric(10, 2) not null check (discount >= 0),
    check (shipped >= placed or shipped is null), check (due > placed), check (discount <= total),
    check ((status = 'shipped') = (shipped is not null))
);
alter table customers add foreign key (best_order) references orders;
create table products (
    sku text primary key check (sku ~ '^[A-Z]{2}-\d{4}$'), name text not null, price numeric(8, 2) not null
);
create table order_lines (
    order_id bigint references orders, line smallint, sku text not null references products,
    quantity integer not null check (quantity between 1 and 99),
    primary key (order_id, line), unique (order_id, sku)
);
create table tags (id smallint primary key, label varchar(12) not null unique);
create table order_tags (
    order_id bigint references orders, tag_id smallint references tags, primary key (order_id, tag_id)
);
create table profiles (customer_id bigint primary key references customers, bio text);
create table rooms (id integer primary key);
create table bookings (
    id integer primary key, room_id integer not null references rooms, during tstzrange not null,
    exclude using gist (during with &&)
);
-- A cycle of NOT NULL foreign keys, and one's own row.
create table eggs (id integer primary key, hen_id integer not null);
create table hens (id integer primary key, egg_id integer not null references eggs);
alter table eggs add foreign key (hen_id) references hens;
create table nodes (id integer primary key, parent_id integer not null references nodes);
-- Tenants: composite keys that share a column.
create table tenants (id integer primary key);
create table users (tenant_id integer references tenants, id integer, primary key (tenant_id, id));
create table documents (
    id integer primary key, tenant_id integer not null, owner_id integer not null, reader_id integer,
    foreign key (tenant_id, owner_id) references users, foreign key (tenant_id, reader_id) references users
);
create table events (id bigint, at timestamptz not null, kind text not null, primary key (id, at))
    partition by range (at);
create table events_1 partition of events for values from ('2024-01-01 00:00+00') to ('2024-02-01 00:00+00');
create table events_2 partition of events for values from ('2024-03-01 00:00+00') to ('2024-04-01 00:00+00');
create table by_region (id integer, region text) partition by list (region);
create table by_region_1 partition of by_region for values in ('north', 'south');
create table by_region_2 partition of by_region for values in ('west') partition by hash (id);
create table by_region_2_0 partition of by_region_2 for values with (modulus 1, remainder 0);
create table defaults (user_id bigint not null references customers, address text not null, is_default boolean not null);
create unique index on defaults (user_id) where is_default;
"""

ROWS = (
    "300,customers=700,orders=2/customers:zipf,order_lines=3/orders,order_tags=2500,countries=40,tags=30,"
    "defaults=2000,tenants=10"
)


def generated(url: str, root: Path, rows: str, *, seed: int = 0, workers: int = 2) -> Manifest:
    """Synthetic rows for the schema at ``url``, published in the store at ``root``."""
    with (
        WorkerPool(workers, warm_up="datamask.synthetic.worker") as pool,
        connect(url, read_only=True) as session,
    ):
        snapshot_id = session.begin_snapshot()
        catalog, facts = introspect(session), read_facts(session)
        source = SchemaSource(
            identity_of(catalog, "production"),
            dump_schema(url, snapshot_id, server_major=session.major).encode(),
        )
        classes = {(item.table, item.column): item.data_class for item in discover(catalog).items}
        setup = SyntheticSetup(
            secrets.token_hex(4), catalog, classes, read_recipe(rows), seed, facts, FolderSink(root)
        )
        plan = plan_synthetic(catalog, classes, setup.recipe, seed, facts)
        return publish(
            plan,
            setup,
            source,
            store=LocalStore(root),
            pool=pool,
            project="test",
            policy=POLICY,
            progress=Silent(),
        )


def loaded(server: EmbeddedServer, name: str, manifest: Manifest, root: Path) -> str:
    copy = adopt(server.ensure_database(name))
    load(copy, manifest, root, accepts=frozenset({POLICY}))
    assert broken_constraints(copy) == []
    return copy


@pytest.fixture(scope="module")
def source(server: EmbeddedServer) -> str:
    url = server.ensure_database("synthetic_source")
    with connect(url) as session:
        session.script(SCHEMA)
    return url


@pytest.fixture(scope="module")
def copy(source: str, server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    root = tmp_path_factory.mktemp("store")
    return loaded(server, "synthetic_copy", generated(source, root, ROWS), root)


def value(url: str, sql: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(sql.encode()).fetchone()
        assert row is not None
        return row[0]


@pytest.mark.parametrize(
    ("table", "rows"),
    [
        ("customers", 700),
        ("orders", 1400),
        ("order_lines", 4200),
        ("order_tags", 2500),
        ("events", 300),
        ("nodes", 300),
    ],
)
def test_every_table_has_the_rows_that_were_asked_for(copy: str, table: str, rows: int) -> None:
    assert value(copy, f"select count(*) from {table}") == rows


@pytest.mark.parametrize(
    "sql",
    [
        # An address fits its row's name.
        "select bool_and(email ilike left(first_name, 1) || '%'"
        " and email ilike '%' || left(last_name, 2) || '%@example.%') from customers",
        # A tree: nobody is below himself.
        "select bool_and(parent_id <= id) from nodes",
        "select count(distinct customer_id) between 50 and 650 from orders",
        "select count(*) filter (where id is null) = 0 from orders",
        # Sequences go on behind the rows.
        "select nextval('orders_id_seq') = 1401",
        "select count(*) > 0 from events_1",
        "select count(*) > 0 from events_2",
        "select count(*) > 0 from by_region_2",
        "select bool_or(shipped is not null) and bool_or(shipped is null) from orders",
        "select count(distinct mood) = 3 from customers",
        "select count(best_order) > 300 from customers",
    ],
)
def test_what_rows_look_like(copy: str, sql: str) -> None:
    assert value(copy, sql) is True


def test_neither_workers_nor_other_tables_show_in_the_rows(source: str, tmp_path: Path) -> None:
    one = generated(source, tmp_path / "one", ROWS, workers=1)
    two = generated(source, tmp_path / "two", ROWS, workers=2)
    assert [table.files for table in one.tables] == [table.files for table in two.tables]
    other = generated(source, tmp_path / "three", ROWS, seed=1)
    assert [table.files for table in one.tables] != [table.files for table in other.tables]


def test_a_new_column_disturbs_no_other(server: EmbeddedServer) -> None:
    url = server.ensure_database("synthetic_columns")
    frames = []
    for sql in (
        "create table t (id integer primary key, amount numeric(8, 2), name text, at timestamp)",
        "alter table t add extra text, add more integer not null",
    ):
        with connect(url) as session:
            session.script(f"set search_path = public; {sql}")
            plan = plan_synthetic(introspect(session), {}, read_recipe("1000"), 3)
        frames.append(pl.concat([frame for _, frame in generate(plan)]))
    assert frames[1].select(frames[0].columns).equals(frames[0])


@pytest.mark.parametrize(
    ("sql", "rows", "message"),
    [
        (
            "create table t (flag boolean primary key)",
            "t=3",
            "table public.t: primary key (flag) has room for 2 different values, and 3 rows were asked for",
        ),
        (
            "create table t (n integer check (n > 5 and n < 3))",
            "t=3",
            "table public.t: the constraints on n leave no value: whole numbers from 6 to 2",
        ),
        (
            "create table p (id integer primary key); create table t (id integer primary key references p)",
            "p=5,t=6",
            "table public.t: primary key (id) refers to a different row of public.p each time, which has 5, "
            "and 6 rows were asked for",
        ),
        (
            "create table p (id integer primary key); create table t (p integer not null references p)",
            "p=0,t=6",
            "table public.t: foreign key t_p_fkey needs a row of public.p, which gets none",
        ),
        (
            "create table a (id integer primary key); create table b (id integer primary key references a);"
            "alter table a add foreign key (id) references b",
            "5",
            "the keys of public.a, public.b are made of each other in a circle",
        ),
        (
            "create table a (id smallint primary key); create table b (id smallint primary key);"
            "create table t (a smallint references a, b smallint references b, primary key (a, b))",
            "a=3,b=4,t=13",
            "table public.t: primary key (a, b) has room for 12 different combinations: "
            "public.a (3) × public.b (4), and 13 rows were asked for",
        ),
        (
            "create table t (a integer not null, b integer not null, check (a * a = b * 7 + 3 and a > b))",
            "t=500",
            "table public.t: 256 of 256 rows still break CHECK t_check after 200 attempts",
        ),
    ],
)
def test_what_cannot_be_says_why_before_anything_is_made(database, sql: str, rows: str, message: str) -> None:
    with connect(database()) as session:
        session.script(f"set search_path = public; {sql}")
        catalog = introspect(session)
    with pytest.raises(UsageError) as caught:
        plan_synthetic(catalog, {}, read_recipe(rows), 0)
    assert caught.value.message == message


def test_tables_that_nobody_counted_get_what_their_keys_have_room_for(database) -> None:
    with connect(database()) as session:
        session.script(
            "set search_path = public; create table flags (flag boolean primary key);"
            "create table t (flag boolean primary key references flags)"
        )
        plan = plan_synthetic(introspect(session), {}, read_recipe(None), 0)
    assert {table.key: table.rows for table in plan.tables} == {"public.flags": 2, "public.t": 2}
    assert plan.notes == (
        "table public.flags gets 2 rows: primary key (flag) has room for 2 different values",
        "table public.t gets 2 rows: primary key (flag) refers to a different row of public.flags each time, which has 2",
    )


needs_samples = pytest.mark.skipif(sample_data_dir() is None, reason="the sample databases are not here")


@needs_samples
@pytest.mark.parametrize(
    "name",
    [
        "chinook",
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("pagila", "northwind", "adventureworks")),
    ],
)
def test_a_real_schema_is_filled_without_a_violation(
    server: EmbeddedServer, tmp_path: Path, name: str
) -> None:
    url = server.ensure_database(f"synthetic_{name}")
    load_sample(name, url)
    manifest = generated(url, tmp_path, "1000")
    assert manifest.rows > 5_000
    loaded(server, f"synthetic_{name}_copy", manifest, tmp_path)
