"""Which columns must keep different values different, so that unique keys hold."""

from __future__ import annotations

import re
from collections.abc import Mapping

from datamask.catalog.model import UniqueKey
from datamask.policy.codes import Findings
from datamask.policy.decide import Decision
from datamask.policy.layout import ColumnRef, Layout, LogicalTable


def must_stay_distinct(
    layout: Layout, decisions: Mapping[ColumnRef, Decision], findings: Findings
) -> set[ColumnRef]:
    """The masked columns whose transform must be injective.

    A key of several columns stays unique when each masked one is masked injectively: two rows that
    differ in some column still differ there. A masked column need not be injective where the key's
    unmasked columns already hold another key. Partial and expression indexes count as whole ones.
    """
    needed: set[ColumnRef] = set()
    for table in layout.tables.values():
        masked = {
            name
            for name in table.columns
            if (decision := decisions.get((table.key, name))) and decision.masks
        }
        if masked:
            needed |= {(table.key, name) for name in _in_table(table, masked, findings)}
    return needed


def computed_from(table: LogicalTable, masked: set[str]) -> dict[str, set[str]]:
    """Generated columns and the masked columns that their expressions name."""
    found = {}
    for name, column in table.columns.items():
        if column.generated and column.default:
            inputs = {other for other in masked if mentions(column.default, other)}
            if inputs:
                found[name] = inputs
    return found


def mentions(sql: str, column: str) -> bool:
    """True where the expression may name the column."""
    return re.search(rf'(?<![\w"]){re.escape(column)}(?![\w"])|"{re.escape(column)}"', sql) is not None


def _in_table(table: LogicalTable, masked: set[str], findings: Findings) -> set[str]:
    computed = computed_from(table, masked)
    needed: set[str] = set()
    for key in table.unique_keys:
        plain = [name for name in key.columns if name in masked]
        inside = [name for name in key.expression_columns if name in masked]
        inside += [name for column in key.columns for name in sorted(computed.get(column, ()))]
        if not plain and not inside:
            continue
        if key.kind == "exclusion":
            _refuse_exclusion(table, key, [*plain, *inside], findings)
        kept = {name for name in key.columns if name not in masked and name not in computed}
        if any(
            other is not key and _is_total(table, other) and kept >= set(other.columns)
            for other in table.unique_keys
        ):
            continue
        needed.update(plain, inside)
        for name in inside:
            findings.add(
                "DM122",
                table.key,
                name,
                f"{table.key}.{name} is masked inside an expression of the unique index {key.name}: "
                "different values stay different, but the expression could make them equal",
                "take a transform whose results differ in more than the expression removes, such as hash",
            )
    return needed


def _is_total(table: LogicalTable, key: UniqueKey) -> bool:
    """True where no two rows at all share the key's columns."""
    if key.kind == "exclusion" or key.partial or key.expression_columns or not key.columns:
        return False
    return key.kind == "primary" or all(table.columns[name].not_null for name in key.columns)


def _refuse_exclusion(table: LogicalTable, key: UniqueKey, columns: list[str], findings: Findings) -> None:
    for name in columns:
        if table.columns[name].type.kind in {"range", "other", "date", "timestamp", "composite"}:
            findings.add(
                "DM123",
                table.key,
                name,
                f"{table.key}.{name} is under the exclusion constraint {key.name}, "
                "and masked values could overlap where the originals do not",
                "let the column pass unchanged, or empty the table",
            )
