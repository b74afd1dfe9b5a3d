"""The policy compiler: policy, classification and catalog in; a plan with its findings out. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from datamask.catalog.model import Catalog, Table
from datamask.classify.discover import Proposals, discover
from datamask.classify.file import Classification
from datamask.masking.model import ColumnMask
from datamask.policy.codes import Findings
from datamask.policy.copies import check_copies
from datamask.policy.decide import Decision, decide
from datamask.policy.digest import plan_digest
from datamask.policy.foreign_keys import edges
from datamask.policy.layout import ColumnRef, Layout
from datamask.policy.model import Policy
from datamask.policy.partitions import check_partition_keys
from datamask.policy.plan import ColumnPlan, Plan, TablePlan
from datamask.policy.rows import check_rows, row_rule
from datamask.policy.select import select
from datamask.policy.spread import Group, groups, spread
from datamask.policy.uniqueness import must_stay_distinct
from datamask.policy.unknown import check_names


def compile_policy(policy: Policy, classification: Classification, catalog: Catalog) -> Plan:
    """Compile a policy against a database's catalog.

    Reads no row and raises nothing: whatever is wrong is a finding, and a plan with an error must not
    be carried out. The same input gives the same plan and the same digest.
    """
    findings = Findings()
    layout = Layout(catalog)
    check_names(policy, classification, layout, findings)
    decisions = decide(policy, classification, layout, _proposals(policy, classification, catalog), findings)
    foreign_keys = edges(layout, policy.references, findings)
    joined = groups(layout, foreign_keys, decisions)
    decisions = spread(joined, decisions, findings)
    distinct = must_stay_distinct(layout, decisions, findings)
    masks: dict[ColumnRef, ColumnMask] = {}
    for refs in _units(joined, decisions):
        masks.update(select(refs, decisions, layout, distinct, findings))
    check_partition_keys(policy, layout, masks, findings)
    check_rows(policy, layout, foreign_keys, masks, findings)
    check_copies(policy, layout, decisions, masks, findings)
    tables = tuple(
        _table(table, policy, layout, decisions, masks) for table in catalog.tables if table.has_rows
    )
    return Plan(policy.name, tables, findings.sorted(), plan_digest(tables))


def _proposals(policy: Policy, classification: Classification, catalog: Catalog) -> Proposals:
    """Proposals for findings about unclassified columns; none where there can be no such finding."""
    if policy.unclassified == "mask":
        return Proposals(())
    unclassified = any(
        classification.entry(table.key, column.name) is None
        for table in catalog.tables
        if table.root is None and table.extension is None
        for column in table.columns
    )
    return discover(catalog) if unclassified else Proposals(())


def _units(joined: list[Group], decisions: Mapping[ColumnRef, Decision]) -> list[list[ColumnRef]]:
    """The masked columns, those of one foreign-key group together."""
    group_of = {ref: number for number, group in enumerate(joined) for ref in group.members}
    by_group: dict[int, list[ColumnRef]] = {}
    units = []
    for ref, decision in decisions.items():
        if not decision.masks:
            continue
        number = group_of.get(ref)
        if number is None:
            units.append([ref])
        elif number in by_group:
            by_group[number].append(ref)
        else:
            by_group[number] = [ref]
            units.append(by_group[number])
    return units


def _table(
    table: Table,
    policy: Policy,
    layout: Layout,
    decisions: Mapping[ColumnRef, Decision],
    masks: Mapping[ColumnRef, ColumnMask],
) -> TablePlan:
    root = layout.root(table.key)
    rule = row_rule(policy, layout, table.key)
    columns = []
    for column in table.columns:
        decision = decisions[root, column.name]
        mask = masks.get((root, column.name))
        columns.append(ColumnPlan(column.name, decision.data_class, mask, decision.reason))
    return TablePlan(
        table.key,
        tuple(columns),
        rows=rule.rows if rule else "all",
        where=rule.where if rule else None,
        sample=rule.sample if rule else None,
    )
