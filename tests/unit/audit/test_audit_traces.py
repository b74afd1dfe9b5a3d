"""What is left elsewhere of a record: an anchor, a syslog; and a log that goes on in a new file."""

from __future__ import annotations

import json
import os
import random
import signal
import socket
import stat
import subprocess
import sys
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamask.audit.actor import actor
from datamask.audit.anchor import parse_anchor
from datamask.audit.log import AuditLog
from datamask.audit.record import NO_HASH, START, Breach, Link, Record, find_breach
from datamask.audit.segments import segments
from datamask.errors import RefusedError, UsageError


@pytest.fixture
def log(tmp_path) -> AuditLog:
    return AuditLog(tmp_path / "state" / "audit.jsonl", anchor=tmp_path / "anchor")


def fill(log: AuditLog, count: int) -> None:
    for number in range(count):
        log.append("load", "intent", {"number": number})


def forget(log: AuditLog) -> None:
    """The log written anew by who can write all of its files, but not the anchor."""
    log.path.unlink()
    log.head_path.unlink()


def test_an_anchor_has_the_hash_of_every_record(log):
    fill(log, 4)
    assert log.anchor is not None
    noted = parse_anchor(log.anchor.read_text().splitlines())
    assert noted == {record.number: record.hash for record in log.records()}
    verdict = log.verify(anchor=log.anchor)
    assert (verdict.breach, verdict.anchored) == (None, 4)
    assert stat.S_IMODE(log.anchor.stat().st_mode) == 0o600


def test_a_log_written_anew_is_found_by_its_anchor(log, tmp_path):
    fill(log, 3)
    forget(log)
    other = AuditLog(log.path)
    fill(other, 5)
    assert other.verify().breach is None
    breach = other.verify(anchor=log.anchor).breach
    assert breach == Breach(1, "its hash was noted otherwise when it was written: the log was written anew")
    # As it would go on with the anchor itself.
    fill(AuditLog(log.path, anchor=log.anchor), 1)
    forget(log)
    fill(log, 2)
    breach = log.verify(anchor=log.anchor).breach
    assert breach is not None
    assert breach.reason == "record 1 was noted before with another hash: the log was written anew"


def test_a_cut_off_end_is_found_by_the_anchor_alone(log):
    fill(log, 4)
    kept = log.path.read_text().splitlines()[:2]
    forget(log)
    log.path.write_text("\n".join(kept) + "\n")
    verdict = log.verify(anchor=log.anchor)
    assert verdict.breach == Breach(2, "records after it are missing: the end was cut off or written anew")


def test_an_anchor_that_cannot_be_written_stops_the_action(log, tmp_path):
    log = AuditLog(log.path, anchor=tmp_path / "no folder" / "anchor")
    done = []
    refusal = r"anchor .* cannot be written: No such file .*; nothing was done"
    with pytest.raises(RefusedError, match=refusal), log.action("load"):
        done.append(1)
    assert not done
    with pytest.raises(UsageError, match="cannot be read"):
        log.verify(anchor=log.anchor)


def test_a_torn_line_of_an_anchor_is_skipped():
    lines = [
        '{"number": 1, "hash": "a", "time": ""}',
        '{"number": 2, "ha',
        "[]",
        '{"number": "3", "hash": "c"}',
    ]
    assert parse_anchor(lines) == {1: "a"}


def test_a_log_whose_end_is_gone_gets_no_new_record(log):
    fill(log, 3)
    whole = log.path.read_text().splitlines(keepends=True)
    log.path.write_text("".join(whole[:2]))
    with pytest.raises(RefusedError, match="records are missing from the audit log"):
        fill(log, 1)
    assert log.path.read_text() == "".join(whole[:2])
    log.path.write_text("")
    with pytest.raises(RefusedError, match="records are missing"):
        fill(log, 1)
    log.path.write_text("".join(whole))
    # A power failure may leave the head's file behind the log.
    log.head_path.write_text(json.loads(whole[0])["hash"] + "\n")
    fill(log, 1)
    assert log.verify().records == 4


