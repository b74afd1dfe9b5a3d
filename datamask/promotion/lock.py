"""``policies/approved.lock``: the plans that people approved, one for each source and policy.

An entry is the signed request with the approvals of it, and needs nothing else to be checked. The request
names the plan's digest, and lists what the plan does column by column, so that a reviewer sees in the lock's
own history what an approval was about, and a refusal can say what is different.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from datamask.approval.files import approval_document, parse_approval, parse_request, request_document
from datamask.approval.request import Approval, Request
from datamask.errors import PolicyError, UsageError
from datamask.policy.compare import treatment
from datamask.policy.plan import Plan, TablePlan

KIND = "policy"
"""The kind of a request that a plan be approved."""

FORMAT = 1

Listing = Mapping[str, Mapping[str, str]]
"""What a plan does: table, column, treatment."""

# A table's own line in a listing: no column is called that.
_ROWS = "(rows)"


@dataclass(frozen=True, slots=True)
class Entry:
    """An approved plan."""

    request: Request
    approvals: tuple[Approval, ...]

    @property
    def key(self) -> tuple[str, str]:
        """The source environment and the policy's name."""
        return str(self.request.subject.get("environment")), str(self.request.subject.get("policy"))

    @property
    def plan(self) -> str:
        """The plan's digest."""
        return str(self.request.subject.get("plan"))

    @property
    def columns(self) -> Listing:
        """What the plan does."""
        found = self.request.subject.get("columns")
        return found if isinstance(found, dict) else {}


def plan_subject(project: str, environment: str, plan: Plan) -> dict[str, object]:
    """What a request to approve a plan is about."""
    return {
        "project": project,
        "environment": environment,
        "policy": plan.policy,
        "plan": plan.digest,
        "columns": listing(plan),
    }


def listing(plan: Plan) -> dict[str, dict[str, str]]:
    """What a plan does, column by column, in a few words each."""
    return {table.table: _lines(table) for table in sorted(plan.tables, key=lambda table: table.table)}


def differences(old: Listing, new: Listing) -> list[str]:
    """What another plan does otherwise, a line each: ``+`` is new, ``-`` is gone, ``~`` is different."""
    before, after = _flat(old), _flat(new)
    lines = []
    for name in sorted(before.keys() | after.keys()):
        if name not in before:
            lines.append(f"+ {name}: {after[name]}")
        elif name not in after:
            lines.append(f"- {name}: {before[name]}")
        elif before[name] != after[name]:
            lines.append(f"~ {name}: {before[name]} → {after[name]}")
    return lines


def parse_lock(text: str, where: str) -> dict[tuple[str, str], Entry]:
    """The entries of a lock by source and policy.

    :raises PolicyError: it is no lock, or one of a newer format.
    """
    damaged = PolicyError(
        f"{where} is no lock of approved plans",
        hint="bring it back from the repository, or have the plan approved again: datamask approve policy",
    )
    try:
        document = json.loads(text)
        number, found = document["version"], document["approved"]
        if number != FORMAT:
            raise PolicyError(
                f"{where} has format {number}, and this datamask reads format {FORMAT}",
                hint="use the datamask that wrote it, or a newer one",
            )
        entries = [
            Entry(
                parse_request(item["request"], where),
                tuple(parse_approval(approval, where) for approval in item["approvals"]),
            )
            for item in found
        ]
    except (ValueError, KeyError, TypeError, UsageError):
        raise damaged from None
    return {entry.key: entry for entry in entries}


def render_lock(entries: Iterable[Entry]) -> str:
    """The lock's text: sorted, a line a column."""
    approved = [
        {
            "request": request_document(entry.request),
            "approvals": [approval_document(item) for item in entry.approvals],
        }
        for entry in sorted(entries, key=lambda entry: entry.key)
    ]
    return json.dumps({"version": FORMAT, "approved": approved}, indent=1, ensure_ascii=False) + "\n"


def _lines(table: TablePlan) -> dict[str, str]:
    lines = {column.column: _treated(treatment(column.mask)) for column in table.columns}
    chosen = {"where": table.where, "sample": table.sample}
    selection = [f"{name} {value}" for name, value in chosen.items() if value is not None]
    if table.rows == "none":
        selection = ["none"]
    return {_ROWS: ", ".join(selection), **lines} if selection else lines


def _treated(aspects: Mapping[str, object]) -> str:
    """A treatment in a line: the transform, and what is not as it is by itself."""
    said = {name: value for name, value in aspects.items() if name != "transform" and value}
    transform = str(aspects["transform"])
    if not said:
        return transform
    told = (
        f"{name} {value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)}"
        for name, value in sorted(said.items())
    )
    return f"{transform} ({', '.join(told)})"


def _flat(columns: Listing) -> dict[str, str]:
    return {f"{table}.{column}": said for table, lines in columns.items() for column, said in lines.items()}
