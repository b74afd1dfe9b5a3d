"""Requests, approvals and revocations as files: whole or not there, one signed object each."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path

from datamask.approval.request import Approval, Request, Revocation
from datamask.errors import UsageError

Document = Mapping[str, object]

_REQUEST_KEYS = frozenset(("kind", "subject", "requester", "reason", "created", "expires", "nonce"))
_APPROVAL_KEYS = frozenset(("request", "approver", "signed"))
_REVOCATION_KEYS = frozenset(("request", "revoker", "reason", "signed"))


def write_request(path: Path, request: Request) -> None:
    """Write a request's file.

    :raises UsageError: there is such a file, or it cannot be written.
    """
    _write(path, request_document(request))


def read_request(path: Path) -> Request:
    """Read a request's file.

    :raises UsageError: it is none.
    """
    return parse_request(_read(path, "request"), str(path))


def write_approval(path: Path, approval: Approval) -> None:
    """Write an approval's file.

    :raises UsageError: there is such a file, or it cannot be written.
    """
    _write(path, approval_document(approval))


def read_approval(path: Path) -> Approval:
    """Read an approval's file.

    :raises UsageError: it is none.
    """
    return parse_approval(_read(path, "approval"), str(path))


def write_revocation(path: Path, revocation: Revocation) -> None:
    """Write a revocation's file.

    :raises UsageError: there is such a file, or it cannot be written.
    """
    _write(path, {"revocation": revocation.content, "signature": revocation.signature})


def read_revocation(path: Path) -> Revocation:
    """Read a revocation's file.

    :raises UsageError: it is none.
    """
    texts, signature = _content(_read(path, "revocation"), "revocation", _REVOCATION_KEYS, str(path))
    return Revocation(signature=signature, **{key: str(value) for key, value in texts.items()})


def request_document(request: Request) -> dict[str, object]:
    """A request as it stands in a file."""
    return {"request": request.content, "signature": request.signature}


def approval_document(approval: Approval) -> dict[str, object]:
    """An approval as it stands in a file."""
    return {"approval": approval.content, "signature": approval.signature}


def parse_request(document: object, where: str) -> Request:
    """A request from its document.

    :raises UsageError: it is none.
    """
    content, signature = _content(document, "request", _REQUEST_KEYS, where)
    subject = content["subject"]
    if not isinstance(subject, dict):
        raise UsageError(f"{where} is no request of datamask")
    texts = {key: str(value) for key, value in content.items() if key != "subject"}
    return Request(subject=subject, signature=signature, **texts)


def parse_approval(document: object, where: str) -> Approval:
    """An approval from its document.

    :raises UsageError: it is none.
    """
    content, signature = _content(document, "approval", _APPROVAL_KEYS, where)
    return Approval(signature=signature, **{key: str(value) for key, value in content.items()})


def write_new(path: Path, text: str) -> None:
    """Write a file that is not there yet: whole, on the disk, or not at all.

    :raises FileExistsError: it is there.
    :raises OSError: it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    _written(draft, text)
    try:
        # Unlike a rename it does not replace what somebody else wrote meanwhile.
        os.link(draft, path)
    finally:
        draft.unlink()


def replace_file(path: Path, text: str) -> None:
    """Write a file in place of one that may be there: all of the new one or all of the old one.

    :raises OSError: it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        _written(draft, text)
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _written(path: Path, text: str) -> None:
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _write(path: Path, document: Document) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_new(path, json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    except FileExistsError:
        raise UsageError(f"{path} is there already", hint="name another file with --out") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}") from None


def _read(path: Path, kind: str) -> object:
    try:
        document: object = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from None
    except ValueError:
        raise UsageError(f"{path} is no {kind} of datamask: it is no JSON") from None
    return document


def _content(document: object, kind: str, keys: frozenset[str], where: str) -> tuple[dict[str, object], str]:
    content = document.get(kind) if isinstance(document, dict) else None
    signature = document.get("signature") if isinstance(document, dict) else None
    if not isinstance(content, dict) or content.keys() != keys or not isinstance(signature, str):
        raise UsageError(f"{where} is no {kind} of datamask")
    if any(not isinstance(value, str) for key, value in content.items() if key != "subject"):
        raise UsageError(f"{where} is no {kind} of datamask")
    return content, signature
