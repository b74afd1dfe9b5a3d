"""The project's requests and approvals: where each stands, and whether a snapshot may be promoted by them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from datamask.approval.folder import FOLDER, Case, find_request, read_case, read_cases
from datamask.approval.rule import Rule
from datamask.approval.standing import Rejected, Standing, standing
from datamask.commands.project import Project
from datamask.promotion.gates import GateResult, judge_approvals
from datamask.promotion.history import revoked_requests
from datamask.snapshot.manifest import Manifest

PROMOTE = "promote"
"""The kind of a request that a snapshot be promoted."""


@dataclass(frozen=True, slots=True)
class CaseStanding:
    """A request of the project and where it stands.

    :param rule: whose yes it takes by what the configuration says now.
    """

    path: Path
    standing: Standing
    rule: Rule

    @property
    def state(self) -> str:
        """``approved``, ``open`` or ``void``."""
        if self.standing.void is not None:
            return "void"
        return "approved" if self.standing.enough else "open"


@dataclass(frozen=True, slots=True)
class CaseList:
    """The project's requests, the oldest first.

    :param unreadable: files that say nothing, and why.
    """

    folder: Path
    cases: tuple[CaseStanding, ...]
    unreadable: tuple[Rejected, ...]


def approvals_folder(project: Project) -> Path:
    """Where the project's requests and approvals are."""
    return project.settings.root / FOLDER


def list_cases(project: Project) -> CaseList:
    """Every request of the project."""
    folder = approvals_folder(project)
    cases, unreadable = read_cases(folder)
    revoked = revoked_requests(project.audit().records())
    return CaseList(folder, tuple(_stands(project, case, revoked) for case in cases), tuple(unreadable))


def show_case(project: Project, reference: str) -> CaseStanding:
    """One request.

    :param reference: its file, or the beginning of its id.
    """
    case = read_case(find_request(approvals_folder(project), reference))
    return _stands(project, case, revoked_requests(project.audit().records()))


def rule_for(project: Project, case: Case) -> Rule:
    """Whose yes a request takes: what the gates of its environment say, else one other person's."""
    name = case.request.subject.get("environment")
    environment = project.settings.environments.get(name) if isinstance(name, str) else None
    gates = environment.gates if environment is not None else None
    return (gates.approvals if gates is not None else None) or Rule()


def promotion_subject(project: Project, environment: str, manifest: Manifest) -> dict[str, object]:
    """What a request to promote a snapshot is about, and an approval of it is bound to."""
    return {
        "project": project.settings.project,
        "environment": environment,
        "snapshot": manifest.id,
        "digest": manifest.digest,
        "plan": manifest.plan,
    }


def approvals_gate(
    project: Project, environment: str, manifest: Manifest, rule: Rule, *, now: datetime | None = None
) -> GateResult:
    """Whether enough people approved that this snapshot goes into this environment."""
    cases, unreadable = read_cases(approvals_folder(project))
    revoked = revoked_requests(project.audit().records())
    subject = promotion_subject(project, environment, manifest)
    ask = f"datamask approve request {manifest.id} {environment} --as NAME --key REF --reason TEXT"
    problems = [f"{item.approver} cannot be read" for item in unreadable]
    asked = [case for case in cases if case.request.kind == PROMOTE]
    same = [case for case in asked if dict(case.request.subject) == subject]
    if not same:
        if any(case.request.subject.get("environment") == environment for case in asked):
            problems.append(f"what was asked for {environment} is about other snapshots")
        return judge_approvals(rule.count, (), ["nobody has asked for this one", *problems], ask)
    found = [
        (
            standing(
                case.request,
                case.approvals,
                case.revocations,
                project.settings.approvers,
                rule,
                revoked=revoked,
                now=now,
            ),
            case,
        )
        for case in same
    ]
    best, case = max(found, key=lambda item: (item[0].void is None, len(item[0].approvers)))
    if best.void is not None:
        return judge_approvals(rule.count, (), [best.void, *problems], ask)
    problems += [f"that of {item.approver} does not count: {item.why}" for item in best.rejected]
    sign = f"datamask approve sign {_shown(project, case.path)} --as NAME --key REF"
    return judge_approvals(rule.count, best.approvers, problems, sign)


def _stands(project: Project, case: Case, revoked: set[str]) -> CaseStanding:
    rule = rule_for(project, case)
    found = standing(
        case.request,
        case.approvals,
        case.revocations,
        project.settings.approvers,
        rule,
        revoked=revoked,
    )
    return CaseStanding(case.path, found, rule)


def _shown(project: Project, path: Path) -> str:
    root = project.settings.root
    return str(path.relative_to(root)) if path.is_relative_to(root) else str(path)
