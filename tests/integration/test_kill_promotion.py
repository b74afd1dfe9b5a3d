"""Promotions and approvals that die at any moment: one of the two snapshots, whole; approvals whole or not there."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from support.command_line import KEY, clean_environ
from support.digests import row_digests
from support.in_process import InProcess
from support.pipeline import leftovers

from datamask.approval.files import read_approval
from datamask.audit.log import AuditLog
from datamask.db.session import connect
from datamask.load.server import open_server
from datamask.promotion.lock import parse_lock

# Everything is imported before it forks for each order: the time to a kill is all work.
DRIVER = """
    import json, os, sys
    from datamask.cli.app import run
    import datamask.commands.approve, datamask.commands.gatekeeping, datamask.commands.promote
    import datamask.load.build

    for line in sys.stdin:
        child = os.fork()
        if not child:
            os.setsid()
            for number in (1, 2):
                os.dup2(os.open(os.devnull, os.O_WRONLY), number)
            os._exit(run(json.loads(line)))
        print(child, flush=True)
        # Until it is asked for, the child's number stays its own: a kill cannot meet another process.
        sys.stdin.readline()
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Driver:
    """The program, over and over again in one folder."""

    def __init__(self, run: InProcess) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(DRIVER)],
            cwd=run.folder,
            env={**clean_environ(), **run.environ},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def seconds(self, *arguments: str) -> float:
        """How long a whole one takes; it must succeed."""
        begun = time.monotonic()
        self._ask(json.dumps(arguments))
        assert int(self._ask("")) == 0
        return time.monotonic() - begun

    def killed(self, after: float, *arguments: str) -> bool:
        """Kill one after that time, and see that nothing of it stays; False where it was done before."""
        child = int(self._ask(json.dumps(arguments)))
        assert child > 1
        time.sleep(after)
        try:
            descendants = psutil.Process(child).children(recursive=True)
        except psutil.NoSuchProcess:
            descendants = []
        os.kill(child, signal.SIGKILL)
        code = int(self._ask(""))
        assert code in {0, -signal.SIGKILL}
        assert not psutil.wait_procs(descendants, timeout=20)[1]
        return code != 0

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)
        self._process.stdout.close()

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


@dataclass(frozen=True)
class Stages:
    """A project with two snapshots that staging has held."""

    run: InProcess
    driver: Driver
    snapshots: tuple[str, str]
    digests: tuple[object, object]

    @property
    def dev(self) -> str:
        return self.run.environ["DEV_URL"]

    def log(self) -> AuditLog:
        folder = self.run.folder
        return AuditLog(folder / ".datamask/audit.jsonl", anchor=folder / "anchor")


@pytest.fixture(scope="module")
def stages(server) -> Iterator[Stages]:
    source = server.ensure_database("kill_promotion_source")
    with connect(source) as session:
        session.script(
            "create table public.a (id integer primary key, version integer, v text);"
            "insert into public.a select n, 0, repeat('x', 100) from generate_series(1, 3000) as n;"
            "create index on public.a (version)"
        )
    folder = Path(tempfile.mkdtemp(prefix="datamask-kill-"))
    folder.chmod(0o755)
    urls = {
        f"{name.upper()}_URL": server.ensure_database(f"kill_promotion_{name}") for name in ("staging", "dev")
    }
    run = InProcess(folder, {"DATAMASK_KEY": KEY, "PRODUCTION_URL": source, **urls})
    run.ok("init", "--project", "kill")
    run.edit("datamask.yaml", "url: embedded ", "url: env:DEV_URL ")
    people = {name: run.ok("approve", "new-key", f"{name}.key").out.strip() for name in ("ada", "grace")}
    run.edit(
        "datamask.yaml",
        "version: 1\n",
        f"version: 1\naudit: {{anchor: anchor}}\napprovers: {json.dumps(people)}\n",
    )
    (folder / "datamask.dev.yaml").write_text(
        "spare: false\ngates: {verified: true, promoted_from: staging}\n"
    )
    for name in ("staging", "dev"):
        run.ok("env", "adopt", name)
    taken, digests = [], []
    for version in (0, 1):
        with connect(source) as session:
            session.script(f"update public.a set version = {version}")
        snapshot = run.ok("snapshot", "production", "--policy", "policies/staging.yaml", "--json").json["id"]
        run.ok("load", snapshot, "staging", "--confirm", "staging")
        taken.append(snapshot)
        digests.append(row_digests(urls["STAGING_URL"]))
    driver = Driver(run)
    yield Stages(run, driver, (taken[0], taken[1]), (digests[0], digests[1]))
    driver.close()
    for url in urls.values():
        with open_server(url) as opened:
            for name in opened.databases():
                if name.startswith(("kill_promotion_", "datamask_")):
                    opened.drop(name)
    shutil.rmtree(folder)


