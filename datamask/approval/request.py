"""A request, the approval of it, and whether the one allows what the other asks for."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from datamask.approval.signature import canonical, is_signed_by, sign
from datamask.errors import RefusedError
from datamask.suggest import did_you_mean


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asks for, in all that matters for the answer.

    :param kind: the action, such as ``reveal``.
    :param subject: what exactly; any change of it makes another request.
    :param created: UTC, ISO 8601.
    :param expires: UTC, ISO 8601; after it, no approval helps.
    :param nonce: two requests for the same are two requests.
    """

    kind: str
    subject: Mapping[str, object]
    requester: str
    reason: str
    created: str
    expires: str
    nonce: str
    signature: str

    @property
    def id(self) -> str:
        """SHA-256 over the request, in hexadecimal."""
        return hashlib.sha256(canonical(self.content)).hexdigest()

    @property
    def content(self) -> dict[str, object]:
        """What is signed."""
        return {
            "kind": self.kind,
            "subject": dict(self.subject),
            "requester": self.requester,
            "reason": self.reason,
            "created": self.created,
            "expires": self.expires,
            "nonce": self.nonce,
        }


@dataclass(frozen=True, slots=True)
class Approval:
    """Somebody's yes to one request."""

    request: str
    approver: str
    signed: str
    signature: str

    @property
    def content(self) -> dict[str, object]:
        """What is signed."""
        return {"request": self.request, "approver": self.approver, "signed": self.signed}


@dataclass(frozen=True, slots=True)
class Revocation:
    """Somebody's end to a request and all approvals of it."""

    request: str
    revoker: str
    reason: str
    signed: str
    signature: str

    @property
    def content(self) -> dict[str, object]:
        """What is signed."""
        return {
            "request": self.request,
            "revoker": self.revoker,
            "reason": self.reason,
            "signed": self.signed,
        }


def make_request(
    kind: str,
    subject: Mapping[str, object],
    *,
    requester: str,
    reason: str,
    valid: timedelta,
    private_key: str,
) -> Request:
    """A request, signed by who makes it."""
    now = datetime.now(UTC)
    unsigned = Request(
        kind, subject, requester, reason, _text(now), _text(now + valid), secrets.token_hex(16), ""
    )
    return replace(unsigned, signature=sign(unsigned.content, private_key))


def approve_request(request: Request, *, approver: str, private_key: str) -> Approval:
    """An approval of a request, signed by who gives it."""
    unsigned = Approval(request.id, approver, _text(datetime.now(UTC)), "")
    return replace(unsigned, signature=sign(unsigned.content, private_key))


def revoke_request(request: Request, *, revoker: str, reason: str, private_key: str) -> Revocation:
    """The end of a request, signed by who puts it."""
    unsigned = Revocation(request.id, revoker, reason, _text(datetime.now(UTC)), "")
    return replace(unsigned, signature=sign(unsigned.content, private_key))


def check_request(request: Request, people: Mapping[str, str], *, now: datetime | None = None) -> None:
    """Refuse a request that is not its requester's, or too old.

    :param people: public keys by name.
    :raises RefusedError: naming what is wrong.
    """
    if not is_signed_by(request.content, request.signature, public_key(people, request.requester)):
        raise RefusedError(
            f"the request is not signed by {request.requester}, or was changed after it was signed",
            hint="make it again",
        )
    try:
        expires = datetime.fromisoformat(request.expires)
    except ValueError:
        raise RefusedError("the request does not say when it expires", hint="make it again") from None
    # Without an offset, a time would mean another moment on another machine.
    if expires.tzinfo is None or (now or datetime.now(UTC)) >= expires:
        raise RefusedError(f"the request expired at {request.expires}", hint="make it again")


def check_approval(
    request: Request,
    approval: Approval,
    people: Mapping[str, str],
    *,
    now: datetime | None = None,
    not_requester: bool = True,
) -> None:
    """Refuse unless somebody approved exactly this request, in time.

    :param people: public keys by name.
    :param not_requester: somebody else than who asks for it, told by the key and not by the name.
    :raises RefusedError: naming what is wrong.
    """
    check_request(request, people, now=now)
    if approval.request != request.id:
        raise RefusedError("the approval is of another request, or the request was changed since")
    approver = public_key(people, approval.approver)
    if not is_signed_by(approval.content, approval.signature, approver):
        raise RefusedError(f"the approval is not signed by {approval.approver}, or was changed since")
    if not_requester and approver == public_key(people, request.requester):
        raise RefusedError(
            f"{approval.approver} asked for it, and cannot approve it too",
            hint="somebody else of `approvers:` must",
        )


def check_revocation(request: Request, revocation: Revocation, people: Mapping[str, str]) -> None:
    """Refuse a revocation that is of another request, or not signed by one of the people.

    :raises RefusedError: naming what is wrong.
    """
    if revocation.request != request.id:
        raise RefusedError("the revocation is of another request, or the request was changed since")
    revoker = public_key(people, revocation.revoker)
    if not is_signed_by(revocation.content, revocation.signature, revoker):
        raise RefusedError(f"the revocation is not signed by {revocation.revoker}, or was changed since")


def public_key(people: Mapping[str, str], name: str) -> str:
    """Somebody's public key.

    :raises RefusedError: nobody of that name is listed.
    """
    if name not in people:
        raise RefusedError(
            f"{name!r} is not among the approvers of datamask.yaml",
            hint=did_you_mean(name, people)
            or "list the public keys of two people: approvers: {maria: ed25519:…, ben: ed25519:…}",
        )
    return people[name]


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
