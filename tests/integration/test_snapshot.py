"""Taking a snapshot: from whom, how carefully, and with which words where it cannot be done."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path

import polars as pl
import psycopg
import pytest
from support import pipeline
from support.pipeline import KEY, adopt, keep_all, load, take
from support.programs import run_sql
from support.schemas import schema_dump

from datamask.catalog.introspect import introspect
from datamask.db import clients
from datamask.db.conninfo import build_conninfo, conninfo_parts
from datamask.db.session import connect
from datamask.errors import DatabaseError, DatamaskError
from datamask.execution.processes import WorkerPool
from datamask.masking.model import ColumnMask
from datamask.masking.registry import get
from datamask.policy.plan import ColumnPlan, Plan, TablePlan
from datamask.progress import Silent
from datamask.snapshot import copytext, schema, worker
from datamask.snapshot.manifest import Manifest, ManifestTable
from datamask.snapshot.source import LibpqSource
from datamask.snapshot.take import SnapshotOptions
from datamask.snapshot.verify import find_damage, read_manifest
from datamask.store.local import LocalStore

SHOP = b"""
    create table customers (id integer primary key, email text not null, born date);
    insert into customers
    select n, 'user' || n || '@example.com', date '1980-01-01' + n from generate_series(1, 1000) as n;
    create table notes (id integer primary key, customer integer references customers, body text);
    insert into notes select n, n, repeat('note ', 100) || E'\\t\\n\\\\' from generate_series(1, 1000) as n;
    create table no_columns ();
    insert into no_columns select from generate_series(1, 5);
