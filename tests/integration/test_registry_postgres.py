"""The registry in a PostgreSQL database, as a team shares it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import psycopg
import pytest

from datamask.audit.log import AuditLog
from datamask.errors import DatamaskError, RefusedError
from datamask.registry.ingest import RecordedLog, ingest
from datamask.registry.model import Run, RunStep
from datamask.registry.records import open_registry
from datamask.registry.tables import REVISION, VERSION_TABLE, metadata

DatabaseFactory = Callable[[], str]

BEGAN = datetime(2026, 5, 1, 2, 15, tzinfo=UTC)
RUN = Run(
    "r1", "shop", "nightly", "running", BEGAN, "db1", "u", 1, steps=(RunStep(1, "snapshot production"),)
)

OPEN = """
import sys
from datamask.registry.records import open_registry
open_registry(sys.argv[1], "shop").runs()
"""


def test_it_is_made_once_in_a_schema_of_its_own(database: DatabaseFactory) -> None:
    url = database()
    openers = [subprocess.Popen([sys.executable, "-c", OPEN, url]) for _ in range(2)]
    assert [process.wait(60) for process in openers] == [0] * 2
    with psycopg.connect(url) as connection:
        tables = connection.execute(
            "select schemaname, tablename from pg_tables where schemaname !~ '^(pg_|inf)'"
        )
        assert set(tables.fetchall()) == {
            ("datamask", name)
            for name in (VERSION_TABLE, *(table.name for table in metadata.tables.values()))
        }
        versions = connection.execute(f"select version_num from datamask.{VERSION_TABLE}").fetchall()
        assert versions == [(REVISION,)]


def test_a_role_without_rights_on_the_database_can_use_what_was_made_for_it(
    database: DatabaseFactory,
) -> None:
    url = database()
    open_registry(url, "shop")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("drop role if exists registry_user")
        connection.execute("create role registry_user login")
        connection.execute("grant usage on schema datamask to registry_user")
        connection.execute("grant all on all tables in schema datamask to registry_user")
    registry = open_registry(url.replace("user=postgres", "user=registry_user"), "shop")
    registry.begin_run(RUN)
    assert registry.runs() == (RUN,)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("drop owned by registry_user; drop role registry_user")


def test_a_run_there_is_as_in_a_file(database: DatabaseFactory) -> None:
    registry = open_registry(database(), "shop")
    assert registry.shared
    registry.begin_run(RUN)
    step = replace(RUN.steps[0], state="succeeded", began=BEGAN, seconds=1.5, attempts=1, rows=1 << 40)
    registry.record_step(RUN.id, step)
    registry.end_run(RUN.id, "succeeded", BEGAN + timedelta(seconds=2), exit_code=0)
    [found] = registry.runs()
    assert (found.began, found.seconds, found.steps) == (BEGAN, 2.0, (step,))
    assert registry.last_success("nightly") == replace(found, steps=())
    assert registry.run_ids("r") == ("r1",)


def test_a_lock_among_machines_ends_with_its_session(database: DatabaseFactory) -> None:
    url = database()
    one, two = open_registry(url, "shop"), open_registry(url, "shop")
    with one.held("job nightly") as first:
        assert first
        with two.held("job nightly") as second:
            assert not second
        with two.held("job weekly") as other:
            assert other
        with open_registry(url, "another").held("job nightly") as other:
            assert other
    with two.held("job nightly") as second:
        assert second


def test_errors_say_what_and_hide_the_password(database: DatabaseFactory) -> None:
    with pytest.raises(DatamaskError) as caught:
        open_registry("postgresql://u:s3cret@127.0.0.1:1/registry", "shop")
    assert caught.value.message.startswith("the registry u@127.0.0.1:1/registry: cannot connect to")
    assert "s3cret" not in f"{caught.value.message}{caught.value.hint}"
    url = database()
    open_registry(url, "shop")
    with psycopg.connect(url) as connection:
        connection.execute(f"update datamask.{VERSION_TABLE} set version_num = '9999'")
    with pytest.raises(DatamaskError, match="is of a newer datamask"):
        open_registry(url, "shop")


def test_the_audit_log_fills_it_and_a_cut_log_is_noticed(database: DatabaseFactory, tmp_path) -> None:
    log = AuditLog(tmp_path / "audit.jsonl")
    registry = open_registry(database(), "shop")
    about = {"environment": "dev", "snapshot": "s1", "digest": "d", "policy": "staging"}
    with log.action("load", **about) as known:
        known["strategy"] = "clone"
    with pytest.raises(ValueError), log.action("reset", **about):
        raise ValueError
    assert ingest(registry, log) == ()
    [load] = registry.loads()
    assert (load.environment, load.action, load.snapshot, load.strategy) == ("dev", "load", "s1", "clone")
    with log.action("reset", **about):
        pass
    assert ingest(registry, log) == ()
    assert [item.action for item in registry.loads("dev")] == ["reset", "load"]
    # Somebody cuts the end off, with what says where it was.
    lines = log.path.read_text().splitlines(keepends=True)
    log.path.write_text("".join(lines[:-2]))
    log.head_path.unlink()
    [warning] = ingest(registry, log)
    assert "does not have record 6 as the registry has seen it" in warning
    assert len(registry.loads()) == 2


def test_what_is_required_is_there_before_and_told_behind(database: DatabaseFactory, tmp_path) -> None:
    url = database()
    log = RecordedLog(tmp_path / "audit.jsonl", url, "shop", anchor=None, syslog=None)
    with log.action("load", environment="dev", snapshot="s1"):
        assert open_registry(url, "shop").loads() == ()
    assert len(open_registry(url, "shop").loads()) == 1
    gone = RecordedLog(tmp_path / "audit.jsonl", "host=127.0.0.1 port=1", "shop", anchor=None, syslog=None)
    done = []
    with pytest.raises(RefusedError, match="it is required, so nothing was done"), gone.action("load"):
        done.append(1)
    assert done == []
    assert len(list(log.records())) == 2
