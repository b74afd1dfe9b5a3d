"""Loads: what they refuse before they begin, what they carry over, and what they leave where they fail."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import polars as pl
import psycopg
import pytest
from support.digests import row_digests
from support.manifests import data_file
from support.pipeline import adopt, assert_same, databases, leftovers, load, take
from support.programs import run_sql
from support.servers import temporary_server

from datamask.config.reset import ResetSettings
from datamask.db.conninfo import build_conninfo, conninfo_parts, with_database
from datamask.errors import DatabaseError, DatamaskError, RefusedError
from datamask.load.server import open_server
from datamask.snapshot.manifest import Manifest, ManifestExtension
from datamask.store.local import LocalStore

SHOP = b"""
    create table customers (id integer generated always as identity primary key, email text not null unique);
    insert into customers (email) select 'user' || n || '@example.com' from generate_series(1, 50) as n;
    create table orders (id integer primary key, customer integer not null references customers);
    insert into orders select n, 1 + n % 50 from generate_series(1, 200) as n;
    create index orders_by_customer on orders (customer);
    create materialized view per_customer as select customer, count(*) from orders group by 1;
"""

OLD = b"create table only_here (n integer); insert into only_here values (1)"


@pytest.fixture(scope="module")
def shop(server) -> str:
    url = server.ensure_database("load_source")
    run_sql(url, SHOP)
    return url


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def manifest(shop, root) -> Manifest:
    return take(shop, root)


@pytest.fixture
def dev(server) -> Iterator[str]:
    """An environment that holds something else."""
    url = server.ensure_database("load_dev")
    run_sql(url, OLD)
    adopt(url)
    yield url
    remove(url)


def remove(url: str) -> None:
    """Drop an environment's database and every golden."""
    with open_server(url) as opened:
        for name in opened.databases():
            if name == opened.target or name.startswith("datamask_golden_"):
                opened.drop(name)


def failed(
    url: str, manifest: Manifest, root: Path, kind: type[DatamaskError] = DatamaskError, **how: object
):
    """The error of a load that leaves the environment and the server as they were."""
    # The role that loads may not read what it replaces.
    everything = build_conninfo({**conninfo_parts(url), "user": "postgres"})
    before, content = databases(url), row_digests(everything)
    with pytest.raises(kind) as caught:
        load(url, manifest, root, **how)
    assert databases(url) == before
    assert row_digests(everything) == content
    return caught.value


def test_a_load_brings_the_whole_snapshot(shop, dev, manifest, root):
    outcome = load(dev, manifest, root)
    assert outcome.strategy == "build"
    assert outcome.warnings == ()
    assert_same(shop, dev)


def test_a_golden_is_built_once_and_cloned_from_then_on(shop, dev, manifest, root):
    assert load(dev, manifest, root, golden=True).strategy == "build and clone"
    run_sql(dev, b"delete from orders; drop materialized view per_customer; create table more ()")
    assert load(dev, manifest, root, golden=True).strategy == "clone"
    assert_same(shop, dev)
    golden = f"datamask_golden_{manifest.id}"
    assert golden in databases(dev)
    with pytest.raises(psycopg.OperationalError, match="not currently accepting connections"):
        psycopg.connect(with_database(dev, golden))


def test_a_golden_that_nothing_is_made_from_goes(shop, dev, manifest, root, tmp_path):
    load(dev, manifest, root, golden=True)
    other = take(shop, tmp_path)
    load(dev, other, tmp_path, golden=True)
    assert {name for name in databases(dev) if "golden" in name} == {f"datamask_golden_{other.id}"}


def test_a_golden_that_was_not_finished_is_built_again(shop, dev, manifest, root):
    load(dev, manifest, root, golden=True)
    golden = f"datamask_golden_{manifest.id}"
    with psycopg.connect(with_database(dev, "postgres"), autocommit=True) as connection:
        connection.execute(f'comment on database "{golden}" is null'.encode())
    assert load(dev, manifest, root, golden=True).strategy == "build and clone"
    assert_same(shop, dev)


