"""The pytest plugin as a project uses it: pytest in a process of its own, with and without workers."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.command_line import CommandLine, clean_environ

from datamask.db.session import connect
from datamask.load.server import open_server

THEIR_TESTS = """
import psycopg
import pytest


def count(database):
    with psycopg.connect(database.url) as connection:
        return connection.execute("select count(*) from customers").fetchone()[0]


@pytest.mark.parametrize("turn", range(4))
def test_each_has_its_own(masked_database, turn):
    before = count(masked_database)
    assert before > 0
    with psycopg.connect(masked_database.conninfo) as connection:
        connection.execute("truncate customers cascade")
    assert count(masked_database) == 0


def test_one_for_the_worker(masked_database_of_worker):
    with psycopg.connect(masked_database_of_worker.url) as connection:
        connection.execute("create table if not exists seen (n int)")
    assert count(masked_database_of_worker) > 0


@pytest.mark.parametrize("turn", range(3))
def test_one_for_the_run(masked_database_of_run, turn, record_testsuite_property):
    assert count(masked_database_of_run) > 0
    with open("shared.txt", "a") as file:
        file.write(masked_database_of_run.name + "\\n")


def test_addresses(masked_database):
    assert masked_database.sqlalchemy_url.startswith("postgresql+psycopg://")
    assert masked_database.url_for("asyncpg").startswith("postgresql+asyncpg://")
    assert masked_database.django["NAME"] == masked_database.name
    assert masked_database.variables["PGDATABASE"] == masked_database.name
    assert masked_database.variables["DATABASE_URL"] == masked_database.url
"""


@pytest.fixture
def their_project(adopted: CommandLine) -> CommandLine:
    (adopted.folder / "test_theirs.py").write_text(THEIR_TESTS)
    (adopted.folder / "pytest.ini").write_text("[pytest]\ndatamask_environment = dev\n")
    return adopted


def run_pytest(project: CommandLine, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *arguments]
    environ = {**clean_environ(), **project.environ, "PYTHONWARNINGS": "error"}
    # They would have the inner run believe that it is a worker of the outer one.
    environ = {name: value for name, value in environ.items() if not name.startswith("PYTEST_XDIST")}
    return subprocess.run(
        command, cwd=project.folder, env=environ, capture_output=True, text=True, timeout=300, check=False
    )


def databases_of_tests(project: CommandLine) -> set[str]:
    with open_server(project.environ["DEV_URL"]) as server:
        return {
            name
            for name, info in server.databases().items()
            if name.startswith(server.target) and "/" in (info.marks.environment or "")
        }


def test_each_test_has_a_database_and_none_is_left(their_project: CommandLine) -> None:
    done = run_pytest(their_project, "-p", "no:xdist")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "9 passed" in done.stdout
    assert databases_of_tests(their_project) == set()
    with connect(their_project.environ["DEV_URL"]) as session:
        assert session.value("select count(*) from public.mine") == 1, "the environment itself was touched"


def test_workers_do_not_get_into_each_other_s_way(their_project: CommandLine) -> None:
    done = run_pytest(their_project, "-n", "2")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "9 passed" in done.stdout
    shared = (their_project.folder / "shared.txt").read_text().split()
    assert len(shared) == 3
    assert len(set(shared)) == 1
    assert databases_of_tests(their_project) == set()


def test_an_environment_that_may_not_be_replaced_is_refused(their_project: CommandLine) -> None:
    (their_project.folder / "pytest.ini").write_text("[pytest]\ndatamask_environment = production\n")
    done = run_pytest(their_project, "-p", "no:xdist", "-k", "one_for_the_worker")
    assert done.returncode == 1
    assert "environment production is protected" in done.stdout


@pytest.mark.slow
def test_what_a_killed_run_left_expires(their_project: CommandLine) -> None:
    theirs = "import os\n\ndef test_dies(masked_database):\n    os.kill(os.getpid(), 9)\n"
    (their_project.folder / "test_theirs.py").write_text(theirs)
    run_pytest(their_project, "-p", "no:xdist")
    left = databases_of_tests(their_project)
    assert left
    listed = their_project.ok("env", "list", "--json").json["branches"]
    assert {branch["database"] for branch in listed} == left
    assert all(branch["expires"] for branch in listed)


def test_it_costs_nothing_where_no_test_asks_for_it(tmp_path: Path) -> None:
    (tmp_path / "test_plain.py").write_text(
        "import sys\n\ndef test_plain():\n    assert 'datamask.commands' not in sys.modules\n"
        "    assert 'polars' not in sys.modules\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist"],
        cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False, env={**os.environ},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
