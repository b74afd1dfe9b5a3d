"""Rules about rows: what they leave out must not be missed by foreign keys."""

from __future__ import annotations

from collections.abc import Mapping

from datamask.masking.model import ColumnMask
from datamask.policy.codes import Findings
from datamask.policy.foreign_keys import Edge
from datamask.policy.layout import ColumnRef, Layout
from datamask.policy.model import Policy, RowRule


def row_rule(policy: Policy, layout: Layout, key: str) -> RowRule | None:
    """The rule for a table: its own, else that of the partitioned table it is part of."""
    return policy.rows.get(key) or policy.rows.get(layout.root(key))


def is_emptied(policy: Policy, layout: Layout, key: str) -> bool:
    """True where no row of the table or of any of its partitions is taken."""
    members = [member for member in layout.tables[key].members if member.has_rows]
    return bool(members) and all(
        (rule := row_rule(policy, layout, member.key)) is not None and rule.rows == "none"
        for member in members
    )


def check_match_full(
    policy: Policy,
    layout: Layout,
    foreign_keys: list[Edge],
    masks: Mapping[ColumnRef, ColumnMask],
    findings: Findings,
) -> None:
    """Find foreign keys with MATCH FULL of which only a part becomes NULL."""
    for edge in foreign_keys:
        if not edge.key.match_full or is_emptied(policy, layout, edge.table):
            continue
        nulled = [column for column in edge.key.columns if _is_nulled(masks.get((edge.table, column)))]
        if nulled and len(nulled) < len(edge.key.columns):
            rest = [column for column in edge.key.columns if column not in nulled]
            findings.add(
                "DM146",
                edge.table,
                nulled[0],
                f"the foreign key {edge.key.name} of {edge.table} is MATCH FULL, and {', '.join(nulled)} would be "
                f"NULL beside {', '.join(rest)}, which would not",
                "mask all of its columns with null, or none",
            )


def check_rows(
    policy: Policy,
    layout: Layout,
    foreign_keys: list[Edge],
    masks: Mapping[ColumnRef, ColumnMask],
    findings: Findings,
) -> None:
    """Find references to rows that a rule leaves out."""
    partial = {
        root: rule
        for key, rule in policy.rows.items()
        if (root := layout.root(key)) in layout.tables and rule != RowRule(rule.mark)
    }
    for edge in foreign_keys:
        rule = partial.get(edge.referenced_table)
        if rule is None or is_emptied(policy, layout, edge.table):
            continue
        # One NULL column is enough: MATCH SIMPLE then asks for nothing.
        if any(_is_nulled(masks.get((edge.table, column))) for column in edge.key.columns):
            continue
        if edge.table == edge.referenced_table:
            findings.add(
                "DM151",
                edge.table,
                None,
                f"{rule.mark}: {edge.table} references itself ({', '.join(edge.key.columns)}), "
                "so the rows left out would be missing for those taken",
                f"take all rows or none, or mask {edge.table}.{edge.key.columns[0]} with null",
            )
            continue
        findings.add(
            "DM150",
            edge.referenced_table,
            None,
            f"{rule.mark}: rows of {edge.referenced_table} are left out, but {edge.table} references them "
            f"({', '.join(edge.key.columns)})",
            f"give {edge.table} `rows: none` too, or mask {edge.table}.{edge.key.columns[0]} with null",
        )


def _is_nulled(mask: ColumnMask | None) -> bool:
    return mask is not None and mask.nulls_everything
