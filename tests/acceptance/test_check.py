"""``check`` in all its forms: for people, pull requests, code scanning, auditors; and with samples."""

from __future__ import annotations

import json
import re
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.command_line import CommandLine
from support.in_process import InProcess

from datamask.commands.project import Project
from datamask.db.embedded import EmbeddedServer

POLICY = ("--policy", "policies/staging.yaml")
TRIED = """
drop schema if exists tried cascade;
create schema tried;
create domain tried.address as text check (value like '%@%');
create domain tried.code as text check (value ~ '^[A-Z]{2}[0-9]+$');
create table tried.people (
    id int primary key, email text, login text, nickname text, born date check (born < '2010-01-01'), code tried.code,
    profile jsonb, check (email like '%@%'), check (nickname = lower(nickname) or id < 0)
);
insert into tried.people
select n, 'ada' || n || '@web.example', 'ada' || n || '@web.example', 'nick' || n, date '1980-01-01' + n,
       'AB' || n, jsonb_build_object('contact', 'ada' || n || '@web.example')
from generate_series(1, 40) n;
create table tried.newsletter (id int primary key, address text);
create table tried.visits (id int, who tried.address not null) partition by range (id);
create table tried.visits_1 partition of tried.visits for values from (0) to (10);
create table tried.visits_2 partition of tried.visits for values from (10) to (100);
insert into tried.visits select n, 'bob' || n || '@web.example' from generate_series(1, 15) n;
insert into tried.newsletter select n, 'ada' || n || '@web.example' from generate_series(1, 40) n;
"""
CLASSES = """
  tried.people:
    id: key
    email: person.email
    login: public
    nickname: person.username
    born: person.birth_date
    code: person.national_id
    profile: public
  tried.newsletter:
    id: key
    address: public
  tried.visits:
    id: key
    who: person.email
"""


@pytest.fixture
def quick(project: CommandLine) -> InProcess:
    """The same project, without a process for each command."""
    return InProcess(project.folder, project.environ)


