"""A snapshot from a hot standby, by a role that may only read."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from support.pipeline import adopt, assert_same, load, take
from support.programs import program, run_sql
from support.sampledata import load_torture
from support.servers import temporary_server

from datamask.catalog.schema_reader import read_schema_state
from datamask.commands.doctor_activity import replication
from datamask.db.conninfo import build_conninfo, conninfo_parts
from datamask.db.embedded import EmbeddedServer
from datamask.db.embedded_place import current_runner, reachable_programs
from datamask.db.session import connect
from datamask.drift.compare import compare
from datamask.errors import RefusedError

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def primary() -> Iterator[EmbeddedServer]:
    for server in temporary_server():
        with psycopg.connect(server.ensure_running(), autocommit=True) as connection:
            connection.execute("alter system set wal_level = replica")
            connection.execute("alter system set max_wal_senders = 4")
            connection.execute("alter system set hot_standby = on")
        server.stop()
        server.ensure_running()
        yield server


@pytest.fixture(scope="module")
def source(primary) -> str:
    url = primary.ensure_database("standby_source")
    load_torture(url)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create role reader login; grant pg_read_all_data to reader")
        connection.execute("grant connect on database standby_source to reader")
    return url


@pytest.fixture(scope="module")
def standby(primary, source) -> Iterator[str]:
    """The connection string of the reader, on a copy of the primary that follows it."""
    parts = conninfo_parts(source)
    folder = Path(tempfile.mkdtemp(prefix="datamask-test-"))
    folder.chmod(0o755)
    runner = current_runner()
    runner.make_private(folder / "run")
    programs = reachable_programs(program("postgres").parent, runner)
    data, port = folder / "data", int(parts["port"]) + 1
    subprocess.run(
        [program("pg_basebackup"), "-h", parts["host"], "-p", parts["port"], "-U", "postgres", "-D", data, "-R",
         "-c", "fast", "-X", "stream"],
        check=True,
    )  # fmt: skip
    if runner.user is not None:
        for path in (data, *data.rglob("*")):
            shutil.chown(path, runner.user.pw_uid, runner.user.pw_gid)
    (folder / "log").touch()
    if runner.user is not None:
        shutil.chown(folder / "log", runner.user.pw_uid, runner.user.pw_gid)
    options = f"-p {port} -c unix_socket_directories='{folder / 'run'}' -c listen_addresses=''"
    status, output = runner.run(
        (programs / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start"), 60
    )
    assert status == 0, output + (folder / "log").read_text()
    try:
        yield build_conninfo(
            {"host": str(folder / "run"), "port": str(port), "user": "reader", "dbname": "standby_source"}
        )
    finally:
        runner.run((programs / "pg_ctl", "-D", data, "-m", "immediate", "stop"), 60)
        shutil.rmtree(folder)


def caught_up(source: str, standby: str) -> None:
    """Wait until the standby has all that the primary has."""
    with psycopg.connect(source) as here, psycopg.connect(standby) as there:
        position = here.execute("select pg_current_wal_insert_lsn()").fetchone()
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            if there.execute("select pg_last_wal_replay_lsn() >= %s::pg_lsn", position).fetchone() == (True,):
                return
            there.rollback()
            time.sleep(0.05)
    raise AssertionError("the standby does not catch up")


def test_a_standby_gives_a_whole_snapshot(source, standby, server, tmp_path):
    run_sql(source, b"create table public.late as select n from generate_series(1, 1000) as n")
    caught_up(source, standby)
    manifest = take(standby, tmp_path)
    unlogged = "table shapes.unlogged is unlogged and has no rows on a standby: left empty"
    assert unlogged in manifest.warnings
    assert {table.key: table.rows for table in manifest.tables}["public.late"] == 1000
    copy = adopt(server.ensure_database("standby_copy"))
    load(copy, manifest, tmp_path)
    run_sql(source, b"truncate shapes.unlogged")
    assert_same(source, copy, schema=False)


def test_the_primary_of_a_standby_is_no_target_for_its_snapshot(source, standby, tmp_path):
    """Both are one database, by its identity; to load over it would be to load over production."""
    caught_up(source, standby)
    manifest = take(standby, tmp_path)
    adopt(source)
    with pytest.raises(RefusedError, match="is the source of the snapshot"):
        load(source, manifest, tmp_path)


def test_health_and_drift_of_a_standby(source, standby):
    """A standby tells how far it is behind and what could end a snapshot, and its schema is its primary's."""
    caught_up(source, standby)
    with connect(source, read_only=True) as here, connect(standby, read_only=True) as there:
        found = {item.topic: item for item in replication(there)}
        assert found["standby"].status == "ok"
        assert found["standby queries"].status == "warning"
        assert found["standby queries"].fix == (
            "ALTER SYSTEM SET hot_standby_feedback = on; SELECT pg_reload_conf()"
        )
        (replicas,) = replication(here)
        assert (replicas.topic, replicas.status) == ("replicas", "ok")
        assert compare(read_schema_state(here), read_schema_state(there)) == ()


def test_of_several_hosts_the_standby_is_read_and_no_other(source, standby, tmp_path):
    caught_up(source, standby)
    one, other = conninfo_parts(source), conninfo_parts(standby)
    both = {key: f"{one[key]},{other[key]}" for key in ("host", "port")}
    url = build_conninfo({**other, **both, "target_session_attrs": "prefer-standby"})
    with connect(url) as session:
        assert session.value("SELECT pg_is_in_recovery()") is True
        reached = session.reached(url)
    # Its workers and pg_dump have to see the leader's snapshot, which the primary does not know.
    manifest = take(reached, tmp_path)
    assert manifest.rows > 0
    assert "table shapes.unlogged is unlogged and has no rows on a standby: left empty" in manifest.warnings
