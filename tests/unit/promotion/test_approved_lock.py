"""The lock of approved plans: what it holds, and what another plan does otherwise."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from datamask.approval.request import approve_request, check_approval, make_request
from datamask.approval.signature import new_signing_key
from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.model import ColumnMask
from datamask.policy.plan import ColumnPlan, Plan, TablePlan
from datamask.promotion.lock import Entry, differences, listing, parse_lock, plan_subject, render_lock

KEYS = {name: new_signing_key() for name in ("maria", "ben")}
PEOPLE = {name: key[1] for name, key in KEYS.items()}
TEXT = ColumnType("text", "text", "text")


def mask(column: str, transform: str = "email", domain: str = "d", **params: object) -> ColumnMask:
    return ColumnMask(column, transform, TEXT, domain, params)  # type: ignore[arg-type]


def plan(*columns: ColumnPlan, digest: str = "d1", where: str | None = None) -> Plan:
    return Plan("staging", (TablePlan("public.t", columns, where=where),), (), digest)


def column(name: str, masked: ColumnMask | None = None) -> ColumnPlan:
    return ColumnPlan(name, None, masked, "column rule")


OLD = plan(column("id"), column("mail", mask("mail")), column("phone", mask("phone", "phone")))


def entry(of: Plan) -> Entry:
    request = make_request(
        "policy",
        plan_subject("shop", "production", of),
        requester="maria",
        reason="r",
        valid=timedelta(days=1),
        private_key=KEYS["maria"][0],
    )
    return Entry(request, (approve_request(request, approver="ben", private_key=KEYS["ben"][0]),))


def test_it_is_read_as_it_was_written():
    known = entry(OLD)
    found = parse_lock(render_lock([known]), "lock")
    assert found == {("production", "staging"): known}
    read = found["production", "staging"]
    assert read.plan == "d1"
    assert read.columns == listing(OLD)
    check_approval(read.request, read.approvals[0], PEOPLE)


def test_a_line_a_column():
    lines = [line.strip() for line in render_lock([entry(OLD)]).splitlines()]
    assert '"id": "keep",' in lines
    assert '"mail": "email (domain d)",' in lines


def test_what_another_plan_does_otherwise():
    new = plan(
        column("id"),
        column("mail"),
        column("note", mask("note", "redact")),
        where="id < 10",
    )
    assert differences(listing(OLD), listing(new)) == [
        "+ public.t.(rows): where id < 10",
        "~ public.t.mail: email (domain d) → keep",
        "+ public.t.note: redact (domain d)",
        "- public.t.phone: phone (domain d)",
    ]
    assert differences(listing(OLD), listing(OLD)) == []
    other = plan(
        OLD.tables[0].columns[0], column("mail", mask("mail", domain="e", within=3)), OLD.tables[0].columns[2]
    )
    assert differences(listing(OLD), listing(other)) == [
        "~ public.t.mail: email (domain d) → email (domain e, params.within 3)"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        '{"version": 1, "approved": [{}]}',
        '{"version": 1, "approved": [{"request": {}, "approvals": []}]}',
    ],
)
def test_what_is_no_lock_is_told(text):
    with pytest.raises(PolicyError, match="is no lock of approved plans"):
        parse_lock(text, "lock")


def test_a_newer_format_is_told():
    document = json.loads(render_lock([entry(OLD)])) | {"version": 2}
    with pytest.raises(PolicyError, match="has format 2"):
        parse_lock(json.dumps(document), "lock")