"""


@pytest.fixture(scope="module")
def shop(server) -> str:
    url = server.ensure_database("snapshot_source")
    run_sql(url, SHOP)
    return url


@pytest.fixture
def admin(shop) -> Iterator[psycopg.Connection]:
    with psycopg.connect(shop, autocommit=True) as connection:
        yield connection


@pytest.fixture
def reader(shop, admin) -> Iterator[str]:
    """A role that may read, and nothing else: not even make a temporary table."""
    admin.execute("create role reader login; grant pg_read_all_data to reader")
    admin.execute("revoke all on database snapshot_source from public")
    admin.execute("grant connect on database snapshot_source to reader")
    yield build_conninfo({**conninfo_parts(shop), "user": "reader"})
    admin.execute("grant connect, temporary on database snapshot_source to public")
    admin.execute("drop owned by reader; drop role reader")


def rows(root: Path, manifest: Manifest, key: str) -> pl.DataFrame:
    """The rows of a table, as they are stored."""
    folder = LocalStore(root).folder(manifest.id).path
    return pl.concat([pl.read_parquet(folder / file.path) for file in described(manifest, key).files])


def described(manifest: Manifest, key: str) -> ManifestTable:
    return next(table for table in manifest.tables if table.key == key)


def nothing_published(root: Path) -> bool:
    return not [path for path in root.rglob("*") if path.is_file()]


def test_a_snapshot_is_published_whole(shop, tmp_path):
    manifest = take(shop, tmp_path)
    folder = LocalStore(tmp_path).folder(manifest.id)
    assert read_manifest(folder) == manifest
    assert find_damage(folder, manifest) == []
    assert {table.key: table.rows for table in manifest.tables} == {
        "public.customers": 1000, "public.notes": 1000, "public.no_columns": 5,
    }  # fmt: skip
    assert rows(tmp_path, manifest, "public.customers").columns == ["id", "email", "born"]
    assert manifest.source.database == "snapshot_source"
    assert manifest.key_id == KEY.key_id
    assert not manifest.warnings


def test_psql_can_run_the_schema(shop, server, tmp_path):
    manifest = take(shop, tmp_path)
    copy = server.ensure_database("schema_by_psql")
    run_sql(copy, (LocalStore(tmp_path).folder(manifest.id).path / "schema.sql").read_bytes())
    assert schema_dump(copy, "--no-owner", "--no-privileges") == schema_dump(
        shop, "--no-owner", "--no-privileges"
    )


def test_a_role_that_may_only_read_is_enough(reader, admin, tmp_path):
    admin.execute("alter role reader set default_transaction_read_only = on")
    manifest = take(reader, tmp_path)
    assert manifest.rows == 2005


def test_settings_of_the_role_do_no_harm(reader, admin, tmp_path):
    for setting in (
        "statement_timeout = '150ms'",
        "lock_timeout = '1ms'",
        "idle_in_transaction_session_timeout = '100ms'",
        "transaction_timeout = '200ms'",
        "idle_session_timeout = '100ms'",
        "datestyle = 'German'",
        "bytea_output = 'escape'",
        "client_encoding = 'LATIN1'",
        "search_path = 'nowhere'",
    ):
        admin.execute(f"alter role reader set {setting}".encode())
    # A second of reading, in one statement.
    slow = TablePlan(
        "public.customers",
        tuple(ColumnPlan(name, None, None, "") for name in ("id", "email", "born")),
        where="id > 0 AND (id % 50 > 0 OR pg_catalog.pg_sleep(0.05) IS NOT NULL)",
    )
    manifest = take(reader, tmp_path, rows={"public.customers": slow})
    assert rows(tmp_path, manifest, "public.customers").sort("id")["born"][0] == "1980-01-02"


def test_all_of_it_is_one_point_in_time(shop, server, tmp_path):
    source_url = server.ensure_database("snapshot_moving")
    run_sql(source_url, b"create table a (n integer); create table b (n integer)")
    stop = threading.Event()

    def write() -> None:
        with psycopg.connect(source_url) as connection:
            while not stop.is_set():
                with connection.transaction():
                    connection.execute("insert into a select generate_series(1, 50)")
                    connection.execute("insert into b select generate_series(1, 50)")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        time.sleep(0.2)
        manifest = take(source_url, tmp_path, options=SnapshotOptions(chunk_bytes=8192))
    finally:
        stop.set()
        writer.join()
    counted = {table.key: table.rows for table in manifest.tables}
    assert counted["public.a"] == counted["public.b"] > 0


def test_rows_are_left_out_as_the_plan_says(shop, tmp_path):
    columns = tuple(ColumnPlan(name, None, None, "") for name in ("id", "email", "born"))
    manifest = take(
        shop,
        tmp_path,
        rows={
            "public.customers": TablePlan("public.customers", columns, where="id <= 10 -- only some"),
            "public.no_columns": TablePlan("public.no_columns", (), rows="none"),
            "public.notes": TablePlan("public.notes", (), sample=0.5),
        },
    )
    assert rows(tmp_path, manifest, "public.customers")["id"].to_list() == list(range(1, 11))
    assert described(manifest, "public.customers").selection == "id <= 10 -- only some"
    assert described(manifest, "public.no_columns").rows == 0
    assert described(manifest, "public.no_columns").selection == "none"
    assert 400 < described(manifest, "public.notes").rows < 600
    assert described(manifest, "public.notes").selection == "sample 0.5"


def test_a_condition_that_does_not_work_is_named_before_any_row_is_read(shop, tmp_path):
    broken = TablePlan("public.customers", (), where="emial = 'x'")
    with pytest.raises(DatamaskError) as caught:
        take(shop, tmp_path, rows={"public.customers": broken})
    assert caught.value.message == (
        'table public.customers: the policy\'s `where` does not work: column "emial" does not exist'
    )
    assert nothing_published(tmp_path)


def test_a_condition_that_fails_at_a_row_says_so_without_the_row(shop, tmp_path):
    broken = TablePlan("public.customers", (), where="email::integer > 0")
    with pytest.raises(DatabaseError) as caught:
        take(shop, tmp_path, rows={"public.customers": broken})
    assert caught.value.message.startswith("table public.customers: cannot read: psql")
    assert "invalid input syntax for type integer: …" in caught.value.message
    assert "example.com" not in caught.value.message
    assert nothing_published(tmp_path)


def test_a_table_that_the_role_may_not_read_is_named(shop, admin, tmp_path):
    admin.execute("create role some_reader login; grant select on customers, no_columns to some_reader")
    try:
        with pytest.raises(DatabaseError) as caught:
            take(build_conninfo({**conninfo_parts(shop), "user": "some_reader"}), tmp_path)
    finally:
        admin.execute("drop owned by some_reader; drop role some_reader")
    assert caught.value.message == ("the source's role may not read table public.notes")
    assert caught.value.hint is not None
    assert "pg_read_all_data" in caught.value.hint
    assert nothing_published(tmp_path)


def test_grants_on_columns_are_not_enough(shop, admin, tmp_path):
    """A lock on a table takes a right to the table; pg_dump needs one as well."""
    admin.execute(
        "create role some_reader login; grant select on notes, no_columns to some_reader;"
        " grant select (id, email, born) on customers to some_reader"
    )
    try:
        with pytest.raises(DatabaseError) as caught:
            take(build_conninfo({**conninfo_parts(shop), "user": "some_reader"}), tmp_path)
    finally:
        admin.execute("drop owned by some_reader; drop role some_reader")
    assert caught.value.message == "the source's role may not read table public.customers"
    assert nothing_published(tmp_path)


def test_a_sequence_that_cannot_be_read_is_a_warning(shop, admin, tmp_path):
    admin.execute("create sequence hidden; create role some_reader login")
    admin.execute("grant select on customers, notes, no_columns to some_reader")
    try:
        manifest = take(build_conninfo({**conninfo_parts(shop), "user": "some_reader"}), tmp_path)
    finally:
        admin.execute("drop owned by some_reader; drop role some_reader; drop sequence hidden")
    assert manifest.warnings == ("sequence public.hidden cannot be read: in a copy it is at its start",)


def test_row_security_is_an_error_instead_of_missing_rows(shop, reader, admin, tmp_path):
    admin.execute("create table secured (id integer); alter table secured enable row level security")
    try:
        with pytest.raises(DatabaseError) as caught:
            take(reader, tmp_path)
    finally:
        admin.execute("drop table secured")
    assert 'row-level security policy for table "secured"' in caught.value.message
    assert nothing_published(tmp_path)


def test_no_pg_dump_for_the_server_is_said_early(shop, tmp_path, monkeypatch):
    found = clients.installed_clients("pg_dump")
    older = [clients.Client("pg_dump", found[0].path, 12)]
    monkeypatch.setattr(clients, "installed_clients", lambda program: older)
    with pytest.raises(DatabaseError) as caught:
        take(shop, tmp_path)
    assert caught.value.message.startswith("pg_dump is too old for the server: version 18 or newer is needed")
    assert nothing_published(tmp_path)


class Inline(WorkerPool):
    """Runs in this process, where the fallback can be forced."""

    def submit(self, function, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        future: Future[object] = Future()
        future.set_result(function(*args, **kwargs))
        return future


def test_without_psql_the_result_is_the_same(shop, tmp_path, monkeypatch):
    by_psql = take(shop, tmp_path / "psql")
    opened: list[LibpqSource] = []

    def open_libpq(conninfo, snapshot_id, *, server_version, lock_timeout):
        opened.append(LibpqSource(conninfo, snapshot_id, lock_timeout=5))
        return opened[-1]

    monkeypatch.setattr(worker, "open_source", open_libpq)
    monkeypatch.setattr(pipeline, "WorkerPool", Inline)
    by_libpq = take(shop, tmp_path / "libpq")
    (only,) = opened
    only.close()
    for table in by_psql.tables:
        assert described(by_libpq, table.key).rows == table.rows
        if table.columns:
            there, here = (
                rows(tmp_path / way, manifest, table.key)
                for way, manifest in (("psql", by_psql), ("libpq", by_libpq))
            )
            assert here.equals(there)


def test_someone_who_waits_for_a_table_does_not_stop_it_for_ever(shop, admin, tmp_path, monkeypatch):
    """An ALTER TABLE in the queue lets nobody else in; the leader is what it waits for."""
    monkeypatch.setattr(schema, "SOURCE_LOCK_TIMEOUT", 0.5)

    class Late(Silent):
        """Begins an ALTER TABLE once the leader has its locks and before the workers begin."""

        def start(self, what: str, *, total_bytes: int, tables: int) -> None:
            thread.start()
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline:
                if admin.execute("select 1 from pg_locks where not granted").fetchone():
                    return
                time.sleep(0.02)

    def alter() -> None:
        with psycopg.connect(shop, autocommit=True) as connection:
            connection.execute("alter table notes add column more text; alter table notes drop column more")

    thread = threading.Thread(target=alter)
    begun = time.monotonic()
    with pytest.raises(DatabaseError, match="lock"):
        take(shop, tmp_path, options=SnapshotOptions(lock_timeout=0.5), progress=Late())
    thread.join(timeout=10)
    assert not thread.is_alive()
    assert time.monotonic() - begun < 20
    assert nothing_published(tmp_path)


def masked_plan(url: str, transform: str, column: str, table: str, **params: object) -> Plan:
    with connect(url, read_only=True) as session:
        catalog = introspect(session)
    plan = keep_all(catalog)
    found = catalog.table(table)
    assert found is not None
    kind = found.column(column)
    assert kind is not None
    mask = ColumnMask(column, transform, kind.type, "test", get(transform).validate(params))  # type: ignore[arg-type]
    columns = tuple(
        ColumnPlan(item.column, "x", mask if item.column == column else None, "test")
        for item in plan.by_table[table].columns
    )
    tables = tuple(TablePlan(table, columns) if item.table == table else item for item in plan.tables)
    return Plan("masked", tables, (), "test")


def test_masked_values_are_new_and_others_stay(shop, tmp_path):
    plan = masked_plan(shop, "hash", "email", "public.customers", length=16)
    manifest = take(shop, tmp_path, plan=plan)
    found = rows(tmp_path, manifest, "public.customers").sort("id")
    assert found["email"].n_unique() == 1000
    assert not found["email"].str.contains("@").any()
    assert found["id"].to_list() == list(range(1, 1001))
    assert described(manifest, "public.customers").columns[1].transform == "hash"
    for file in LocalStore(tmp_path).folder(manifest.id).path.rglob("*"):
        assert not file.is_file() or b"@example.com" not in file.read_bytes()


def test_a_missing_key_is_an_error(shop, tmp_path):
    plan = masked_plan(shop, "hash", "email", "public.customers", length=16)
    with pytest.raises(DatamaskError, match=r"table public\.customers: there is no masking key"):
        take(shop, tmp_path, plan=plan, key=None)
    assert nothing_published(tmp_path)


def test_a_column_that_a_transform_only_looks_at_stays_as_it_was(server, tmp_path):
    url = server.ensure_database("snapshot_looked_at")
    run_sql(url, b"create table t (id integer, code text, born date)")
    codes = ["plain", "a\tb", "back\\slash", "line\nbreak", "\\N", "", None]
    with psycopg.connect(url) as connection:
        connection.cursor().executemany("insert into t values (%s, %s, '2000-01-01')", list(enumerate(codes)))
    plan = masked_plan(url, "shift_date", "born", "public.t", within="30d", by="code", per="value")
    manifest = take(url, tmp_path, plan=plan)
    found = rows(tmp_path, manifest, "public.t").sort("id")
    assert copytext.unescape(found, ["code"])["code"].to_list() == codes
    assert "2000-01-01" not in found["born"]
    copy = adopt(server.ensure_database("snapshot_looked_at_copy"))
    load(copy, manifest, tmp_path, accepts=frozenset({"masked"}))
    with psycopg.connect(copy) as connection:
        assert [code for (code,) in connection.execute("select code from t order by id")] == codes