def killed_promotions(stages: Stages, kills: int) -> None:
    for snapshot in stages.snapshots:
        took = stages.driver.seconds("promote", snapshot, "dev")
    current, killed = 1, 0
    chance = random.Random(3)
    for number in range(kills):
        share = (number + chance.random()) / kills
        killed += stages.driver.killed(
            took * (1 - share**1.5), "promote", stages.snapshots[1 - current], "dev"
        )
        found = row_digests(stages.dev)
        assert found in stages.digests, f"neither the one nor the other after kill {number}"
        current = stages.digests.index(found)
        with open_server(stages.dev) as server:
            info = server.database(server.target)
        # What it holds, what it says that it holds, and that it was let in, are never apart.
        assert info is not None
        assert info.marks.snapshot == stages.snapshots[current]
        assert info.marks.admitted is not None
        verdict = stages.log().verify(anchor=stages.log().anchor)
        assert verdict.breach is None
        if number % 5 == 2:
            stages.driver.seconds("promote", stages.snapshots[1 - current], "dev")
            current = 1 - current
            assert row_digests(stages.dev) == stages.digests[current]
            assert leftovers(stages.dev) == set()
    # Enough were really killed in the middle, or this would show nothing.
    assert killed >= kills // 3


@pytest.mark.slow
def test_a_killed_promotion_leaves_one_of_the_two(stages):
    killed_promotions(stages, 5)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_hundred_killed_promotions(stages):
    killed_promotions(stages, 100)


def killed_approvals(stages: Stages, kills: int) -> None:
    run, folder = stages.run, stages.run.folder
    shutil.rmtree(folder / "approvals", ignore_errors=True)
    run.ok(
        "approve", "policy", "production", "--policy", "policies/staging.yaml",
        "--as", "ada", "--key", "file:ada.key", "--reason", "first",
    )  # fmt: skip
    sign = ("approve", "sign", "policy-", "--as", "grace", "--key", "file:grace.key")
    lock = folder / "policies/approved.lock"
    took = stages.driver.seconds(*sign)
    [approval] = (folder / "approvals").glob("*.approval.json")
    killed = there = 0
    chance = random.Random(5)
    for number in range(kills):
        lock.unlink()
        approval.unlink()
        killed += stages.driver.killed(took * (number + chance.random()) / kills, *sign)
        if approval.exists():
            there += 1
            read_approval(approval)
        if lock.exists():
            assert approval.exists()
            assert len(parse_lock(lock.read_text(), "lock")) == 1
        assert stages.log().verify(anchor=stages.log().anchor).breach is None
        # The next one goes on from wherever that was.
        stages.driver.seconds(*sign)
        assert len(parse_lock(lock.read_text(), "lock")) == 1
    assert killed >= kills // 3
    assert there or kills < 20


def test_a_killed_approval_is_whole_or_not_there(stages):
    killed_approvals(stages, 4)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_two_hundred_killed_approvals(stages):
    killed_approvals(stages, 200)
