"""``datamask approve``: one person asks, another one says yes, anyone of them takes it back."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from datamask.approval.files import (
    read_approval,
    read_request,
    write_approval,
    write_request,
    write_revocation,
)
from datamask.approval.folder import approval_path, find_request, request_path, revocation_path
from datamask.approval.request import (
    Approval,
    Request,
    Revocation,
    approve_request,
    check_approval,
    check_request,
    make_request,
    public_key,
    revoke_request,
)
from datamask.approval.signature import new_signing_key, public_half
from datamask.audit.record import Detail
from datamask.commands.approvals import PROMOTE, approvals_folder, promotion_subject, show_case
from datamask.commands.plan_approval import lock_plan
from datamask.commands.project import Project
from datamask.commands.stage import snapshot_for
from datamask.config.secrets import SecretRef
from datamask.errors import RefusedError, UsageError
from datamask.promotion.history import REVOKE
from datamask.promotion.lock import KIND as POLICY

# What a record says of a request's subject, where it has it.
_ABOUT = ("environment", "snapshot", "digest", "policy", "plan", "column")


@dataclass(frozen=True, slots=True)
class NewSigningKey:
    """A person's key that was just made.

    :param public: for ``approvers:`` in datamask.yaml.
    """

    public: str
    path: Path


@dataclass(frozen=True, slots=True)
class AskedFor:
    """A request that was written."""

    request: Request
    path: Path


@dataclass(frozen=True, slots=True)
class Approved:
    """A request, and the approval of it that was written.

    :param already: True where the same person had approved it before.
    :param needed: how many must approve it, None where only this approval's file counts.
    :param approvers: who has by now.
    :param lock: the lock that the plan stands in now, None where it is about none, or others must approve it too.
    """

    request: Request
    approval: Approval
    path: Path
    already: bool = False
    needed: int | None = None
    approvers: tuple[str, ...] = ()
    lock: Path | None = None


@dataclass(frozen=True, slots=True)
class Revoked:
    """A request that is good for nothing any more."""

    request: Request
    revocation: Revocation
    path: Path


def new_key(path: Path) -> NewSigningKey:
    """Make a person's signing key and write the private half to a file that only its owner can read.

    :raises UsageError: there is such a file, or it cannot be written.
    """
    private, public = new_signing_key()
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(private + "\n")
    except FileExistsError:
        raise UsageError(f"{path} is there already", hint="name another file") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None
    return NewSigningKey(public, path)


def ask_to_promote(
    project: Project,
    reference: str,
    environment_name: str,
    *,
    requester: str,
    reason: str,
    valid: timedelta,
    signing_key: SecretRef,
) -> AskedFor:
    """Ask that a snapshot may go into an environment.

    :param requester: one of the configured approvers, who signs with the key.
    """
    environment = project.environment(environment_name)
    manifest = snapshot_for(project, reference, environment)
    private = own_key(project, requester, signing_key)
    about: dict[str, Detail] = {
        "kind": PROMOTE,
        "environment": environment.name,
        "snapshot": manifest.id,
        "digest": manifest.digest,
        "plan": manifest.plan,
        "requester": requester,
        "reason": reason,
    }
    with project.audit().action("approve request", **about) as known:
        request = make_request(
            PROMOTE,
            promotion_subject(project, environment.name, manifest),
            requester=requester,
            reason=reason,
            valid=valid,
            private_key=private,
        )
        path = request_path(approvals_folder(project), environment.name, request)
        write_request(path, request)
        known["request"] = request.id
    return AskedFor(request, path)


def approve(
    project: Project, reference: str, *, approver: str, signing_key: SecretRef, out: Path | None = None
) -> Approved:
    """Approve a request. Who has approved it before may do so again; nothing changes.

    :param reference: the request's file, or the beginning of its id.
    :param approver: one of the configured approvers, who signs with the key, and not who asks.
    :param out: the approval's file, by default beside the request.
    :raises RefusedError: the request does not hold, or the key is somebody else's.
    """
    file = find_request(approvals_folder(project), reference)
    request = read_request(file)
    people = project.settings.approvers
    path = out or _approval_file(file, approver)
    details: dict[str, Detail] = {
        "request": request.id,
        "kind": request.kind,
        "requester": request.requester,
        "approver": approver,
        "expires": request.expires,
    }
    subject = ((name, request.subject.get(name)) for name in _ABOUT)
    details |= {name: value for name, value in subject if isinstance(value, str)}
    with project.audit().action("approve", **details):
        private = own_key(project, approver, signing_key)
        if request.kind in (PROMOTE, POLICY):
            case = show_case(project, str(file))
            rule = case.rule
            if case.standing.void is not None:
                raise RefusedError(f"the request is void: {case.standing.void}", hint="it must be made again")
            if rule.people is not None and approver not in rule.people:
                raise RefusedError(
                    f"only {', '.join(rule.people)} may approve this, by the environment's gates"
                )
            not_requester = rule.not_requester
        else:
            check_request(request, people)
            not_requester = True
        approval = approve_request(request, approver=approver, private_key=private)
        check_approval(request, approval, people, not_requester=not_requester)
        already = request.kind in (PROMOTE, POLICY) and path.is_file()
        if already:
            approval = read_approval(path)
            check_approval(request, approval, people, not_requester=not_requester)
        else:
            write_approval(path, approval)
        if request.kind not in (PROMOTE, POLICY):
            return Approved(request, approval, path)
        case = show_case(project, str(file))
        # Also where the approval was there before: a crash may have come between the two.
        lock = lock_plan(project, file) if request.kind == POLICY and case.standing.enough else None
    return Approved(request, approval, path, already, case.rule.count, case.standing.approvers, lock)


def revoke(project: Project, reference: str, *, revoker: str, reason: str, signing_key: SecretRef) -> Revoked:
    """End a request and all approvals of it, at once and for good.

    Any of the approvers may: taking back a permission takes one person, giving it takes two.
    """
    file = find_request(approvals_folder(project), reference)
    request = read_request(file)
    public_key(project.settings.approvers, revoker)
    details = {"request": request.id, "kind": request.kind, "revoker": revoker, "reason": reason}
    with project.audit().action(REVOKE, **details):
        private = own_key(project, revoker, signing_key)
        revocation = revoke_request(request, revoker=revoker, reason=reason, private_key=private)
        path = revocation_path(file, revoker)
        write_revocation(path, revocation)
    return Revoked(request, revocation, path)


def own_key(project: Project, name: str, signing_key: SecretRef) -> str:
    """The private key of one of the configured people.

    :raises RefusedError: it is somebody else's.
    """
    private = signing_key.resolve_text().strip()
    if public_half(private) != public_key(project.settings.approvers, name):
        raise RefusedError(f"the signing key is not {name}'s, by approvers.{name} of datamask.yaml")
    return private


def _approval_file(request_file: Path, approver: str) -> Path:
    """Several people approve what stands in the project's folder; a request that is sent around has one answer."""
    if request_file.name.endswith(".request.json"):
        return approval_path(request_file, approver)
    return request_file.with_name(f"{request_file.name}.approval")
