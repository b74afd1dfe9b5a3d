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

    :param records: how many hold.
    :param head: the hash of the last of them: note it elsewhere, and a later check can ask for it.
    """

    path: Path
    records: int
    head: str
    breach: Breach | None


def last_records(project: Project, count: int) -> tuple[Record, ...]:
    """The newest records, the oldest of them first."""
    return tuple(deque(project.audit().records(), maxlen=count))


def verify_audit(project: Project, head: str | None = None) -> AuditCheck:
    """Check the whole chain; a breach is a result, not an exception.

    :param head: the hash of a record that must be there.
    """
    log = project.audit()
    records, last, breach = log.verify(head)
    return AuditCheck(log.path, records, last, breach)
