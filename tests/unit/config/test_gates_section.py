"""``gates`` and ``audit`` of datamask.yaml: what they mean, and what is refused with file and line."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from datamask.approval.rule import Rule
from datamask.config import audit, gates
from datamask.config.audit import AuditSettings
from datamask.config.document import parse_document
from datamask.config.durations import duration_text, parse_duration
from datamask.config.gates import Bounds, Gates, Probe
from datamask.config.settings import Settings, read_settings
from datamask.errors import UsageError

KEY = "ed25519:" + "A" * 43 + "="

HEAD = f"""version: 1
approvers: {{maria: "{KEY}", ben: "{KEY}"}}
environments:
  production: {{url: env:P}}
  staging: {{url: env:S, tier: shared}}
  perf:
    url: env:Q
    tier: shared
"""


def read(text: str) -> Settings:
    return read_settings(parse_document(HEAD + text, Path("/p/datamask.yaml")))


def test_everything_that_can_be_said():
    found = (
        read("""\
    gates:
      verified: true
      max_age: 36h
      promoted_from: staging
      policies: staging
      policy_approved: true
      probes:
        - {sql: select true}
        - {name: enough, sql: select 1, expect: {at_least: 5}}
        - {sql: select 2, expect: null}
      drift: clean
      approvals: {count: 2, not_requester: false, from: [maria, ben]}
""")
        .environment("perf")
        .gates
    )
    assert found == Gates(
        verified=True,
        max_age=timedelta(hours=36),
        promoted_from="staging",
        policies=("staging",),
        policy_approved=True,
        probes=(
            Probe("probe 1", "select true"),
            Probe("enough", "select 1", Bounds(at_least=5)),
            Probe("probe 3", "select 2", None),
        ),
        drift="clean",
        approvals=Rule(2, False, ("maria", "ben")),
    )
    assert read("").environment("perf").gates is None


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("gate: 1", "unknown key 'gate'"),
        ("gates: {ferified: true}", "unknown key 'ferified' in environments.perf.gates"),
        ("gates: {max_age: 7}", "must be text, not the number 7"),
        ("gates: {max_age: 7 years}", "environments.perf.gates.max_age must be a length of time"),
        ("gates: {promoted_from: stagin}", "nothing can come from 'stagin': there is no environment"),
        ("gates: {promoted_from: perf}", "nothing can come from 'perf': that is the environment itself"),
        ("gates: {promoted_from: production}", "nothing can come from 'production': it is protected"),
        ("gates: {probes: [{sql: select 1}]}", "is about the stage that a snapshot comes from, and none is named"),
        ("gates: {drift: clean}", "is about the stage that a snapshot comes from, and none is named"),
        ("gates: {promoted_from: staging, drift: dirty}", "must be one of clean, not 'dirty'"),
        ("gates: {promoted_from: staging, probes: [{name: x}]}", r"probes\[1\] has no sql"),
        ("gates: {promoted_from: staging, probes: [{sql: x, expect: []}]}", "must be one value"),
        ("gates: {promoted_from: staging, probes: [{sql: x, expect: {}}]}", "expect says nothing"),
        ("gates: {policies: []}", "is empty, so nothing would pass"),
        ("gates: {approvals: {count: 0}}", "count must be at least 1"),
        ("gates: {approvals: {count: 3}}", "takes 3 people, and only 2 may approve"),
        ("gates: {approvals: {count: 2, from: [maria]}}", "takes 2 people, and only 1 may approve"),
        ("gates: {approvals: {from: [eve]}}", "'eve' is not among the approvers"),
    ],
)  # fmt: skip
def test_what_means_nothing_is_refused_with_its_line(said, message):
    with pytest.raises(UsageError, match=message) as caught:
        read(f"    {said}\n")
    assert caught.value.message.startswith("/p/datamask.yaml:9: ")


def test_a_protected_environment_guards_what_is_taken():
    def protected(said: str) -> Gates | None:
        text = HEAD.replace("{url: env:P}", f"{{url: env:P, gates: {said}}}")
        return read_settings(parse_document(text, Path("/p/datamask.yaml"))).environment("production").gates

    assert protected("{policy_approved: true, approvals: {count: 2}}") == Gates(
        policy_approved=True, approvals=Rule(2)
    )
    with pytest.raises(UsageError, match="max_age guards nothing: a protected environment is only ever read"):
        protected("{max_age: 7d}")


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("audit: log/a.jsonl", AuditSettings(Path("/p/log/a.jsonl"))),
        ("audit: {file: /a, anchor: b, syslog: local}", AuditSettings(Path("/a"), Path("/p/b"), "local")),
        ("audit: {syslog: 'udp://[::1]:514'}", AuditSettings(syslog="udp://[::1]:514")),
        ("audit: {syslog: tcp://logs.example.com}", AuditSettings(syslog="tcp://logs.example.com")),
    ],
)
def test_where_the_audit_log_goes(said, expected):
    assert read(said).audit == expected


@pytest.mark.parametrize(
    "said", ["audit: {syslog: http://x}", "audit: {file: 1}", "audit: {anker: x}", "audit: 1"]
)
def test_an_audit_log_that_goes_nowhere(said):
    with pytest.raises(UsageError, match=r"^/p/datamask\.yaml:9: "):
        read(said)


def test_the_schemas_have_every_key():
    properties = gates.SCHEMA["properties"]
    assert isinstance(properties, dict)
    assert set(properties) == set(gates.KEYS)
    assert set(properties["probes"]["items"]["properties"]) == set(gates.PROBE_KEYS)
    assert set(properties["approvals"]["properties"]) == set(gates.APPROVAL_KEYS)
    logs = audit.SCHEMA["properties"]
    assert isinstance(logs, dict)
    assert set(logs) == set(audit.KEYS)


@given(st.integers(1, 99_999), st.sampled_from("smhdw"))
def test_a_length_of_time_is_said_as_it_was_read(number, unit):
    found = parse_duration(f"{number}{unit}")
    assert found is not None
    assert parse_duration(duration_text(found)) == found


@pytest.mark.parametrize("text", ["", "7", "d", "0d", "-1d", "1.5d", "7D", "1234567d", "7d 2h", "7dd"])
def test_what_is_no_length_of_time(text):
    assert parse_duration(text) is None
