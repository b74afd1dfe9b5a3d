"""The audit log: what it says, and that nobody changes it unseen."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamask.audit.log import AuditLog, Verdict
from datamask.audit.record import NO_HASH, Record, find_breach, parse_record
from datamask.errors import RefusedError


@pytest.fixture
def log(tmp_path) -> AuditLog:
    return AuditLog(tmp_path / "state" / "audit.jsonl")


def lines(log: AuditLog) -> list[str]:
    return log.path.read_text(encoding="utf-8").splitlines()


def fill(log: AuditLog, count: int = 5) -> list[str]:
    for number in range(count):
        log.append("load", "intent", {"environment": f"dev{number}", "ü": "名"})
    return lines(log)


def test_an_action_is_written_down_before_and_after(log):
    with log.action("load", environment="dev") as known:
        assert [record.phase for record in log.records()] == ["intent"]
        known["rows"] = 7
    intent, outcome = log.records()
    assert (intent.number, intent.action, intent.details) == (1, "load", {"environment": "dev"})
    assert intent.previous == NO_HASH
    took = outcome.details["seconds"]
    assert isinstance(took, float)
    assert outcome.details == {
        "environment": "dev",
        "intent": 1,
        "seconds": took,
        "rows": 7,
        "result": "done",
    }
    assert outcome.previous == intent.hash
    assert outcome.who["process"] == os.getpid()
    assert log.verify() == Verdict(2, outcome.hash, None, log.path)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RefusedError("a value"), "failed: RefusedError"),
        (ValueError("a value"), "failed"),
        (KeyboardInterrupt(), "interrupted"),
    ],
)
def test_a_failure_is_an_outcome_without_its_text(log, error, said):
    with pytest.raises(type(error)), log.action("load"):
        raise error
    assert [record.details.get("result") for record in log.records()] == [None, said]
    assert "a value" not in log.path.read_text()


def test_only_its_owner_reads_it(log):
    fill(log)
    for path in (log.path, log.head_path):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_what_leaves_no_trace_is_not_done(tmp_path):
    (tmp_path / "file").write_text("")
    log = AuditLog(tmp_path / "file" / "audit.jsonl")
    done = []
    with pytest.raises(RefusedError, match="cannot be written"), log.action("load"):
        done.append(1)
    assert not done


def test_no_log_is_no_breach(log):
    assert log.verify() == Verdict(0, NO_HASH, None, log.path)
    assert list(log.records()) == []


def broken_at(changed: list[str], head: str | None = None) -> tuple[int, str] | None:
    breach = find_breach(changed, head=head)[1]
    return None if breach is None else (breach.line, breach.reason)


def test_an_edit_is_found(log):
    whole = fill(log)
    whole[2] = whole[2].replace("dev2", "dev9")
    assert broken_at(whole) == (3, "its content does not match its hash: it was edited")


def test_an_edit_with_its_hash_made_right_is_found_in_the_next(log):
    whole = fill(log)
    record = parse_record(whole[2])
    assert isinstance(record, Record)
    content = json.loads(whole[2]) | {"action": "reset"}
    del content["hash"]
    whole[2] = Record(**content).line()
    assert broken_at(whole) == (
        4,
        "it does not follow the record before it: something was removed, inserted or moved",
    )


@pytest.mark.parametrize("removed", [0, 1, 3])
def test_a_deletion_is_found(log, removed):
    whole = fill(log)
    del whole[removed]
    found = broken_at(whole)
    assert found is not None
    assert found[0] == removed + 1


def test_another_order_is_found(log):
    whole = fill(log)
    whole[1], whole[2] = whole[2], whole[1]
    found = broken_at(whole)
    assert found is not None
    assert found[0] == 2


def test_a_cut_off_end_is_found_by_the_head(log):
    whole = fill(log)
    log.path.write_text("\n".join(whole[:3]) + "\n", encoding="utf-8")
    verdict = log.verify()
    assert verdict.records == 3
    assert verdict.breach is not None
    assert verdict.breach.reason == "records after it are missing: the end was cut off or written anew"


def test_a_log_written_anew_is_found_by_a_head_that_was_noted(log, tmp_path):
    fill(log)
    head = log.verify().head
    other = AuditLog(tmp_path / "other.jsonl")
    fill(other)
    assert other.verify().breach is None
    assert other.verify(head).breach is not None
    fill(log)
    assert log.verify(head).breach is None


@settings(max_examples=50, deadline=None)
@given(place=st.integers(0, 10_000), shift=st.integers(1, 127))
def test_no_changed_byte_is_missed(tmp_path_factory, place, shift):
    log = AuditLog(tmp_path_factory.mktemp("audit") / "audit.jsonl")
    whole = "\n".join(fill(log, 3))
    at = place % len(whole)
    changed = whole[:at] + chr((ord(whole[at]) + shift) % 128) + whole[at + 1 :]
    assert find_breach(changed.split("\n"))[1] is not None


def test_a_torn_last_line_goes_with_the_next_record(log):
    fill(log, 2)
    with log.path.open("ab") as file:
        file.write(b'{"number":3,"ti')
    assert log.verify().breach is None
    log.append("load", "intent", {})
    assert log.verify().records == 3
    assert log.verify().breach is None


def test_nothing_is_chained_to_a_damaged_record(log):
    whole = fill(log, 2)
    log.path.write_text("\n".join([whole[0], "{}"]) + "\n", encoding="utf-8")
    with pytest.raises(RefusedError, match="is damaged: it is no audit record"):
        log.append("load", "intent", {})


def test_processes_that_write_at_once_make_one_chain(log):
    script = (
        "import sys; from pathlib import Path; from datamask.audit.log import AuditLog\n"
        "log = AuditLog(Path(sys.argv[1]))\n"
        "for number in range(20): log.append('load', 'intent', {'number': number})\n"
    )
    running = [subprocess.Popen([sys.executable, "-c", script, str(log.path)]) for _ in range(4)]
    assert [process.wait() for process in running] == [0] * 4
    assert log.verify().records == 80
    assert log.verify().breach is None
