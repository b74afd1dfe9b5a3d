"""Which rule each column has, before keys and foreign keys have their say."""

from __future__ import annotations

from dataclasses import dataclass

from datamask.catalog.model import Column
from datamask.classify.classes import CLASSES, lineage
from datamask.classify.discover import Proposals
from datamask.classify.file import Classification, Entry
from datamask.policy.codes import Findings
from datamask.policy.documents import document_rules
from datamask.policy.layout import ColumnRef, Layout, LogicalTable
from datamask.policy.model import AUTO, KEEP, Choice, Policy, Rule
from datamask.policy.rows import is_emptied

_AUTO_RULES = (Rule(AUTO),)


@dataclass(frozen=True, slots=True)
class Decision:
    """The rule of one logical column.

    :param rules: alternatives in order; empty where the column passes unchanged.
    :param reason: where the rule came from.
    :param explicit: written for this very column, not for its class.
    :param place: ``file:line`` of the rule, where a file has it.
    :param origin: the column whose rule it is, where it came over a foreign key.
    """

    data_class: str | None
    rules: tuple[Rule, ...]
    reason: str
    explicit: bool = False
    place: str | None = None
    origin: ColumnRef | None = None

    @property
    def masks(self) -> bool:
        """True where some alternative changes values."""
        return any(rule.transform != KEEP for rule in self.rules)


def decide(
    policy: Policy,
    classification: Classification,
    layout: Layout,
    proposals: Proposals,
    findings: Findings,
) -> dict[ColumnRef, Decision]:
    """The decision for every column of every table that may hold rows."""
    decisions: dict[ColumnRef, Decision] = {}
    for table in layout.tables.values():
        if not any(member.has_rows or member.kind == "partitioned" for member in table.members):
            continue
        for column in table.columns.values():
            decisions[table.key, column.name] = _decide(
                policy, classification, layout, proposals, findings, table, column
            )
    return decisions


def _decide(
    policy: Policy,
    classification: Classification,
    layout: Layout,
    proposals: Proposals,
    findings: Findings,
    table: LogicalTable,
    column: Column,
) -> Decision:
    entry = _entry(classification, layout, table.key, column.name)
    data_class = entry.data_class if entry else None
    choice = _column_rule(policy, layout, table.key, column.name)
    if column.generated:
        if choice:
            findings.add(
                "DM134",
                table.key,
                column.name,
                f"{choice.mark}: {table.key}.{column.name} has a rule, but PostgreSQL computes it",
                "remove the rule; mask the columns that it is computed from",
            )
        return Decision(data_class, (), "generated")
    if is_emptied(policy, layout, table.key):
        # What is not taken needs no rule, and its keys ask for nothing.
        return Decision(data_class, (), "rows: none")
    if choice:
        return Decision(data_class, choice.rules, "column rule", explicit=True, place=str(choice.mark))
    if entry is not None and entry.paths:
        document = document_rules(policy, entry.paths, (table.key, column.name), table.columns, findings)
        return Decision(data_class, document.rules, document.reason)
    if data_class is not None:
        return _by_class(policy, data_class, findings, (table.key, column.name))
    if table.table.extension:
        return Decision(None, (), f"extension {table.table.extension}")
    return _unclassified(policy, proposals, findings, (table.key, column.name))


def _entry(classification: Classification, layout: Layout, key: str, column: str) -> Entry | None:
    for table in layout.ancestors(key):
        entry = classification.entry(table, column)
        if entry:
            return entry
    return None


def _column_rule(policy: Policy, layout: Layout, key: str, column: str) -> Choice | None:
    for table in layout.ancestors(key):
        choice = policy.columns.get((table, column))
        if choice:
            return choice
    return None


def _by_class(policy: Policy, data_class: str, findings: Findings, ref: ColumnRef) -> Decision:
    for name in lineage(data_class):
        choice = policy.classes.get(name)
        if choice:
            reason = f"class {data_class}" if name == data_class else f"class {data_class} (rule of {name})"
            return Decision(data_class, choice.rules, reason, place=str(choice.mark))
    if CLASSES[data_class].personal:
        findings.add(
            "DM105",
            *ref,
            f"{ref[0]}.{ref[1]} is {data_class}, for which the policy {policy.name} has no rule",
            f"add a rule for {data_class} under classes, or extend a pack: `extends: default`",
        )
    return Decision(data_class, (), f"class {data_class}")


def _unclassified(policy: Policy, proposals: Proposals, findings: Findings, ref: ColumnRef) -> Decision:
    where = f"{ref[0]}.{ref[1]}"
    if policy.unclassified == "mask":
        findings.add(
            "DM102",
            *ref,
            f"{where} is not classified and is masked by its type",
            "add it to the classification to choose what happens to it",
        )
        return Decision(None, _AUTO_RULES, "unclassified: mask")
    proposal = proposals.by_column.get(ref)
    advice = "add it to the classification"
    if proposal:
        advice += f" as `{ref[1]}: {proposal.data_class}` under {ref[0]}"
        advice += f" (proposed from {proposal.reasons[0]})"
    if policy.unclassified == "keep":
        findings.add("DM101", *ref, f"{where} is not classified and passes unchanged", advice)
        return Decision(None, (), "unclassified: keep")
    findings.add("DM100", *ref, f"{where} is not classified", advice)
    return Decision(None, (), "unclassified")
