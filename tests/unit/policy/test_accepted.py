from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from datamask.config.document import parse_document
from datamask.errors import PolicyError
from datamask.policy.accepted import Acceptance, judge, parse_accepted
from datamask.policy.plan import Finding, Severity

TODAY = date(2027, 3, 31)
PATH = Path("accepted.yaml")


def parsed(text: str) -> tuple[Acceptance, ...]:
    return parse_accepted(parse_document("version: 1\n" + text, PATH, kind=PolicyError))


def found(code: str, column: str | None = "email", severity: Severity = "warning") -> Finding:
    return Finding(code, severity, "public.customers", column, "what and why", "what to do")


ENTRY = """
accepted:
  - code: DM162
    table: public.*
    column: email
    reason: a hash with a secret of its own
    expires: 2027-03-31
"""


def test_a_warning_is_accepted_with_its_reason() -> None:
    other = found("DM163", "payload")
    [verdict] = judge([("staging", [found("DM162"), other])], parsed(ENTRY), TODAY)
    assert verdict.open == (other,)
    assert [(item.finding.code, item.acceptance.reason) for item in verdict.accepted] == [
        ("DM162", "a hash with a secret of its own")
    ]


def test_an_entry_ends_with_its_last_day() -> None:
    [verdict] = judge([("staging", [found("DM162")])], parsed(ENTRY), date(2027, 4, 1))
    assert verdict.accepted == ()
    assert [finding.code for finding in verdict.open] == ["DM190", "DM162"]
    assert verdict.open[0].message == (
        "accepted.yaml:4: DM162 of public.*.email was accepted until 2027-03-31 (a hash with a secret of its own)"
    )
    assert verdict.open[0].mark is not None
    assert verdict.open[0].mark.line == 4


def test_an_error_is_never_accepted() -> None:
    error = found("DM161", severity="error")
    [verdict] = judge([("staging", [error])], parsed(ENTRY.replace("DM162", "DM161")), TODAY)
    assert verdict.accepted == ()
    assert [finding.code for finding in verdict.open] == ["DM161", "DM192"]


def test_an_entry_that_covers_nothing_is_a_finding() -> None:
    [verdict] = judge([("staging", [found("DM162", "phone")])], parsed(ENTRY), TODAY)
    assert [finding.code for finding in verdict.open] == ["DM191", "DM162"]


def test_policies_that_share_a_file_share_its_entries() -> None:
    both = [("staging", [found("DM162")]), ("dev", [])]
    staging, dev = judge(both, parsed(ENTRY), TODAY)
    assert (len(staging.accepted), staging.open, dev.open) == (1, (), ())
    narrow = parsed(ENTRY.replace("    table:", "    policy: dev\n    table:"))
    staging, dev = judge(both, narrow, TODAY)
    assert [finding.code for finding in staging.open] == ["DM162"]
    assert [finding.code for finding in dev.open] == ["DM191"]
    # Nothing can be said of entries for a policy that is not looked at.
    assert judge(both[:1], narrow, TODAY)[0].open == (found("DM162"),)


def test_a_finding_about_a_table_has_no_column() -> None:
    entry = ENTRY.replace("    column: email\n", "")
    [verdict] = judge([("staging", [found("DM162", None), found("DM162")])], parsed(entry), TODAY)
    assert (len(verdict.accepted), verdict.open) == (2, ())


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "    reason: a hash with a secret of its own\n",
            "",
            "accepted.yaml:4: an accepted finding has no reason",
        ),
        ("    expires: 2027-03-31\n", "", "accepted.yaml:4: an accepted finding has no expires"),
        ("2027-03-31", "never", "accepted.yaml:8: expires must be a date such as 2027-03-31"),
        ("DM162", "DM999", "accepted.yaml:4: there is no finding 'DM999'"),
        ("column:", "colunm:", "accepted.yaml:6: unknown key 'colunm' in an accepted finding"),
    ],
)
def test_errors_name_the_line(old: str, new: str, message: str) -> None:
    assert old in ENTRY
    with pytest.raises(PolicyError) as caught:
        parsed(ENTRY.replace(old, new))
    assert caught.value.message == message


def test_an_empty_file_accepts_nothing() -> None:
    assert parsed("accepted:\n") == ()
