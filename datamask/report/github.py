"""Findings as workflow commands of GitHub Actions, which annotate the lines of a change with them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from datamask.policy.codes import CODES
from datamask.policy.plan import Finding, Severity
from datamask.report.sarif import relative

_COMMANDS: dict[Severity, str] = {"error": "error", "warning": "warning", "info": "notice"}

# As the runner reads them back: https://github.com/actions/toolkit, packages/core/src/command.ts
_DATA = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A"})
_PROPERTY = str.maketrans({"%": "%25", "\r": "%0D", "\n": "%0A", ":": "%3A", ",": "%2C"})


def workflow_commands(findings: Iterable[Finding], *, root: Path, notes: bool) -> list[str]:
    """One command a finding, equal ones once.

    :param root: the folder that the host shows files of: the checked-out repository.
    :param notes: with the findings that are neither errors nor warnings.
    """
    return list(
        dict.fromkeys(_command(finding, root) for finding in findings if notes or finding.severity != "info")
    )


def _command(finding: Finding, root: Path) -> str:
    properties = {"title": f"{finding.code}: {CODES[finding.code].title}"}
    if finding.mark is not None and (file := relative(finding.mark.file, root)):
        place = {"file": file, "line": str(finding.mark.line), "col": str(finding.mark.column)}
        properties = {**place, **properties}
    written = ",".join(f"{name}={value.translate(_PROPERTY)}" for name, value in properties.items())
    text = finding.message if finding.hint is None else f"{finding.message}\n{finding.hint}"
    return f"::{_COMMANDS[finding.severity]} {written}::{text.translate(_DATA)}"
