"""``audit``, ``reveal`` and ``key rotate``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from datamask.report.json_text import Object
from datamask.report.style import Style
from datamask.report.table import Head, printable, render
from datamask.report.units import count

if TYPE_CHECKING:
    from collections.abc import Sequence

    from datamask.audit.record import Detail, Record
    from datamask.commands.audit import AuditCheck, Rotated
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

_HASH = re.compile(r"[0-9a-f]{64}")
_SHOWN_OF_A_HASH = 12


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
            ", ".join(f"{name} {_said(value)}" for name, value in record.details.items() if name != "result"),
        ]
        for record in records
    ]
    return render(_LOG, [[printable(cell) for cell in row] for row in rows])


def _said(value: Detail) -> str:
    """A detail as a part of a line: whole hashes are for programs."""
    if isinstance(value, list):
        return "(" + ", ".join(value) + ")"
    text = str(value)
    return f"{text[:_SHOWN_OF_A_HASH]}…" if _HASH.fullmatch(text) else text


def check_json(result: AuditCheck) -> Object:
    """Whether the chain holds."""
    breach = result.breach
    return {
        "path": str(result.path),
        "intact": breach is None,
        "records": result.records,
        "head": result.head,
        "anchor": None if result.anchor is None else str(result.anchor),
        "anchored": result.anchored,
        "breach": None if breach is None else {"line": breach.line, "reason": breach.reason},
    }


def check_text(result: AuditCheck, style: Style) -> str:
    """Whether the chain holds, in a sentence or two."""
    if result.breach is not None:
        return (
            f"{style.bad('✗')} {result.path}:{result.breach.line}: {result.breach.reason}\n"
            f"{count(result.records, 'record')} before it hold"
        )
    lines = [f"{style.good('✓')} {count(result.records, 'record')} hold; the last one is {result.head}"]
    if result.anchor is not None:
        lines.append(f"{result.anchored} of them are as {result.anchor} noted them")
    return "\n".join(lines)


def rotated_json(result: Rotated) -> Object:
    """The files."""
    return {"path": str(result.path), "rotated": None if result.old is None else str(result.old)}


def rotated_text(result: Rotated) -> str:
    """Where the records are now."""
    if result.old is None:
        return "nothing was written down yet"
    return f"records up to now are in {result.old}; the log goes on in {result.path}"


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
