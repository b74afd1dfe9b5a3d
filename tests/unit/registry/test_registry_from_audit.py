"""What the audit log tells the registry of gates and approvals."""

from __future__ import annotations

import socket
from pathlib import Path

from datamask.audit.log import AuditLog
from datamask.registry.ingest import ingest
from datamask.registry.records import open_registry


def test_gates_that_were_passed_and_approvals_that_were_given(tmp_path: Path) -> None:
    log = AuditLog(tmp_path / "audit.jsonl")
    about = {"environment": "perf", "snapshot": "s1", "digest": "d1", "plan": "p1"}
    for refused in (["max_age"], []):
        with log.action("gates", **about, **{"from": "staging"}) as known:
            known["refused"] = refused
    asked = {"kind": "promote", "requester": "ada", "expires": "2026-12-01T00:00:00+00:00"}
    with log.action("approve", request="r1", approver="grace", **asked, **about):
        pass
    # What is revealed is about no environment.
    with log.action("approve", request="r2", approver="grace", kind="reveal", requester="ada"):
        pass
    registry = open_registry(tmp_path / "registry.sqlite", "shop")
    for _ in range(2):
        assert ingest(registry, log) == ()
        [promotion] = registry.promotions("perf")
        assert (promotion.snapshot, promotion.digest, promotion.plan, promotion.source) == (
            "s1", "d1", "p1", "staging",
        )  # fmt: skip
        assert promotion.host == socket.gethostname()
        [approval] = registry.approvals("perf")
        assert (approval.request, approval.approver, approval.kind, approval.digest) == (
            "r1", "grace", "promote", "d1",
        )  # fmt: skip
        assert approval.expires.isoformat() == "2026-12-01T00:00:00+00:00"
