"""``datamask approve``: one person's yes to another one's request."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from datamask.approval.request import (
    Approval,
    Request,
    approve_request,
    check_approval,
    check_request,
    public_key,
    read_request,
    write_approval,
)
from datamask.approval.signature import new_signing_key, public_half
from datamask.commands.project import Project
from datamask.config.secrets import SecretRef
from datamask.errors import RefusedError, UsageError


@dataclass(frozen=True, slots=True)
class NewSigningKey:
    """A person's key that was just made.

    :param public: for ``approvers:`` in datamask.yaml.
    """

    public: str
    path: Path


@dataclass(frozen=True, slots=True)
class Approved:
    """A request, and the approval of it that was written."""

    request: Request
    approval: Approval
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


def approve(
    project: Project, request_file: Path, *, approver: str, signing_key: SecretRef, out: Path
) -> Approved:
    """Approve a request.

    :param approver: one of the configured approvers, who signs with the key, and not who asks.
    :raises RefusedError: the request does not hold, or the key is somebody else's.
    """
    request = read_request(request_file)
    people = project.settings.approvers
    details = {
        "request": request.id,
        "kind": request.kind,
        "requester": request.requester,
        "approver": approver,
    }
    with project.audit().action("approve", **details):
        check_request(request, people)
        private = own_key(project, approver, signing_key)
        approval = approve_request(request, approver=approver, private_key=private)
        check_approval(request, approval, people)
        write_approval(out, approval)
    return Approved(request, approval, out)


def own_key(project: Project, name: str, signing_key: SecretRef) -> str:
    """The private key of one of the configured people.

    :raises RefusedError: it is somebody else's.
    """
    private = signing_key.resolve_text().strip()
    if public_half(private) != public_key(project.settings.approvers, name):
        raise RefusedError(f"the signing key is not {name}'s, by approvers.{name} of datamask.yaml")
    return private
