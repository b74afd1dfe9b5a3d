"""``approve``."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from datamask.report.json_text import Object
from datamask.report.style import Style
from datamask.report.table import Head, printable, render
from datamask.report.units import count

if TYPE_CHECKING:
    from datamask.approval.request import Request
    from datamask.commands.approvals import CaseList, CaseStanding
    from datamask.commands.approve import Approved, AskedFor, Revoked
    from datamask.commands.plan_approval import ProposedPlan

_LIST = (
    Head("request"),
    Head("about"),
    Head("asked by"),
    Head("state"),
    Head("approved by", wrap=True),
    Head("expires"),
)

_SHOWN_CHANGES = 20


def asked_json(result: AskedFor) -> Object:
    """A request that was written."""
    request = result.request
    return {
        "path": str(result.path),
        "request": request.id,
        "kind": request.kind,
        "requester": request.requester,
        "expires": request.expires,
    }


def asked_text(result: AskedFor) -> str:
    """Where the request is and what comes next."""
    return (
        f"the request is in {result.path}; it holds until {result.request.expires}\n"
        f"commit it, or send it on; somebody else signs it: "
        f"datamask approve sign {result.request.id[:8]} --as NAME --key REF"
    )


def proposed_json(result: ProposedPlan) -> Object:
    """A request that a plan be approved."""
    request = result.request
    return {
        "path": str(result.path),
        "request": request.id,
        "kind": request.kind,
        "requester": request.requester,
        "expires": request.expires,
        "plan": request.subject["plan"],
        "columns": result.columns,
        "changes": None if result.changes is None else list(result.changes),
    }


def proposed_text(result: ProposedPlan, style: Style) -> str:
    """What is different from the approved plan, and what comes next."""
    lines = []
    if result.changes is None:
        lines.append("no plan of this policy is approved yet")
    elif not result.changes:
        lines.append("every column is treated as in the approved plan")
    else:
        lines.append(style.bold(f"{count(len(result.changes), 'change')} to the approved plan"))
        lines += [f"  {printable(line)}" for line in result.changes[:_SHOWN_CHANGES]]
        if len(result.changes) > _SHOWN_CHANGES:
            lines.append(f"  … and {len(result.changes) - _SHOWN_CHANGES} more (--json has all)")
    request = result.request
    lines += [
        f"the request is in {result.path}: {count(result.columns, 'column')}; it holds until {request.expires}",
        f"somebody else signs it: datamask approve sign {request.id[:8]} --as NAME --key REF",
    ]
    return "\n".join(lines)


def approved_json(result: Approved) -> Object:
    """An approval."""
    return {
        "path": str(result.path),
        "request": result.request.id,
        "kind": result.request.kind,
        "requester": result.request.requester,
        "approver": result.approval.approver,
        "expires": result.request.expires,
        "already": result.already,
        "needed": result.needed,
        "approvers": list(result.approvers),
        "lock": None if result.lock is None else str(result.lock),
    }


def approved_text(result: Approved) -> str:
    """What was approved, where the approval is, and what is missing."""
    request = result.request
    lines = [
        f"approved: {request.requester} may {about(request)} until {request.expires}",
        f"reason: {printable(request.reason)}",
    ]
    if result.needed is None:
        lines.append(f"the approval is in {result.path}: give it back to {request.requester}")
        return "\n".join(lines)
    lines.append(f"the approval is in {result.path}" + (", from before" if result.already else ""))
    missing = result.needed - len(result.approvers)
    if missing > 0:
        lines.append(f"{len(result.approvers)} of {result.needed} approvals; {missing} more to come")
    elif result.lock is not None:
        lines.append(f"the plan stands in {result.lock} now: commit it")
    else:
        lines.append(f"{len(result.approvers)} of {result.needed} approvals: that is enough")
    return "\n".join(lines)


def revoked_json(result: Revoked) -> Object:
    """A revocation."""
    return {
        "path": str(result.path),
        "request": result.request.id,
        "kind": result.request.kind,
        "revoker": result.revocation.revoker,
    }


def revoked_text(result: Revoked) -> str:
    """What does not hold any more."""
    request = result.request
    return (
        f"revoked: {request.requester} may not {about(request)} by this request\n"
        f"the revocation is in {result.path}: commit it, so that it counts everywhere"
    )


def list_json(result: CaseList) -> Object:
    """Every request."""
    return {
        "folder": str(result.folder),
        "requests": [_case_json(case) for case in result.cases],
        "unreadable": [{"file": item.approver, "why": item.why} for item in result.unreadable],
    }


def list_text(result: CaseList, style: Style) -> str:
    """A line a request."""
    if not result.cases and not result.unreadable:
        return f"there is no request in {result.folder}"
    rows = [
        [
            case.standing.request.id[:8],
            printable(about(case.standing.request)),
            case.standing.request.requester,
            _state(case),
            ", ".join(case.standing.approvers),
            case.standing.request.expires[:16] + "Z",
        ]
        for case in result.cases
    ]
    lines = [render(_LIST, rows, style=style)] if rows else []
    lines += [f"{style.bad('✗')} {item.approver}: {printable(item.why)}" for item in result.unreadable]
    return "\n".join(lines)


def show_json(result: CaseStanding) -> Object:
    """One request, whole."""
    request = result.standing.request
    return {
        **_case_json(result),
        "subject": dict(request.subject),
        "reason": request.reason,
        "created": request.created,
        "needed": result.rule.count,
        "rejected": [{"approver": item.approver, "why": item.why} for item in result.standing.rejected],
    }


def show_text(result: CaseStanding, style: Style, *, verbose: bool) -> str:
    """All that an approval is about, for somebody who has to decide."""
    request = result.standing.request
    rows = {
        "request": request.id,
        "asks to": about(request),
        "asked by": f"{request.requester}, at {request.created}",
        "reason": request.reason,
        "expires": request.expires,
    }
    rows |= {
        name: value if isinstance(value, str) else _long(value, verbose=verbose)
        for name, value in request.subject.items()
    }
    rows["state"] = _state(result)
    width = max(map(len, rows))
    lines = [f"{style.dim(f'{name:{width}}')}  {printable(str(value))}" for name, value in rows.items()]
    columns = request.subject.get("columns")
    if verbose and isinstance(columns, dict):
        lines += [
            f"  {style.name(printable(f'{table}.{column}'))}  {printable(str(said))}"
            for table, treated in columns.items()
            if isinstance(treated, dict)
            for column, said in treated.items()
        ]
    lines += [f"{style.good('✓')} {name} approved it" for name in result.standing.approvers]
    lines += [f"{style.bad('✗')} {item.approver}: {printable(item.why)}" for item in result.standing.rejected]
    return "\n".join(lines)


def about(request: Request) -> str:
    """What a request asks for, after "may"."""
    subject = request.subject
    match request.kind:
        case "promote":
            return f"promote {subject.get('snapshot')} to {subject.get('environment')}"
        case "policy":
            return f"mask {subject.get('environment')} by policy {subject.get('policy')}"
        case _:
            return f"{request.kind} {subject.get('column', '')}".strip()


def _case_json(case: CaseStanding) -> Object:
    request = case.standing.request
    return {
        "request": request.id,
        "path": str(case.path),
        "kind": request.kind,
        "environment": request.subject.get("environment"),
        "requester": request.requester,
        "state": case.state,
        "void": case.standing.void,
        "approvers": list(case.standing.approvers),
        "expires": request.expires,
    }


def _state(case: CaseStanding) -> str:
    if case.standing.void is not None:
        return f"void: {printable(case.standing.void)}"
    if case.state == "approved":
        return "approved"
    return f"open, {len(case.standing.approvers)} of {case.rule.count}"


def _long(value: object, *, verbose: bool) -> str:
    if isinstance(value, dict) and all(isinstance(item, dict) for item in value.values()):
        told = count(sum(len(item) for item in value.values()), "column")
        return f"{told} of {count(len(value), 'table')}" + ("" if verbose else " (-v lists them)")
    return json.dumps(value, ensure_ascii=False)
