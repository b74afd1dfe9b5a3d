"""One snapshot from stage to stage, through gates that nothing goes around; and whose yes that takes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.command_line import CommandLine, Done
from support.in_process import InProcess

from datamask.db.session import connect

GATES = """\
gates:
  verified: true
  max_age: 7d
  promoted_from: staging
  policies: [staging]
  probes:
    - {name: customers, sql: select count(*) from public.customers, expect: {at_least: 1}}
"""


@pytest.fixture
def stages(adopted: CommandLine) -> InProcess:
    """Staging, and dev behind it, with gates."""
    run = InProcess(adopted.folder, adopted.environ)
    run.ok("env", "adopt", "staging", "--create")
    (run.folder / "datamask.dev.yaml").write_text(GATES)
    return run


def people(run: CommandLine, *names: str) -> None:
    """These may ask and approve."""
    lines = ["approvers:"]
    for name in names:
        lines.append(f"  {name}: {run.ok('approve', 'new-key', f'{name}.key', '--json').json['public']}")
    run.edit("datamask.yaml", "version: 1\n", "version: 1\n" + "\n".join(lines) + "\n")


def signed(name: str) -> tuple[str, ...]:
    return ("--as", name, "--key", f"file:{name}.key")


def verdicts(done: Done) -> dict[str, bool]:
    return {gate["gate"]: gate["passed"] for gate in done.json["gates"]}


def holds(run: CommandLine, name: str = "dev") -> str | None:
    found: dict[str, Any] = run.ok("env", "status", name, "--json").json["environments"][0]
    snapshot = found["snapshot"]
    assert snapshot is None or isinstance(snapshot, str)
    return snapshot


def actions(run: CommandLine) -> list[tuple[str, str]]:
    records = run.ok("audit", "log", "--last", 100, "--json").json["records"]
    return [(item["action"], item["details"]["result"]) for item in records if item["phase"] == "outcome"]


def test_a_snapshot_goes_from_stage_to_stage(stages: InProcess) -> None:
    everything = {
        "verified": True, "max_age": True, "promoted_from": True, "probes: customers": True, "policies": True,
    }  # fmt: skip
    dry = stages("promote", "latest:staging", "dev", "--dry-run", "--json")
    assert dry.code == 3
    assert verdicts(dry) == {**everything, "promoted_from": False, "probes: customers": False}
    assert (dry.json["promoted"], dry.json["load"]) == (False, None)
    before = actions(stages)
    refused = stages("promote", "latest:staging", "dev")
    assert refused.code == 3
    assert "✗ promoted_from" in refused.out
    assert "→ load it there first: datamask promote" in refused.out
    assert "2 gates of dev refuse snapshot" in refused.out
    assert holds(stages) is None
    with connect(stages.environ["DEV_URL"]) as session:
        assert session.value("select n from public.mine") == 1
    stages.ok("load", "latest:staging", "staging", "--confirm", "staging")
    done = stages.ok("promote", "loaded:staging", "dev", "--json")
    assert verdicts(done) == everything
    assert done.json["promoted"] is True
    assert done.json["load"]["snapshot"] == done.json["snapshot"] == holds(stages)
    # A dry run is no action.
    assert actions(stages)[len(before) :] == [
        ("gates", "done"), ("load", "done"), ("gates", "done"), ("promote", "done"),
    ]  # fmt: skip
    record = stages.ok("audit", "log", "--last", 1, "--json").json["records"][0]
    assert record["details"]["admitted"]
    assert record["details"]["server"].isdigit()
    assert record["details"]["rows"] == done.json["load"]["rows"]
    # It is in, whatever the gates would say of it today; another load is another question.
    (stages.folder / "datamask.dev.yaml").write_text("gates:\n  max_age: 1s\n")
    stages.ok("reset", "dev")
    assert stages("load", "latest:staging", "dev").code == 3


def test_there_is_no_way_around(stages: InProcess) -> None:
    load = stages("load", "latest:staging", "dev")
    assert load.code == 3
    assert "2 gates of environment dev refuse snapshot" in load.message
    assert "promoted_from: staging does not say that it was loaded" in load.message
    reset = stages("reset", "dev")
    assert reset.code == 3
    assert "refuse snapshot" in reset.message
    assert holds(stages) is None
    assert actions(stages)[-2:] == [("gates", "done"), ("gates", "done")]
    # Variables set no gates, and take none away.
    (stages.folder / "datamask.dev.yaml").write_text("gates:\n  max_age: 1s\n")
    assert stages("load", "latest:staging", "dev", DATAMASK_ENVIRONMENTS__DEV__GATES="x").code == 2
    assert (
        stages("load", "latest:staging", "dev", DATAMASK_ENVIRONMENTS__DEV__POLICY="policies/dev.yaml").code
        == 3
    )


@pytest.mark.slow  # the pieces are tested by themselves
def test_a_reset_goes_back_to_what_was_let_in(stages: InProcess) -> None:
    own = stages.folder / "datamask.dev.yaml"
    gates = own.read_text()
    own.unlink()
    stages.ok("load", "latest:staging", "dev")
    own.write_text(gates)
    # It came before the gates, so it has not been through them.
    assert stages("reset", "dev").code == 3
    stages.ok("load", "latest:staging", "staging", "--confirm", "staging")
    stages.ok("promote", "latest:staging", "dev")
    # From now on it is in, whatever the gates would say of it today.
    own.write_text("gates:\n  max_age: 1s\n")
    stages.ok("reset", "dev")
    stages.ok("reset", "dev")
    assert stages("load", "latest:staging", "dev").code == 3


@pytest.mark.slow  # the pieces are tested by themselves
def test_what_a_stage_held_before_counts_unless_it_was_undone(stages: InProcess) -> None:
    (stages.folder / "datamask.dev.yaml").write_text("gates: {promoted_from: staging}\n")
    stages.edit("datamask.yaml", "tier: shared", "tier: shared\n    keep_previous: true")
    first = stages.ok("snapshots", "list", "--json").json["snapshots"][0]["id"]
    second = stages.ok("snapshot", "production", "--policy", "policies/staging.yaml", "--json").json["id"]
    stages.ok("load", first, "staging", "--confirm", "staging")
    stages.ok("load", second, "staging", "--confirm", "staging")
    people(stages, "ada", "grace")
    (stages.folder / "datamask.dev.yaml").write_text("gates: {promoted_from: staging, approvals: {}}\n")
    stages.ok("approve", "request", first, "dev", *signed("ada"), "--reason", "release")
    stages.ok("approve", "sign", "promote-dev", *signed("grace"))
    passed = stages.ok("promote", first, "dev", "--dry-run", "--json").json["gates"][0]
    # Another snapshot is another question.
    other = stages("promote", second, "dev", "--dry-run", "--json").json["gates"][1]
    assert other["why"] == (
        "0 of 1 approvals; nobody has asked for this one; what was asked for dev is about other snapshots"
    )
    (stages.folder / "datamask.dev.yaml").write_text("gates: {promoted_from: staging}\n")
    assert passed["why"].startswith("staging held it, loaded at ")
    stages.ok("reset", "staging", "--undo", "--confirm", "staging")
    assert holds(stages, "staging") == first
    refused = stages("promote", second, "dev", "--dry-run", "--json")
    assert refused.code == 3
    stages.ok("promote", first, "dev", "--dry-run")
    # An audit log that somebody edited is no evidence; the mark still is.
    log = stages.folder / ".datamask/audit.jsonl"
    log.write_text(log.read_text().replace('"rows":', '"r0ws":', 1))
    stages.ok("promote", first, "dev", "--dry-run")
    why = stages("promote", second, "dev", "--dry-run", "--json").json["gates"][0]["why"]
    assert "the audit log is no evidence: " in why


def test_gates_look_closely(stages: InProcess) -> None:
    stages.ok("load", "latest:staging", "staging", "--confirm", "staging")
    with connect(stages.environ["STAGING_URL"]) as session:
        session.script("delete from public.payments; create table public.extra (n int)")
    (stages.folder / "datamask.dev.yaml").write_text("""\
