"""Two plans compared, column by column: what an edit of a policy or a classification would change. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Literal

from datamask.masking.files import portable
from datamask.masking.model import ColumnMask, Condition
from datamask.policy.plan import ColumnPlan, Finding, Plan, TablePlan

Effect = Literal["exposed", "hidden", "changed", "classified", "added", "removed"]
EFFECTS: dict[Effect, str] = {
    "exposed": "was masked and passes unchanged now",
    "changed": "is masked in another way",
    "hidden": "passed unchanged and is masked now",
    "classified": "has another class; its values come out as before",
    "added": "is in the new plan only",
    "removed": "is in the old plan only",
}
"""What a change means for a column's values, the gravest first."""

# What says where a mask is, not what it does.
_PLACE = frozenset({"column", "type"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One aspect of a column or a table, before and after.

    :param aspect: ``class``, ``transform``, ``domain``, ``params.within``, ``where`` and so on.
    """

    aspect: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class ColumnChange:
    """A column that another plan treats differently."""

    table: str
    column: str
    effect: Effect
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class RowsChange:
    """A table of which another plan takes other rows."""

    table: str
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class PlanDiff:
    """What differs between two plans.

    :param old: the old plan's digest.
    :param new: the new plan's.
    :param columns: the gravest first; a partition's columns count as its table's.
    :param appeared: findings that the new plan has and the old one had not.
    :param gone: findings that only the old plan had.
    """

    old: str
    new: str
    columns: tuple[ColumnChange, ...]
    rows: tuple[RowsChange, ...]
    appeared: tuple[Finding, ...]
    gone: tuple[Finding, ...]

    @property
    def same_data(self) -> bool:
        """True where both plans give the same snapshot."""
        return self.old == self.new


def compare_plans(old: Plan, new: Plan, root: Callable[[str], str]) -> PlanDiff:
    """Compare two plans for one catalog.

    :param root: the key of the partitioned table that a partition belongs to; other keys as they are.
    """
    before, after = _columns(old, root), _columns(new, root)
    changes = [
        change
        for ref in dict.fromkeys([*before, *after])
        if (change := _column_change(ref, before.get(ref), after.get(ref)))
    ]
    order = list(EFFECTS)
    known, found = _identities(old), _identities(new)
    return PlanDiff(
        old.digest,
        new.digest,
        tuple(sorted(changes, key=lambda change: order.index(change.effect))),
        tuple(_rows_changes(old, new)),
        tuple(finding for identity, finding in found.items() if identity not in known),
        tuple(finding for identity, finding in known.items() if identity not in found),
    )


def treatment(mask: ColumnMask | None) -> dict[str, object]:
    """What a mask does, aspect by aspect; nothing but ``keep`` without one."""
    if mask is None:
        return {"transform": "keep"}
    aspects: dict[str, object] = {"transform": mask.transform}
    aspects |= {f"params.{name}": portable(value) for name, value in mask.params.items()}
    for field in fields(mask):
        if field.name not in _PLACE and field.name not in {"transform", "params"}:
            value = getattr(mask, field.name)
            aspects[field.name] = value.sql if isinstance(value, Condition) else value
    return aspects


def _columns(plan: Plan, root: Callable[[str], str]) -> dict[tuple[str, str], ColumnPlan]:
    found: dict[tuple[str, str], ColumnPlan] = {}
    for table in plan.tables:
        for column in table.columns:
            found.setdefault((root(table.table), column.column), column)
    return found


def _column_change(
    ref: tuple[str, str], before: ColumnPlan | None, after: ColumnPlan | None
) -> ColumnChange | None:
    if before is None or after is None:
        return ColumnChange(*ref, "added" if before is None else "removed", ())
    differences = _differences(treatment(before.mask), treatment(after.mask))
    effect: Effect = "changed"
    if before.data_class != after.data_class:
        differences.insert(0, Difference("class", before.data_class, after.data_class))
        if len(differences) == 1:
            effect = "classified"
    if not differences:
        return None
    if before.mask is not None and after.mask is None:
        effect = "exposed"
    elif before.mask is None and after.mask is not None:
        effect = "hidden"
    return ColumnChange(*ref, effect, tuple(differences))


def _differences(before: dict[str, object], after: dict[str, object]) -> list[Difference]:
    return [
        Difference(aspect, before.get(aspect), after.get(aspect))
        for aspect in dict.fromkeys([*before, *after])
        if before.get(aspect) != after.get(aspect)
    ]


def _rows_changes(old: Plan, new: Plan) -> list[RowsChange]:
    changes = []
    for table in new.tables:
        known = old.by_table.get(table.table)
        if known is not None and (differences := _differences(_selection(known), _selection(table))):
            changes.append(RowsChange(table.table, tuple(differences)))
    return changes


def _selection(table: TablePlan) -> dict[str, object]:
    return {"rows": table.rows, "where": table.where, "sample": table.sample}


def _identities(plan: Plan) -> dict[tuple[object, ...], Finding]:
    """Findings by what they are about; a message that names a line moves with every edit above it."""
    return {
        (finding.code, finding.severity, finding.table, finding.column): finding for finding in plan.findings
    }
