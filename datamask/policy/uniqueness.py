"""Which columns must keep different values different, so that unique keys hold."""

from __future__ import annotations

import re
from collections.abc import Mapping

from datamask.catalog.model import UniqueKey
from datamask.masking import registry
from datamask.masking.effective import effective_laws
from datamask.masking.model import ColumnMask
from datamask.policy.codes import Findings
from datamask.policy.decide import Decision
from datamask.policy.layout import ColumnRef, Layout, LogicalTable
from datamask.policy.model import Policy
from datamask.policy.rows import is_emptied

# Kinds with operators by which values that differ may still conflict.
_OVERLAPPING = frozenset({"range", "other", "date", "timestamp", "composite", "inet", "array"})

# Conditions that masking leaves as they are, as long as NULL stays NULL and the empty text stays empty.
_NULL_TEST = re.compile(r'\(*(\w+|"[^"]+") IS (?:NOT )?NULL\)*', re.IGNORECASE)
_EMPTY_TEST = re.compile(r"""\(*(\w+|"[^"]+")\)?(?:::\w+)? (?:<>|=) ''::[\w ]+\)*""")


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
            other is not key and kept >= set(other.columns) and _settles(table, other, key)
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


def _settles(table: LogicalTable, other: UniqueKey, key: UniqueKey) -> bool:
    """True where rows that share the columns of ``other``, which are all in ``key``, cannot conflict under ``key``."""
    if key.kind == "exclusion" or other.kind == "exclusion":
        # Its operators may find conflicts between values that differ.
        return False
    if other.partial or other.expression_columns or not other.columns:
        return False
    if other not in table.table.unique_keys:
        # One partition's own key says nothing about the others.
        return False
    # A row with a NULL in the key conflicts with none, unless NULLS NOT DISTINCT says so.
    return (
        other.kind == "primary"
        or not other.nulls_distinct
        or key.nulls_distinct
        or all(table.columns[name].not_null for name in other.columns)
    )


def _refuse_exclusion(table: LogicalTable, key: UniqueKey, columns: list[str], findings: Findings) -> None:
    for name in columns:
        if table.columns[name].type.kind in _OVERLAPPING:
            findings.add(
                "DM123",
                table.key,
                name,
                f"{table.key}.{name} is under the exclusion constraint {key.name}, "
                "and masked values could overlap where the originals do not",
                "let the column pass unchanged, or empty the table",
            )


def check_predicates(
    policy: Policy, layout: Layout, masks: Mapping[ColumnRef, ColumnMask], findings: Findings
) -> None:
    """Find masked columns that decide which rows a partial unique index covers."""
    for table in layout.tables.values():
        if is_emptied(policy, layout, table.key):
            continue
        for key in table.unique_keys:
            if key.predicate is None:
                continue
            for name in table.columns:
                mask = masks.get((table.key, name))
                if mask is None or not mentions(key.predicate, name) or _predicate_stays(key.predicate, mask):
                    continue
                findings.add(
                    "DM125",
                    table.key,
                    name,
                    f"{table.key}.{name} is masked, and decides which rows are under the partial unique index "
                    f"{key.name}: rows may come under it whose values are not unique",
                    "let the column pass unchanged, or take a transform that keeps what the condition asks for",
                )


def _predicate_stays(predicate: str, mask: ColumnMask) -> bool:
    """True where masking certainly leaves every row on its side of the predicate."""
    parts = [part for part in re.split(r" AND | OR ", predicate) if mentions(part, mask.column)]
    nulls_stay = effective_laws(mask).nulls == "kept"
    # Other transforms make no value empty.
    empty_stays = (
        nulls_stay
        and not registry.get(mask.transform).replaces_empty
        and mask.transform not in {"empty", "fixed"}
    )
    return all(
        (nulls_stay and _NULL_TEST.fullmatch(part)) or (empty_stays and _EMPTY_TEST.fullmatch(part))
        for part in parts
    )
