from __future__ import annotations

import io

import pytest

from datamask.errors import (
    DatabaseError,
    DatamaskError,
    PolicyError,
    RefusedError,
    UsageError,
    VerificationError,
)
from datamask.policy.plan import Finding
from datamask.report.findings import finding_json, findings_text, tally
from datamask.report.problem import problem_code, problem_json, problem_text
from datamask.report.style import PLAIN, Style, style_for

ERROR = Finding("DM100", "error", "public.t", "c", "public.t.c is not classified", "classify it")
WARNING = Finding("DM135", "warning", "public.t", None, "it may collide", None)
NOTE = Finding("DM141", "info", None, None, "a mask spreads", None)


def test_findings_come_by_severity_with_their_place_and_what_to_do() -> None:
    assert findings_text([NOTE, WARNING, ERROR], PLAIN, notes=True) == (
        "1 error\n"
        "  DM100  public.t.c is not classified\n"
        "         → classify it\n\n"
        "1 warning\n"
        "  DM135  public.t: it may collide\n\n"
        "1 note\n"
        "  DM141  a mask spreads"
    )


def test_notes_are_only_counted_unless_they_are_wanted() -> None:
    assert findings_text([NOTE, NOTE], PLAIN, notes=False) == "2 notes: -v shows them"
    assert findings_text([], PLAIN, notes=False) == ""


def test_tally() -> None:
    assert tally([ERROR, WARNING, ERROR]) == {"errors": 2, "warnings": 1, "notes": 0}


def test_finding_as_json() -> None:
    assert finding_json(ERROR) == {
        "code": "DM100",
        "severity": "error",
        "table": "public.t",
        "column": "c",
        "message": "public.t.c is not classified",
        "hint": "classify it",
        "file": None,
        "line": None,
    }


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        (UsageError, "usage"),
        (RefusedError, "refused"),
        (PolicyError, "policy"),
        (VerificationError, "verification"),
        (DatabaseError, "database"),
        (DatamaskError, "failed"),
    ],
)
def test_every_kind_of_failure_has_a_word(kind: type[DatamaskError], code: str) -> None:
    assert problem_code(kind("x")) == code


def test_problem() -> None:
    assert problem_text("no", None, PLAIN) == "error: no"
    assert problem_text("no", "try", PLAIN) == "error: no\nhint: try"
    assert problem_json("usage", "no", None, 2) == {
        "error": {"code": "usage", "message": "no", "hint": None, "exit_code": 2}
    }


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "environ", "enabled"),
    [
        (Terminal(), {}, True),
        (Terminal(), {"NO_COLOR": "1"}, False),
        (Terminal(), {"NO_COLOR": ""}, True),
        (Terminal(), {"TERM": "dumb"}, False),
        (io.StringIO(), {}, False),
    ],
)
def test_colours_are_for_terminals_that_want_them(
    stream: io.StringIO, environ: dict[str, str], enabled: bool
) -> None:
    assert style_for(stream, environ) == Style(enabled)
