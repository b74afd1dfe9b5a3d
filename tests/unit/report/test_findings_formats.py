"""Findings for other programs: SARIF and workflow commands."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from datamask.config.document import Mark
from datamask.policy.accepted import Acceptance, Accepted
from datamask.policy.plan import Finding
from datamask.report.github import workflow_commands
from datamask.report.sarif import PolicyFindings, sarif

ROOT = Path("/repository")


def finding(line: int = 7, file: str = "/repository/a dir/staging, 1.yaml", **more: Any) -> Finding:
    about: dict[str, Any] = {
        "code": "DM104",
        "severity": "error",
        "table": "public.t",
        "column": "c",
        "message": f"{file}:{line}: the policy has a rule\nfor 100% of c",
        "hint": "did you mean d?",
        "mark": Mark(Path(file), line, 3),
    }
    return Finding(**{**about, **more})


def results(*policies: PolicyFindings) -> list[Any]:
    log: Any = sarif(policies, version="1.0.0", environment="production", root=ROOT)
    return log["runs"][0]["results"]


def test_a_command_is_escaped() -> None:
    [command] = workflow_commands([finding()], root=ROOT, notes=False)
    assert command == (
        "::error file=a dir/staging%2C 1.yaml,line=7,col=3,title=DM104%3A the policy names what does not exist::"
        "/repository/a dir/staging, 1.yaml:7: the policy has a rule%0Afor 100%25 of c%0Adid you mean d?"
    )


def test_commands_without_a_file_and_notes() -> None:
    elsewhere = finding(file="/elsewhere/x.yaml", severity="warning", message="m", hint=None)
    note = finding(severity="info", mark=None, message="n")
    assert workflow_commands([elsewhere, elsewhere, note], root=ROOT, notes=False) == [
        "::warning title=DM104%3A the policy names what does not exist::m"
    ]
    assert len(workflow_commands([elsewhere, note], root=ROOT, notes=True)) == 2


def test_a_finding_of_several_policies_is_one_result() -> None:
    [result] = results(PolicyFindings("staging", [finding()]), PolicyFindings("dev", [finding()]))
    assert result["properties"] == {"policies": ["staging", "dev"]}
    assert result["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "a%20dir/staging%2C%201.yaml", "uriBaseId": "%SRCROOT%"},
        "region": {"startLine": 7, "startColumn": 3},
    }


def test_a_fingerprint_does_not_move_with_the_line() -> None:
    [one], [other] = results(PolicyFindings("p", [finding(7)])), results(PolicyFindings("p", [finding(9)]))
    assert one["partialFingerprints"] == other["partialFingerprints"]
    [third] = results(PolicyFindings("p", [finding(7, column="d")]))
    assert third["partialFingerprints"] != one["partialFingerprints"]


def test_a_finding_without_a_place() -> None:
    [result] = results(PolicyFindings("p", [finding(table=None, column=None, mark=None, message="m")]))
    assert result["locations"] == []


def test_an_accepted_finding_is_suppressed() -> None:
    warning = finding(severity="warning")
    entry = Acceptance("DM104", "*", "*", "*", "looked at", date(2027, 1, 1), Mark(Path("a"), 1, 1))
    [result] = results(PolicyFindings("p", [], [Accepted(warning, entry)]))
    assert result["suppressions"] == [{"kind": "external", "justification": "looked at"}]
