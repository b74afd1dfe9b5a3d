"""Where a request stands: who said yes to it, whether that is enough, and what voids it. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from datamask.approval.request import (
    Approval,
    Request,
    Revocation,
    check_approval,
    check_request,
    check_revocation,
    public_key,
)
from datamask.approval.rule import Rule
from datamask.errors import RefusedError


@dataclass(frozen=True, slots=True)
class Rejected:
    """An approval that does not count.

    :param why: what is wrong with it.
    """

    approver: str
    why: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a request stands.

    :param approvers: whose approvals count.
    :param rejected: the approvals that do not.
    :param void: what makes the request itself good for nothing, else None.
    :param enough: it is good, and enough people approved it.
    """

    request: Request
    approvers: tuple[str, ...]
    rejected: tuple[Rejected, ...]
    void: str | None
    enough: bool


def standing(
    request: Request,
    approvals: Iterable[Approval],
    revocations: Iterable[Revocation],
    people: Mapping[str, str],
    rule: Rule,
    *,
    revoked: Collection[str] = (),
    now: datetime | None = None,
) -> Standing:
    """Judge a request by all that is known of it.

    :param approvals: those that name it.
    :param revocations: those that name it; one that is not in order voids it as well: somebody meant to end it.
    :param people: public keys by name.
    :param revoked: ids of requests that ended by what another record says.
    """
    void = _void(request, revocations, people, revoked, now)
    counted: dict[str, str] = {}
    rejected: list[Rejected] = []
    for approval in approvals:
        try:
            check_approval(request, approval, people, now=now, not_requester=rule.not_requester)
            if rule.people is not None and approval.approver not in rule.people:
                raise RefusedError(f"only {', '.join(rule.people)} may approve it")
        except RefusedError as error:
            rejected.append(Rejected(approval.approver, error.message))
        else:
            # One person under two names is one person.
            counted.setdefault(public_key(people, approval.approver), approval.approver)
    approvers = tuple(counted.values())
    return Standing(request, approvers, tuple(rejected), void, void is None and len(approvers) >= rule.count)


def _void(
    request: Request,
    revocations: Iterable[Revocation],
    people: Mapping[str, str],
    revoked: Collection[str],
    now: datetime | None,
) -> str | None:
    for revocation in revocations:
        try:
            check_revocation(request, revocation, people)
        except RefusedError as error:
            return f"a revocation of it is not in order: {error.message}"
        return f"{revocation.revoker} revoked it: {revocation.reason}"
    if request.id in revoked:
        return "it was revoked, says the audit log"
    try:
        check_request(request, people, now=now)
    except RefusedError as error:
        return error.message
    return None
