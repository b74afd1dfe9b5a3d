"""The evidence that gates ask for: of the snapshot, the stage that it comes from, and the people who approve."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from datamask.approval.rule import Rule
from datamask.commands.approvals import approvals_gate
from datamask.commands.env import standing_conninfo
from datamask.commands.plan_approval import plan_gate
from datamask.commands.project import Project
from datamask.commands.snapshots import verify_snapshot
from datamask.commands.stage import held_by
from datamask.config.gates import Gates, Probe
from datamask.config.settings import Environment
from datamask.db.session import connect
from datamask.errors import DatamaskError
from datamask.promotion.gates import (
    Candidate,
    GateResult,
    Held,
    judge_age,
    judge_origin,
    judge_policy,
    judge_verified,
)
from datamask.promotion.probe import is_expected
from datamask.snapshot.manifest import Manifest

# A probe is a health check, not a report.
_PROBE_SECONDS = 30


def judge(
    project: Project, environment: Environment, manifest: Manifest, *, now: datetime | None = None
) -> tuple[GateResult, ...]:
    """Every gate of an environment, whatever the others say; changes nothing.

    :param now: decides what is too old; by default the time it is.
    """
    gates = environment.gates or Gates()
    moment = now or datetime.now(UTC)
    candidate = Candidate(manifest.id, manifest.digest, manifest.plan, manifest.policy, manifest.created)
    results: list[GateResult] = []
    if gates.verified:
        results.append(_asked("verified", lambda: _verified(project, candidate)))
    if gates.max_age is not None:
        results.append(judge_age(candidate, gates.max_age, moment))
    if gates.promoted_from is not None:
        stage = project.environment(gates.promoted_from)
        held = held_by(project, stage)
        results.append(judge_origin(candidate, stage.name, held))
        results += [_probed(project, stage, probe, candidate, held) for probe in gates.probes]
        if gates.drift is not None:
            results.append(_asked("drift", lambda: _drift(project, stage, candidate, held)))
    if gates.policies is not None:
        results.append(judge_policy(candidate, gates.policies))
    if gates.policy_approved:
        results.append(_asked("policy_approved", lambda: plan_gate(project, manifest, now=moment)))
    if gates.approvals is not None:
        rule: Rule = gates.approvals
        results.append(
            _asked("approvals", lambda: approvals_gate(project, environment.name, manifest, rule, now=moment))
        )
    return tuple(results)


def _asked(gate: str, judged: Callable[[], GateResult]) -> GateResult:
    """A verdict; a gate that cannot be asked refuses, and says why."""
    try:
        return judged()
    except DatamaskError as error:
        return GateResult(gate, False, error.message, error.hint)


def _verified(project: Project, candidate: Candidate) -> GateResult:
    found = verify_snapshot(project, candidate.id)
    return judge_verified(candidate, found.files, [f"{item.path} ({item.problem})" for item in found.damage])


def _probed(
    project: Project, stage: Environment, probe: Probe, candidate: Candidate, held: Held
) -> GateResult:
    gate = f"probes: {probe.name}"
    if held.digest != candidate.digest:
        return _not_there(gate, stage, candidate)
    return _asked(gate, lambda: _run_probe(project, stage, probe, gate))


def _run_probe(project: Project, stage: Environment, probe: Probe, gate: str) -> GateResult:
    with connect(standing_conninfo(project, stage), read_only=True) as session:
        session.script(f"BEGIN READ ONLY; SET LOCAL statement_timeout = '{_PROBE_SECONDS}s'")
        row = session.row(probe.sql)
    # The value itself is a row's, and stays in the database.
    if row is None:
        why = f"in {stage.name} the query gives no row"
    elif is_expected(row[0], probe.expect):
        return GateResult(gate, True, f"{stage.name} gives what is expected")
    else:
        why = f"{stage.name} gives another value than what is expected"
    return GateResult(gate, False, why, f"run the query in {stage.name} and look at it")


def _drift(project: Project, stage: Environment, candidate: Candidate, held: Held) -> GateResult:
    """The stage's schema, compared with the snapshot's own."""
    from datamask.commands.drift import DriftRequest, drift

    if held.digest != candidate.digest:
        return _not_there("drift", stage, candidate)
    found = drift(project, stage.name, DriftRequest(against=candidate.id))
    if found.clean:
        return GateResult("drift", True, f"the schema of {stage.name} is as it was loaded")
    objects = len({(item.kind, item.name) for item in found.differences})
    return GateResult(
        "drift",
        False,
        f"the schema of {stage.name} is not as it was loaded: {objects} "
        f"object{'s differ' if objects != 1 else ' differs'}",
        f"datamask drift {stage.name} --against {candidate.id} shows what; then datamask reset {stage.name}",
    )


def _not_there(gate: str, stage: Environment, candidate: Candidate) -> GateResult:
    return GateResult(
        gate,
        False,
        f"not run: {stage.name} does not hold the snapshot now, so it would tell of another one",
        f"datamask promote {candidate.id} {stage.name}",
    )
