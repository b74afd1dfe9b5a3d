"""Plans that people approved: asking for it, the lock that holds them, and what is refused without."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from datamask.approval.files import replace_file, write_request
from datamask.approval.folder import read_case, read_cases, request_path
from datamask.approval.request import Request, make_request
from datamask.approval.rule import Rule
from datamask.approval.standing import Standing, standing
from datamask.commands.approvals import approvals_folder
from datamask.commands.project import Project
from datamask.config.settings import Environment
from datamask.errors import DatamaskError, RefusedError
from datamask.policy.plan import Plan
from datamask.promotion.gates import GateResult
from datamask.promotion.history import revoked_requests
from datamask.promotion.lock import (
    KIND,
    Entry,
    differences,
    listing,
    parse_lock,
    plan_subject,
    render_lock,
)
from datamask.snapshot.manifest import Manifest

_SHOWN_CHANGES = 10


@dataclass(frozen=True, slots=True)
class ProposedPlan:
    """A request that a plan be approved.

    :param columns: how many columns it is about.
    :param changes: what is different from the plan that is approved now; None where none is.
    """

    request: Request
    path: Path
    columns: int
    changes: tuple[str, ...] | None


def lock_path(project: Project) -> Path:
    """The lock of approved plans."""
    return project.settings.root / "policies" / "approved.lock"


def approved_plans(project: Project) -> dict[tuple[str, str], Entry]:
    """The approved plans by source and policy; none where there is no lock.

    :raises PolicyError: the lock is damaged.
    """
    path = lock_path(project)
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise DatamaskError(f"{path} cannot be read: {getattr(error, 'strerror', 'it is no text')}") from None
    return parse_lock(text, str(path))


def propose_plan(
    project: Project,
    environment: Environment,
    plan: Plan,
    *,
    requester: str,
    reason: str,
    valid: timedelta,
    private_key: str,
) -> ProposedPlan:
    """Ask that a plan be approved.

    :param plan: complete, as it compiles now.
    :param private_key: the requester's signing key.
    """
    subject = plan_subject(project.settings.project, environment.name, plan)
    known = approved_plans(project).get((environment.name, plan.policy))
    about = {
        "kind": KIND,
        "environment": environment.name,
        "policy": plan.policy,
        "plan": plan.digest,
        "requester": requester,
        "reason": reason,
    }
    with project.audit().action("approve policy", **about) as written:
        request = make_request(
            KIND, subject, requester=requester, reason=reason, valid=valid, private_key=private_key
        )
        path = request_path(approvals_folder(project), f"{environment.name}-{plan.policy}", request)
        write_request(path, request)
        written["request"] = request.id
    new = listing(plan)
    changes = tuple(differences(known.columns, new)) if known is not None else None
    return ProposedPlan(request, path, sum(len(lines) for lines in new.values()), changes)


def lock_plan(project: Project, request_file: Path) -> Path:
    """Put a plan that enough people approved into the lock, in the place of the one before.

    :param request_file: the request; the approvals beside it go with it.
    """
    case = read_case(request_file)
    path = lock_path(project)
    with _alone(path.parent):
        entries = approved_plans(project)
        entry = Entry(case.request, case.approvals)
        if entries.get(entry.key) != entry:
            try:
                replace_file(path, render_lock([*({**entries, entry.key: entry}).values()]))
            except OSError as error:
                raise DatamaskError(
                    f"{path} cannot be written: {error.strerror}",
                    hint="the approval is there; sign once more when it can be",
                ) from None
    return path


def require_approved_plan(project: Project, environment: Environment, plan: Plan) -> str | None:
    """Refuse a plan that nobody approved, where the environment wants that.

    :returns: the names of who approved it, None where the environment does not want any.
    :raises RefusedError: the plan is not the approved one; the first differences are named.
    """
    if environment.gates is None or not environment.gates.policy_approved:
        return None
    entry = approved_plans(project).get((environment.name, plan.policy))
    ask = f"datamask approve policy {environment.name} --policy FILE --as NAME --key REF --reason TEXT"
    if entry is None:
        raise RefusedError(
            f"policy {plan.policy!r} was never approved for environment {environment.name}, which wants that",
            hint=f"{ask}; then somebody else signs it",
        )
    if entry.plan != plan.digest:
        changes = differences(entry.columns, listing(plan))
        shown = "".join(f"\n  {line}" for line in changes[:_SHOWN_CHANGES])
        if len(changes) > _SHOWN_CHANGES:
            shown += f"\n  … and {len(changes) - _SHOWN_CHANGES} more"
        raise RefusedError(
            f"policy {plan.policy!r} compiles to another plan than the one that was approved for "
            f"environment {environment.name}:{shown or ' the columns are treated alike, their types are not'}",
            hint=f"look at it (datamask check {environment.name} --policy FILE --diff REVISION), then have it "
            f"approved: {ask}",
        )
    found = _standing(project, entry, rule_of(environment))
    if not found.enough:
        raise RefusedError(
            f"the approval of policy {plan.policy!r} for environment {environment.name} does not hold: {_why(found)}",
            hint=ask,
        )
    return ", ".join(found.approvers)


def plan_gate(project: Project, manifest: Manifest, *, now: datetime | None = None) -> GateResult:
    """``policy_approved`` of an environment that is loaded: the snapshot's plan is the approved one."""
    gate = "policy_approved"
    source = manifest.source.environment
    entry = approved_plans(project).get((source, manifest.policy))
    hint = f"have the policy approved (datamask approve policy {source}), and take a snapshot by it"
    if entry is None:
        return GateResult(
            gate, False, f"no plan of policy {manifest.policy!r} for {source} was approved", hint
        )
    if entry.plan != manifest.plan:
        return GateResult(gate, False, "it was masked by another plan than the one that was approved", hint)
    environment = project.settings.environments.get(source)
    found = _standing(project, entry, rule_of(environment), now)
    if not found.enough:
        return GateResult(gate, False, f"the plan's approval does not hold: {_why(found)}", hint)
    return GateResult(gate, True, f"its plan was approved by {', '.join(found.approvers)}")


def rule_of(environment: Environment | None) -> Rule:
    """Whose yes a plan of an environment's data takes."""
    gates = environment.gates if environment is not None else None
    return (gates.approvals if gates is not None else None) or Rule()


def _standing(project: Project, entry: Entry, rule: Rule, now: datetime | None = None) -> Standing:
    """Where an entry of the lock stands: also a revocation that only the folder has voids it."""
    if entry.request.kind != KIND or entry.request.subject.get("project") != project.settings.project:
        return Standing(entry.request, (), (), "it is the approval of something else", False)
    cases, unreadable = read_cases(approvals_folder(project))
    mine = [case for case in cases if case.request.id == entry.request.id]
    found = standing(
        entry.request,
        entry.approvals,
        [revocation for case in mine for revocation in case.revocations],
        project.settings.approvers,
        rule,
        revoked=revoked_requests(project.audit().records()),
        now=now,
    )
    damaged = [item for item in unreadable if entry.request.id[:8] in item.approver]
    if damaged and found.void is None:
        return Standing(entry.request, found.approvers, found.rejected, damaged[0].why, False)
    return found


def _why(found: Standing) -> str:
    if found.void is not None:
        return found.void
    told = [f"that of {item.approver}: {item.why}" for item in found.rejected]
    return "; ".join(told) or "not enough people approved it"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One process at a time reads and replaces the lock."""
    folder.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
