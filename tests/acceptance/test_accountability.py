"""What was done, by whom; what takes two people; a key in another one's place."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from support.command_line import KEY, CommandLine
from support.in_process import InProcess

from datamask.db.session import connect

CARD = "public.payments.card_number"


def actions(run: CommandLine) -> list[tuple[str, str]]:
    records = run.ok("audit", "log", "--json").json["records"]
    return [(item["action"], item["details"].get("result", item["phase"])) for item in records]


def test_what_was_done_is_written_down(adopted: CommandLine) -> None:
    taken = adopted.ok("snapshots", "list", "--json").json["snapshots"][0]
    assert actions(adopted) == [
        ("snapshot", "intent"), ("snapshot", "done"), ("env adopt", "intent"), ("env adopt", "done"),
    ]  # fmt: skip
    adopted.ok("load", "latest", "dev")
    adopted("load", "latest", "staging", "--confirm", "staging")
    adopted.ok("preview", "production", "customers", "--show-originals")
    adopted.ok("snapshots", "delete", taken["id"], "--yes")
    assert actions(adopted)[4:] == [
        ("load", "intent"), ("load", "done"),
        ("load", "intent"), ("load", "failed: RefusedError"),
        ("preview originals", "intent"), ("preview originals", "done"),
        ("snapshot delete", "intent"), ("snapshot delete", "done"),
    ]  # fmt: skip
    load = adopted.ok("audit", "log", "--last", 7, "--json").json["records"][0]
    assert load["details"]["server"].isdigit()
    assert load["details"] | {"seconds": 0} == {
        "environment": "dev",
        "database": load["details"]["database"],
        "snapshot": taken["id"],
        "digest": taken["digest"],
        "policy": "staging",
        "plan": taken["plan"],
        "admitted": None,
        "intent": 5,
        "rows": taken["rows"],
        "server": load["details"]["server"],
        "strategy": "build and clone",
        "seconds": 0,
        "result": "done",
    }
    text = (adopted.folder / ".datamask/audit.jsonl").read_text()
    assert KEY not in text
    assert "@example." not in text


def test_an_edited_log_is_found(project: CommandLine) -> None:
    intact = project.ok("audit", "verify", "--json").json
    assert (intact["intact"], intact["records"], intact["breach"]) == (True, 2, None)
    log = project.folder / ".datamask/audit.jsonl"
    log.write_text(log.read_text().replace('"intent"', '"outcome"'))
    done = project("audit", "verify")
    assert done.code == 5
    assert f"{log}:1: its content does not match its hash: it was edited" in done.out
    assert project("audit", "verify", "--json").json["breach"]["line"] == 1


def test_without_a_trace_nothing_is_done(adopted: CommandLine) -> None:
    adopted.edit("datamask.yaml", "version: 1\n", "version: 1\naudit: /dev/null/audit.jsonl\n")
    done = adopted("load", "latest", "dev")
    assert done.code == 3
    assert done.message.startswith("error: the audit log /dev/null/audit.jsonl cannot be written")
    with connect(adopted.environ["DEV_URL"]) as session:
        assert session.value("select n from public.mine") == 1


@pytest.fixture
def people(project: CommandLine) -> CommandLine:
    """Maria and Ben may ask and approve."""
    lines = ["approvers:"]
    for name in ("maria", "ben"):
        public = project.ok("approve", "new-key", f"{name}.key", "--json").json["public"]
        lines.append(f"  {name}: {public}")
        assert stat.S_IMODE((project.folder / f"{name}.key").stat().st_mode) == 0o600
    project.edit("datamask.yaml", "version: 1\n", "version: 1\n" + "\n".join(lines) + "\n")
    return project


def ask(run: CommandLine, column: str = CARD, name: str = "maria", key: str = "maria") -> tuple[object, ...]:
    return (
        "reveal", "request", "production", column, "--policy", "policies/staging.yaml",
        "--as", name, "--key", f"file:{key}.key", "--reason", "a chargeback",
    )  # fmt: skip


SIGN = ("approve", "sign", "reveal-request.json", "--as", "ben", "--key", "file:ben.key")
VALUES = ("reveal", "values", "reveal-request.json", "--approval", "reveal-request.json.approval")


def test_pseudonyms_are_turned_back_by_two_people(people: CommandLine, shop: str) -> None:
    with connect(shop) as session:
        originals = {
            str(row[0])
            for row in session.rows(
                "select distinct card_number from public.payments where card_number is not null"
            )
        }
    rows = people.ok(
        "preview", "production", "payments", "--rows", 20, "--policy", "policies/staging.yaml", "--json"
    ).json["rows"]
    masked = [after for row in rows if (after := row["card_number"]["after"]) is not None]
    assert masked
    assert not set(masked) & originals
    people.ok(*ask(people))
    people.ok(*SIGN)
    done = people.ok(*VALUES, "--json", given="\n".join(masked) + "\n").json
    assert set(done["originals"]) <= originals
    assert len(done["originals"]) == len(masked)
    assert people.ok(*VALUES, given=masked[0]).out == done["originals"][0] + "\n"
    assert [action for action, _ in actions(people)[-8:]] == [
        "reveal request", "reveal request", "approve", "approve", "reveal", "reveal", "reveal", "reveal",
    ]  # fmt: skip
    log = (people.folder / ".datamask/audit.jsonl").read_text()
    assert not [value for value in (*masked, *done["originals"]) if value in log]


def test_one_person_is_not_enough(people: CommandLine) -> None:
    people.ok(*ask(people))
    alone = people("approve", "sign", "reveal-request.json", "--as", "maria", "--key", "file:maria.key")
    assert alone.code == 3
    assert "maria asked for it, and cannot approve it too" in alone.message
    disguised = people("approve", "sign", "reveal-request.json", "--as", "ben", "--key", "file:maria.key")
    assert disguised.code == 3
    assert "the signing key is not ben's" in disguised.message
    assert people(*VALUES, given="1\n").code == 2
    assert not (people.folder / "reveal-request.json.approval").exists()


@pytest.mark.slow  # the pieces are tested by themselves
def test_a_changed_request_reveals_nothing(people: CommandLine) -> None:
    people.ok(*ask(people))
    people.ok(*SIGN)
    people.edit("reveal-request.json", "payments.card_number", "payments.iban")
    done = people(*VALUES, given="1\n")
    assert done.code == 3
    assert done.out == ""
    assert "changed after it was signed" in done.message


def test_what_nobody_can_undo_is_not_asked_for(people: CommandLine) -> None:
    done = people(*ask(people, "public.customers.email"))
    assert done.code == 4
    assert "is masked with email, which nobody can undo" in done.message
    done = people(*ask(people, "public.customers.id"))
    assert done.code == 2
    assert "is not masked, so there is nothing to reveal" in done.message
    done = people(*ask(people, name="eve"))
    assert done.code == 3
    assert "'eve' is not among the approvers" in done.message


def test_a_rotation_keeps_the_old_key(people: CommandLine) -> None:
    path = people.folder / "masking.key"
    path.write_text(KEY + "\n")
    people.edit("datamask.yaml", "env:DATAMASK_KEY", "file:masking.key")
    old = people.ok("key", "id").out.strip()
    people.ok(*ask(people))
    people.ok(*SIGN)
    result = people.ok("key", "rotate", "--json").json
    kept = Path(f"{path}.{old}")
    assert result == {
        "old_key_id": old,
        "key_id": people.ok("key", "id").out.strip(),
        "reference": "file:masking.key",
        "stored": True,
        "key": None,
        "old_key": f"file:{kept}",
        "snapshots": 1,
    }
    assert result["key_id"] != old
    assert kept.read_text() == KEY + "\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    refused = people(*VALUES, given="4000123456789010\n")
    assert refused.code == 3
    assert f"the request is about key {old}" in refused.message
    people.ok(*VALUES, "--masking-key", f"file:{kept}", given="4000123456789010\n")


@pytest.mark.slow  # the pieces are tested by themselves
def test_a_key_that_cannot_be_stored_is_printed(project: CommandLine) -> None:
    done = project.ok("key", "rotate", "--json")
    assert (done.json["stored"], done.json["old_key"]) == (False, None)
    new = project.ok("key", "id", DATAMASK_KEY=done.json["key"]).out.strip()
    assert new == done.json["key_id"]
    assert project.ok("key", "id").out.strip() == done.json["old_key_id"]


def test_a_log_with_an_anchor_and_old_files(project: CommandLine) -> None:
    run = InProcess(project.folder, project.environ)
    run.edit("datamask.yaml", "version: 1\n", "version: 1\naudit: {anchor: hashes}\n")
    missing = run("audit", "verify")
    assert missing.code == 2
    assert "the audit log's anchor" in missing.message
    run.ok("env", "adopt", "dev", "--create")
    done = run.ok("audit", "verify", "--json").json
    # Those from before the anchor are in the chain all the same.
    assert (done["records"], done["anchored"], done["anchor"]) == (4, 2, str(run.folder / "hashes"))
    head = done["head"]
    rotated = run.ok("audit", "rotate", "--json").json["rotated"]
    assert rotated == str(run.folder / ".datamask/audit.000000001-000000005.jsonl")
    assert "6 records hold" in run.ok("audit", "verify", "--head", head).out
    last = run.ok("audit", "log", "--last", 2, "--json").json["records"]
    assert [(item["number"], item["action"], item["phase"]) for item in last] == [
        (5, "audit rotate", "intent"), (6, "audit rotate", "outcome"),
    ]  # fmt: skip
    Path(rotated).rename(run.folder / "archive")
    # The anchor noted the record before; without it, somebody has to say which one that was.
    assert "1 record hold" in run.ok("audit", "verify").out
    run.edit("datamask.yaml", "audit: {anchor: hashes}\n", "")
    gone = run("audit", "verify", "--json")
    assert gone.code == 5
    assert gone.json["breach"]["reason"] == "records 1 to 5 before it are not here"
    assert run.ok("audit", "verify", "--after", last[0]["hash"], "--json").json["intact"] is True