def test_the_previous_database_stays_where_it_is_wanted(dev, manifest, root):
    load(dev, manifest, root, keep_previous=True)
    previous = with_database(dev, "load_dev__datamask_previous")
    with psycopg.connect(previous) as connection:
        assert connection.execute("select n from only_here").fetchall() == [(1,)]
    load(dev, manifest, root)
    assert leftovers(dev) == set()


def test_a_second_load_at_the_same_time_is_refused(dev, manifest, root):
    with open_server(dev) as other, other.lock("datamask environment load_dev", what="x", deadline=0):
        error = failed(dev, manifest, root, RefusedError)
    assert error.message == "another datamask is working on environment dev right now"


def test_two_environments_may_load_one_snapshot_at_the_same_moment(server, shop, dev, manifest, root):
    other = adopt(server.ensure_database("load_other"))
    try:
        with ThreadPoolExecutor(2) as threads:
            loads = [threads.submit(load, url, manifest, root, golden=True) for url in (dev, other)]
        assert sorted(done.result().strategy for done in loads) == ["build and clone", "clone"]
        for url in (dev, other):
            assert_same(shop, url)
    finally:
        remove(other)


def test_a_lock_ends_with_its_session(dev):
    with open_server(dev) as one, open_server(dev) as other, one.lock("x", what="x", deadline=0):
        one.close()
        with other.lock("x", what="x", deadline=5):
            pass


@pytest.fixture
def clerk(dev) -> Iterator[tuple[psycopg.Connection, str]]:
    """A role that owns the environment and may create databases, and the environment by that role."""
    with psycopg.connect(with_database(dev, "postgres"), autocommit=True) as admin:
        admin.execute("create role clerk login createdb; alter database load_dev owner to clerk")
        yield admin, build_conninfo({**conninfo_parts(dev), "user": "clerk"})
        remove(dev)
        admin.execute("drop owned by clerk; drop role clerk")


def test_an_owner_who_may_create_databases_is_enough(clerk, shop, dev, manifest, root):
    _, url = clerk
    load(url, manifest, root, golden=True)
    assert_same(shop, dev)


def test_without_the_right_to_create_databases_it_is_refused(clerk, manifest, root):
    admin, url = clerk
    admin.execute("alter role clerk nocreatedb")
    error = failed(url, manifest, root, RefusedError, reset=ResetSettings(strategy="clone"))
    assert error.message == (
        "role clerk may not create databases on the target's server, and a load builds a new one before it "
        "replaces the old one"
    )
    assert error.hint == "ALTER ROLE clerk CREATEDB"


def test_without_that_right_and_other_tables_there_is_no_way(clerk, manifest, root):
    admin, url = clerk
    admin.execute("alter role clerk nocreatedb")
    error = failed(url, manifest, root, RefusedError)
    assert error.message.startswith("the target's schema is not the snapshot's: ")


def test_someone_elses_database_is_refused(clerk, dev, manifest, root):
    admin, url = clerk
    admin.execute("alter database load_dev owner to postgres")
    error = failed(url, manifest, root, RefusedError, reset=ResetSettings(strategy="clone"))
    assert error.message == "database load_dev belongs to role postgres, and role clerk may not rename it"


def test_sessions_that_the_role_may_not_end_are_a_refusal(clerk, dev, manifest, root):
    _, url = clerk
    with psycopg.connect(dev) as stranger:
        error = failed(url, manifest, root, RefusedError)
        assert stranger.execute("select 1").fetchone() == (1,)
    assert "in use by sessions that role clerk may not end" in error.message
    assert error.hint is not None
    assert "pg_signal_backend" in error.hint


