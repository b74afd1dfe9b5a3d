"""Is the embedded server's process alive, and what did it last say."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

from datamask.db.sanitize import strip_values

_LOG_LINES = 5
_READY_SECONDS = 30.0


def running_postmaster(data: Path) -> int | None:
    """The process id of the server on ``data``, None where none runs.

    A ``postmaster.pid`` that a crash left does not count, even where its number now belongs to another
    process. Waits for a server that is just starting.
    """
    deadline = time.monotonic() + _READY_SECONDS
    while True:
        try:
            lines = (data / "postmaster.pid").read_text("utf-8").splitlines()
            pid = int(lines[0])
        except (OSError, ValueError, IndexError):
            return None
        if not _is_postmaster(pid, data):
            return None
        # The eighth line is the server's state (miscadmin.h, LOCK_FILE_LINE_PM_STATUS).
        if len(lines) >= 8 and lines[7].strip() in {"ready", "standby"}:
            return pid
        if time.monotonic() > deadline:
            return pid
        time.sleep(0.05)


def log_tail(text: str) -> str:
    """The last lines of a log or of a program's output, as one line and without values."""
    lines = [strip_values(line) for line in text.splitlines() if line.strip()]
    return " / ".join(lines[-_LOG_LINES:]) or "it says nothing"


def _is_postmaster(pid: int, data: Path) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        # Alive, of another user: the command line tells.
        pass
    command = _command_line(pid)
    # It may have been started by another path to the same folder: through a link, for example.
    return "postgres" in command and (
        str(data) in command or any(_is_folder(word, data) for word in command.split(" "))
    )


def _is_folder(word: str, folder: Path) -> bool:
    try:
        return word.startswith("/") and folder.samefile(word)
    except OSError:
        return False


def _command_line(pid: int) -> str:
    listed = Path("/proc") / str(pid) / "cmdline"
    try:
        return listed.read_bytes().replace(b"\0", b" ").decode("utf-8", "replace")
    except OSError:
        # No /proc (macOS), or the process has just ended.
        shown = subprocess.run(
            ["ps", "-ww", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
        )
        return shown.stdout
