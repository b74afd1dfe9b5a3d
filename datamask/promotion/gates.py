"""The gates of an environment, judged one by one. Pure: the evidence is gathered elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from datamask.config.durations import duration_text


@dataclass(frozen=True, slots=True)
class Candidate:
    """A snapshot as gates see it.

    :param created: UTC, ISO 8601.
    """

    id: str
    digest: str
    plan: str
    policy: str
    created: str


@dataclass(frozen=True, slots=True)
class GateResult:
    """What one gate says.

    :param gate: its key in the configuration; a probe's is ``probes: NAME``.
    :param why: in one sentence, no row values.
    :param hint: what to do where it refuses.
    """

    gate: str
    passed: bool
    why: str
    hint: str | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """What is known of the stage that a snapshot has to come from.

    :param digest: what it holds now by its own mark, None where it says nothing, or could not be asked.
    :param snapshot: the snapshot of that digest, as the mark names it.
    :param admitted: the snapshot that it holds went through the stage's own gates, or the stage has none.
    :param problem: why it could not be asked, else None.
    :param history: the digests that were loaded there by what the audit log says, with the time.
    :param broken: why the audit log is no evidence, else None.
    """

    digest: str | None
    snapshot: str | None
    admitted: bool
    problem: str | None
    history: Mapping[str, str]
    broken: str | None


def judge_verified(candidate: Candidate, files: int, damaged: Sequence[str]) -> GateResult:
    """``verified``: every file is what the manifest says.

    :param files: how many were compared.
    :param damaged: those that differ.
    """
    if not damaged:
        return GateResult("verified", True, f"all {files} files are as they were written")
    shown = ", ".join(damaged[:3]) + (f" and {len(damaged) - 3} more" if len(damaged) > 3 else "")
    return GateResult(
        "verified",
        False,
        f"not as they were written: {shown}",
        f"datamask snapshots verify {candidate.id} shows all; restore the files, or take another snapshot",
    )


def judge_age(candidate: Candidate, limit: timedelta, now: datetime) -> GateResult:
    """``max_age``: the snapshot is no older."""
    age = now - datetime.fromisoformat(candidate.created)
    said = f"it was taken {_age(age)} ago, and {duration_text(limit)} is the limit"
    if age <= limit:
        return GateResult("max_age", True, said)
    return GateResult("max_age", False, said, "take a new snapshot, and let it come by the same way")


def judge_origin(candidate: Candidate, stage: str, held: Held) -> GateResult:
    """``promoted_from``: the stage holds the snapshot, or held it."""
    load_there = f"datamask promote {candidate.id} {stage}"
    if held.digest == candidate.digest:
        if held.admitted:
            return GateResult("promoted_from", True, f"{stage} holds it now, by its own mark")
        return GateResult(
            "promoted_from",
            False,
            f"{stage} holds it, but it did not go through the gates of {stage}",
            f"{load_there}, which goes through them",
        )
    if held.broken is None and candidate.digest in held.history:
        when = held.history[candidate.digest]
        return GateResult("promoted_from", True, f"{stage} held it, loaded at {when} by the audit log")
    if held.problem is not None:
        why = f"{stage} could not be asked ({held.problem})"
    elif held.digest is None:
        why = f"{stage} does not say that it was loaded from any snapshot"
    else:
        why = f"{stage} holds another snapshot ({held.snapshot})"
    if held.broken is not None:
        return GateResult(
            "promoted_from",
            False,
            f"{why}, and the audit log is no evidence: {held.broken}",
            "datamask audit verify says more",
        )
    return GateResult(
        "promoted_from",
        False,
        f"{why}, and no load of this one stands in the audit log",
        f"load it there first: {load_there}",
    )


def judge_policy(candidate: Candidate, accepted: Collection[str]) -> GateResult:
    """``policies``: it is masked by one of these."""
    said = f"it was masked by policy {candidate.policy!r}"
    if candidate.policy in accepted:
        return GateResult("policies", True, said)
    return GateResult(
        "policies",
        False,
        f"{said}, and {', '.join(map(repr, accepted))} would be accepted",
        "take a snapshot with an accepted policy",
    )


def judge_approvals(needed: int, approvers: Sequence[str], problems: Iterable[str], ask: str) -> GateResult:
    """``approvals``: enough people said yes to exactly this.

    :param approvers: of the best request that there is.
    :param problems: what is wrong with approvals that do not count.
    :param ask: how to ask for it, or to go on with a request that is there.
    """
    names = ", ".join(approvers)
    if len(approvers) >= needed:
        return GateResult("approvals", True, f"approved by {names}")
    said = f"{len(approvers)} of {needed} approvals" + (f" ({names})" if names else "")
    return GateResult("approvals", False, "; ".join([said, *problems]), ask)


def _age(age: timedelta) -> str:
    """An age in the unit that fits, rounded down."""
    seconds = max(int(age.total_seconds()), 0)
    for unit, size in (("d", 86_400), ("h", 3_600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"
