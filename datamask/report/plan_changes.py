"""What an edit would change: two plans' differences as text and JSON."""

from __future__ import annotations

from collections.abc import Sequence

from datamask.policy.compare import EFFECTS, ColumnChange, Difference, PlanDiff
from datamask.report.findings import finding_json, place
from datamask.report.json_text import Object
from datamask.report.style import Style
from datamask.report.units import count


def changes_json(changes: PlanDiff) -> Object:
    """Everything that differs."""
    return {
        "old_plan": changes.old,
        "same_data": changes.same_data,
        "columns": [
            {
                "table": change.table,
                "column": change.column,
                "effect": change.effect,
                "differences": _differences(change.differences),
            }
            for change in changes.columns
        ],
        "tables": [
            {"table": change.table, "differences": _differences(change.differences)}
            for change in changes.rows
        ],
        "appeared": [finding_json(finding) for finding in changes.appeared],
        "gone": [finding_json(finding) for finding in changes.gone],
    }


def changes_text(changes: PlanDiff, old: str, style: Style) -> str:
    """The gravest changes first, each column with what is different.

    :param old: what was compared with, as the user named it.
    """
    blocks = []
    for effect, said in EFFECTS.items():
        found = [change for change in changes.columns if change.effect == effect]
        if found:
            dress = style.bad if effect == "exposed" else style.bold
            lines = [dress(f"{count(len(found), 'column')} {_agree(said, len(found))}")]
            lines += [_line(change, style) for change in found]
            blocks.append("\n".join(lines))
    if changes.rows:
        lines = [style.bold(f"{count(len(changes.rows), 'table')}: other rows are taken")]
        lines += [f"  {style.name(change.table)}  {_told(change.differences)}" for change in changes.rows]
        blocks.append("\n".join(lines))
    for title, sign, findings in (
        ("appear", "+", changes.appeared),
        ("go away", "-", changes.gone),
    ):
        if findings:
            lines = [style.bold(f"{count(len(findings), 'finding')} would {title}")]
            lines += [
                f"  {sign} {finding.code} {finding.severity} {place(finding.table, finding.column)}"
                for finding in findings
            ]
            blocks.append("\n".join(lines))
    verdict = "gives the same data" if changes.same_data else "gives other data: snapshots will differ"
    blocks.append(f"compared with {old}: {verdict}")
    return "\n\n".join(blocks)


def _agree(said: str, number: int) -> str:
    if number == 1:
        return said
    plural = {"was": "were", "is": "are", "passes": "pass", "has": "have"}
    return " ".join(plural.get(word, word) for word in said.split(" ")).replace("its values", "their values")


def _line(change: ColumnChange, style: Style) -> str:
    differences = change.differences
    if change.effect in {"exposed", "hidden"}:
        # Every parameter of the one transform is new or gone with it.
        differences = tuple(item for item in differences if item.aspect in {"class", "transform"})
    told = _told(differences)
    name = style.name(f"{change.table}.{change.column}")
    return f"  {name}  {told}" if told else f"  {name}"


def _told(differences: Sequence[Difference]) -> str:
    return ", ".join(f"{item.aspect}: {_value(item.before)} → {_value(item.after)}" for item in differences)


def _value(value: object) -> str:
    return "–" if value is None else str(value)


def _differences(differences: Sequence[Difference]) -> list[Object]:
    return [{"aspect": item.aspect, "before": item.before, "after": item.after} for item in differences]
