"""The audit log's file: appended to under a lock, on the disk before the action begins.

Beside ``audit.jsonl`` stands ``audit.jsonl.head``, the hash of the last record: with it, a log whose end was
cut off is told from one that ends there.
"""

from __future__ import annotations

import fcntl
import getpass
import os
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from datamask.audit.record import NO_HASH, Breach, Detail, Phase, Record, find_breach, parse_record
from datamask.errors import DatamaskError, RefusedError, UsageError

# More than a record takes; the last one is looked for in the file's end.
_TAIL_BYTES = 1 << 16


class AuditLog:
    """One project's log.

    :param path: the file; made with its folder when the first record is written, readable by its owner alone.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.head_path = path.with_name(f"{path.name}.head")

    @contextmanager
    def action(self, name: str, **details: Detail) -> Iterator[dict[str, Detail]]:
        """Write down an intent, do it, write down the outcome.

        :param details: what the action is about.
        :returns: a mapping for what is known afterwards; it becomes part of the outcome.
        :raises RefusedError: where the intent cannot be written: what leaves no trace is not done.
        """
        try:
            self.append(name, "intent", details)
        except OSError as error:
            raise RefusedError(
                f"the audit log {self.path} cannot be written: {error.strerror}; nothing was done",
                hint="make room or give the right to write there, or set `audit:` in datamask.yaml",
            ) from None
        outcome: dict[str, Detail] = {}
        try:
            yield outcome
        except BaseException as error:
            with suppress(OSError):
                self.append(name, "outcome", {**details, **outcome, "result": _result(error)})
            raise
        with suppress(OSError):
            self.append(name, "outcome", {**details, **outcome, "result": "done"})

    def append(self, action: str, phase: Phase, details: Mapping[str, Detail]) -> Record:
        """Write one record, on the disk when this returns.

        :raises OSError: where it cannot be written.
        :raises RefusedError: where the log's last record is damaged: nothing is chained to that.
        """
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        with os.fdopen(descriptor, "r+b") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            last = self._last(file)
            record = Record(
                number=last.number + 1 if last else 1,
                time=datetime.now(UTC).isoformat(timespec="microseconds"),
                action=action,
                phase=phase,
                who=_who(),
                details=dict(details),
                previous=last.hash if last else NO_HASH,
            )
            file.write(record.line().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
            self._write_head(record.hash)
        return record

    def records(self) -> Iterator[Record]:
        """The records, the oldest first, as far as they can be read; nothing where there is no log."""
        for line in self._lines():
            record = parse_record(line)
            if isinstance(record, Record):
                yield record

    def verify(self, head: str | None = None) -> tuple[int, str, Breach | None]:
        """Check the whole chain.

        :param head: the hash of a record that must be there; by default the one in the head's file.
        :returns: how many records hold, the hash of the last of them, the first breach.
        """
        return find_breach(self._lines(), head=head or self._noted_head())

    def _lines(self) -> Iterator[str]:
        try:
            file = self.path.open(encoding="utf-8", errors="replace", newline="\n")
        except FileNotFoundError:
            return
        except OSError as error:
            raise UsageError(f"the audit log {self.path} cannot be read: {error.strerror}") from None
        with file:
            for line in file:
                yield line.removesuffix("\n")

    def _noted_head(self) -> str | None:
        try:
            return self.head_path.read_text(encoding="ascii").strip() or None
        except OSError:
            return None

    def _write_head(self, value: str) -> None:
        draft = self.head_path.with_name(f"{self.head_path.name}.new")
        draft.write_text(value + "\n", encoding="ascii")
        draft.chmod(0o600)
        draft.replace(self.head_path)

    def _last(self, file: BinaryIO) -> Record | None:
        """The last record; a piece of a line that a crash left behind it is cut off."""
        size = file.seek(0, os.SEEK_END)
        file.seek(max(0, size - _TAIL_BYTES))
        whole, _, torn = file.read().rpartition(b"\n")
        if torn:
            file.truncate(size - len(torn))
        if not whole:
            return None
        record = parse_record(whole.rpartition(b"\n")[2].decode("utf-8", errors="replace"))
        if isinstance(record, str):
            raise RefusedError(
                f"the last record of the audit log {self.path} is damaged: {record}",
                hint="datamask audit verify says more; keep the file as evidence, and let `audit:` name a new one",
            )
        return record


def _who() -> dict[str, Detail]:
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return {"user": user, "host": socket.gethostname(), "process": os.getpid()}


def _result(error: BaseException) -> str:
    """What kind of failure it was: messages of unknown errors may quote data, so none is kept."""
    if isinstance(error, DatamaskError):
        return f"failed: {type(error).__name__}"
    return "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
