"""Each gate by itself: what passes, what does not, and what it says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datamask.audit.record import NO_HASH, Record
from datamask.config.gates import Bounds, Expected
from datamask.promotion.gates import (
    Candidate,
    Held,
    judge_age,
    judge_approvals,
    judge_origin,
    judge_policy,
    judge_verified,
)
from datamask.promotion.history import digests_held, revoked_requests
from datamask.promotion.probe import is_expected

NOW = datetime(2026, 3, 8, 12, tzinfo=UTC)
SNAPSHOT = Candidate("s1", "d1", "p1", "staging", "2026-03-01T12:00:00+00:00")


def test_files():
    assert judge_verified(SNAPSHOT, 7, []).passed
    refused = judge_verified(SNAPSHOT, 7, ["a (missing)", "b (changed)", "c (changed)", "d (unknown)"])
    assert not refused.passed
    assert refused.why == "not as they were written: a (missing), b (changed), c (changed) and 1 more"


@pytest.mark.parametrize(
    ("limit", "passed"), [(timedelta(days=7), True), (timedelta(days=7, seconds=-1), False)]
)
def test_age(limit, passed):
    verdict = judge_age(SNAPSHOT, limit, NOW)
    assert verdict.passed is passed
    assert verdict.why.startswith("it was taken 7d ago, and ")


def held(**given: object) -> Held:
    nothing: dict[str, object] = {
        "digest": None, "snapshot": None, "admitted": True, "problem": None, "history": {}, "broken": None,
    }  # fmt: skip
    return Held(**{**nothing, **given})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("known", "passed", "why"),
    [
        (held(digest="d1", snapshot="s1"), True, "staging holds it now, by its own mark"),
        (held(digest="d1", admitted=False), False,
         "staging holds it, but it did not go through the gates of staging"),
        (held(digest="d2", snapshot="s2"), False,
         "staging holds another snapshot (s2), and no load of this one stands in the audit log"),
        (held(), False, "staging does not say that it was loaded from any snapshot, and no load of this one "
                        "stands in the audit log"),
        (held(digest="d2", history={"d1": "2026-03-02"}), True,
         "staging held it, loaded at 2026-03-02 by the audit log"),
        (held(problem="no route", history={"d1": "2026-03-02"}), True,
         "staging held it, loaded at 2026-03-02 by the audit log"),
        (held(problem="no route"), False,
         "staging could not be asked (no route), and no load of this one stands in the audit log"),
        # A broken log is evidence for nothing.
        (held(history={"d1": "2026-03-02"}, broken="line 3"), False,
         "staging does not say that it was loaded from any snapshot, and the audit log is no evidence: line 3"),
    ],
)  # fmt: skip
def test_origin(known, passed, why):
    verdict = judge_origin(SNAPSHOT, "staging", known)
    assert (verdict.passed, verdict.why) == (passed, why)
    assert (verdict.hint is None) is passed


def test_policy():
    assert judge_policy(SNAPSHOT, ["dev", "staging"]).passed
    refused = judge_policy(SNAPSHOT, ["dev"])
    assert refused.why == "it was masked by policy 'staging', and 'dev' would be accepted"


def test_approvals():
    assert judge_approvals(2, ["ann", "ben"], [], "").why == "approved by ann, ben"
    refused = judge_approvals(2, ["ann"], ["that of eve does not count: x"], "ask")
    assert (refused.passed, refused.hint) == (False, "ask")
    assert refused.why == "1 of 2 approvals (ann); that of eve does not count: x"


@pytest.mark.parametrize(
    ("value", "expected", "same"),
    [
        (True, True, True), (False, True, False), (1, True, False), (True, 1, False),
        (0, 0, True), (0, 0.0, True), (Decimal("0.10"), 0.1, True), (1.5, 1.5, True), (2, 3, False),
        ("1", 1, False), (1, "1", True), ("on", "on", True), ("on", "ON", False),
        (None, None, True), (None, False, False), (0, None, False), (None, "", False),
        (5, Bounds(at_least=5), True), (4, Bounds(at_least=5), False), (6, Bounds(5, 6), True),
        (7, Bounds(5, 6), False), (Decimal("5.5"), Bounds(5, 6), True), ("5", Bounds(5, 6), False),
        (None, Bounds(at_most=6), False), (True, Bounds(0, 6), False), (float("nan"), Bounds(at_least=0), False),
        (Decimal("NaN"), Bounds(at_most=1), False),
    ],
)  # fmt: skip
def test_probes(value: object, expected: Expected | Bounds, same: bool):
    assert is_expected(value, expected) is same


def record(action: str, result: str = "done", environment: str = "staging", **details: str) -> Record:
    known = {"environment": environment, "result": result, **details}
    return Record(1, "now", action, "outcome", {}, known, NO_HASH)


def load(name: str, action: str = "load", **more: str) -> Record:
    return record(action, snapshot=f"s{name}", digest=f"d{name}", **more)


def test_what_was_undone_was_never_there():
    first, second, undo = load("1"), load("2"), record("reset undo", snapshot="s1")
    assert set(digests_held([first, second], "staging")) == {"d1", "d2"}
    assert set(digests_held([first, second, undo], "staging")) == {"d1"}
    # An undo of the undo.
    again = record("reset undo", snapshot="s2")
    assert set(digests_held([first, second, undo, again], "staging")) == {"d2"}
    assert set(digests_held([first, second, undo, load("2")], "staging")) == {"d1", "d2"}


def test_only_loads_that_were_done_count():
    intent = Record(1, "now", "load", "intent", {}, {"environment": "staging", "digest": "d3"}, NO_HASH)
    others = [
        intent, load("1", result="failed: RefusedError"), load("2", environment="dev"),
        load("4", action="snapshot"),
    ]  # fmt: skip
    assert digests_held(others, "staging") == {}
    assert set(digests_held([load("5", "promote"), load("6", "reset")], "staging")) == {"d5", "d6"}
    admitted = [load("1"), load("2", admitted="2026-03-01"), record("reset undo", snapshot="s1")]
    assert set(digests_held(admitted[:2], "staging", gated=True)) == {"d2"}
    assert digests_held(admitted, "staging", gated=True) == {}


@given(st.lists(st.sampled_from(["1", "2", "3", "undo"]), max_size=12))
def test_what_is_there_now_was_never_undone(steps):
    """Against a database with one predecessor, as a load and an undo really leave it."""
    now, before, records = None, None, []
    for step in steps:
        if step == "undo":
            if before is None:
                continue
            now, before = before, now
            records.append(record("reset undo", snapshot=f"s{now}"))
        else:
            now, before = step, now
            records.append(load(step))
    held_now = digests_held(records, "staging")
    assert (f"d{now}" in held_now) == (now is not None)
    if steps and steps[-1] == "undo" and before is not None and before != now:
        assert f"d{before}" not in held_now


def test_revocations_in_the_log():
    done, failed = record("approve revoke", request="a"), record("approve revoke", "failed", request="b")
    assert revoked_requests([done, failed, record("approve", request="c")]) == {"a"}
