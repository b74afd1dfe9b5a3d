"""What an audit log's records mean for the registry. Pure.

The log is the spool: every verb that changes something writes it, on the disk and under a lock, whether or not
a registry can be reached. Whoever opens the registry next brings it up to date from there, so that no verb but
those that need it pays for a database's driver.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import get_args

from datamask.audit.record import Detail, Record
from datamask.registry.model import (
    ENDED,
    ApprovalGiven,
    Load,
    Promotion,
    Run,
    RunState,
    RunStep,
    SnapshotTaken,
    StepState,
)

SNAPSHOT = "snapshot"
LOADS = ("load", "reset", "reset undo", "promote", "seed")
RUN = "run"
GATES = "gates"
APPROVE = "approve"

_DONE = "done"
_STEP_STATES: tuple[str, ...] = get_args(StepState)


@dataclass(slots=True)
class Told:
    """What records told.

    :param last: the last record, None where there was none.
    """

    snapshots: list[SnapshotTaken] = field(default_factory=list)
    loads: list[Load] = field(default_factory=list)
    runs: list[Run] = field(default_factory=list)
    promotions: list[Promotion] = field(default_factory=list)
    approvals: list[ApprovalGiven] = field(default_factory=list)
    last: Record | None = None


def told_by(records: Iterable[Record], project: str) -> Told:
    """What records say; intents and failures say nothing that counts."""
    told = Told()
    for record in records:
        told.last = record
        if record.phase != "outcome":
            continue
        if record.action == RUN:
            run = _run(record, project)
            if run is not None:
                told.runs.append(run)
        elif record.details.get("result") == _DONE:
            if record.action == SNAPSHOT:
                told.snapshots.append(_snapshot(record, project))
            elif record.action in LOADS:
                told.loads.append(_load(record, project))
            elif record.action == GATES and not record.details.get("refused"):
                told.promotions.append(_promotion(record, project))
            elif record.action == APPROVE and "environment" in record.details:
                told.approvals.append(_approval(record, project))
    return told


def step_line(step: RunStep) -> str:
    """A step as the audit record of its run holds it: number, state, seconds, snapshot, label."""
    seconds = "-" if step.seconds is None else f"{step.seconds:.3f}"
    return f"{step.number} {step.state} {seconds} {step.snapshot or '-'} {step.label}"


def parse_step_line(line: str) -> RunStep | None:
    """A step from ``step_line``; None where it is none."""
    parts = line.split(" ", 4)
    if len(parts) != 5 or not parts[0].isdecimal() or parts[1] not in _STEP_STATES:
        return None
    state: StepState = parts[1]  # type: ignore[assignment]
    try:
        seconds = None if parts[2] == "-" else float(parts[2])
    except ValueError:
        return None
    return RunStep(
        int(parts[0]), parts[4], state, seconds=seconds, snapshot=None if parts[3] == "-" else parts[3]
    )


def _snapshot(record: Record, project: str) -> SnapshotTaken:
    details = record.details
    return SnapshotTaken(
        record=record.hash,
        project=project,
        snapshot=_text(details, "snapshot") or "",
        digest=_text(details, "digest") or "",
        environment=_text(details, "environment") or "",
        policy=_text(details, "policy") or "",
        plan=_text(details, "plan") or "",
        rows=_whole(details, "rows"),
        seconds=_number(details, "seconds"),
        time=datetime.fromisoformat(record.time),
        user=_text(record.who, "user") or "",
        host=_text(record.who, "host") or "",
    )


def _load(record: Record, project: str) -> Load:
    details = record.details
    return Load(
        record=record.hash,
        project=project,
        environment=_text(details, "environment") or "",
        action=record.action,
        snapshot=_text(details, "snapshot"),
        digest=_text(details, "digest"),
        policy=_text(details, "policy"),
        strategy=_text(details, "strategy"),
        seconds=_number(details, "seconds"),
        time=datetime.fromisoformat(record.time),
        user=_text(record.who, "user") or "",
        host=_text(record.who, "host") or "",
    )


def _promotion(record: Record, project: str) -> Promotion:
    details = record.details
    return Promotion(
        id=record.hash,
        project=project,
        environment=_text(details, "environment") or "",
        snapshot=_text(details, "snapshot") or "",
        digest=_text(details, "digest") or "",
        plan=_text(details, "plan") or "",
        source=_text(details, "from"),
        time=datetime.fromisoformat(record.time),
        user=_text(record.who, "user") or "",
        host=_text(record.who, "host") or "",
    )


def _approval(record: Record, project: str) -> ApprovalGiven:
    details = record.details
    time = datetime.fromisoformat(record.time)
    expires = _text(details, "expires")
    return ApprovalGiven(
        request=_text(details, "request") or "",
        approver=_text(details, "approver") or "",
        project=project,
        kind=_text(details, "kind") or "",
        environment=_text(details, "environment") or "",
        digest=_text(details, "digest"),
        plan=_text(details, "plan"),
        expires=datetime.fromisoformat(expires) if expires else time,
        time=time,
    )


def _run(record: Record, project: str) -> Run | None:
    details = record.details
    run_id, job, began = (_text(details, key) for key in ("run", "job", "began"))
    if run_id is None or job is None or began is None:
        return None
    said = _text(details, "state")
    state: RunState = next((known for known in ENDED if known == said), "failed")
    lines = details.get("steps")
    steps = [parse_step_line(line) for line in lines] if isinstance(lines, list) else []
    return Run(
        id=run_id,
        project=project,
        job=job,
        state=state,
        began=datetime.fromisoformat(began),
        host=_text(record.who, "host") or "",
        user=_text(record.who, "user") or "",
        process=_whole(record.who, "process") or 0,
        ended=datetime.fromisoformat(record.time),
        seconds=_number(details, "seconds"),
        exit_code=_whole(details, "exit_code"),
        problem=_text(details, "problem"),
        steps=tuple(step for step in steps if step is not None),
    )


def _text(details: Mapping[str, Detail], key: str) -> str | None:
    value = details.get(key)
    return value if isinstance(value, str) else None


def _whole(details: Mapping[str, Detail], key: str) -> int | None:
    value = details.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(details: Mapping[str, Detail], key: str) -> float | None:
    value = details.get(key)
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
