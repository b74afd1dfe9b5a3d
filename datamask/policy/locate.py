"""Where a finding is to be mended: the line of the policy or the classification that it is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from datamask.classify.file import Classification
from datamask.config.document import Mark
from datamask.policy.model import Policy
from datamask.policy.plan import Finding

# What the classification itself lacks or has too much of, whatever the policy says about it.
_ABOUT_CLASSES = frozenset({"DM100", "DM101", "DM102", "DM103", "DM106"})


def located(
    findings: Iterable[Finding], policy: Policy, classification: Classification
) -> tuple[Finding, ...]:
    """The findings, each with the nearest line that is known.

    That is the column's own rule, else its class, else a line about its table; a column that stands
    nowhere yet is placed beside its table's last entry, where it is to be added. What no line is about
    is placed at the top of the file.
    """
    return tuple(
        finding if finding.mark else replace(finding, mark=_mark(finding, policy, classification))
        for finding in findings
    )


def _mark(finding: Finding, policy: Policy, classification: Classification) -> Mark | None:
    table, column = finding.table, finding.column
    classes = _class_mark(classification, table, column)
    rules = _rule_mark(policy, table, column)
    if finding.code in _ABOUT_CLASSES:
        return classes or _top(classification, policy)
    return rules or classes or _top(classification, policy)


def _rule_mark(policy: Policy, table: str | None, column: str | None) -> Mark | None:
    if table is None:
        return None
    if column is not None:
        choice = policy.columns.get((table, column))
        return choice.mark if choice else None
    if table in policy.rows:
        return policy.rows[table].mark
    return next((choice.mark for (named, _), choice in policy.columns.items() if named == table), None)


def _class_mark(classification: Classification, table: str | None, column: str | None) -> Mark | None:
    entries = classification.tables.get(table or "")
    if not entries:
        return None
    if column is not None and column in entries:
        return entries[column].mark
    marks = [entry.mark for entry in entries.values() if entry.mark]
    return marks[-1] if column is not None and marks else next(iter(marks), None)


def _top(classification: Classification, policy: Policy) -> Mark | None:
    file = classification.path or next(reversed(policy.files), None)
    return Mark(file, 1, 1) if file else None
