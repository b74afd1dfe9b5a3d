"""A project's ``approvals`` folder: requests, and beside each the approvals and revocations of it.

The files travel with the project, by git or any other way; what counts is their signatures.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from datamask.approval.files import read_approval, read_request, read_revocation
from datamask.approval.request import Approval, Request, Revocation
from datamask.approval.standing import Rejected
from datamask.errors import DatamaskError, UsageError

FOLDER = "approvals"

_REQUEST = ".request.json"
_APPROVAL = ".approval.json"
_REVOCATION = ".revocation.json"

# Enough of an id to tell a project's requests apart in a folder.
_SHOWN = 8


@dataclass(frozen=True, slots=True)
class Case:
    """A request and what was said of it.

    :param unreadable: files beside it that say nothing, and why.
    """

    path: Path
    request: Request
    approvals: tuple[Approval, ...]
    revocations: tuple[Revocation, ...]
    unreadable: tuple[Rejected, ...] = ()


def request_path(folder: Path, about: str, request: Request) -> Path:
    """Where a new request goes.

    :param about: a word or two of what it is about, for people who look at the folder.
    """
    return folder / f"{request.kind}-{about}-{request.id[:_SHOWN]}{_REQUEST}"


def approval_path(request_file: Path, approver: str) -> Path:
    """Where somebody's approval of a request goes; several people's stand beside each other."""
    return _beside(request_file, approver, _APPROVAL)


def revocation_path(request_file: Path, revoker: str) -> Path:
    """Where somebody's revocation of a request goes."""
    return _beside(request_file, revoker, _REVOCATION)


def read_case(request_file: Path) -> Case:
    """A request with all approvals and revocations beside it.

    :raises UsageError: it is no request, or a revocation of it is damaged: whoever wrote that meant to end it.
    """
    request = read_request(request_file)
    stem = request_file.name.removesuffix(_REQUEST)
    approvals: list[Approval] = []
    unreadable: list[Rejected] = []
    revocations: list[Revocation] = []
    for file in sorted(request_file.parent.iterdir()):
        if not file.name.startswith(f"{stem}."):
            continue
        if file.name.endswith(_APPROVAL):
            try:
                approvals.append(read_approval(file))
            except DatamaskError as error:
                unreadable.append(Rejected(file.name, error.message))
        elif file.name.endswith(_REVOCATION):
            revocations.append(read_revocation(file))
    return Case(request_file, request, tuple(approvals), tuple(revocations), tuple(unreadable))


def read_cases(folder: Path) -> tuple[list[Case], list[Rejected]]:
    """Every request of the folder, the oldest first; and what cannot be read.

    A request whose revocation is damaged is not among the cases: it must not be good again for that.
    """
    cases: list[Case] = []
    unreadable: list[Rejected] = []
    try:
        files = sorted(file for file in folder.iterdir() if file.name.endswith(_REQUEST))
    except FileNotFoundError:
        return [], []
    except OSError as error:
        raise UsageError(f"{folder} cannot be read: {error.strerror}") from None
    for file in files:
        try:
            cases.append(read_case(file))
        except DatamaskError as error:
            unreadable.append(Rejected(file.name, error.message))
    return sorted(cases, key=lambda case: (case.request.created, case.request.id)), unreadable


def find_request(folder: Path, reference: str) -> Path:
    """The file of a request: a path, or the beginning of its id or of its name in the folder.

    :raises UsageError: there is none, or more than one.
    """
    named = Path(reference)
    if named.is_file():
        return named
    cases, _ = read_cases(folder)
    found = [
        case.path
        for case in cases
        if case.request.id.startswith(reference) or case.path.name.startswith(reference)
    ]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(f"{reference!r} is the beginning of {len(found)} requests", hint="write more of it")
    raise UsageError(
        f"there is no request {reference!r} in {folder}", hint="datamask approve list shows those there are"
    )


def _beside(request_file: Path, who: str, ending: str) -> Path:
    return request_file.with_name(f"{request_file.name.removesuffix(_REQUEST)}.{who}{ending}")