def test_the_right_to_end_sessions_is_enough(clerk, shop, dev, manifest, root):
    admin, url = clerk
    admin.execute("create role visitor login; grant pg_signal_backend to clerk")
    try:
        with psycopg.connect(build_conninfo({**conninfo_parts(dev), "user": "visitor"})):
            load(url, manifest, root)
    finally:
        admin.execute("drop role visitor")
    assert_same(shop, dev)


def test_a_missing_extension_is_refused(dev, manifest, root):
    extension = ManifestExtension("no_such_extension", "1.0")
    error = failed(dev, replace(manifest, extensions=(extension,)), root, RefusedError)
    assert error.message == (
        "the target's server does not have the extension no_such_extension that the snapshot needs"
    )


def test_another_version_of_an_extension_is_a_warning(dev, manifest, root):
    extension = ManifestExtension("plpgsql", "0.1")
    assert load(dev, replace(manifest, extensions=(extension,)), root).warnings == (
        "extension plpgsql is 0.1 at the source and will be 1.0 in the target",
    )


def test_a_locale_that_the_server_does_not_know_is_replaced(shop, dev, manifest, root):
    for strange in (
        replace(
            manifest.source, collate="xx_XX.UTF-8", ctype="xx_XX.UTF-8", locale_provider="libc", locale=None
        ),
        replace(manifest.source, locale_provider="icu", locale="not a locale at all"),
    ):
        outcome = load(dev, replace(manifest, source=strange), root)
        name = strange.locale or strange.collate
        assert outcome.warnings == (
            f"the target's server does not know the source's locale {name}: texts sort by code point",
        )
        assert_same(shop, dev)


@pytest.mark.slow
def test_a_locale_provider_that_an_older_server_does_not_know(server16, shop, manifest, root):
    source = replace(manifest.source, locale_provider="builtin", locale="C.UTF-8")
    schema = LocalStore(root).folder(manifest.id).path / "schema.sql"
    dev = adopt(server16.ensure_database("load_builtin"))
    assert "transaction_timeout" in schema.read_text()
    outcome = load(dev, replace(manifest, source=source), root)
    assert outcome.warnings
    assert row_digests(dev) == row_digests(shop)


def test_encodings_other_than_utf8_come_back(server, tmp_path):
    url = server.ensure_database("load_dev_latin")
    with open_server(url) as opened:
        opened.drop("load_latin")
        opened.session.script(
            "CREATE DATABASE load_latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE_PROVIDER libc"
            " LC_COLLATE 'C' LC_CTYPE 'C'"
        )
    source = with_database(url, "load_latin")
    run_sql(source, "set client_encoding = 'UTF8'; create table \"Größe\" as select 'é' || n as \"ß\""
                    " from generate_series(1, 5) as n".encode())  # fmt: skip
    copy = adopt(url)
    load(copy, take(source, tmp_path), tmp_path)
    assert_same(source, copy, schema=False)
    with psycopg.connect(copy) as connection:
        assert connection.execute("show server_encoding").fetchone() == ("LATIN1",)


def tampered(manifest: Manifest, root: Path, copy: Path, key: str, change) -> Manifest:
    """The snapshot with other rows in one table, and a manifest that knows of them."""
    shutil.copytree(root / manifest.id, copy / manifest.id)
    (table,) = (item for item in manifest.tables if item.key == key)
    (file,) = table.files
    path = copy / manifest.id / file.path
    frame = change(pl.read_parquet(path))
    frame.write_parquet(path)
    changed = replace(
        table, rows=frame.height, files=(data_file(file.path, path.read_bytes(), frame.height),)
    )
    tables = tuple(changed if item.key == key else item for item in manifest.tables)
    return replace(manifest, tables=tables)


def test_a_unique_key_that_does_not_hold_is_named_without_its_values(dev, manifest, root, tmp_path):
    def twice(frame: pl.DataFrame) -> pl.DataFrame:
        return pl.concat([frame, frame.head(1).with_columns(id=pl.lit(51, frame.schema["id"]))])

    broken = tampered(manifest, root, tmp_path, "public.customers", twice)
    error = failed(dev, broken, tmp_path, DatabaseError)
    assert error.message.startswith("cannot create constraint public.customers customers_email_key: ")
    assert "customers_email_key" in error.message
    assert "example.com" not in error.message
    assert error.sqlstate == "23505"


