"""Columns that the source's server masks: who may read them, and what their expressions must be."""

from __future__ import annotations

from collections.abc import Mapping

from datamask.masking import registry
from datamask.masking.model import ColumnMask
from datamask.policy.codes import CODES, Findings
from datamask.policy.layout import ColumnRef
from datamask.policy.plan import Finding


def check_source_reads(masks: Mapping[ColumnRef, ColumnMask], findings: Findings) -> None:
    """Find masks that read a column whose original the source's server never gives away."""
    for (table, column), mask in masks.items():
        read = [*registry.get(mask.transform).needs(mask.params)]
        read += [name for name, _ in mask.when.columns] if mask.when else []
        for name in read:
            other = masks.get((table, name))
            if other is not None and registry.get(other.transform).source_side:
                findings.add(
                    "DM144",
                    table,
                    column,
                    f"{table}.{column} is masked by what {table}.{name} holds, but the source's server masks "
                    f"{name} ({other.transform}) before it is read",
                    "name another column, or mask that one by a transform of datamask",
                )


def refused_expression(table: str, column: str, reason: str) -> Finding:
    """The finding that the source's server cannot evaluate a column's expression, or must not.

    :param reason: what the server says of it, no row values.
    """
    return Finding(
        "DM145",
        CODES["DM145"].severity,
        table,
        column,
        f"the SQL expression for {table}.{column} does not work on the source: {reason}",
        "write an expression over the table's own columns, of functions that are not volatile",
    )
