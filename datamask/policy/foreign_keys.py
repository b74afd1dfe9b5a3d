"""The foreign keys between logical tables: the database's own, and those that a policy adds."""

from __future__ import annotations

from dataclasses import dataclass

from datamask.catalog.model import ForeignKey
from datamask.policy.codes import Findings
from datamask.policy.layout import Layout
from datamask.policy.model import Reference
from datamask.suggest import nearest


@dataclass(frozen=True, slots=True)
class Edge:
    """One foreign key between logical tables."""

    table: str
    key: ForeignKey
    referenced_table: str


def edges(layout: Layout, references: tuple[Reference, ...], findings: Findings) -> list[Edge]:
    """Every foreign key, declared or written in the policy; unknown names become findings."""
    found = []
    seen = set()
    for table in layout.tables.values():
        for key in table.foreign_keys:
            edge = Edge(table.key, key, layout.root(key.referenced_table))
            # A foreign key on a partitioned table stands once more for each partition.
            same = (edge.table, key.columns, edge.referenced_table, key.referenced_columns)
            if same not in seen and edge.referenced_table in layout.tables:
                seen.add(same)
                found.append(edge)
    for reference in references:
        if _exists(layout, reference, findings):
            name = f"reference at {reference.mark}"
            key = ForeignKey(
                name,
                reference.columns,
                reference.referenced_table,
                reference.referenced_columns,
                declared=False,
            )
            found.append(Edge(layout.root(reference.table), key, layout.root(reference.referenced_table)))
    return found


def _exists(layout: Layout, reference: Reference, findings: Findings) -> bool:
    ends = (
        (reference.table, reference.columns),
        (reference.referenced_table, reference.referenced_columns),
    )
    for key, columns in ends:
        table = layout.tables.get(layout.root(key))
        if table is None:
            near = nearest(key, layout.tables)
            findings.add(
                "DM104",
                key,
                None,
                f"{reference.mark}: the reference names the table {key}, which the database does not have",
                f"did you mean {near}?" if near else "remove the reference",
                mark=reference.mark,
            )
            return False
        for column in columns:
            if column not in table.columns:
                near = nearest(column, table.columns)
                findings.add(
                    "DM104",
                    table.key,
                    column,
                    f"{reference.mark}: the reference names {table.key}.{column}, "
                    "which the table does not have",
                    f"did you mean {near}?" if near else "remove the reference",
                    mark=reference.mark,
                )
                return False
    return True
