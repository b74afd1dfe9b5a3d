"""The registry brought up to date from an audit log."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from itertools import dropwhile
from pathlib import Path

from datamask.audit.log import AuditLog
from datamask.audit.record import Detail
from datamask.errors import DatamaskError, RefusedError
from datamask.registry.audited import told_by
from datamask.registry.model import AuditHead
from datamask.registry.records import Registry, open_registry


def ingest(registry: Registry, log: AuditLog) -> tuple[str, ...]:
    """Record what an audit log has told since it was last read.

    :returns: warnings: a log that does not go on from what the registry has seen was cut off or replaced.
    """
    host = socket.gethostname()
    known = registry.audit_head(host, log.path)
    records = log.records()
    warnings: tuple[str, ...] = ()
    if known is not None:
        number = known.number
        first = next(dropwhile(lambda record: record.number < number, records), None)
        if first is None or first.hash != known.hash:
            warnings = (
                f"the audit log {log.path} does not have record {number} as the registry has seen it: "
                "it was cut off, or is another one",
            )
            records = log.records()
    told = told_by(records, registry.project)
    if told.last is not None:
        # How far it was read comes last: what is not recorded by then is read again.
        for promotion in told.promotions:
            registry.record_promotion(promotion)
        for approval in told.approvals:
            registry.record_approval(approval)
        head = AuditHead(
            registry.project, host, str(log.path), told.last.number, told.last.hash, datetime.now(UTC)
        )
        registry.record_audited(head, snapshots=told.snapshots, loads=told.loads, runs=told.runs)
    return warnings


class RecordedLog(AuditLog):
    """An audit log whose every action is recorded in a registry, or not done.

    :param place: the registry, as ``open_registry`` takes it.
    :param project: the project's name.
    """

    def __init__(
        self, path: Path, place: Path | str, project: str, *, anchor: Path | None, syslog: str | None
    ) -> None:
        super().__init__(path, anchor=anchor, syslog=syslog)
        self._place = place
        self._project = project

    @contextmanager
    def action(self, name: str, **details: Detail) -> Iterator[dict[str, Detail]]:
        """As ``AuditLog.action``, with the registry reached before it begins, and told of it behind.

        :raises RefusedError: the registry cannot be written.
        """
        registry = open_required(self._place, self._project)
        try:
            ingest(registry, self)
        except DatamaskError as error:
            raise _refusal(error) from None
        try:
            with super().action(name, **details) as known:
                yield known
        finally:
            # It is done and stands in the log: one that is out of reach by now reads it later.
            with suppress(DatamaskError):
                ingest(registry, self)


def open_required(place: Path | str, project: str) -> Registry:
    """Open a registry that must be there.

    :raises RefusedError: it cannot be used.
    """
    try:
        return open_registry(place, project)
    except DatamaskError as error:
        raise _refusal(error) from None


def _refusal(error: DatamaskError) -> RefusedError:
    return RefusedError(
        f"{error.message}; it is required, so nothing was done",
        hint=error.hint or "mend it, or take `registry.required` out of datamask.yaml",
    )
