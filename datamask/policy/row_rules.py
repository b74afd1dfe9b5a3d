"""Rules made of the row's other columns as they are after masking: what they name must be there, and in no circle."""

from __future__ import annotations

from collections.abc import Mapping

from datamask.masking import registry
from datamask.masking.model import ColumnMask
from datamask.policy.codes import Findings
from datamask.policy.layout import ColumnRef, Layout


def check_row_rules(layout: Layout, masks: Mapping[ColumnRef, ColumnMask], findings: Findings) -> None:
    """Find rules that read masked columns which the table does not have, or each other's results."""
    reads = {ref: registry.get(mask.transform).reads_masked(mask.params) for ref, mask in masks.items()}
    for ref, names in reads.items():
        table = layout.tables[ref[0]]
        for name in names:
            column = table.columns.get(name)
            if column is None:
                message, hint = f"the column {name}, which the table does not have", "name another column"
            elif column.generated:
                message, hint = (
                    f"the column {name}, which PostgreSQL computes",
                    "name what it is computed from",
                )
            else:
                continue
            findings.add("DM107", *ref, f"{ref[0]}.{ref[1]} is made of {message}", hint)
        if _reaches(ref, ref[1], reads):
            findings.add(
                "DM112",
                *ref,
                f"{ref[0]}.{ref[1]} is made of its own result",
                "a rule may be made of columns that are not made of its own",
            )


def _reaches(ref: ColumnRef, name: str, reads: Mapping[ColumnRef, tuple[str, ...]]) -> bool:
    """Whether a column is, over any number of steps, made of another one of its table."""
    seen: set[str] = set()
    waiting = list(reads.get(ref, ()))
    while waiting:
        column = waiting.pop()
        if column == name:
            return True
        if column not in seen:
            seen.add(column)
            waiting += reads.get((ref[0], column), ())
    return False
