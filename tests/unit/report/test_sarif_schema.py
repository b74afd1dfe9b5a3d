"""SARIF logs against the standard's own JSON schema, which stands beside this file."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator
from jsonschema.exceptions import ValidationError

from datamask.config.document import Mark
from datamask.policy.accepted import Acceptance, Accepted
from datamask.policy.codes import CODES
from datamask.policy.plan import Finding
from datamask.report.sarif import PolicyFindings, sarif

ROOT = Path("/repository")


@pytest.fixture(scope="module")
def schema() -> Draft7Validator:
    file = Path(__file__).with_name("sarif-schema-2.1.0.json")
    return Draft7Validator(json.loads(file.read_text(encoding="utf-8")))


def log(*policies: PolicyFindings) -> Any:
    made = sarif(policies, version="1.2.3", environment="production", root=ROOT)
    # As a reader gets it, tuples and all.
    return json.loads(json.dumps(made))


def test_every_finding_makes_a_valid_log(schema: Draft7Validator) -> None:
    marks = [None, Mark(ROOT / "a dir/staging, 1.yaml", 7, 3), Mark(Path("/elsewhere/x.yaml"), 1, 1)]
    findings = [
        Finding(code, listed.severity, table, column, f"about {code}", hint, marks[number % len(marks)])
        for number, (code, listed) in enumerate(CODES.items())
        for table, column, hint in (("s.t", "c", "do it"), ("s.t", None, None), (None, None, None))
    ]
    acceptance = Acceptance(
        "DM135", "*", "s.t", "c", "looked at", date(2027, 1, 1), Mark(ROOT / "accepted.yaml", 3, 1)
    )
    accepted = [Accepted(finding, acceptance) for finding in findings if finding.code == "DM135"]
    schema.validate(log(PolicyFindings("staging", findings, accepted), PolicyFindings("dev", findings[:5])))


def test_nothing_found_is_a_valid_log(schema: Draft7Validator) -> None:
    schema.validate(log())


def test_the_schema_tells_wrong_logs(schema: Draft7Validator) -> None:
    made = log(PolicyFindings("staging", [Finding("DM104", "error", "s.t", "c", "m")]))
    made["runs"][0]["results"][0]["level"] = "info"
    with pytest.raises(ValidationError):
        schema.validate(made)
