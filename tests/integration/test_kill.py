"""Processes and servers that die at any moment: all of the old or all of the new, and the next command repairs."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from support.digests import row_digests
from support.pipeline import adopt, assert_same, at_rest, databases, leftovers, load, take
from support.programs import run_sql
from support.schemas import carried_schema
from support.servers import temporary_server

from datamask.config.reset import ResetSettings
from datamask.db.embedded import EmbeddedServer
from datamask.errors import DatabaseError
from datamask.execution.processes import WorkerPool
from datamask.load.server import open_server
from datamask.progress import Silent
from datamask.snapshot.manifest import Manifest
from datamask.snapshot.verify import find_damage, read_manifest
from datamask.store.local import LocalStore

TESTS = Path(__file__).parents[1]

# It has imported all that there is to import, and forks for each order: the time to a kill is all work.
DRIVER = """
    import json, os, sys, traceback
    from pathlib import Path
    sys.path.insert(0, sys.argv[1])
    from support.pipeline import load, take
    from datamask.config.reset import ResetSettings
    from datamask.load import build, in_place
    from datamask.snapshot.take import SnapshotOptions
    from datamask.snapshot.verify import read_manifest
    from datamask.store.local import LocalStore

    def obey(what, url, root, how, errors):
        os.dup2(os.open(errors, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), 2)
        root = Path(root)
        try:
            if what == "take":
                take(url, root, options=SnapshotOptions(chunk_bytes=8192, rows_per_second=how))
            else:
                manifest = read_manifest(LocalStore(root).folder(what))
                if how == "in-place":
                    load(url, manifest, root, reset=ResetSettings(strategy=how))
                else:
                    load(url, manifest, root, golden=how)
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            return 1
        return 0

    for line in sys.stdin:
        child = os.fork()
        if not child:
            os.setsid()
            os._exit(obey(*json.loads(line)))
        print(child, flush=True)
        # Until it is asked for, the child's number stays its own: a kill cannot meet another process.
        sys.stdin.readline()
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Driver:
    """Processes that take a snapshot or load one, one after the other."""

    def __init__(self, folder: Path) -> None:
        self.errors = folder / "errors"
        program = folder / "driver.py"
        program.write_text(textwrap.dedent(DRIVER))
        self._process = subprocess.Popen(
            [sys.executable, program, str(TESTS)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.pid = 0

    def begin(self, what: str, url: str, root: Path, how: float | bool | str | None = None) -> float:
        """Begin to take a snapshot (``take``) or to load the one of that id; the time at which it began."""
        if self.pid:
            # What a test that failed left behind.
            self._kill()
            self.end()
        self.pid = int(self._ask(json.dumps([what, url, str(root), how, str(self.errors)])))
        return time.monotonic()

    def descendants(self) -> list[psutil.Process]:
        try:
            return psutil.Process(self.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []

    def end(self) -> int:
        """Wait for its end; its exit code, negative where a signal ended it."""
        self.pid, code = 0, int(self._ask(""))
        return code

    def kill_after(self, seconds: float) -> bool:
        """Kill it, and see that nothing of it stays.

        :returns: False where it was done before.
        """
        time.sleep(seconds)
        descendants = self.descendants()
        self._kill()
        ended = self.end()
        assert ended in {0, -signal.SIGKILL}
        assert not psutil.wait_procs(descendants, timeout=20)[1]
        return ended != 0

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=60)
        assert self._process.stdout is not None
        self._process.stdout.close()

    def _kill(self) -> None:
        assert self.pid > 1
        os.kill(self.pid, signal.SIGKILL)

    def _ask(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(line + "\n")
        self._process.stdin.flush()
        return self._process.stdout.readline()


@pytest.fixture(scope="module")
def driver(tmp_path_factory) -> Iterator[Driver]:
    driver = Driver(tmp_path_factory.mktemp("driver"))
    yield driver
    driver.close()


def filled(url: str, version: int) -> str:
    run_sql(url, f"""
        create table a (id integer primary key, version integer, v text);
        insert into a select n, {version}, repeat('x', 100) from generate_series(1, 5000) as n;
        create table b (id integer primary key, a integer references a, version integer);
        insert into b select n, n, {version} from generate_series(1, 5000) as n;
        create index on b (a);
        create table version_{version} (n integer);
    """.encode())  # fmt: skip
    return url


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def sources(server) -> list[str]:
    return [filled(server.ensure_database(f"kill_source_{number}"), number) for number in (0, 1)]


@pytest.fixture(scope="module")
def snapshots(sources, root) -> list[Manifest]:
    return [take(url, root) for url in sources]


@pytest.fixture
def dev(server) -> Iterator[str]:
    url = adopt(server.ensure_database("kill_dev"))
    yield url
    with open_server(url) as opened:
        for name in opened.databases():
            if name.startswith(("kill_dev", "datamask_golden_", "datamask_building_")):
                opened.drop(name)


@pytest.fixture(scope="module")
def alike(server, root) -> list[tuple[str, Manifest]]:
    """Two databases of one schema, and their snapshots."""
    found = []
    for number in (5, 6):
        url = filled(server.ensure_database(f"kill_alike_{number}"), number)
        run_sql(url, f"alter table version_{number} rename to version".encode())
        found.append((url, take(url, root)))
    return found


def killed_in_place(driver, dev, alike, root, *, kills: int) -> None:
    digests = [row_digests(url) for url, _ in alike]
    manifests = [manifest for _, manifest in alike]
    load(dev, manifests[0], root)
    schema = carried_schema(dev)
    begun = driver.begin(manifests[1].id, dev, root, "in-place")
    assert driver.end() == 0
    took = time.monotonic() - begun
    current, killed = 1, 0
    chance = random.Random(11)
    for number in range(kills):
        driver.begin(manifests[1 - current].id, dev, root, "in-place")
        killed += driver.kill_after(took * (number + chance.random()) / kills)
        # It waits for the server process that has lost its client, and still holds its locks.
        found = row_digests(dev)
        assert found in digests, f"neither the old nor the new after kill {number}"
        current = digests.index(found)
        if number % 5 == 4:
            assert carried_schema(dev) == schema
    load(dev, manifests[1 - current], root, reset=ResetSettings(strategy="in-place"))
    assert_same(alike[1 - current][0], dev)
    assert killed >= kills // 3


def test_a_killed_load_in_place_leaves_the_old_or_the_new(driver, dev, alike, root):
    killed_in_place(driver, dev, alike, root, kills=5)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_many_killed_loads_in_place(driver, dev, alike, root):
    killed_in_place(driver, dev, alike, root, kills=100)


def killed_loads(driver, dev, sources, snapshots, root, *, kills: int, golden: bool) -> None:
    digests = [row_digests(url) for url in sources]
    load(dev, snapshots[0], root, golden=golden)
    # How long a whole one takes here and now.
    begun = driver.begin(snapshots[1].id, dev, root, golden)
    assert driver.end() == 0
    took = time.monotonic() - begun
    current, killed = 1, 0
    chance = random.Random(7)
    for number in range(kills):
        driver.begin(snapshots[1 - current].id, dev, root, golden)
        # Spread over the whole of it, and a little more often over its end, where the names change.
        share = (number + chance.random()) / kills
        killed += driver.kill_after(took * (1.0 - share**1.5))
        found = row_digests(dev)
        assert found in digests, f"neither the old nor the new after kill {number}"
        current = digests.index(found)
        if number % 5 == 4:
            load(dev, snapshots[1 - current], root, golden=golden)
            current = 1 - current
            assert leftovers(dev) == set()
            assert row_digests(dev) == digests[current]
    load(dev, snapshots[0], root, golden=golden)
    assert_same(sources[0], dev)
    # Enough were really killed in the middle, or this would show nothing.
    assert killed >= kills // 3


@pytest.mark.parametrize("golden", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_a_killed_load_leaves_the_old_or_the_new(driver, dev, sources, snapshots, root, golden):
    killed_loads(driver, dev, sources, snapshots, root, kills=5, golden=golden)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("golden", [False, True])
def test_a_hundred_killed_loads(driver, dev, sources, snapshots, root, golden):
    killed_loads(driver, dev, sources, snapshots, root, kills=60, golden=golden)


def test_a_killed_snapshot_publishes_nothing(driver, sources, tmp_path):
    begun = driver.begin("take", sources[0], tmp_path)
    assert driver.end() == 0
    took = time.monotonic() - begun
    store = LocalStore(tmp_path)
    whole = 1
    for number in range(4):
        driver.begin("take", sources[0], tmp_path)
        was_killed = driver.kill_after(took * (number + 0.3) / 4)
        found = store.ids()
        # It may have been killed just after it was published.
        assert len(found) - whole in ({0, 1} if was_killed else {1})
        whole = len(found)
        for name in found:
            folder = store.folder(name)
            assert find_damage(folder, read_manifest(folder)) == []
    take(sources[0], tmp_path)
    assert not list((tmp_path / ".drafts").iterdir())


def interrupted(driver: Driver, wait: float) -> None:
    """Ctrl-C: the signal reaches every process of the terminal, in the middle of the work."""
    deadline = time.monotonic() + 20
    while len(descendants := driver.descendants()) < 3 and time.monotonic() < deadline:
        time.sleep(0.02)
    # The fork server and the workers are there: the work begins.
    time.sleep(wait)
    assert descendants
    assert driver.pid > 1
    os.killpg(driver.pid, signal.SIGINT)
    assert driver.end() == 1
    errors = driver.errors.read_text()
    assert errors.rstrip().endswith("KeyboardInterrupt")
    # Workers have nothing to say about it.
    assert "datamask/snapshot/worker.py" not in errors
    assert "datamask/load/worker.py" not in errors
    assert not psutil.wait_procs(descendants, timeout=20)[1]


def test_ctrl_c_in_a_snapshot_leaves_nothing(driver, sources, tmp_path):
    # Slowed down to ten seconds, so that it is in the middle.
    driver.begin("take", sources[0], tmp_path, 1000)
    interrupted(driver, wait=0.5)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_ctrl_c_in_a_load_leaves_nothing(driver, dev, snapshots, sources, root):
    load(dev, snapshots[0], root)
    before = at_rest(dev)
    driver.begin(snapshots[1].id, dev, root, False)
    interrupted(driver, wait=0.0)
    assert databases(dev) == before
    assert_same(sources[0], dev)


@pytest.fixture
def mortal() -> Iterator[EmbeddedServer]:
    yield from temporary_server()


def crash(server: EmbeddedServer) -> None:
    pid = server.status().pid
    assert pid is not None
    process = psutil.Process(pid)
    # Immediate shutdown: as a crash, and it takes no time.
    process.send_signal(signal.SIGQUIT)
    process.wait(timeout=30)


class Crashing(Silent):
    """Crashes the server once some of the work is done."""

    def __init__(self, server: EmbeddedServer) -> None:
        self.server = server
        self.crashed = False

    def advance(self, table: str, *, rows: int, bytes_done: int, table_done: bool) -> None:
        if not self.crashed:
            self.crashed = True
            crash(self.server)


class CrashingAtStart(Silent):
    """Crashes the server before the first chunk is read."""

    def __init__(self, server: EmbeddedServer) -> None:
        self.server = server

    def start(self, what: str, *, total_bytes: int, tables: int) -> None:
        crash(self.server)


def test_a_server_that_dies_in_a_load_is_one_clear_error(mortal, sources, snapshots, root, monkeypatch):
    from support import pipeline

    dev = adopt(filled(mortal.ensure_database("crash_dev"), 5))
    before = row_digests(dev)
    progress = Crashing(mortal)
    monkeypatch.setattr(pipeline, "Silent", lambda: progress)
    with pytest.raises(DatabaseError) as caught:
        load(dev, snapshots[0], root)
    assert progress.crashed
    assert caught.value.sqlstate in {"08006", "57P01", "57P02", "57P03"} or "connect" in caught.value.message
    mortal.ensure_running()
    assert row_digests(dev) == before
    monkeypatch.undo()
    load(dev, snapshots[0], root)
    assert_same(sources[0], dev)


def test_a_server_that_dies_in_a_snapshot_is_one_clear_error(mortal, tmp_path):
    source = filled(mortal.ensure_database("crash_source"), 5)
    with pytest.raises(DatabaseError) as caught:
        take(source, tmp_path, progress=CrashingAtStart(mortal))
    assert caught.value.message
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_killed_worker_ends_a_load_and_leaves_nothing(dev, sources, snapshots, root, monkeypatch):
    from datamask.load import build

    load(dev, snapshots[0], root)
    before = at_rest(dev)
    real = WorkerPool.submit

    def submit(self, function, /, *args, **kwargs):  # type: ignore[no-untyped-def]
        if getattr(function, "__name__", "") == "copy_in":
            return real(self, os._exit, 9)
        return real(self, function, *args, **kwargs)

    monkeypatch.setattr(build.WorkerPool, "submit", submit)
    with pytest.raises(Exception, match="a worker process was killed"):
        load(dev, snapshots[1], root)
    assert databases(dev) == before
    assert_same(sources[0], dev)
