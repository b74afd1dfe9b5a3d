"""The policy compiler's findings and columns, and discovery's proposals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from datamask.policy.plan import Finding
from datamask.report.json_text import Object
from datamask.report.style import Style
from datamask.report.units import count

_TITLES = (("error", "errors"), ("warning", "warnings"), ("info", "notes"))


def finding_json(finding: Finding) -> Object:
    """One finding."""
    return {
        "code": finding.code,
        "severity": finding.severity,
        "table": finding.table,
        "column": finding.column,
        "message": finding.message,
        "hint": finding.hint,
        "file": str(finding.mark.file) if finding.mark else None,
        "line": finding.mark.line if finding.mark else None,
    }


def place(table: str | None, column: str | None) -> str:
    """``schema.table.column``, as far as it is known."""
    return ".".join(part for part in (table, column) if part)


def findings_text(findings: Sequence[Finding], style: Style, *, notes: bool) -> str:
    """The findings by severity, each with its code, message and hint.

    :param notes: False only counts what is neither an error nor a warning.
    """
    blocks = []
    dress = {"error": style.bad, "warning": style.caution, "info": style.dim}
    for severity, title in _TITLES:
        found = [finding for finding in findings if finding.severity == severity]
        if not found:
            continue
        if severity == "info" and not notes:
            blocks.append(style.dim(f"{count(len(found), 'note')}: -v shows them"))
            continue
        lines = [style.bold(f"{len(found)} {title if len(found) != 1 else title[:-1]}")]
        for finding in found:
            where = place(finding.table, finding.column)
            # Most messages begin with what they are about; others need to be told.
            lead = "" if not where or where in finding.message else f"{style.name(where)}: "
            lines.append(f"  {dress[severity](finding.code)}  {lead}{finding.message}")
            if finding.hint:
                lines.append(f"         {style.dim('→ ' + finding.hint)}")
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def tally(findings: Iterable[Finding]) -> dict[str, int]:
    """How many findings of each severity."""
    totals = {"errors": 0, "warnings": 0, "notes": 0}
    names = dict(_TITLES)
    for finding in findings:
        totals[names[finding.severity]] += 1
    return totals