def test_the_chain_goes_on_in_a_new_file(log):
    assert log.rotate() is None
    fill(log, 3)
    first = log.rotate()
    assert first is not None
    assert first.name == "audit.000000001-000000003.jsonl"
    assert stat.S_IMODE(first.stat().st_mode) == 0o400
    assert not log.path.exists()
    # What a crash right after the rename leaves is whole, too.
    assert log.verify(anchor=log.anchor).records == 3
    fill(log, 2)
    assert log.rotate() is not None
    fill(log, 1)
    assert [record.number for record in log.records()] == [1, 2, 3, 4, 5, 6]
    assert log.verify(anchor=log.anchor).records == 6
    assert log.verify().breach is None


def test_a_breach_in_an_old_file_is_named(log):
    fill(log, 3)
    old = log.rotate()
    assert old is not None
    fill(log, 2)
    old.chmod(0o600)
    old.write_text(old.read_text().replace('"number":1}', '"number":9}'))
    verdict = log.verify()
    assert (verdict.file, verdict.records) == (old, 1)
    assert verdict.breach == Breach(2, "its content does not match its hash: it was edited")


def test_an_old_file_that_is_missing_is_a_breach_unless_it_is_vouched_for(log):
    fill(log, 3)
    old = log.rotate()
    assert old is not None
    fill(log, 2)
    last = [record.hash for record in log.records()][2]
    old.unlink()
    assert log.verify().breach == Breach(1, "records 1 to 3 before it are not here")
    assert log.verify(after="0" * 64).breach is not None
    after = log.verify(after=last)
    assert (after.records, after.breach) == (2, None)
    anchored = log.verify(anchor=log.anchor)
    assert (anchored.records, anchored.breach, anchored.anchored) == (2, None, 2)


def test_a_writer_that_waits_while_the_log_is_rotated_writes_into_the_new_file(log):
    fill(log, 1)
    script = (
        "import sys; from pathlib import Path; from datamask.audit.log import AuditLog\n"
        "log = AuditLog(Path(sys.argv[1]))\n"
        "for number in range(25): log.append('load', 'intent', {'number': number})\n"
    )
    writers = [subprocess.Popen([sys.executable, "-c", script, str(log.path)]) for _ in range(2)]
    while any(writer.poll() is None for writer in writers):
        log.rotate()
    assert [writer.returncode for writer in writers] == [0, 0]
    verdict = log.verify()
    assert (verdict.records, verdict.breach) == (51, None)
    assert len(segments(log.path)) >= 2


LINES = [
    Record(1, "t", "load", "intent", {}, {}, NO_HASH),
]
for _number in range(2, 9):
    LINES.append(Record(_number, "t", "load", "intent", {}, {"n": _number}, LINES[-1].hash))


@settings(max_examples=100)
@given(data=st.data())
def test_nothing_but_the_whole_chain_holds(data):
    """Any other selection or order of the records than the first ones is a breach; fewer are one by the head."""
    numbers = data.draw(st.lists(st.integers(0, 7), max_size=9))
    lines = [LINES[number].line() for number in numbers]
    end, breach = find_breach(lines)
    assert (breach is None) == (numbers == list(range(len(numbers))))
    noted = {record.number: record.hash for record in LINES}
    assert (find_breach(lines, noted=noted)[1] is None) == (numbers == list(range(8)))
    assert (find_breach(lines, head=LINES[-1].hash)[1] is None) == (numbers == list(range(8)))
    after = Link(3, LINES[2].hash)
    expected = numbers == list(range(3, 3 + len(numbers)))
    assert (find_breach(lines, after=after)[1] is None) == expected
    assert end == (Link(end.number, LINES[end.number - 1].hash) if end.number else START)


