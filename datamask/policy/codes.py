"""The stable codes of the compiler's findings. ``docs/reference/findings.md`` explains each."""

from __future__ import annotations

from dataclasses import dataclass

from datamask.policy.plan import Finding, Severity


@dataclass(frozen=True, slots=True)
class Code:
    """A kind of finding.

    :param severity: what a finding of this kind is; an ``error`` stops a snapshot.
    :param title: in a few words.
    """

    severity: Severity
    title: str


CODES: dict[str, Code] = {
    "DM100": Code("error", "a column is not classified"),
    "DM101": Code("warning", "an unclassified column passes unchanged"),
    "DM102": Code("info", "an unclassified column is masked by its type"),
    "DM103": Code("warning", "the classification names what does not exist"),
    "DM104": Code("error", "the policy names what does not exist"),
    "DM105": Code("error", "a data class has no rule"),
    "DM106": Code("warning", "a partition is classified by itself"),
    "DM107": Code("error", "a rule needs a column that the table does not have"),
    "DM110": Code("error", "the transform does not take the column's type"),
    "DM111": Code("info", "a later choice of the rule is taken"),
    "DM120": Code("error", "values under a unique key could become equal"),
    "DM122": Code("warning", "a unique index over an expression cannot be proven"),
    "DM123": Code("error", "an exclusion constraint covers a masked value"),
    "DM124": Code("warning", "values that compare equal may be masked differently"),
    "DM130": Code("error", "NULL in a column that is NOT NULL"),
    "DM131": Code("error", "the result may be too long"),
    "DM132": Code("error", "the result may be too large"),
    "DM133": Code("error", "a fixed value does not belong to the type"),
    "DM134": Code("error", "a generated column has a rule"),
    "DM135": Code("warning", "masked identifiers may collide with a sequence"),
    "DM136": Code("warning", "a CHECK constraint cannot be proven"),
    "DM137": Code("error", "a fixed value breaks a CHECK constraint"),
    "DM138": Code("error", "a partition key is masked"),
    "DM140": Code("error", "the two ends of a foreign key have different rules"),
    "DM141": Code("info", "a mask spreads over a foreign key"),
    "DM142": Code("error", "the columns of a foreign key differ too much to be masked alike"),
    "DM150": Code("error", "rows that others reference are left out"),
    "DM151": Code("error", "a table that references itself is filtered"),
    "DM160": Code("info", "a generated column is computed again from masked values"),
    "DM161": Code("error", "a search vector repeats masked text"),
    "DM162": Code("warning", "a column looks like a copy of a masked one"),
    "DM163": Code("warning", "a payload passes unchanged beside masked columns"),
}
"""Every code, in the order of the documentation."""


class Findings:
    """Collects findings; the severity is the code's own unless said otherwise."""

    def __init__(self) -> None:
        self._found: list[Finding] = []
        self._seen: set[Finding] = set()

    def add(
        self,
        code: str,
        table: str | None,
        column: str | None,
        message: str,
        hint: str,
        *,
        severity: Severity | None = None,
    ) -> None:
        """Add a finding; the same one twice counts once."""
        finding = Finding(code, severity or CODES[code].severity, table, column, message, hint)
        if finding not in self._seen:
            self._seen.add(finding)
            self._found.append(finding)

    def sorted(self) -> tuple[Finding, ...]:
        """Errors first, then by place."""
        order = {"error": 0, "warning": 1, "info": 2}
        return tuple(
            sorted(
                self._found,
                key=lambda found: (order[found.severity], found.table or "", found.column or "", found.code),
            )
        )
