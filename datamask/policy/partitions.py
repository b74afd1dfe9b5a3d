"""Masked partition keys: a masked row would belong to another partition than the one it is loaded into."""

from __future__ import annotations

from collections.abc import Mapping

from datamask.masking.model import ColumnMask
from datamask.policy.codes import Findings
from datamask.policy.layout import ColumnRef, Layout
from datamask.policy.model import Policy
from datamask.policy.rows import is_emptied


def check_partition_keys(
    policy: Policy, layout: Layout, masks: Mapping[ColumnRef, ColumnMask], findings: Findings
) -> None:
    """Find masks on columns that decide which partition a row belongs to, on every level."""
    for table in layout.tables.values():
        if is_emptied(policy, layout, table.key):
            continue
        keys = {column: member.key for member in table.members for column in member.partition_key}
        for column, member in keys.items():
            if (table.key, column) in masks:
                findings.add(
                    "DM138",
                    table.key,
                    column,
                    f"{table.key}.{column} decides which partition of {member} a row belongs to, "
                    "so it cannot be masked",
                    "let it pass unchanged, or empty the table with `rows: none`",
                )