WRITER = """
import os, sys
from pathlib import Path
from datamask.audit.log import AuditLog
log = AuditLog(Path(sys.argv[1]), anchor=Path(sys.argv[2]))
print(flush=True)
while True:
    with log.action("load", environment="dev"):
        pass
    if os.getpid() % 2:
        log.rotate()
"""


def killed_writers(log: AuditLog, rounds: int) -> None:
    chance = random.Random(11)
    for _ in range(rounds):
        writers = [
            subprocess.Popen(
                [sys.executable, "-c", WRITER, str(log.path), str(log.anchor)], stdout=subprocess.PIPE
            )
            for _ in range(2)
        ]
        for writer in writers:
            assert writer.stdout is not None
            writer.stdout.readline()
        time.sleep(chance.random() * 0.05)
        for writer in writers:
            writer.send_signal(signal.SIGKILL)
            assert writer.wait() == -signal.SIGKILL
            assert writer.stdout is not None
            writer.stdout.close()
        # At once, and after the next one has cleared away what was left half written.
        assert log.verify(anchor=log.anchor).breach is None
        fill(log, 1)
        verdict = log.verify(anchor=log.anchor)
        assert verdict.breach is None, verdict
        assert verdict.anchored >= verdict.records - 2 * rounds


def test_killed_writers_leave_a_chain(log):
    killed_writers(log, 3)
    assert log.verify().records > 6


@pytest.mark.slow
def test_a_hundred_killed_writers_leave_a_chain(log):
    killed_writers(log, 50)


def listening(address: str | tuple[str, int], kind: int) -> socket.socket:
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    found = socket.socket(family, kind)
    found.settimeout(10)
    found.bind(address)
    return found


def test_records_go_to_a_local_syslog(tmp_path):
    with listening(str(tmp_path / "log"), socket.SOCK_DGRAM) as daemon:
        log = AuditLog(tmp_path / "audit.jsonl", syslog=str(tmp_path / "log"))
        record = log.append("load", "intent", {"environment": "dev"})
        # Facility 10, severity 6; older daemons end a message by a NUL.
        assert daemon.recv(65536) == b"<86>datamask: " + record.line().encode() + b"\0"
    done = []
    refusal = r"cannot be sent to syslog \(.*\).*; nothing was done"
    with pytest.raises(RefusedError, match=refusal), log.action("load"):
        done.append(1)
    assert not done


def test_records_go_to_a_syslog_over_the_network(tmp_path):
    with listening(("127.0.0.1", 0), socket.SOCK_DGRAM) as daemon:
        log = AuditLog(tmp_path / "audit.jsonl", syslog=f"udp://127.0.0.1:{daemon.getsockname()[1]}")
        record = log.append("load", "intent", {})
        assert record.hash.encode() in daemon.recv(65536)
    with listening(("127.0.0.1", 0), socket.SOCK_STREAM) as daemon:
        daemon.listen()
        log = AuditLog(tmp_path / "audit.jsonl", syslog=f"tcp://127.0.0.1:{daemon.getsockname()[1]}")
        record = log.append("load", "intent", {})
        connection, _ = daemon.accept()
        with connection:
            said = connection.makefile("rb").read()
        assert said == b"<86>datamask: " + record.line().encode() + b"\n"


def test_who_acted_from_where():
    plain = actor({})
    assert set(plain) == {"user", "host", "process"}
    assert plain["process"] == os.getpid()
    found = actor(
        {
            "SUDO_USER": "ann",
            "SSH_CONNECTION": "10.0.0.7 51234 10.0.0.8 22",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_REPOSITORY": "shop/data",
            "GITHUB_RUN_ID": "17",
            "GITHUB_ACTOR": "ann\x1b[2J" + "x" * 500,
        }
    )
    assert (found["sudo_user"], found["client"]) == ("ann", "10.0.0.7")
    assert found["ci"] == "github https://github.com shop/data 17"
    assert found["ci_user"] == "ann[2J" + "x" * 194