def test_a_foreign_key_that_does_not_hold_is_named(dev, manifest, root, tmp_path):
    broken = tampered(manifest, root, tmp_path, "public.customers", lambda frame: frame.head(20))
    error = failed(dev, broken, tmp_path, DatabaseError, golden=True)
    assert error.message.startswith("cannot create fk constraint public.orders orders_customer_fkey: ")
    assert error.sqlstate == "23503"


def test_a_value_that_the_column_does_not_take_is_named_by_its_place(dev, manifest, root, tmp_path):
    def null(frame: pl.DataFrame) -> pl.DataFrame:
        return frame.with_columns(email=pl.when(pl.col("id") != 7).then(pl.col("email")))

    broken = tampered(manifest, root, tmp_path, "public.customers", null)
    error = failed(dev, broken, tmp_path, DatabaseError)
    assert error.message.startswith('cannot fill table public.customers: null value in column "email"')
    assert "COPY customers, line 7" in error.message


def test_rows_that_are_missing_are_noticed(dev, manifest, root, tmp_path):
    broken = tampered(manifest, root, tmp_path, "public.orders", lambda frame: frame.head(199))
    tables = tuple(replace(t, rows=200) if t.key == "public.orders" else t for t in broken.tables)
    error = failed(dev, replace(broken, tables=tables), tmp_path)
    assert error.message == "table public.orders took 199 rows of the snapshot's 200"


def test_a_schema_that_does_not_work_is_named(dev, manifest, root, tmp_path):
    shutil.copytree(root / manifest.id, tmp_path / manifest.id)
    path = tmp_path / manifest.id / "schema.sql"
    content = path.read_text().replace("CREATE TABLE public.orders", "CREATE TABLE nowhere.orders").encode()
    path.write_bytes(content)
    described = data_file("schema.sql", content)
    broken = replace(manifest, schema_sha256=described.sha256, schema_bytes=described.bytes)
    error = failed(dev, broken, tmp_path, DatabaseError)
    assert error.message == 'cannot create table public.orders: schema "nowhere" does not exist'


def test_a_materialized_view_that_cannot_be_refreshed_is_named(server, dev, tmp_path):
    source = server.ensure_database("load_bad_view")
    run_sql(source, b"""
        create table divisors (n integer primary key); insert into divisors values (1), (2);
        create materialized view quotients as select 10 / n as q from divisors;
        update divisors set n = 0 where n = 2;
    """)  # fmt: skip
    error = failed(dev, take(source, tmp_path), tmp_path, DatabaseError)
    assert error.message == "cannot refresh materialized view public.quotients: division by zero"


def test_settings_of_the_role_do_no_harm(clerk, shop, dev, manifest, root):
    admin, url = clerk
    for setting in (
        "statement_timeout = '60ms'",
        "lock_timeout = '1ms'",
        "idle_in_transaction_session_timeout = '50ms'",
        "idle_session_timeout = '50ms'",
        "transaction_timeout = '80ms'",
        "default_transaction_isolation = 'serializable'",
        "datestyle = 'German'",
        "search_path = 'nowhere'",
        "client_min_messages = 'debug5'",
    ):
        admin.execute(f"alter role clerk set {setting}".encode())
    load(url, manifest, root)
    assert_same(shop, dev)


def test_rows_of_an_extensions_own_table_come_on_top(server, tmp_path, dev):
    """What CREATE EXTENSION put there stays, and what users added comes along."""
    source = server.ensure_database("load_extension")
    run_sql(source, b"create extension vector")
    manifest = take(source, tmp_path)
    load(dev, manifest, tmp_path)
    assert_same(source, dev)


