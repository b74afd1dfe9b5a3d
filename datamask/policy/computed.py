"""Generated columns that PostgreSQL computes again from masked values: what else hangs on them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from datamask.masking.model import ColumnMask
from datamask.policy.codes import Findings
from datamask.policy.foreign_keys import Edge
from datamask.policy.layout import ColumnRef, Layout
from datamask.policy.model import Policy
from datamask.policy.rows import is_emptied
from datamask.policy.uniqueness import computed_from


def check_computed(
    policy: Policy,
    layout: Layout,
    foreign_keys: Sequence[Edge],
    masks: Mapping[ColumnRef, ColumnMask],
    findings: Findings,
) -> None:
    """Find foreign keys and CHECK constraints over columns whose values change on load."""
    changed: dict[ColumnRef, set[str]] = {}
    for table in layout.tables.values():
        if is_emptied(policy, layout, table.key):
            continue
        masked = {name for name in table.columns if (table.key, name) in masks}
        for name, sources in computed_from(table, masked).items():
            changed[table.key, name] = sources
            for check in table.checks_by_column.get(name, ()):
                findings.add(
                    "DM136",
                    table.key,
                    name,
                    f"whether {table.key}.{name}, computed from masked {', '.join(sorted(sources))}, meets the "
                    f"constraint {check.name} cannot be proven",
                    "a load would fail where it does not; let its inputs pass unchanged to be certain",
                )
    for edge in foreign_keys:
        ends = [(edge.table, column) for column in edge.key.columns]
        ends += [(edge.referenced_table, column) for column in edge.key.referenced_columns]
        for ref in ends:
            if ref in changed:
                findings.add(
                    "DM147",
                    *ref,
                    f"{ref[0]}.{ref[1]} is under the foreign key {edge.key.name} and is computed again from masked "
                    f"{', '.join(sorted(changed[ref]))}, so rows would no longer find each other",
                    "let its inputs pass unchanged, or empty the tables at both ends",
                )
