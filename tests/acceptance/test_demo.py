"""The demo, as a user runs it: twice in one folder, and the commands that it ends with."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from datamask.commands.project import open_project
from datamask.db.embedded import EmbeddedServer
from datamask.db.session import connect
from datamask.demo.evidence import count_addresses, mail_domains, measure
from datamask.demo.production import DATABASE
from datamask.demo.story import CLOSING, run_demo
from datamask.errors import RefusedError

# The least that shows every part of the story.
MEGABYTES = 1.0


def datamask(folder: Path, command: str) -> subprocess.CompletedProcess[str]:
    """Type a command in the demo's folder, with nothing in the environment that would help."""
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("DATAMASK", "PG"))
    }
    return subprocess.run(
        [sys.executable, "-m", *command.split()],
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    """A demo that has been told."""
    # Not pytest's folder: the server's system user could not enter it.
    with tempfile.TemporaryDirectory(prefix="datamask-demo-") as home:
        Path(home).chmod(0o755)
        told = Path(home) / "shop"
        try:
            run_demo(told, quiet=True, megabytes=MEGABYTES)
            yield told
        finally:
            EmbeddedServer(told / ".datamask" / "postgres").stop()


def conninfo(folder: Path, environment: str) -> str:
    project = open_project(folder / "datamask.yaml")
    return project.conninfo(project.environment(environment))


@pytest.mark.slow  # each run of the other tests tells it once
def test_the_story_is_told_again_in_the_same_folder(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    key = (folder / ".datamask" / "key").read_text("utf-8")
    (first,) = open_project(folder / "datamask.yaml").store().ids()

    run_demo(folder, megabytes=MEGABYTES)

    story = capsys.readouterr().out
    assert [line for line in story.splitlines() if line[:2] in {f"{number}." for number in range(1, 10)}] == [
        "1. A production database, and a project about it",
        "2. What is personal?",
        "3. Is every column covered?",
        "4. What will it look like?",
        "5. A masked snapshot",
        "6. Is the artifact whole?",
        "7. Into staging",
        "8. The same for a developer",
        "9. An afternoon later",
    ]
    assert "✗ DM100 public.customers.emergency_contact is not classified" in story
    assert (folder / ".datamask" / "key").read_text("utf-8") == key
    (second,) = open_project(folder / "datamask.yaml").store().ids()
    assert second != first


def test_nobody_is_left_in_staging_and_dev(folder: Path) -> None:
    domains = mail_domains(conninfo(folder, "production"))
    assert count_addresses(conninfo(folder, "production"), domains) > 1000
    for environment in ("staging", "dev"):
        copy = conninfo(folder, environment)
        assert count_addresses(copy, domains) == 0
        with connect(copy, read_only=True) as session:
            assert session.value("SELECT count(*) FROM public.outbox") == 0
            assert (
                session.value("SELECT count(*) FROM public.customers WHERE full_name LIKE first_name || '%'")
                > 0
            )
            assert (
                session.value(
                    "SELECT count(*) FROM public.newsletter_subscriptions n"
                    " LEFT JOIN public.customers c ON c.email::text = n.email::text WHERE c.id IS NULL"
                )
                == 0
            )


def test_the_evidence_finds_what_is_there(folder: Path) -> None:
    """A search that finds nothing proves nothing: one original, put into a copy's JSON, is found."""
    domains = mail_domains(conninfo(folder, "production"))
    dev = conninfo(folder, "dev")
    address = b"someone@" + min(domains)
    with connect(dev) as session:
        session.execute(
            "UPDATE public.products SET attributes = pg_catalog.jsonb_build_object('asked by', %s::text) WHERE id = 1",
            [address.decode()],
        )
    assert count_addresses(dev, domains) == 1


def test_the_commands_to_try_next_work(folder: Path) -> None:
    for command in CLOSING:
        done = datamask(folder, command)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        assert done.stdout
    assert measure(conninfo(folder, "dev")) == measure(conninfo(folder, "staging"))


def test_secrets_are_readable_by_their_owner_alone(folder: Path) -> None:
    for name in ("key", "production"):
        assert (folder / ".datamask" / name).stat().st_mode & 0o077 == 0


def test_another_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "datamask.yaml").write_text("version: 1\n", encoding="utf-8")
    with pytest.raises(RefusedError) as refused:
        run_demo(tmp_path)
    assert refused.value.message == f"{tmp_path} is there already and is not a demo's"
    assert [path.name for path in tmp_path.iterdir()] == ["datamask.yaml"]


def test_databases_of_others_on_the_server_stay(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    server = EmbeddedServer(folder / ".datamask" / "postgres")
    server.ensure_database("my_own")
    run_demo(folder, quiet=True, megabytes=MEGABYTES)
    with connect(server.ensure_running()) as session:
        names = {name for (name,) in session.rows("SELECT datname FROM pg_catalog.pg_database")}
    assert {"my_own", DATABASE} <= names
    told = capsys.readouterr()
    assert told.err == ""
    assert told.out.startswith("demo finished in ")
    assert told.out.count("\n") == 1


@pytest.mark.slow
def test_json_is_the_only_thing_on_stdout(folder: Path) -> None:
    done = datamask(folder.parent, f"datamask demo --folder {folder} --json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"folder": str(folder)}
