"""What the registry holds, as plain values; nothing here knows of a database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

RunState = Literal["running", "succeeded", "failed", "interrupted", "crashed"]
StepState = Literal["waiting", "running", "succeeded", "failed", "interrupted", "crashed"]

ENDED: tuple[RunState, ...] = ("succeeded", "failed", "interrupted", "crashed")


@dataclass(frozen=True, slots=True)
class RunStep:
    """One step of a run.

    :param number: its place in the job, from 1.
    :param label: as people name it: ``load staging``.
    :param attempts: how often it was tried.
    :param problem: why it failed, without a value; None where it did not.
    :param snapshot: the snapshot that it took, verified or loaded.
    """

    number: int
    label: str
    state: StepState = "waiting"
    began: datetime | None = None
    seconds: float | None = None
    attempts: int = 0
    exit_code: int | None = None
    problem: str | None = None
    snapshot: str | None = None
    rows: int | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of a job.

    :param id: sorts by time.
    :param began: UTC, as all times here.
    :param exit_code: of the first failure, 0 for none, None while it runs.
    :param steps: in their order; those before ``--from`` are missing.
    """

    id: str
    project: str
    job: str
    state: RunState
    began: datetime
    host: str
    user: str
    process: int
    ended: datetime | None = None
    seconds: float | None = None
    exit_code: int | None = None
    problem: str | None = None
    steps: tuple[RunStep, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class SnapshotTaken:
    """A snapshot that was published.

    :param record: the hash of the audit record that says so.
    :param environment: its source.
    """

    record: str
    project: str
    snapshot: str
    digest: str
    environment: str
    policy: str
    plan: str
    rows: int | None
    seconds: float | None
    time: datetime
    user: str
    host: str


@dataclass(frozen=True, slots=True)
class Load:
    """An environment's database that was replaced.

    :param record: the hash of the audit record that says so.
    :param action: ``load``, ``reset``, ``reset undo``, ``promote`` or ``seed``.
    :param snapshot: what it holds since; None where an undo brought back what was never loaded.
    """

    record: str
    project: str
    environment: str
    action: str
    snapshot: str | None
    digest: str | None
    policy: str | None
    strategy: str | None
    seconds: float | None
    time: datetime
    user: str
    host: str


@dataclass(frozen=True, slots=True)
class Promotion:
    """A digest that went through an environment's gates.

    :param id: of whoever records it; recording it twice is recording it once.
    :param source: the environment that it came from, None where no gate asked for one.
    """

    id: str
    project: str
    environment: str
    snapshot: str
    digest: str
    plan: str
    source: str | None
    time: datetime
    user: str
    host: str


@dataclass(frozen=True, slots=True)
class ApprovalGiven:
    """Somebody's yes, as it was recorded; its signature, in its file, is what counts.

    :param request: the request's id.
    :param environment: the environment that it is for.
    """

    request: str
    approver: str
    project: str
    kind: str
    environment: str
    digest: str | None
    plan: str | None
    expires: datetime
    time: datetime


@dataclass(frozen=True, slots=True)
class AuditHead:
    """How far an audit log had come when the registry last read it.

    :param number: of its last record.
    :param hash: of that record; a log without it was cut off or written anew.
    """

    project: str
    host: str
    path: str
    number: int
    hash: str
    time: datetime