def test_names_with_line_breaks_do_not_hide_what_depends_on_what(server, tmp_path, dev):
    source = server.ensure_database("load_names")
    run_sql(source, b"""
        create table "par\nent" (id integer primary key, v text unique);
        insert into "par\nent" select n, n::text from generate_series(1, 3000) as n;
        create table "chi\nld" (id integer primary key, p integer references "par\nent");
        insert into "chi\nld" select n, n from generate_series(1, 3000) as n;
        create index on "chi\nld" (p);
    """)  # fmt: skip
    load(dev, take(source, tmp_path), tmp_path)
    assert_same(source, dev)


def test_a_view_over_rows_that_the_owner_may_not_see_is_not_half_filled(clerk, server, dev, tmp_path):
    _, url = clerk
    source = server.ensure_database("load_forced")
    run_sql(source, b"""
        create table secrets (n integer); insert into secrets values (1), (2);
        create materialized view all_secrets as select * from secrets;
        alter table secrets enable row level security, force row level security;
        create policy few on secrets using (n = 1);
    """)  # fmt: skip
    manifest = take(source, tmp_path)
    error = failed(url, manifest, tmp_path, DatabaseError)
    assert error.message.startswith("cannot refresh materialized view public.all_secrets: ")
    assert "row-level security" in error.message
    load(dev, manifest, tmp_path)
    assert_same(source, dev)


@pytest.mark.parametrize("script", [b"select 1", b"create schema empty; create table empty.t ()"])
def test_a_database_without_rows_comes_back(server, dev, tmp_path, script):
    source = server.ensure_database(f"load_empty_{len(script)}")
    run_sql(source, script)
    load(dev, take(source, tmp_path), tmp_path)
    assert_same(source, dev)


def test_names_of_databases_can_be_anything(server, shop, manifest, root):
    name = 'We\'re 100% "odd"; db=x \\ é'
    url = adopt(server.ensure_database(name))
    load(url, manifest, root, golden=True, keep_previous=True)
    load(url, manifest, root, golden=True)
    assert_same(shop, url)
    remove(url)


@pytest.fixture(scope="module")
def replicating() -> Iterator[str]:
    """A server that can have prepared transactions and logical replication slots."""
    for server in temporary_server():
        with psycopg.connect(server.ensure_running(), autocommit=True) as connection:
            connection.execute("alter system set wal_level = logical")
            connection.execute("alter system set max_wal_senders = 2")
            connection.execute("alter system set max_replication_slots = 4")
            connection.execute("alter system set max_prepared_transactions = 4")
        server.stop()
        url = server.ensure_database("attached")
        run_sql(url, OLD)
        yield adopt(url)


def test_a_prepared_transaction_is_refused(replicating, manifest, root):
    with psycopg.connect(replicating, autocommit=True) as connection:
        connection.execute("begin; insert into only_here values (2); prepare transaction 'pending'")
        try:
            error = failed(replicating, manifest, root, RefusedError)
        finally:
            connection.execute("rollback prepared 'pending'")
    assert error.message == "database attached has the prepared transaction pending"


def test_a_replication_slot_is_refused(replicating, manifest, root):
    with psycopg.connect(replicating, autocommit=True) as connection:
        connection.execute("select pg_create_logical_replication_slot('reports', 'pgoutput')")
        try:
            error = failed(replicating, manifest, root, RefusedError)
        finally:
            connection.execute("select pg_drop_replication_slot('reports')")
    assert error.message == "database attached has the replication slot reports"


def test_a_subscription_is_refused(replicating, manifest, root):
    with psycopg.connect(replicating, autocommit=True) as connection:
        connection.execute(
            "create subscription news connection 'host=nowhere.example' publication p"
            " with (connect = false, slot_name = none, enabled = false, create_slot = false)"
        )
        try:
            error = failed(replicating, manifest, root, RefusedError)
        finally:
            connection.execute("drop subscription news")
    assert error.message == "database attached has the subscription news"
