"""``audit``, ``approve``, ``reveal`` and ``key rotate``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datamask.report.json_text import Object
from datamask.report.style import Style
from datamask.report.table import Head, printable, render
from datamask.report.units import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from datamask.audit.record import Record
    from datamask.commands.approve import Approved
    from datamask.commands.audit import AuditCheck
    from datamask.commands.key import Rotation
    from datamask.commands.reveal import Asked

_LOG = (
    Head("", right=True),
    Head("time"),
    Head("who"),
    Head("action"),
    Head("result"),
    Head("about", wrap=True),
)


def log_json(records: Sequence[Record]) -> Object:
    """Records of the audit log."""
    return {
        "records": [
            {
                "number": record.number,
                "time": record.time,
                "action": record.action,
                "phase": record.phase,
                "who": dict(record.who),
                "details": dict(record.details),
                "hash": record.hash,
            }
            for record in records
        ]
    }


def log_text(records: Sequence[Record]) -> str:
    """A line a record."""
    if not records:
        return "nothing was written down yet"
    rows = [
        [
            str(record.number),
            record.time[:19] + "Z",
            f"{record.who.get('user')}@{record.who.get('host')}",
            record.action,
            str(record.details.get("result", "begins")),
            ", ".join(f"{name} {value}" for name, value in record.details.items() if name != "result"),
        ]
        for record in records
    ]
    return render(_LOG, [[printable(cell) for cell in row] for row in rows])


def check_json(result: AuditCheck) -> Object:
    """Whether the chain holds."""
    breach = result.breach
    return {
        "path": str(result.path),
        "intact": breach is None,
        "records": result.records,
        "head": result.head,
        "breach": None if breach is None else {"line": breach.line, "reason": breach.reason},
    }


def check_text(result: AuditCheck, style: Style) -> str:
    """Whether the chain holds, in a sentence or two."""
    if result.breach is not None:
        return (
            f"{style.bad('✗')} {result.path}:{result.breach.line}: {result.breach.reason}\n"
            f"{count(result.records, 'record')} before it hold"
        )
    return f"{style.good('✓')} {count(result.records, 'record')} hold; the last one is {result.head}"


def approved_json(result: Approved) -> Object:
    """An approval."""
    return {
        "path": str(result.path),
        "request": result.request.id,
        "kind": result.request.kind,
        "requester": result.request.requester,
        "approver": result.approval.approver,
        "expires": result.request.expires,
    }


def approved_text(result: Approved) -> str:
    """What was approved, and where the approval is."""
    request = result.request
    return (
        f"approved: {request.requester} may {request.kind} {request.subject.get('column', '')} until {request.expires}\n"
        f"reason: {request.reason}\n"
        f"the approval is in {result.path}: give it back to {request.requester}"
    )


def request_json(result: Asked) -> Object:
    """A request."""
    request = result.request
    return {
        "path": str(result.path),
        "request": request.id,
        "kind": request.kind,
        "requester": request.requester,
        "expires": request.expires,
    }


def request_text(result: Asked) -> str:
    """What to do with the request."""
    return (
        f"the request is in {result.path}; it holds until {result.request.expires}\n"
        f"give it to somebody of approvers: datamask approve sign {result.path} --as NAME --key REF"
    )


def rotation_json(result: Rotation) -> Object:
    """What a rotation did."""
    return {
        "old_key_id": result.old_id,
        "key_id": result.new_id,
        "reference": result.reference,
        "stored": result.key is None,
        "key": result.key,
        "old_key": result.kept,
        "snapshots": result.snapshots,
    }


def rotation_text(result: Rotation) -> str:
    """What a rotation did, and what is left to do."""
    if result.key is not None:
        return result.key
    return (
        f"key {result.new_id} is in place at {result.reference}; key {result.old_id} is kept at {result.kept}\n"
        f"{count(result.snapshots, 'snapshot')} with the old key's pseudonyms can be loaded as ever; "
        "new ones are not comparable with them"
    )
