"""Names in the classification and the policy that the database does not have."""

from __future__ import annotations

from datamask.classify.file import Classification
from datamask.classify.names import column_key
from datamask.policy.codes import Findings
from datamask.policy.layout import Layout
from datamask.policy.model import Policy
from datamask.suggest import nearest


def check_names(policy: Policy, classification: Classification, layout: Layout, findings: Findings) -> None:
    """Find stale entries of the classification and rules about tables and columns that are gone."""
    for table, columns in classification.tables.items():
        _check_classified(classification, table, list(columns), layout, findings)
    for (table, column), choice in policy.columns.items():
        name = column_key(table, column)
        known = _known_table(f"{choice.mark}: the rule for {name}", table, layout, findings)
        if known and column not in layout.tables[table].columns:
            near = nearest(column, layout.tables[table].columns)
            findings.add(
                "DM104",
                table,
                column,
                f"{choice.mark}: the policy has a rule for {name}, which the table does not have",
                f"did you mean {near}?" if near else "remove the rule",
            )
    for table, rule in policy.rows.items():
        if not layout.exists(table):
            _unknown_table(f"{rule.mark}: the rule for {table}", table, layout, findings)


def _check_classified(
    classification: Classification, table: str, columns: list[str], layout: Layout, findings: Findings
) -> None:
    if not layout.exists(table):
        near = nearest(table, layout.tables)
        findings.add(
            "DM103",
            table,
            None,
            f"{_file(classification)}the classification lists {table}, which the database does not have",
            f"did you mean {near}?" if near else "remove it from the classification",
        )
        return
    root = layout.root(table)
    if root != table:
        findings.add(
            "DM106",
            table,
            None,
            f"{_file(classification)}{table} is a partition of {root}, whose classification counts for it",
            f"classify {root} only",
        )
        return
    known = layout.tables[table].columns
    for column in columns:
        if column not in known:
            entry = classification.tables[table][column]
            place = f"{entry.mark}: " if entry.mark else ""
            near = nearest(column, known)
            findings.add(
                "DM103",
                table,
                column,
                f"{place}the classification lists {column_key(table, column)}, which the table does not have",
                f"did you mean {near}?" if near else "remove it from the classification",
            )


def _known_table(what: str, table: str, layout: Layout, findings: Findings) -> bool:
    if not layout.exists(table):
        _unknown_table(what, table, layout, findings)
        return False
    root = layout.root(table)
    if root != table:
        findings.add(
            "DM104",
            table,
            None,
            f"{what} names a partition of {root}; partitions are masked as their table is",
            f"write the rule for {root}",
        )
        return False
    return True


def _unknown_table(what: str, table: str, layout: Layout, findings: Findings) -> None:
    near = nearest(table, layout.tables)
    findings.add(
        "DM104",
        table,
        None,
        f"{what} names a table that the database does not have",
        f"did you mean {near}?" if near else "remove the rule",
    )


def _file(classification: Classification) -> str:
    return f"{classification.path}: " if classification.path else ""
