"""``datamask reveal``: pseudonyms turned back, by two people and with a record of it.

Only format-preserving encryption can be undone. The request names one column's mask, exactly as the
policy compiles today, and the key by its id; the approval is of that request alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path

import polars as pl

from datamask.approval.files import read_approval, read_request, write_request
from datamask.approval.request import Request, check_approval, make_request
from datamask.audit.record import Detail
from datamask.catalog.model import ColumnType
from datamask.classify.names import parse_table
from datamask.commands.approve import own_key
from datamask.commands.compiling import compile_for
from datamask.commands.project import Project
from datamask.commands.scope import policies_about
from datamask.config.secrets import SecretRef
from datamask.db.session import connect
from datamask.errors import PolicyError, RefusedError, UsageError
from datamask.masking.effective import effective_laws
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.policy.plan import TablePlan
from datamask.suggest import did_you_mean

KIND = "reveal"

MOST_VALUES = 1000
"""More at once is no question about a few people any more, but a copy of production."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request that was written to a file."""

    request: Request
    path: Path


@dataclass(frozen=True, slots=True)
class Revealed:
    """Originals, in the order of the pseudonyms."""

    request: Request
    approver: str
    originals: tuple[str, ...]


def ask(
    project: Project,
    environment_name: str,
    column: str,
    *,
    policy: Path | None,
    requester: str,
    reason: str,
    valid: timedelta,
    signing_key: SecretRef,
    out: Path,
) -> Asked:
    """Write a request to reveal pseudonyms of one column.

    :param column: ``schema.table.column``.
    :param requester: one of the configured approvers, who signs with the key.
    :raises PolicyError: the column's transform cannot be undone, by anyone.
    """
    environment = project.environment(environment_name)
    file = policies_about(project, environment, policy)[0].files[-1]
    with connect(project.conninfo(environment), read_only=True) as session:
        session.begin_snapshot()
        plan = compile_for(project, environment, session, file).plan
    mask = _mask(plan.by_table, column)
    if not effective_laws(mask).reversible:
        raise PolicyError(
            f"{column} is masked with {mask.transform}, which nobody can undo",
            hint="only format-preserving encryption can be: ff1, key, uuid, card_number and the like",
        )
    if Masker([mask], project.key()).columns != (mask.column,):
        raise PolicyError(
            f"what {column} becomes depends on other columns of its row",
            hint="look the row up by a column that can be revealed alone",
        )
    private = own_key(project, requester, signing_key)
    subject = {
        "project": project.settings.project,
        "column": column,
        "policy": plan.policy,
        "key_id": project.key().key_id,
        "mask": asdict(mask),
    }
    with project.audit().action("reveal request", column=column, requester=requester, reason=reason) as known:
        request = make_request(
            KIND, subject, requester=requester, reason=reason, valid=valid, private_key=private
        )
        write_request(out, request)
        known["request"] = request.id
    return Asked(request, out)


def reveal(
    project: Project,
    request_file: Path,
    approval_file: Path,
    pseudonyms: Iterable[str],
    *,
    key: SecretRef | None = None,
) -> Revealed:
    """Turn pseudonyms of the request's column back.

    :param key: the masking key that they were made with, where it is not the configured one any more.
    :raises RefusedError: the request or the approval does not hold, or there are more than ``MOST_VALUES``.
    """
    request, approval = read_request(request_file), read_approval(approval_file)
    people = project.settings.approvers
    values = [value for line in pseudonyms if (value := line.rstrip("\r\n"))]
    details: dict[str, Detail] = {
        "request": request.id,
        "column": str(request.subject.get("column")),
        "requester": request.requester,
        "approver": approval.approver,
        "reason": request.reason,
        "values": len(values),
    }
    with project.audit().action(KIND, **details):
        check_approval(request, approval, people)
        if request.kind != KIND:
            raise UsageError(f"{request_file} is a request to {request.kind}, not to {KIND}")
        if len(values) > MOST_VALUES:
            raise RefusedError(f"{len(values)} values are more than the {MOST_VALUES} that one call reveals")
        masking_key = MaskingKey.parse(key.resolve_text()) if key else project.key()
        if request.subject["key_id"] != masking_key.key_id:
            raise RefusedError(
                f"the request is about key {request.subject['key_id']}, and this is key {masking_key.key_id}",
                hint="name the old key: --masking-key REF",
            )
        originals = _unmasked(request, masking_key, values)
    return Revealed(request, approval.approver, originals)


def _unmasked(request: Request, key: MaskingKey, values: list[str]) -> tuple[str, ...]:
    mask = _restored(request.subject["mask"])
    masker = Masker([mask], key.inverted())
    frame = masker.mask(pl.DataFrame({mask.column: pl.Series(values, dtype=pl.String)}))
    return tuple(frame.get_column(mask.column).to_list())


def _restored(content: object) -> ColumnMask:
    """A mask from its JSON, which the requester's signature vouches for."""
    assert isinstance(content, dict)
    kind = dict(content["type"])
    kind["labels"] = tuple(kind["labels"])
    lists = {name: tuple(content[name]) for name in ("exceptions", "preserve")}
    return ColumnMask(**(content | lists | {"type": ColumnType(**kind)}))


def _mask(tables: Mapping[str, TablePlan], column: str) -> ColumnMask:
    table, _, name = column.rpartition(".")
    plan = tables.get(parse_table(table) or table)
    if plan is None:
        raise UsageError(
            f"there is no table {table!r}; a column is written schema.table.column",
            hint=did_you_mean(table, tables),
        )
    masks = {mask.column: mask for mask in plan.masks}
    if name not in masks:
        raise UsageError(
            f"{column} is not masked, so there is nothing to reveal", hint=did_you_mean(name, masks)
        )
    return masks[name]