def git(folder: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@t.example", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=folder, check=True, capture_output=True)


def stale(project: CommandLine) -> None:
    """An error at a line that is known, in a policy file."""
    project.append("policies/staging.yaml", "columns:\n  public.customers.emial: keep\n")


def line_of(project: CommandLine, text: str, file: str = "policies/staging.yaml") -> int:
    lines = (project.folder / file).read_text(encoding="utf-8").splitlines()
    return 1 + next(number for number, line in enumerate(lines) if text in line)


def test_sarif(project: CommandLine) -> None:
    stale(project)
    done = project("check", "production", *POLICY, "--sarif", GITHUB_WORKSPACE=str(project.folder))
    assert done.code == 4
    log = done.json
    assert (log["version"], len(log["runs"])) == ("2.1.0", 1)
    assert log["$schema"].endswith("sarif-schema-2.1.0.json")
    run = log["runs"][0]
    driver = run["tool"]["driver"]
    assert driver["name"] == "datamask"
    for rule in driver["rules"]:
        assert re.fullmatch(r"DM\d{3}", rule["id"])
        assert all(rule[key]["text"] for key in ("shortDescription", "fullDescription", "help"))
        assert rule["defaultConfiguration"]["level"] in {"error", "warning", "note"}
    errors = [result for result in run["results"] if result["level"] == "error"]
    assert [result["ruleId"] for result in errors] == ["DM104"]
    for result in run["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        assert result["partialFingerprints"]
    [location] = errors[0]["locations"]
    rule = "  public.customers.emial: "
    assert location["physicalLocation"] == {
        "artifactLocation": {"uri": "policies/staging.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": line_of(project, "emial"), "startColumn": len(rule) + 1},
    }
    assert location["logicalLocations"][0]["fullyQualifiedName"] == "public.customers.emial"


def test_workflow_commands(quick: InProcess) -> None:
    stale(quick)
    done = quick("check", "production", *POLICY, "--github", GITHUB_WORKSPACE=str(quick.folder))
    assert done.code == 4
    [error] = [line for line in done.out.splitlines() if line.startswith("::error ")]
    assert error.startswith(f"::error file=policies/staging.yaml,line={line_of(quick, 'emial')},col=")
    assert ",title=DM104%3A the policy names what does not exist::" in error
    assert error.endswith("%0Adid you mean email?")
    assert "::notice" not in done.out
    refused = quick("check", "--github", "--sarif")
    assert (refused.code, refused.out) == (2, "")


def accepted(project: InProcess, code: str, days: int, **more: str) -> None:
    entry: dict[str, Any] = {
        "code": code,
        "reason": "looked at by the tests",
        "expires": (datetime.now(UTC).date() + timedelta(days=days)).isoformat(),
        **more,
    }
    (project.folder / "policies/accepted.yaml").write_text(
        json.dumps({"version": 1, "accepted": [entry]}), encoding="utf-8"
    )


def test_accepted_findings(quick: InProcess) -> None:
    quick.append("policies/staging.yaml", "unclassified: keep\n")
    quick.edit("policies/staging.yaml", "unclassified: refuse ", "# ")
    quick.edit("policies/classification.yaml", "    email: person.email\n", "")
    arguments = ("check", "production", *POLICY)
    before = quick.ok(*arguments, "--json").json
    codes = [item["code"] for item in before["findings"] if item["severity"] == "warning"]
    assert "DM101" in codes
    assert quick(*arguments, "--strict").code == 4
    accepted(quick, "DM101", 7, table="public.*")
    after = quick.ok(*arguments, "--json").json
    assert "DM101" not in [item["code"] for item in after["findings"]]
    assert {item["reason"] for item in after["accepted"]} == {"looked at by the tests"}
    assert after["policies"][0]["accepted"] == codes.count("DM101")
    text = quick.ok(*arguments).out
    assert "accepted:\n  DM101  public.customers.email: looked at by the tests (until 20" in text
    assert quick(*arguments, "--strict").code == (0 if set(codes) == {"DM101"} else 4)
    suppressed = [
        result["suppressions"][0]["justification"]
        for result in quick.ok(*arguments, "--sarif").json["runs"][0]["results"]
        if "suppressions" in result
    ]
    assert set(suppressed) == {"looked at by the tests"}
    accepted(quick, "DM101", -1)
    assert {"DM101", "DM190"} <= {item["code"] for item in quick.ok(*arguments, "--json").json["findings"]}
    accepted(quick, "DM163", 7, column="nowhere")
    assert "DM191" in {item["code"] for item in quick.ok(*arguments, "--json").json["findings"]}


def test_a_configured_file_of_accepted_findings_must_be_there(quick: InProcess) -> None:
    quick.append("datamask.yaml", "accepted: policies/elsewhere.yaml\n")
    done = quick("check", "production", *POLICY)
    assert done.code == 4
    assert done.message.endswith("policies/elsewhere.yaml: there is no such file")


def test_what_an_edit_would_change(quick: InProcess) -> None:
    old = quick.folder / "old.yaml"
    old.write_bytes((quick.folder / "policies/staging.yaml").read_bytes())
    same = quick.ok("check", "production", *POLICY, "--diff", "old.yaml")
    assert "compared with old.yaml: gives the same data" in same.out
    quick.append("policies/staging.yaml", "columns:\n  public.customers.phone: keep\n")
    done = quick.ok("check", "production", *POLICY, "--diff", "old.yaml", "--json").json
    changes = done["policies"][0]["changes"]
    assert not changes["same_data"]
    assert [(item["column"], item["effect"]) for item in changes["columns"]] == [("phone", "exposed")]
    text = quick.ok("check", "production", *POLICY, "--diff", "old.yaml").out
    assert (
        "1 column was masked and passes unchanged now\n  public.customers.phone  transform: phone → keep"
        in text
    )
    several = quick("check", "--diff", "old.yaml")
    assert several.code == 2
    assert "say with --policy" in several.message


def test_what_a_branch_would_change(quick: InProcess) -> None:
    git(quick.folder, "init", "-q", "-b", "main")
    git(quick.folder, "add", "policies")
    git(quick.folder, "commit", "-q", "-m", "policies")
    quick.append("policies/staging.yaml", "classes:\n  person.email: hash\n")
    done = quick.ok("check", "production", "--diff", "HEAD", "--json", *POLICY).json
    effects = {item["effect"] for item in done["policies"][0]["changes"]["columns"]}
    assert effects == {"changed"}
    quick.edit("policies/classification.yaml", "    email: person.email\n", "    email: public\n")
    done = quick.ok("check", "production", "--diff", "main", "--json", *POLICY).json
    columns = {item["column"]: item["effect"] for item in done["policies"][0]["changes"]["columns"]}
    assert columns["email"] == "exposed"
    unknown = quick("check", "production", "--diff", "nowhere", *POLICY)
    assert unknown.code == 2
    assert "'nowhere' is neither a file nor a revision of the repository" in unknown.message
    quick.append("policies/new.yaml", "version: 1\nextends: default\n")
    new = quick("check", "production", "--diff", "HEAD", "--policy", "policies/new.yaml")
    assert new.code == 4
    assert "HEAD:policies/new.yaml: there is no such file" in new.message


def test_without_a_repository_a_revision_is_refused(quick: InProcess) -> None:
    done = quick("check", "production", *POLICY, "--diff", "HEAD", GIT_CEILING_DIRECTORIES="/")
    assert done.code == 2
    assert "git rev-parse failed" in done.message


@pytest.mark.parametrize("name", ["coverage.md", "coverage.html"])
def test_coverage(quick: InProcess, name: str) -> None:
    done = quick.ok("check", "production", "--coverage", name)
    assert f"coverage written to {name}" in done.err
    # Names may be broken there.
    text = (quick.folder / name).read_text(encoding="utf-8").replace("<wbr>", "")
    columns = quick.ok("check", "production", "--json").json["columns"]
    for column in columns:
        if column["partition_of"] is None:
            assert column["column"].replace("_", "\\_") in text or column["column"] in text
    assert "person.email" in text
    # Nothing is fetched from elsewhere.
    assert not re.search(r"""(?:src|href)\s*=|@import|url\(""", text)


def test_a_coverage_of_another_kind(quick: InProcess) -> None:
    done = quick("check", "production", "--coverage", "coverage.pdf")
    assert (done.code, done.message) == (
        2,
        "error: coverage.pdf must end in .md or .html\nhint: its ending says how the coverage is written",
    )


@pytest.fixture
def tried(folder: Path, server: EmbeddedServer, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """A project about a database whose constraints and copies only its rows tell of."""
    from support.command_line import KEY
    from support.programs import run_sql

    url = server.ensure_database("acceptance_tried")
    run_sql(url, TRIED.encode())
    project = InProcess(folder, {"DATAMASK_KEY": KEY, "PRODUCTION_URL": url})
    (folder / "policies").mkdir()
    # Instead of an embedded server of the project's own, which it would take seconds to make.
    monkeypatch.setattr(Project, "embedded_server", lambda _: server)
    (folder / "datamask.yaml").write_text(
        "version: 1\nproject: tried\nmasking_key: env:DATAMASK_KEY\n"
        "environments:\n  production: {url: 'env:PRODUCTION_URL', tier: protected}\n",
        encoding="utf-8",
    )
    (folder / "policies/classification.yaml").write_text(f"version: 1\ntables:{CLASSES}", encoding="utf-8")
    (folder / "policies/staging.yaml").write_text("version: 1\nextends: default\n", encoding="utf-8")
    return project


def findings(done: dict[str, Any]) -> dict[tuple[str, str], str]:
    return {(item["code"], item["column"]): item["message"] for item in done["findings"]}


def test_samples_try_what_cannot_be_proven(tried: InProcess) -> None:
    rules = (
        "columns:\n  tried.people.email: {email: {domain: masked.example}}\n"
        "  tried.people.nickname: {redact: {with: HIDDEN}}\n  tried.people.code: hash\n"
        "  tried.people.born: {shift_date: {within: 30d}}\n"
    )
    tried.append("policies/staging.yaml", rules)
    arguments = ("check", "production", *POLICY, "--json")
    before = findings(tried.ok(*arguments).json)
    assert {key for key in before if key[0] == "DM136"} == {
        ("DM136", "email"), ("DM136", "nickname"), ("DM136", "code"), ("DM136", "born"), ("DM136", "who"),
    }  # fmt: skip
    done = tried(*arguments, "--try")
    assert done.code == 4
    after = findings(done.json)
    assert after["DM170", "nickname"] == (
        "40 of 40 (100%) of the sampled rows of tried.people break the constraint people_check once nickname is masked"
    )
    assert (
        after["DM171", "code"]
        == "40 of 40 (100%) of the masked values of tried.people.code are no valid tried.code"
    )
    assert ("DM170", "email") not in after
    assert after["DM136", "email"].endswith("; all 40 sampled rows met it")
    # A domain, and both partitions as one.
    assert after["DM136", "who"].endswith(
        "meets the constraint address_check cannot be proven; all 15 sampled rows met it"
    )
    assert done.json["policies"][0]["trial"] == {
        "tables": 4,
        "rows": 95,
        "demands": 9,
        "places": [{"place": "a scratch database of the embedded PostgreSQL 18", "tables": 3}],
        "unused": [],
        "skipped": [],
    }
    assert "web.example" not in done.out + done.err
    assert (
        "tried 95 rows of 4 tables, masked in memory\n"
        "  3 masked tables in a scratch database of the embedded PostgreSQL 18\n"
    ) in tried(*arguments[:-1], "--try").out


def test_samples_show_copies(tried: InProcess) -> None:
    tried.append(
        "policies/staging.yaml", "columns:\n  tried.people.code: keep\n  tried.people.nickname: keep\n"
    )
    done = tried.ok("check", "production", *POLICY, "--try", "--json").json
    found = {
        (item["table"], item["column"]): item["message"]
        for item in done["findings"]
        if item["code"] == "DM166"
    }
    assert found == {
        (
            "tried.people",
            "login",
        ): "tried.people.login passes unchanged and holds the same values as the masked "
        "tried.people.email (100% of a sample)",
        (
            "tried.people",
            "profile",
        ): "tried.people.profile passes unchanged and holds the values of the masked "
        "tried.people.email of the same row inside its own (100% of a sample)",
        (
            "tried.newsletter",
            "address",
        ): "tried.newsletter.address passes unchanged and holds the same values as "
        "the masked tried.people.email, in another table (100% of a sample)",
    }


def test_a_snapshot_can_begin_with_a_trial(tried: InProcess) -> None:
    tried.append("policies/staging.yaml", "columns:\n  tried.people.nickname: {redact: {with: HIDDEN}}\n")
    refused = tried("snapshot", "production", *POLICY, "--try")
    assert refused.code == 4
    assert (
        "DM170 tried.people.nickname: 40 of 40 (100%) of the sampled rows of tried.people break the constraint"
        in refused.err
    )
    assert tried.ok("snapshots", "list", "--json").json["snapshots"] == []
    # As configured, unless said otherwise.
    tried.append("datamask.yaml", "snapshot: {try: true}\n")
    assert tried("snapshot", "production", *POLICY).code == 4
    tried.edit("policies/staging.yaml", "with: HIDDEN", "with: hidden")
    # Workers want a process of their own; it starts an embedded server, and stops it when the trial is over.
    alone = CommandLine(tried.folder, tried.environ)
    done = alone.ok("snapshot", "production", *POLICY)
    assert "  3 masked tables in a scratch database of the embedded PostgreSQL 18" in done.out
    assert not EmbeddedServer(tried.folder / ".datamask/postgres").status().running
