"""Work that is cut short: nothing is published, the target is as it was, and the next command cleans up."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.command_line import CommandLine
from support.digests import row_counts

from datamask.db.session import connect
from datamask.load.server import open_server

POLICY = "policies/staging.yaml"

# So slow that a test is sure to come in between.
SLOWLY = ("--max-rows", "40")


def wait_for(condition: Callable[[], object], process: subprocess.Popen[str]) -> None:
    end = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, process.communicate()[1]
        assert time.monotonic() < end, "it did not come that far"
        time.sleep(0.02)


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def stored(run: CommandLine) -> list[str]:
    """What the store shows and hides, but for the folder that drafts are in."""
    store = run.folder / "snapshots"
    return sorted(str(path.relative_to(store)) for path in [*store.glob("[!.]*"), *store.glob(".drafts/*")])


@pytest.fixture
def snapshotting(project: CommandLine) -> tuple[CommandLine, subprocess.Popen[str], list[str]]:
    """A snapshot that has written a part of its files."""
    before = stored(project)
    process = project.start("snapshot", "production", "--policy", POLICY, *SLOWLY)
    wait_for(lambda: list((project.folder / "snapshots").glob(".drafts/*/data/*/*.parquet")), process)
    return project, process, before


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_snapshot_that_is_told_to_stop(snapshotting, number: signal.Signals) -> None:
    run, process, before = snapshotting
    process.send_signal(number)
    code, out, err = ended(process)
    assert code == 1
    assert err.endswith("error: interrupted; nothing was published\n")
    assert out == ""
    assert stored(run) == before


def test_snapshot_that_is_killed(snapshotting) -> None:
    run, process, before = snapshotting
    process.kill()
    assert ended(process)[0] == -signal.SIGKILL
    assert [name for name in stored(run) if not name.startswith(".drafts")] == before
    # The next one removes the draft that the killed one left.
    taken = run.ok("snapshot", "production", "--policy", POLICY, "--json").json["id"]
    assert stored(run) == sorted([*before, taken])


@pytest.fixture
def full_disk(project: CommandLine, tmp_path: Path) -> Iterator[tuple[str, ...]]:
    """A store with room for next to nothing; gives a prefix for the command."""
    disk = tmp_path / "disk"
    disk.mkdir()
    project.edit("datamask.yaml", "store: ./snapshots ", f"store: {disk}/snapshots ")
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True, check=False
    )
    if mounted.returncode == 0:
        yield ()
        subprocess.run(["umount", disk], check=True)
    else:
        # Without the right to mount: a limit on the size of any file does the same to the writer.
        yield ("bash", "-c", 'ulimit -f 1; exec "$@"', "-")


def test_store_without_room(project: CommandLine, full_disk: tuple[str, ...]) -> None:
    process = project.start("snapshot", "production", "--policy", POLICY, prefix=full_disk)
    code, _, err = ended(process)
    assert code == 1
    assert "error: " in err
    assert "cannot write to the store at " in err
    if not full_disk:
        assert "No space left on device" in err
        assert "hint: free space, or point `store` in datamask.yaml at another disk" in err
    assert project.ok("snapshots", "list", "--json").json["snapshots"] == []


@pytest.fixture
def own_server(folder: Path):
    """A server that a test may stop."""
    from datamask.db.embedded import EmbeddedServer

    server = EmbeddedServer(folder / "server")
    yield server
    server.stop()


def test_server_that_goes_away_during_a_snapshot(project: CommandLine, own_server) -> None:
    url = own_server.ensure_database("shop")
    with connect(url) as session:
        session.script(
            "create table public.customers as"
            " select n as id, 'ann' || n || '@example.org' as email from generate_series(1, 5000) n"
        )
    project.environ["PRODUCTION_URL"] = url
    project.ok("init", "--force")
    before = stored(project)
    process = project.start("snapshot", "production", "--policy", POLICY, *SLOWLY)
    wait_for(lambda: [name for name in stored(project) if name not in before], process)
    own_server.stop()
    code, _, err = ended(process)
    assert code == 1
    assert "error: " in err
    assert "hint: " in err
    assert "internal error" not in err
    assert "ann" not in err.replace("cannot", "")
    assert stored(project) == before


@pytest.fixture
def loading(project: CommandLine, own_server) -> tuple[CommandLine, subprocess.Popen[str]]:
    """A load into a target that takes long, right in the middle of it."""
    source, target = own_server.ensure_database("shop"), own_server.ensure_database("dev")
    with connect(source) as session:
        session.script(
            "create table public.customers (id int primary key, email text);"
            " insert into public.customers values (1, 'ann@example.org'), (2, 'bob@example.org');"
            " create function public.slow(n int) returns int language sql immutable"
            "  as 'select n from pg_catalog.pg_sleep(case current_database() when ''shop'' then 0 else 15 end)';"
            " create index slowly on public.customers (public.slow(id))"
        )
    project.environ |= {"PRODUCTION_URL": source, "DEV_URL": target}
    project.ok("init", "--force")
    project.edit("datamask.yaml", "url: embedded ", "url: env:DEV_URL ")
    project.ok("snapshot", "production", "--policy", POLICY)
    project.ok("env", "adopt", "dev")
    with connect(target) as session:
        session.script("create table public.mine (n int); insert into public.mine values (1)")
    process = project.start("load", "latest", "dev")
    with open_server(target) as server:
        wait_for(
            lambda: server.session.value(
                "select count(*) from pg_catalog.pg_stat_activity where query ~ '^CREATE INDEX' and state = 'active'"
            ),
            process,
        )
    return project, process


def databases(url: str) -> list[str]:
    with open_server(url) as server:
        return sorted(
            name for name in server.databases() if name not in {"postgres", "template0", "template1"}
        )


@pytest.mark.parametrize(
    "number", [pytest.param(signal.SIGINT, marks=pytest.mark.slow), signal.SIGKILL], ids=["interrupt", "kill"]
)
def test_load_that_is_cut_short(loading, number: signal.Signals) -> None:
    run, process = loading
    process.send_signal(number)
    begun = time.monotonic()
    code, _, err = ended(process)
    # It does not wait for what it was doing.
    assert time.monotonic() - begun < 10
    target = run.environ["DEV_URL"]
    assert row_counts(target) == {"public.mine": 1}
    if number == signal.SIGINT:
        assert code == 1
        assert err.endswith("error: interrupted; the environment is as it was before, or wholly replaced\n")
        assert databases(target) == ["dev", "shop"]
    else:
        assert code == -signal.SIGKILL
    with connect(run.environ["PRODUCTION_URL"]) as session:
        session.script("drop index public.slowly")
    run.ok("snapshot", "production", "--policy", POLICY)
    run.ok("load", "latest", "dev")
    assert row_counts(target) == {"public.customers": 2}
    left = [name for name in databases(target) if "building" in name or "next" in name]
    assert left == []


def test_server_that_goes_away_during_a_load(loading, own_server) -> None:
    run, process = loading
    own_server.stop()
    code, _, err = ended(process)
    assert code == 1
    assert "error: " in err
    assert "internal error" not in err
    own_server.ensure_running()
    assert row_counts(run.environ["DEV_URL"]) == {"public.mine": 1}
