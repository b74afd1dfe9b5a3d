"""The policy compiler: policy, classification and catalog in; a plan with its findings out. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from datamask.catalog.model import Catalog, Table
from datamask.classify.discover import Proposals, discover
from datamask.classify.file import Classification
from datamask.masking.model import ColumnMask
from datamask.policy.codes import Findings
from datamask.policy.computed import check_computed
from datamask.policy.copies import check_copies
from datamask.policy.decide import Decision, decide
from datamask.policy.digest import plan_digest
from datamask.policy.entity import Entities
from datamask.policy.foreign_keys import Edge, edges
from datamask.policy.layout import ColumnRef, Layout
from datamask.policy.locate import located
from datamask.policy.model import Policy
from datamask.policy.partitions import check_partition_keys
from datamask.policy.plan import ColumnPlan, Plan, TablePlan
from datamask.policy.row_rules import check_row_rules
from datamask.policy.rows import check_match_full, check_rows, is_emptied, row_rule
from datamask.policy.select import select
from datamask.policy.selective import say_exceptions_inside
from datamask.policy.source_side import check_source_reads
from datamask.policy.spread import Group, groups, spread
from datamask.policy.text_rules import fill_text_rules
from datamask.policy.triggers import check_triggers
from datamask.policy.uniqueness import check_predicates, must_stay_distinct
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
    joined = groups(layout, [edge for edge in foreign_keys if _joins_rows(policy, layout, edge)], decisions)
    decisions = spread(joined, decisions, findings)
    distinct = must_stay_distinct(layout, decisions, findings)
    masks: dict[ColumnRef, ColumnMask] = {}
    entities = Entities(layout, foreign_keys)
    for refs in _units(joined, decisions):
        masks.update(select(refs, decisions, layout, distinct, entities, findings))
    in_groups = {ref for group in joined for ref in group.members}
    masks = fill_text_rules(policy, layout, decisions, masks, in_groups, findings)
    say_exceptions_inside(masks, findings)
    check_source_reads(masks, findings)
    check_row_rules(layout, masks, findings)
    check_partition_keys(policy, layout, masks, findings)
    check_rows(policy, layout, foreign_keys, masks, findings)
    check_match_full(policy, layout, foreign_keys, masks, findings)
    check_computed(policy, layout, foreign_keys, masks, findings)
    check_predicates(policy, layout, masks, findings)
    check_copies(policy, layout, decisions, masks, findings)
    check_triggers(policy, layout, decisions, masks, findings)
    tables = tuple(
        _table(table, policy, layout, decisions, masks) for table in catalog.tables if table.has_rows
    )
    found = located(findings.sorted(), policy, classification)
    return Plan(policy.name, tables, found, plan_digest(tables))


def _joins_rows(policy: Policy, layout: Layout, edge: Edge) -> bool:
    """True where both ends of a foreign key have rows in a snapshot."""
    return not any(is_emptied(policy, layout, key) for key in (edge.table, edge.referenced_table))


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
        reason = ", ".join(filter(None, (decision.reason, mask.beside if mask else "")))
        columns.append(ColumnPlan(column.name, decision.data_class, mask, reason))
    return TablePlan(
        table.key,
        tuple(columns),
        rows=rule.rows if rule else "all",
        where=rule.where if rule else None,
        sample=rule.sample if rule else None,
    )
