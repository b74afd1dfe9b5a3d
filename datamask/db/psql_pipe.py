"""Reading COPY through one long-lived ``psql`` and a pipe.

A client program moves rows from the socket to a pipe in C, without a Python step for each row, and on a
core of its own. One process serves any number of statements: each answer ends with a line that COPY text
can never hold, a backslash followed by an exclamation mark.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import subprocess
import threading
from collections.abc import Iterator
from contextlib import suppress

from datamask.db.clients import Client, client_command, client_failure
from datamask.db.hints import hint_for
from datamask.errors import DatabaseError

# Linux' default of 64 KiB costs a switch of process for every 64 KiB; a megabyte is what an unprivileged
# process may ask for.
_PIPE_BYTES = 1 << 20

# Of what psql complains about, the first lines name the cause; a server that goes away can be endless.
_ERROR_BYTES = 1 << 16

# psql's last line when the connection broke.
_LOST = b"connection to server was lost"


class PsqlPipe:
    """A ``psql`` process that runs statements one after the other and gives their output as bytes.

    :param client: the psql to run.
    :param conninfo: where to connect; secrets go by the environment.
    :raises DatabaseError: where it cannot be started.
    """

    def __init__(self, client: Client, conninfo: str) -> None:
        self._client = client
        self._conninfo = conninfo
        self._marker = f"\\!{secrets.token_hex(16)}\n".encode()
        command, environment = client_command(
            client,
            conninfo,
            [
                "-X",
                "--quiet",
                "--no-align",
                "--tuples-only",
                "-v",
                "ON_ERROR_STOP=1",
                "-v",
                "VERBOSITY=terse",
            ],
        )
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environment,
                # A Ctrl-C at the terminal is the leader's to handle; psql would end with half an answer.
                start_new_session=True,
            )
        except OSError as error:
            raise DatabaseError(f"{client.path} cannot be started: {error.strerror}") from None
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._input = self._process.stdin
        self._output = self._process.stdout.fileno()
        self._stderr = self._process.stderr
        with suppress(OSError, AttributeError):
            fcntl.fcntl(self._output, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)
        self._errors = bytearray()
        # psql blocks when nobody reads what it has to say.
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    def run(self, sql: str) -> None:
        """Run statements whose output does not matter."""
        for _ in self.read(sql, block_bytes=_PIPE_BYTES):
            pass

    def read(self, sql: str, *, block_bytes: int) -> Iterator[bytes]:
        """Run a statement and give its output in blocks of whole lines.

        :param block_bytes: a block is at least this large, but for the last; a longer line makes it longer.
        :raises DatabaseError: where the statement fails or the server goes away.
        """
        self._send(sql)
        buffer = bytearray(block_bytes + _PIPE_BYTES)
        filled = 0
        while True:
            if filled == len(buffer):
                buffer.extend(bytes(len(buffer)))
            with memoryview(buffer) as view:
                count = os.readv(self._output, [view[filled:]])
            if count == 0:
                raise self._failure()
            filled += count
            if self._is_end(buffer, filled):
                if filled > len(self._marker):
                    yield bytes(buffer[: filled - len(self._marker)])
                return
            if filled < block_bytes:
                continue
            # A marker that has come in part has no newline yet, so it stays behind the cut.
            end = buffer.rfind(b"\n", 0, filled) + 1
            if end:
                with memoryview(buffer) as view:
                    yield bytes(view[:end])
                rest = buffer[end:filled]
                filled = len(rest)
                buffer[:filled] = rest

    def close(self) -> None:
        """End the process; the server rolls an open transaction back."""
        with suppress(OSError):
            self._input.close()
        self._process.kill()
        self._process.wait()
        self._listener.join()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._stderr.close()

    def _send(self, sql: str) -> None:
        marker = self._marker.decode().rstrip("\n").replace("\\", "\\\\")
        try:
            self._input.write(f"{sql}\n;\n\\echo '{marker}'\n".encode())
            self._input.flush()
        except OSError:
            raise self._failure() from None

    def _is_end(self, buffer: bytearray, filled: int) -> bool:
        start = filled - len(self._marker)
        if start < 0 or buffer[start:filled] != self._marker:
            return False
        return start == 0 or buffer[start - 1] == ord("\n")

    def _listen(self) -> None:
        for line in self._stderr:
            if len(self._errors) < _ERROR_BYTES:
                self._errors += line

    def _failure(self) -> DatabaseError:
        code = self._process.wait()
        self._listener.join()
        said = bytes(self._errors)
        # The server's last words say more, where they came through.
        if _LOST in said and b"FATAL:" not in said:
            return DatabaseError(
                "cannot read: the connection to the server was lost",
                hint=hint_for("08006", ""),
                sqlstate="08006",
            )
        return client_failure(self._client, self._conninfo, "cannot read", code, said)