gates:
  verified: true
  policies: [another]
  policy_approved: true
  promoted_from: staging
  drift: clean
  probes:
    - {name: wrong, sql: "select email from public.customers order by id limit 1", expect: nobody}
    - {name: empty, sql: "select 1 where false"}
    - {name: writes, sql: "delete from public.customers returning true"}
    - {name: broken, sql: "select nothing from public.customers"}
    - {name: well, sql: "select count(*) from public.payments", expect: 0}
""")
    data = next((stages.folder / "snapshots").glob("2*/data/*/*.parquet"))
    data.chmod(0o600)
    data.write_bytes(data.read_bytes()[:-1] + b"!")
    done = stages("promote", "latest:staging", "dev", "--dry-run", "--json")
    assert done.code == 3
    gates = {gate["gate"]: gate for gate in done.json["gates"]}
    assert [name for name, gate in gates.items() if gate["passed"]] == ["promoted_from", "probes: well"]
    assert f"{data.name} (changed)" in gates["verified"]["why"]
    assert gates["probes: wrong"]["why"] == "staging gives another value than what is expected"
    assert gates["probes: empty"]["why"] == "in staging the query gives no row"
    assert "read-only" in gates["probes: writes"]["why"]
    assert "nothing" in gates["probes: broken"]["why"]
    assert gates["policy_approved"]["why"] == "no plan of policy 'staging' for production was approved"
    assert "@" not in done.out


def test_two_people_let_it_in(stages: InProcess) -> None:
    people(stages, "ada", "grace", "lin")
    (stages.folder / "datamask.dev.yaml").write_text(
        "gates:\n  approvals: {count: 2, from: [ada, grace, lin]}\n"
    )
    promote = ("promote", "latest:staging", "dev", "--json")
    gate = stages(*promote).json["gates"][0]
    assert gate["why"] == "0 of 2 approvals; nobody has asked for this one"
    assert gate["hint"].startswith("datamask approve request ")
    stages.ok("approve", "request", "latest:staging", "dev", *signed("ada"), "--reason", "release")
    alone = stages("approve", "sign", "promote-dev", *signed("ada"))
    assert alone.code == 3
    assert "ada asked for it, and cannot approve it too" in alone.message
    one = stages.ok("approve", "sign", "promote-dev", *signed("grace"), "--json").json
    assert (one["approvers"], one["needed"], one["already"]) == (["grace"], 2, False)
    assert stages.ok("approve", "sign", "promote-dev", *signed("grace"), "--json").json["already"] is True
    gate = stages(*promote).json["gates"][0]
    assert gate["why"] == "1 of 2 approvals (grace)"
    assert gate["hint"].startswith("datamask approve sign approvals/promote-dev-")
    stages.ok("approve", "sign", "promote-dev", *signed("lin"))
    listed = stages.ok("approve", "list", "--json").json["requests"]
    assert [(item["state"], item["approvers"]) for item in listed] == [("approved", ["grace", "lin"])]
    shown = stages.ok("approve", "show", "promote-dev").out
    assert "ada, at " in shown
    assert "✓ grace approved it" in shown
    # Approvals travel with the project and need no server.
    done = stages.ok(*promote)
    assert done.json["gates"][0]["why"] == "approved by grace, lin"
    record = stages.ok("audit", "log", "--last", 3, "--json").json["records"][0]
    assert record["details"]["approvals"] == "approved by grace, lin"


def test_whatever_changes_voids_an_approval(stages: InProcess) -> None:
    people(stages, "ada", "grace", "lin")
    (stages.folder / "datamask.dev.yaml").write_text("gates: {approvals: {from: [grace]}}\n")
    asked = ("approve", "request", "latest:staging", "dev", *signed("ada"), "--reason", "release")
    stages.ok(*asked)
    stages.ok("approve", "sign", "promote-dev", *signed("grace"))
    dry = ("promote", "latest:staging", "dev", "--dry-run", "--json")
    stages.ok(*dry)
    [path] = (stages.folder / "approvals").glob("*.request.json")
    whole = path.read_text()

    def why() -> str:
        done = stages(*dry)
        assert done.code == 3
        return str(done.json["gates"][0]["why"])

    path.write_text(whole.replace("release", "a release"))
    assert "not signed by ada, or was changed after it was signed" in why()
    expired = json.loads(whole)
    expired["request"]["expires"] = "2099-01-01T00:00:00+00:00"
    path.write_text(json.dumps(expired))
    assert "changed after it was signed" in why()
    path.write_text(whole)
    stages.ok(*dry)
    # It says dev, and not staging.
    (stages.folder / "datamask.staging.yaml").write_text("gates: {approvals: {from: [grace]}}\n")
    staging = stages("promote", "latest:staging", "staging", "--dry-run", "--json")
    assert staging.json["gates"][0]["why"] == "0 of 1 approvals; nobody has asked for this one"
    # Who may approve is said by the gates as they are now.
    (stages.folder / "datamask.dev.yaml").write_text("gates: {approvals: {from: [lin]}}\n")
    assert "that of grace does not count: only lin may approve it" in why()
    (stages.folder / "datamask.dev.yaml").write_text("gates: {approvals: {from: [grace]}}\n")
    stages.ok("approve", "revoke", "promote-dev", *signed("lin"), "--reason", "it is off")
    assert why() == "0 of 1 approvals; lin revoked it: it is off"
    # Without the file, the audit log knows it still.
    [revocation] = (stages.folder / "approvals").glob("*.revocation.json")
    revocation.unlink()
    assert why() == "0 of 1 approvals; it was revoked, says the audit log"
    late = stages("approve", "sign", "promote-dev", *signed("grace"))
    assert late.code == 3
    assert "the request is void" in late.message
    # A new question may have another answer.
    stages.ok(*asked)
    [fresh] = [
        item["request"]
        for item in stages.ok("approve", "list", "--json").json["requests"]
        if item["state"] == "open"
    ]
    stages.ok("approve", "sign", fresh, *signed("grace"))
    stages.ok(*dry)


def test_guard_rails_stay(stages: InProcess) -> None:
    assert stages("promote", "latest:staging", "production").code == 3
    shared = stages("promote", "latest:staging", "staging")
    assert shared.code == 3
    assert "--confirm staging" in shared.message
    assert stages("promote", "latest:staging", "dev", "--confirm", "staging").code == 2
    unheld = stages("promote", "loaded:staging", "dev")
    assert unheld.code == 2
    assert "does not say that it was loaded" in unheld.message
    ungated = stages.ok("promote", "latest:staging", "staging", "--dry-run")
    assert "environment staging has no gates" in ungated.out


@pytest.fixture
def guarded(project: CommandLine) -> InProcess:
    """A production whose policies need another person's approval."""
    run = InProcess(project.folder, project.environ)
    people(run, "ada", "grace")
    (run.folder / "datamask.production.yaml").write_text("gates:\n  policy_approved: true\n")
    return run


