"""A request, the approval of it, and whether the one allows what the other asks for."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from datamask.approval.signature import canonical, is_signed_by, sign
from datamask.errors import RefusedError, UsageError
from datamask.suggest import did_you_mean

_REQUEST_KEYS = frozenset(("kind", "subject", "requester", "reason", "created", "expires", "nonce"))
_APPROVAL_KEYS = frozenset(("request", "approver", "signed"))


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
    return Approval(request.id, approver, unsigned.signed, signature=sign(unsigned.content, private_key))


def check_request(request: Request, people: Mapping[str, str], *, now: datetime | None = None) -> None:
    """Refuse a request that is not its requester's, or too old.

    :param people: public keys by name.
    :raises RefusedError: naming what is wrong.
    """
    if not is_signed_by(request.content, request.signature, public_key(people, request.requester)):
        raise RefusedError(
            f"the request is not signed by {request.requester}, or was changed after it was signed",
            hint="make it again: datamask reveal request",
        )
    if (now or datetime.now(UTC)) >= datetime.fromisoformat(request.expires):
        raise RefusedError(f"the request expired at {request.expires}", hint="make it again")


def check_approval(
    request: Request, approval: Approval, people: Mapping[str, str], *, now: datetime | None = None
) -> None:
    """Refuse unless somebody else than the requester approved exactly this request, in time.

    :param people: public keys by name.
    :raises RefusedError: naming what is wrong.
    """
    check_request(request, people, now=now)
    if approval.request != request.id:
        raise RefusedError("the approval is of another request, or the request was changed since")
    approver = public_key(people, approval.approver)
    if not is_signed_by(approval.content, approval.signature, approver):
        raise RefusedError(f"the approval is not signed by {approval.approver}, or was changed since")
    if approver == public_key(people, request.requester):
        raise RefusedError(
            f"{approval.approver} asked for it, and cannot approve it too",
            hint="somebody else of `approvers:` must",
        )


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


def write_request(path: Path, request: Request) -> None:
    """Write a request's file.

    :raises UsageError: there is such a file, or it cannot be written.
    """
    _write(path, {"request": request.content, "signature": request.signature})


def read_request(path: Path) -> Request:
    """Read a request's file.

    :raises UsageError: it is none.
    """
    content, signature = _read(path, "request", _REQUEST_KEYS)
    if not isinstance(content["subject"], dict):
        raise UsageError(f"{path} is no request of datamask")
    texts = {key: str(value) for key, value in content.items() if key != "subject"}
    return Request(subject=content["subject"], signature=signature, **texts)


def write_approval(path: Path, approval: Approval) -> None:
    """Write an approval's file.

    :raises UsageError: there is such a file, or it cannot be written.
    """
    _write(path, {"approval": approval.content, "signature": approval.signature})


def read_approval(path: Path) -> Approval:
    """Read an approval's file.

    :raises UsageError: it is none.
    """
    content, signature = _read(path, "approval", _APPROVAL_KEYS)
    texts = {key: str(value) for key, value in content.items()}
    return Approval(signature=signature, **texts)


def _write(path: Path, document: Mapping[str, object]) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    except FileExistsError:
        raise UsageError(f"{path} is there already", hint="name another file with --out") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def _read(path: Path, kind: str, keys: frozenset[str]) -> tuple[dict[str, object], str]:
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise UsageError(f"{path} is no {kind} of datamask: it is no JSON") from None
    content = document.get(kind) if isinstance(document, dict) else None
    signature = document.get("signature") if isinstance(document, dict) else None
    if not isinstance(content, dict) or content.keys() != keys or not isinstance(signature, str):
        raise UsageError(f"{path} is no {kind} of datamask")
    if any(not isinstance(value, str) for key, value in content.items() if key != "subject"):
        raise UsageError(f"{path} is no {kind} of datamask")
    return content, signature


def _text(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")
