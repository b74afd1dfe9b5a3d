"""Which file says what findings are accepted, and what it leaves open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from datamask.commands.project import Project
from datamask.policy.accepted import FILE_NAME, Verdict, judge, read_accepted
from datamask.policy.model import Policy
from datamask.policy.plan import Finding


def verdicts(
    project: Project,
    found: Sequence[tuple[Policy, Sequence[Finding]]],
    today: date | None = None,
) -> list[Verdict]:
    """Each policy's findings after what its file of accepted findings says.

    Policies that share a file are judged together: an entry is of use where any of them has its finding.

    :raises PolicyError: where the file that the configuration names is missing, or is none.
    """
    day = today or datetime.now(UTC).date()
    files = [_file(project, policy) for policy, _ in found]
    results: dict[int, Verdict] = {}
    for file in dict.fromkeys(files):
        numbers = [number for number, other in enumerate(files) if other == file]
        if file is None:
            results.update({number: Verdict(tuple(found[number][1]), ()) for number in numbers})
            continue
        named = [(found[number][0].name, found[number][1]) for number in numbers]
        results.update(zip(numbers, judge(named, read_accepted(file), day), strict=True))
    return [results[number] for number in range(len(found))]


def _file(project: Project, policy: Policy) -> Path | None:
    if project.settings.accepted is not None:
        return project.settings.accepted
    beside = policy.files[-1].parent / FILE_NAME
    return beside if beside.is_file() else None
