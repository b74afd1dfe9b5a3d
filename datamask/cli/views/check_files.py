"""``check`` as other programs read it: SARIF, workflow commands, and the coverage table as a file."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from datamask.report.coverage_html import coverage_html
from datamask.report.coverage_markdown import coverage_markdown
from datamask.report.github import workflow_commands
from datamask.report.json_text import Object
from datamask.report.sarif import PolicyFindings, sarif

if TYPE_CHECKING:
    # For annotations only: what it imports would slow the other verbs down.
    from datamask.commands.check import CheckResult

_PROGRAM = "datamask"


def check_sarif(result: CheckResult) -> Object:
    """One SARIF log of all policies."""
    return sarif(
        [PolicyFindings(policy.policy, policy.findings, policy.accepted) for policy in result.policies],
        version=version(_PROGRAM),
        environment=result.environment,
        root=repository_root(),
    )


def check_github(result: CheckResult, *, notes: bool) -> str:
    """A workflow command for each finding."""
    findings = [finding for policy in result.policies for finding in policy.findings]
    return "\n".join(workflow_commands(findings, root=repository_root(), notes=notes))


def check_coverage(result: CheckResult, file: Path) -> str:
    """The coverage table in the form that the file's ending asks for."""
    coverages = [policy.coverage for policy in result.policies]
    if file.suffix.lower() == ".md":
        return coverage_markdown(coverages, result.environment)
    return coverage_html(
        coverages, environment=result.environment, project=result.project, version=version(_PROGRAM)
    )


def repository_root() -> Path:
    """The folder that code hosts show files of: the checked-out repository, by default the current folder."""
    return Path(os.environ.get("GITHUB_WORKSPACE") or Path.cwd())
