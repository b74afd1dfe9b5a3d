"""The registry in a file: made, migrated, written by many at once, and whole after any death."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import textwrap
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine
from sqlalchemy.pool import NullPool

from datamask.errors import DatamaskError
from datamask.registry import migrations
from datamask.registry.model import ApprovalGiven, AuditHead, Load, Promotion, Run, RunStep, SnapshotTaken
from datamask.registry.records import Registry, open_registry
from datamask.registry.tables import REVISION, VERSION_TABLE, metadata

BEGAN = datetime(2026, 5, 1, 2, 15, tzinfo=UTC)

RUN = Run(
    id="20260501-021500-abcdef",
    project="shop",
    job="nightly",
    state="running",
    began=BEGAN,
    host="db1",
    user="datamask",
    process=4711,
    steps=(RunStep(1, "snapshot production"), RunStep(2, "load staging")),
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "state" / "registry.db"


@pytest.fixture
def registry(file: Path) -> Registry:
    return open_registry(file, "shop")


def test_the_first_use_makes_it_for_its_owner_alone(file: Path) -> None:
    open_registry(file, "shop")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("pragma journal_mode").fetchone() == ("wal",)
        assert connection.execute(f"select version_num from {VERSION_TABLE}").fetchall() == [(REVISION,)]


def test_the_migrations_give_the_tables(file: Path) -> None:
    open_registry(file, "shop")
    engine = create_engine(f"sqlite:///{file}", poolclass=NullPool)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
        assert compare_metadata(context, metadata) == []
    folder = Path(str(migrations.__file__)).parent
    assert ScriptDirectory(str(folder)).get_heads() == [REVISION]


def test_a_newer_one_is_left_alone(file: Path) -> None:
    open_registry(file, "shop")
    with sqlite3.connect(file) as connection:
        connection.execute(f"update {VERSION_TABLE} set version_num = '9999'")
    connection.close()
    with pytest.raises(DatamaskError) as caught:
        open_registry(file, "shop")
    assert caught.value.message == (
        f"the registry {file} is of a newer datamask (revision 9999, this one knows {REVISION})"
    )
    assert caught.value.hint == "upgrade datamask on this machine"


def test_what_is_no_database_is_said_to_be_none(file: Path) -> None:
    file.parent.mkdir()
    file.write_bytes(b"no database at all" * 100)
    with pytest.raises(DatamaskError, match="file is not a database") as caught:
        open_registry(file, "shop")
    assert caught.value.hint == "move the file away: a new one is filled from the audit log"


def test_a_folder_that_cannot_be_written_is_said_to_be_one(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    with pytest.raises(DatamaskError, match=r"the registry .*: (Not a directory|File exists)"):
        open_registry(tmp_path / "state" / "registry.db", "shop")


def test_a_run_from_its_begin_to_its_end(registry: Registry) -> None:
    registry.begin_run(RUN)
    assert registry.running() == (replace(RUN, steps=()),)
    step = replace(
        RUN.steps[0], state="succeeded", began=BEGAN, seconds=1.5, attempts=2, snapshot="s1", rows=7
    )
    registry.record_step(RUN.id, step)
    registry.end_run(RUN.id, "failed", BEGAN + timedelta(seconds=90), exit_code=4, problem="a column is new")
    [found] = registry.runs("nightly")
    assert found == replace(
        RUN,
        state="failed",
        ended=BEGAN + timedelta(seconds=90),
        seconds=90.0,
        exit_code=4,
        problem="a column is new",
        steps=(step, RUN.steps[1]),
    )
    assert registry.run(RUN.id) == found
    assert registry.run_ids("20260501") == (RUN.id,)
    assert registry.run_ids("2026050_") == ()
    assert registry.running() == ()
    assert registry.last_success("nightly") is None


def test_projects_do_not_see_each_other(registry: Registry, file: Path) -> None:
    registry.begin_run(RUN)
    other = open_registry(file, "other")
    assert other.runs() == ()
    assert other.run(RUN.id) is None


def test_a_crash_is_recorded_once_and_never_over_an_end(registry: Registry) -> None:
    registry.begin_run(RUN)
    registry.record_step(RUN.id, replace(RUN.steps[0], state="running", began=BEGAN, attempts=1))
    registry.record_crash(RUN.id, BEGAN + timedelta(hours=1))
    crashed = registry.run(RUN.id)
    assert crashed is not None
    assert (crashed.state, crashed.exit_code, crashed.seconds) == ("crashed", 1, None)
    assert [step.state for step in crashed.steps] == ["crashed", "waiting"]
    done = replace(RUN, id="20260502-021500-abcdef")
    registry.begin_run(done)
    registry.end_run(done.id, "succeeded", BEGAN + timedelta(seconds=1), exit_code=0)
    registry.record_crash(done.id, BEGAN + timedelta(hours=1))
    found = registry.run(done.id)
    assert found is not None
    assert found.state == "succeeded"


def head(number: int) -> AuditHead:
    return AuditHead("shop", "db1", "/srv/audit.jsonl", number, "f" * 64, BEGAN)


def taken(number: int) -> SnapshotTaken:
    when = BEGAN + timedelta(minutes=number)
    return SnapshotTaken(
        f"{number:064x}", "shop", f"s{number}", "d", "production", "staging", "p", 10, 1.0, when, "u", "db1"
    )


def loaded(number: int, environment: str) -> Load:
    when = BEGAN + timedelta(minutes=number)
    return Load(
        f"{number:064x}",
        "shop",
        environment,
        "load",
        f"s{number}",
        "d",
        "staging",
        "clone",
        1.0,
        when,
        "u",
        "h",
    )


def test_what_the_audit_log_tells_twice_is_there_once(registry: Registry) -> None:
    for number in (2, 3):
        registry.record_audited(
            head(number), snapshots=[taken(1)], loads=[loaded(2, "dev"), loaded(3, "dev")], runs=[RUN]
        )
    assert registry.audit_head("db1", Path("/srv/audit.jsonl")) == head(3)
    assert registry.audit_head("db2", Path("/srv/audit.jsonl")) is None
    assert registry.snapshots() == (taken(1),)
    assert registry.loads("dev") == (loaded(3, "dev"), loaded(2, "dev"))
    assert registry.loads("staging") == ()
    assert registry.last_loads() == {"dev": loaded(3, "dev")}
    assert registry.runs() == (RUN,)


def test_promotions_and_approvals(registry: Registry) -> None:
    promotion = Promotion("p1", "shop", "preprod", "s1", "d1", "plan", "staging", BEGAN, "u", "h")
    approval = ApprovalGiven("r1", "maria", "shop", "promote", "preprod", "d1", "plan", BEGAN, BEGAN)
    for _ in range(2):
        registry.record_promotion(promotion)
        registry.record_approval(approval)
    assert registry.promotions("preprod", digest="d1") == (promotion,)
    assert registry.promotions("preprod", digest="d2") == ()
    assert registry.approvals("preprod") == (approval,)


def test_errors_hold_no_values(registry: Registry) -> None:
    registry.begin_run(RUN)
    with pytest.raises(DatamaskError) as caught:
        registry.begin_run(replace(RUN, id="x", job=None))  # type: ignore[arg-type]
    assert "datamask" in str(caught.value) or "NOT NULL" in str(caught.value)
    assert "4711" not in str(caught.value)


WRITER = textwrap.dedent(
    """
    import sys
    from dataclasses import replace
    from datetime import UTC, datetime
    from pathlib import Path
    from datamask.registry.model import Run, RunStep
    from datamask.registry.records import open_registry

    file, writer, count = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    registry = open_registry(file, "shop")
    for number in range(count):
        began = datetime.now(UTC)
        step = RunStep(1, "snapshot production")
        run = Run(f"{writer}-{number:04}", "shop", "nightly", "running", began, "h", "u", 1, steps=(step,))
        registry.begin_run(run)
        registry.record_step(run.id, replace(step, state="succeeded", began=began, seconds=0.1, attempts=1))
        registry.end_run(run.id, "succeeded", datetime.now(UTC), exit_code=0)
        print(run.id, flush=True)
    """
)


def writer(file: Path, name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(file), name, str(count)], stdout=subprocess.PIPE, text=True
    )


def whole(registry: Registry) -> None:
    for run in registry.runs():
        assert len(run.steps) == 1
        assert run.state == "running" or (run.steps[0].state == "succeeded" and run.ended is not None)


@pytest.mark.slow
def test_twenty_processes_write_at_once_from_the_first_moment_on(file: Path) -> None:
    writers = [writer(file, f"w{number:02}", 10) for number in range(20)]
    said = [line for process in writers for line in process.communicate()[0].split()]
    assert [process.returncode for process in writers] == [0] * 20
    registry = open_registry(file, "shop")
    assert len(said) == 200
    assert {run.id for run in registry.runs()} == set(said)
    assert all(run.state == "succeeded" for run in registry.runs())
    whole(registry)


def test_a_few_processes_make_it_at_once(file: Path) -> None:
    writers = [writer(file, f"w{number}", 3) for number in range(2)]
    said = {line for process in writers for line in process.communicate()[0].split()}
    assert [process.returncode for process in writers] == [0] * 2
    registry = open_registry(file, "shop")
    assert {run.id for run in registry.runs()} == said
    assert len(said) == 6


@pytest.mark.parametrize("rounds", [2, pytest.param(40, marks=pytest.mark.slow)])
def test_a_killed_writer_leaves_all_that_it_said_and_nothing_half(file: Path, rounds: int) -> None:
    random.seed(7)
    said: set[str] = set()
    for number in range(rounds):
        process = writer(file, f"k{number:03}", 500)
        assert process.stdout is not None
        # Where the file is made and migrated is a moment to die at, too.
        if number % 2:
            said.add(process.stdout.readline().strip())
        time.sleep(random.uniform(0, 0.4))
        os.kill(process.pid, signal.SIGKILL)
        said |= {line for line in process.stdout.read().split("\n")[:-1] if line}
        process.wait()
        process.stdout.close()
        registry = open_registry(file, "shop")
        whole(registry)
    assert said
    assert said <= {run.id for run in registry.runs() if run.state == "succeeded"}
    with closing(sqlite3.connect(file)) as connection:
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