POLICY = ("--policy", "policies/staging.yaml")


def test_a_plan_needs_its_approval(guarded: InProcess) -> None:
    snapshot = ("snapshot", "production", *POLICY)
    never = guarded(*snapshot)
    assert never.code == 3
    assert "policy 'staging' was never approved for environment production" in never.message
    ask = ("approve", "policy", "production", *POLICY, *signed("ada"), "--reason", "first")
    asked = guarded.ok(*ask, "--json").json
    assert (asked["kind"], asked["changes"]) == ("policy", None)
    lock = guarded.folder / "policies/approved.lock"
    assert not lock.exists()
    given = guarded.ok("approve", "sign", "policy-production", *signed("grace"), "--json").json
    assert given["lock"] == str(lock)
    guarded.ok(*snapshot)
    record = guarded.ok("audit", "log", "--last", 1, "--json").json["records"][0]
    assert record["details"]["approved_by"] == "grace"
    shown = guarded.ok("approve", "show", "policy-production", "-v").out
    assert "public.customers.email  email (" in shown
    edit(guarded)
    changed = guarded(*snapshot)
    assert changed.code == 3
    assert "compiles to another plan than the one that was approved" in changed.message
    assert "~ public.customers.phone: phone (" in changed.message
    assert ") → keep" in changed.message
    again = guarded.ok(*ask, "--json").json
    assert [line.split(":")[0] for line in again["changes"]] == ["~ public.customers.phone"]
    guarded.ok("approve", "sign", again["request"], *signed("grace"))


