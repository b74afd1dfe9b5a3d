"""The audit log's file: appended to under a lock, on the disk before the action begins.

Beside ``audit.jsonl`` stands ``audit.jsonl.head``, the hash of the last record: with it, a log whose end was
cut off is told from one that ends there.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from datamask.audit import anchor as anchors
from datamask.audit.actor import actor
from datamask.audit.record import (
    NO_HASH,
    START,
    Breach,
    Detail,
    Link,
    Phase,
    Record,
    find_breach,
    parse_record,
)
from datamask.audit.segments import last_record, read_lines, segment_path, segments
from datamask.errors import DatamaskError, RefusedError


@dataclass(frozen=True, slots=True)
class Verdict:
    """A log, looked at record by record.

    :param records: how many hold.
    :param head: the hash of the last of them.
    :param breach: the first place where the chain is broken.
    :param file: where that is, else the log.
    :param anchored: how many records were compared with the hashes of an anchor.
    """

    records: int
    head: str
    breach: Breach | None
    file: Path
    anchored: int = 0


class AuditLog:
    """One project's log.

    :param path: the file; made with its folder when the first record is written, readable by its owner alone.
    :param anchor: a file elsewhere that gets the hash of each record.
    :param syslog: where each record is sent as well, see ``forward``.
    """

    def __init__(self, path: Path, *, anchor: Path | None = None, syslog: str | None = None) -> None:
        self.path = path
        self.head_path = path.with_name(f"{path.name}.head")
        self.anchor = anchor
        self.syslog = syslog

    @contextmanager
    def action(self, name: str, **details: Detail) -> Iterator[dict[str, Detail]]:
        """Write down an intent, do it, write down the outcome.

        :param details: what the action is about.
        :returns: a mapping for what is known afterwards; it becomes part of the outcome, with the intent's number,
            the seconds that it took and its result.
        :raises RefusedError: where the intent cannot be written: what leaves no trace is not done.
        """
        begun = time.monotonic()
        try:
            intent = self.append(name, "intent", details)
        except OSError as error:
            raise RefusedError(
                f"the audit log {self.path} cannot be written: {error.strerror}; nothing was done",
                hint="make room or give the right to write there, or set `audit:` in datamask.yaml",
            ) from None
        known: dict[str, Detail] = {}

        def end(result: str) -> None:
            took = {"seconds": round(time.monotonic() - begun, 3)}
            with suppress(OSError, DatamaskError):
                self.append(
                    name, "outcome", {**details, "intent": intent.number, **took, **known, "result": result}
                )

        try:
            yield known
        except BaseException as error:
            end(_result(error))
            raise
        end("done")

    def append(self, action: str, phase: Phase, details: Mapping[str, Detail]) -> Record:
        """Write one record, on the disk when this returns.

        :raises OSError: where it cannot be written.
        :raises RefusedError: where the log is not what was written (nothing is chained to that), or another
            trace that is configured cannot be left.
        """
        with self._locked() as file:
            last = self._last(file)
            self._check_end(last)
            record = Record(
                number=last.number + 1 if last else 1,
                time=datetime.now(UTC).isoformat(timespec="microseconds"),
                action=action,
                phase=phase,
                who=actor(),
                details=dict(details),
                previous=last.hash if last else NO_HASH,
            )
            file.write(record.line().encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
            self._write_head(record.hash)
            if self.anchor is not None:
                anchors.note(self.anchor, record)
        if self.syslog is not None:
            from datamask.audit.forward import forward

            forward(self.syslog, record)
        return record

    def rotate(self) -> Path | None:
        """Let the log go on in a new file; the chain goes on with it.

        :returns: what the old file is called now, None where there was nothing in it.
        :raises RefusedError: where the log is not what was written.
        """
        with self._locked() as file:
            last = self._last(file)
            first = parse_record(next(read_lines(self.path), ""))
            if last is None or isinstance(first, str):
                return None
            rotated = segment_path(self.path, first.number, last.number)
            self.path.rename(rotated)
            # Nothing is ever added to it again.
            rotated.chmod(0o400)
        return rotated

    def records(self) -> Iterator[Record]:
        """The records, the oldest first, as far as they can be read; nothing where there is no log."""
        for file in self._files():
            for line in read_lines(file):
                record = parse_record(line)
                if isinstance(record, Record):
                    yield record

    def verify(
        self, head: str | None = None, *, after: str | None = None, anchor: Path | None = None
    ) -> Verdict:
        """Check the whole chain.

        :param head: the hash of a record that must be there; by default the one in the head's file.
        :param after: the hash of the last record that was taken away on purpose, with all before it.
        :param anchor: an anchor whose every hash must be there.
        """
        noted = anchors.read_anchor(anchor) if anchor else {}
        if isinstance(noted, Breach):
            assert anchor is not None
            return Verdict(0, NO_HASH, noted, anchor)
        begins: list[tuple[int, Path]] = []

        def lines() -> Iterator[str]:
            line = 0
            for file in self._files():
                begins.append((line, file))
                for text in read_lines(file):
                    line += 1
                    yield text

        start = self._start(after, noted)
        end, breach = find_breach(lines(), head=head or self._noted_head(), after=start, noted=noted)
        held = end.number - start.number
        file = self.path
        if breach is not None:
            before, file = max((item for item in begins if item[0] < breach.line), default=(0, self.path))
            breach = Breach(max(breach.line - before, 0), breach.reason)
        compared = sum(start.number < number <= end.number for number in noted)
        return Verdict(held, end.hash, breach, file, compared)

    def _start(self, after: str | None, noted: Mapping[int, str]) -> Link:
        """Where the chain that is here begins: at its beginning, unless a trusted hash says what came before."""
        first = next(self.records(), None)
        if first is not None and first.number > 1 and first.previous in (after, noted.get(first.number - 1)):
            return Link(first.number - 1, first.previous)
        return START

    def _files(self) -> list[Path]:
        return [*segments(self.path), self.path]

    @contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        """The growing file, locked; one that was rotated away while it waited is not that file any more."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        while True:
            descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                if self._is_growing(descriptor):
                    yield file
                    return

    def _is_growing(self, descriptor: int) -> bool:
        try:
            return os.path.samestat(os.fstat(descriptor), self.path.stat())
        except FileNotFoundError:
            return False

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
        record, torn = last_record(self.path)
        if torn:
            file.truncate(file.seek(0, os.SEEK_END) - torn)
        older = segments(self.path)
        if record is None and older:
            record, _ = last_record(older[-1])
        if isinstance(record, str):
            raise RefusedError(
                f"the last record of the audit log {self.path} is damaged: {record}",
                hint="datamask audit verify says more; keep the file as evidence, and let `audit:` name a new one",
            )
        return record

    def _check_end(self, last: Record | None) -> None:
        """Refuse to go on where the end was cut off: a new record would cover that up.

        A crash may leave the head's file behind by a record, and a power failure by some, but never ahead.
        """
        head = self._noted_head()
        if head is None or (last is not None and head in (last.hash, last.previous)):
            return
        if any(record.hash == head for record in self.records()):
            return
        raise RefusedError(
            f"records are missing from the audit log {self.path}: it ends before the one that "
            f"{self.head_path.name} names",
            hint="bring the file back; or keep what is left as evidence, and let `audit:` name a new one",
        )


def _result(error: BaseException) -> str:
    """What kind of failure it was: messages of unknown errors may quote data, so none is kept."""
    if isinstance(error, DatamaskError):
        return f"failed: {type(error).__name__}"
    return "interrupted" if isinstance(error, KeyboardInterrupt) else "failed"
