"""A plan's digest: what decides the output, in one canonical form."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence

from datamask.masking.files import portable
from datamask.masking.model import ColumnMask
from datamask.policy.plan import TablePlan


def plan_digest(tables: Sequence[TablePlan]) -> str:
    """SHA-256, in hexadecimal, over tables, row rules and masks; not names, not findings."""
    content = [
        {
            "table": table.table,
            "rows": table.rows,
            "where": table.where,
            "sample": table.sample,
            "columns": [
                [column.column, _mask(column.mask) if column.mask else None] for column in table.columns
            ],
        }
        for table in sorted(tables, key=lambda table: table.table)
    ]
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _selection(mask: ColumnMask) -> dict[str, object]:
    """What stands beside the transform, where there is any of it."""
    found: dict[str, object] = {}
    if mask.when is not None:
        kinds = [[name, kind.kind, kind.base] for name, kind in mask.when.columns]
        found["when"] = [mask.when.sql, kinds]
    if mask.exceptions:
        found["except"] = list(mask.exceptions)
    if mask.preserve:
        found["preserve"] = list(mask.preserve)
    return found


def _mask(mask: ColumnMask) -> dict[str, object]:
    return {
        **_selection(mask),
        "transform": mask.transform,
        "params": portable(dict(mask.params)),
        "domain": mask.domain,
        "unique": mask.unique,
        # A transform may bound its result by the type.
        "type": [mask.type.name, mask.type.base, mask.type.max_length],
    }
