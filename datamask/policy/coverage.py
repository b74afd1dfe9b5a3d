"""The coverage table: every column with its class, what happens to it, why, and what holds for the results. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from datamask.catalog.model import Catalog
from datamask.classify.classes import CLASSES
from datamask.masking.effective import effective_laws
from datamask.masking.transform import Laws
from datamask.policy.compare import treatment
from datamask.policy.plan import ColumnPlan, Plan, TablePlan

State = Literal["unclassified", "open", "kept", "masked", "safe", "empty"]
STATES: dict[State, str] = {
    "unclassified": "nobody has said what it holds",
    "open": "an error of the policy leaves open what happens to it",
    "kept": "tells something about a person, and passes unchanged",
    "masked": "masked",
    "safe": "says nothing about anybody, and passes unchanged",
    "empty": "of a table whose rows are not taken",
}
"""What can be said of a column, what needs a look first."""

UNCLASSIFIED = "unclassified"
"""Stands for the class of columns that have none."""


@dataclass(frozen=True, slots=True)
class CoveredColumn:
    """One line of the table.

    :param type: as the database writes it.
    :param transform: ``keep`` where values pass unchanged.
    :param params: the transform's parameters that say how, without those left at nothing.
    :param laws: of the results, None where values pass unchanged.
    """

    table: str
    column: str
    type: str
    data_class: str | None
    state: State
    transform: str
    params: tuple[tuple[str, object], ...]
    domain: str | None
    reason: str
    laws: Laws | None


@dataclass(frozen=True, slots=True)
class ClassTotal:
    """The columns of one class, by state."""

    data_class: str
    columns: int
    states: dict[State, int]


@dataclass(frozen=True, slots=True)
class Coverage:
    """A policy's coverage of a database.

    :param columns: what needs a look first, then in the catalog's order; partitions count as their table.
    """

    policy: str
    plan: str
    columns: tuple[CoveredColumn, ...]

    @property
    def states(self) -> dict[State, int]:
        """Columns by state, every state named."""
        found = Counter(column.state for column in self.columns)
        return {state: found[state] for state in STATES}

    @property
    def classes(self) -> list[ClassTotal]:
        """Totals by class, unclassified first, then in the order of the documentation."""
        totals = []
        for name in (UNCLASSIFIED, *CLASSES):
            states = Counter(
                column.state for column in self.columns if (column.data_class or UNCLASSIFIED) == name
            )
            if states:
                totals.append(ClassTotal(name, states.total(), dict(states)))
        return totals


def coverage(plan: Plan, catalog: Catalog) -> Coverage:
    """The coverage that a plan gives a catalog."""
    in_doubt = {(finding.table, finding.column) for finding in plan.errors}
    types = {
        (table.key, column.name): column.type.name for table in catalog.tables for column in table.columns
    }
    rows: list[CoveredColumn] = []
    seen: set[str] = set()
    for table in plan.tables:
        root = catalog.by_key[table.table].root or table.table
        if root in seen:
            continue
        seen.add(root)
        for column in table.columns:
            state = _state(table, column, undecided=(root, column.column) in in_doubt)
            kind = types.get((root, column.column)) or types[table.table, column.column]
            rows.append(_covered(root, kind, column, state))
    order: Sequence[State] = list(STATES)
    # The sort is stable: within a state columns stay in the catalog's order.
    return Coverage(plan.policy, plan.digest, tuple(sorted(rows, key=lambda row: order.index(row.state))))


def _covered(table: str, kind: str, column: ColumnPlan, state: State) -> CoveredColumn:
    mask = column.mask
    laws = effective_laws(mask) if mask else None
    params = tuple(
        (name.removeprefix("params."), value)
        for name, value in treatment(mask).items()
        if name not in {"transform", "domain", "unique"} and value not in (None, False, (), {}, [])
    )
    return CoveredColumn(
        table,
        column.column,
        kind,
        column.data_class,
        state,
        column.transform,
        params,
        mask.domain if mask else None,
        column.reason,
        laws,
    )


def _state(table: TablePlan, column: ColumnPlan, *, undecided: bool) -> State:
    if table.rows == "none":
        return "empty"
    if column.mask is not None:
        return "masked"
    if column.data_class is None:
        # Columns that PostgreSQL computes or an extension owns need no class.
        return "unclassified" if column.reason.startswith("unclassified") else "safe"
    if undecided:
        return "open"
    return "kept" if CLASSES[column.data_class].personal and column.reason != "generated" else "safe"
