"""A private PostgreSQL that datamask starts by itself, finds again, and stops when asked.

The server outlives the process that started it. Everything it needs stands in one folder: the data, the
log, the password, and ``server.json`` with what the next process must know.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from datamask.db.binaries import server_programs
from datamask.db.conninfo import build_conninfo
from datamask.db.embedded_place import (
    Runner,
    current_runner,
    reachable_programs,
    server_folder,
    socket_folder,
)
from datamask.db.embedded_process import log_tail, running_postmaster
from datamask.db.embedded_settings import initdb_options, server_settings
from datamask.db.quoting import quote_identifier
from datamask.db.session import connect
from datamask.errors import DatabaseError

SUPERUSER = "postgres"

_SETTINGS_FILE = "datamask.conf"
_LOCK_SECONDS = 90.0
_START_SECONDS = 60
_STOP_SECONDS = 60


@dataclass(frozen=True, slots=True)
class EmbeddedStatus:
    """Whether an embedded server runs, and where.

    :param port: the TCP port on 127.0.0.1, and the number in the socket's name.
    :param folder: where data and log are; elsewhere than the project where its user cannot go there.
    :param pid: of the server process, None where it does not run.
    """

    running: bool
    pid: int | None
    major: int | None
    port: int | None
    folder: Path
    socket_directory: Path | None


@dataclass(frozen=True, slots=True)
class _State:
    """What ``server.json`` remembers."""

    port: int
    socket_directory: str


class EmbeddedServer:
    """One embedded server; several environments share it, each with a database of its own.

    :param directory: the folder that it belongs to; created when the server is started first.
    :param major: the PostgreSQL version for a new data folder, the package's newest by default.
    """

    def __init__(self, directory: Path, *, major: int | None = None) -> None:
        self._directory = directory.absolute()
        self._major = major

    def ensure_running(self) -> str:
        """Start the server unless it runs; gives a connection string for its ``postgres`` database.

        The connection goes by a socket in a folder that only this user (and root) can enter, so it needs
        no password.

        :raises DatabaseError: where the package is missing or the server does not start.
        """
        with self._locked():
            runner = current_runner()
            folder = self._make_folder(runner)
            data = folder / "data"
            state = self._state()
            if state is None or running_postmaster(data) is None:
                major, programs = self._programs(data, runner)
                if not (data / "PG_VERSION").exists():
                    self._initialize(runner, programs, major, folder)
                state = self._start(runner, programs, major, folder, state)
        return _conninfo(state, "postgres")

    def ensure_database(self, name: str) -> str:
        """Start the server unless it runs, create the database unless it exists; its connection string."""
        conninfo = self.ensure_running()
        with connect(conninfo) as session:
            known = session.value("SELECT 1 FROM pg_catalog.pg_database WHERE datname = %s", (name,))
            if known is None:
                try:
                    session.execute(f"CREATE DATABASE {quote_identifier(name)}")
                except DatabaseError as error:
                    # 42P04 duplicate_database, 23505: another process created it in between.
                    if error.sqlstate not in {"42P04", "23505"}:
                        raise
        state = self._state()
        if state is None:
            raise DatabaseError(f"{self._directory / 'server.json'} has vanished", hint="run again")
        return _conninfo(state, name)

    def application_url(self, database: str) -> str:
        """The URL by which applications connect over TCP, password included: show it only when asked."""
        state = self._state()
        if state is None:
            raise DatabaseError("the embedded PostgreSQL was never started")
        password = (self._directory / "password").read_text("utf-8").strip()
        return f"postgresql://{SUPERUSER}:{password}@127.0.0.1:{state.port}/{database}"

    def stop(self) -> bool:
        """Stop the server, ending its sessions; False where it did not run.

        :raises DatabaseError: where it does not stop.
        """
        if not self._directory.exists():
            return False
        with self._locked():
            runner = current_runner()
            data = server_folder(self._directory, runner) / "data"
            if running_postmaster(data) is None:
                return False
            _, programs = self._programs(data, runner)
            stop = (programs / "pg_ctl", "-D", data, "-w", "-t", str(_STOP_SECONDS), "-m", "fast", "stop")
            status, _ = runner.run(stop, _STOP_SECONDS + 10)
            if status != 0:
                raise DatabaseError(
                    f"the embedded PostgreSQL in {data} does not stop within {_STOP_SECONDS} s",
                    hint=f"look at {data.parent / 'server.log'}",
                )
            return True

    def status(self) -> EmbeddedStatus:
        """Whether the server runs, and where; starts and changes nothing."""
        state = self._state()
        folder = self._directory
        if state is not None:
            folder = server_folder(self._directory, current_runner())
        postmaster = running_postmaster(folder / "data")
        return EmbeddedStatus(
            running=postmaster is not None,
            pid=postmaster,
            major=_data_major(folder / "data"),
            port=state.port if state else None,
            folder=folder,
            socket_directory=Path(state.socket_directory) if state else None,
        )

    def _make_folder(self, runner: Runner) -> Path:
        folder = server_folder(self._directory, runner)
        if runner.user is not None:
            # The server's user passes through; what is private below has its own rights.
            folder.mkdir(mode=0o755, parents=True, exist_ok=True)
            folder.chmod(folder.stat().st_mode | 0o111)
        return folder

    def _programs(self, data: Path, runner: Runner) -> tuple[int, Path]:
        major, programs = server_programs(_data_major(data) or self._major)
        return major, reachable_programs(programs, runner)

    def _initialize(self, runner: Runner, programs: Path, major: int, folder: Path) -> None:
        # Made under another name and renamed when complete: what a killed initdb left is thrown away.
        draft = folder / "data.new"
        shutil.rmtree(draft, ignore_errors=True)
        runner.make_private(draft)
        password_file = folder / "password.new"
        password_file.unlink(missing_ok=True)
        password = secrets.token_urlsafe(24)
        _write_private(password_file, password)
        if runner.user is not None:
            os.chown(password_file, runner.user.pw_uid, runner.user.pw_gid)
        try:
            command: list[str | Path] = [
                *(programs / "initdb", "-D", draft, "-U", SUPERUSER),
                *("--auth-local=trust", "--auth-host=scram-sha-256", f"--pwfile={password_file}"),
                *initdb_options(major),
            ]
            status, output = runner.run(command, 120)
            if status != 0:
                raise DatabaseError(
                    f"initdb of the embedded PostgreSQL failed in {draft}: {log_tail(output)}",
                    hint="is there room on the disk, and may the folder be written?",
                )
        finally:
            password_file.unlink(missing_ok=True)
        with (draft / "postgresql.conf").open("a", encoding="utf-8") as configuration:
            configuration.write(f"\ninclude = '{_SETTINGS_FILE}'\n")
        _write_private(self._directory / "password", password)
        draft.rename(folder / "data")

    def _start(
        self, runner: Runner, programs: Path, major: int, folder: Path, state: _State | None
    ) -> _State:
        data, log = folder / "data", folder / "server.log"
        sockets = socket_folder(folder)
        runner.make_private(sockets)
        # Under the lock, and no server runs on this data: what a crash left is only in the way.
        for stale in (data / "postmaster.pid", *sockets.glob(".s.PGSQL.*")):
            stale.unlink(missing_ok=True)
        port = state.port if state is not None and _is_free(state.port) else _free_port()
        state = _State(port, str(sockets))
        (data / _SETTINGS_FILE).write_text(
            server_settings(major, port=port, socket_directory=sockets), encoding="utf-8"
        )
        log.write_bytes(b"")
        log.chmod(0o600)
        if runner.user is not None:
            for path in (log, data / _SETTINGS_FILE):
                os.chown(path, runner.user.pw_uid, runner.user.pw_gid)
        start = (programs / "pg_ctl", "-D", data, "-w", "-t", str(_START_SECONDS), "-l", log, "start")
        status, output = runner.run(start, _START_SECONDS + 10)
        if status != 0:
            text = log.read_text("utf-8", "replace") or output
            raise DatabaseError(
                f"the embedded PostgreSQL does not start: {log_tail(text)}", hint=f"its whole log is {log}"
            )
        _write_private(self._directory / "server.json", json.dumps(asdict(state)))
        return state

    def _state(self) -> _State | None:
        try:
            fields = json.loads((self._directory / "server.json").read_text("utf-8"))
            return _State(int(fields["port"]), str(fields["socket_directory"]))
        except (FileNotFoundError, ValueError, KeyError, TypeError):
            # A torn file is as good as none: the next start writes it again.
            return None

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._directory.mkdir(parents=True, exist_ok=True)
        deadline = time.monotonic() + _LOCK_SECONDS
        with (self._directory / "lock").open("a") as lock:
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > deadline:
                        raise DatabaseError(
                            f"another process has held {self._directory / 'lock'} for {_LOCK_SECONDS:g} s",
                            hint="is another datamask command hanging?",
                        ) from None
                    time.sleep(0.05)
            yield


def _conninfo(state: _State, database: str) -> str:
    return build_conninfo(
        {
            "host": state.socket_directory,
            "port": str(state.port),
            "user": SUPERUSER,
            "dbname": database,
        }
    )


def _data_major(data: Path) -> int | None:
    try:
        return int((data / "PG_VERSION").read_text("ascii"))
    except (OSError, ValueError):
        return None


def _write_private(path: Path, text: str) -> None:
    draft = path.with_name(path.name + ".tmp")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text + "\n")
    draft.rename(path)


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the server binds it: connections of the last run in TIME_WAIT do not matter.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
