"""The program in processes that are forked from one that has imported most of it.

Hundreds of tests type commands; each would import the same modules for half a second. What is forked is a process of its
own in every other respect: its folder, environment, streams and end. Polars is not among what is imported before, as
it starts threads, which no fork survives.

Tests of start-up itself, of signals and of terminals start the program as the shell does.
"""

from __future__ import annotations

import atexit
import importlib
import json
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
from functools import cache
from pathlib import Path

# What commands import before they do anything, without Polars.
_PRELOADED = (
    "datamask.cli.app",
    "datamask.commands.env",
    "datamask.commands.load",
    "datamask.report.progress",
    "pydantic",
    "rich.console",
    "typer._adapters",
)
_MOST_BYTES = 1 << 20

# The client of shell scripts: without the site module, in a few milliseconds.
_SHIM = """#!{python} -SE
import json, os, socket, sys
connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
connection.connect({path!r})
request = {{"arguments": sys.argv[1:], "folder": os.getcwd(), "environ": dict(os.environ)}}
socket.send_fds(connection, [json.dumps(request).encode()], [0, 1, 2])
answer = connection.recv(64)
os._exit(int(answer) if answer else 70)
"""


class Forked:
    """A server that forks. Ends with the process that made it."""

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="datamask-forked-"))
        # Servers of the tests run as somebody else.
        self.folder.chmod(0o755)
        self.path = str(self.folder / "socket")
        self._process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                "import sys; from support.forked import serve; serve(sys.argv[1])",
                self.path,
            ],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
            start_new_session=True,
        )
        atexit.register(self.close)
        deadline = time.monotonic() + 60
        while not Path(self.path).exists():
            assert self._process.poll() is None, "the process that commands are forked from has died"
            assert time.monotonic() < deadline
            time.sleep(0.01)

    @property
    def programs(self) -> Path:
        """A folder for PATH with a ``datamask`` in it that is forked."""
        program = self.folder / "bin" / "datamask"
        if not program.exists():
            program.parent.mkdir(exist_ok=True)
            program.write_text(_SHIM.format(python=sys.executable, path=self.path))
            program.chmod(program.stat().st_mode | stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        return program.parent

    def run(
        self, arguments: list[str], *, folder: Path, environ: dict[str, str], given: str, timeout: float
    ) -> tuple[int, str, str]:
        """Run the program to its end.

        :returns: exit code, standard output and error.
        """
        request = {"arguments": arguments, "folder": str(folder), "environ": environ}
        with (
            tempfile.TemporaryFile() as stdin,
            tempfile.TemporaryFile() as stdout,
            tempfile.TemporaryFile() as stderr,
            socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as connection,
        ):
            stdin.write(given.encode())
            stdin.seek(0)
            connection.settimeout(timeout)
            connection.connect(self.path)
            streams = [stream.fileno() for stream in (stdin, stdout, stderr)]
            socket.send_fds(connection, [json.dumps(request).encode()], streams)
            answer = connection.recv(64)
            assert answer, "the process that commands are forked from has died"
            texts = []
            for stream in (stdout, stderr):
                stream.seek(0)
                texts.append(stream.read().decode())
        return int(answer), texts[0], texts[1]

    def close(self) -> None:
        """End it, and whatever it has forked."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


@cache
def forked() -> Forked:
    """The server of this test process."""
    return Forked()


def serve(path: str) -> None:
    """Fork for every connection, and in the fork be the program."""
    for name in _PRELOADED:
        importlib.import_module(name)
    assert "polars" not in sys.modules
    assert threading.active_count() == len(list(Path("/proc/self/task").iterdir())) == 1
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    # It appears under its name once it listens.
    new = Path(f"{path}.new")
    listener.bind(str(new))
    new.chmod(0o777)
    listener.listen(64)
    new.rename(path)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    while True:
        connection, _ = listener.accept()
        if os.fork() == 0:
            listener.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            _attend(connection)
        connection.close()


def _attend(connection: socket.socket) -> None:
    message, streams, _, _ = socket.recv_fds(connection, _MOST_BYTES, 3)
    if not message:
        os._exit(0)
    child = os.fork()
    if child == 0:
        connection.close()
        _become(json.loads(message), streams)
    for stream in streams:
        os.close(stream)
    _, status = os.waitpid(child, 0)
    connection.sendall(str(os.waitstatus_to_exitcode(status) % 256).encode())
    os._exit(0)


def _become(request: dict[str, object], streams: list[int]) -> None:
    """Be the program that the request asks for, to the end of this process."""
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    os.chdir(str(request["folder"]))
    os.environ.clear()
    environ, arguments = request["environ"], request["arguments"]
    assert isinstance(environ, dict)
    assert isinstance(arguments, list)
    os.environ.update(environ)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 - it lives as long as the process
    sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", encoding="utf-8", errors="backslashreplace", buffering=1, closefd=False)  # noqa: SIM115
    sys.argv = ["datamask", *arguments]
    from datamask.cli import main

    main()