def edit(run: CommandLine) -> None:
    """Let a column pass."""
    path = run.folder / "policies/staging.yaml"
    text = path.read_text()
    assert "columns:" not in text.split("\n#")[0]
    path.write_text(text + "\ncolumns:\n  public.customers.phone: keep\n")


@pytest.mark.slow  # the pieces are tested by themselves
def test_a_lock_is_whole_or_nothing(guarded: InProcess) -> None:
    guarded.ok("approve", "policy", "production", *POLICY, *signed("ada"), "--reason", "first")
    guarded.ok("approve", "sign", "policy-production", *signed("grace"))
    lock: Path = guarded.folder / "policies/approved.lock"
    whole = lock.read_text()
    lock.write_text(whole[:-20])
    assert guarded("snapshot", "production", *POLICY).code == 4
    # The plan in it is what was signed.
    lock.write_text(whole.replace('"email": "email', '"email": "keep', 1))
    edited = guarded("snapshot", "production", *POLICY)
    assert edited.code == 3
    assert "changed after it was signed" in edited.message
    lock.unlink()
    # A crash between the approval and the lock is mended by signing once more.
    assert (
        guarded.ok("approve", "sign", "policy-production", *signed("grace"), "--json").json["already"] is True
    )
    assert lock.read_text() == whole
    guarded.ok("snapshot", "production", *POLICY)
    # Whose approval it takes is said by the source's gates.
    (guarded.folder / "datamask.production.yaml").write_text(
        "gates:\n  policy_approved: true\n  approvals: {from: [ada]}\n"
    )
    assert "only ada may approve it" in guarded("snapshot", "production", *POLICY).message
    guarded.ok("approve", "revoke", "policy-production", *signed("ada"), "--reason", "no")
    revoked = guarded("snapshot", "production", *POLICY)
    assert revoked.code == 3
    assert "for environment production does not hold: ada revoked it: no" in revoked.message
