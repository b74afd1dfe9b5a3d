"""``datamask audit``: what was done, and whether the record of it is whole."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from pathlib import Path

from datamask.audit.record import Breach, Record
from datamask.commands.project import Project


@dataclass(frozen=True, slots=True)
class AuditCheck:
    """The chain, looked at record by record.

    :param path: the log; where it is broken, the one of its files that is.
    :param records: how many hold.
    :param head: the hash of the last of them: note it elsewhere, and a later check can ask for it.
    :param anchor: what it was compared with, None where there is no anchor.
    :param anchored: how many records were.
    """

    path: Path
    records: int
    head: str
    breach: Breach | None
    anchor: Path | None = None
    anchored: int = 0


@dataclass(frozen=True, slots=True)
class Rotated:
    """A log that goes on in a new file.

    :param old: what the file before is called now, None where nothing was in it.
    """

    path: Path
    old: Path | None


def last_records(project: Project, count: int) -> tuple[Record, ...]:
    """The newest records, the oldest of them first."""
    return tuple(deque(project.audit().records(), maxlen=count))


def verify_audit(
    project: Project, head: str | None = None, *, anchor: Path | None = None, after: str | None = None
) -> AuditCheck:
    """Check the whole chain; a breach is a result, not an exception.

    :param head: the hash of a record that must be there.
    :param anchor: the anchor to compare with, by default the configured one.
    :param after: the hash of the last record that was taken away on purpose.
    :raises UsageError: there is no anchor to read.
    """
    log = project.audit()
    compared = anchor
    if compared is None and log.anchor is not None and (log.anchor.exists() or log.path.exists()):
        # Configured, written to with every record, and gone: that is worth an error.
        compared = log.anchor
    verdict = log.verify(head, after=after, anchor=compared)
    return AuditCheck(verdict.file, verdict.records, verdict.head, verdict.breach, compared, verdict.anchored)


def rotate_audit(project: Project) -> Rotated:
    """Let the log go on in a new file; who rotated it is the last thing that the old one says."""
    log = project.audit()
    with log.action("audit rotate") as known:
        old = log.rotate()
        known["file"] = old.name if old is not None else None
    return Rotated(log.path, old)
