"""``drift``, of the project and of an environment: what is compared, and what counts as drift."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, cast

from datamask.config.document import Node

KEYS = ("baseline", "exclude", "ignore", "column_order", "severity", "on_drift", "data")
DATA_KEYS = ("rows", "nulls", "distinct", "psi", "ks", "sample")

OnDrift = Literal["fail", "warn"]
LeastSeverity = Literal["error", "warning", "info"]
ON_DRIFT: tuple[OnDrift, ...] = ("fail", "warn")
LEAST_SEVERITIES: tuple[LeastSeverity, ...] = ("error", "warning", "info")

_TEXTS: dict[str, object] = {"type": ["array", "string"], "items": {"type": "string", "minLength": 1}}


def _share(description: str) -> dict[str, object]:
    return {"type": "number", "minimum": 0, "description": description}


SCHEMA: dict[str, object] = {
    "type": "object",
    "additionalProperties": False,
    "description": "What `datamask drift` compares, and what counts as drift.",
    "properties": {
        "baseline": {
            "type": "string",
            "minLength": 1,
            "description": "A saved file, an environment or a snapshot, instead of the snapshot that was loaded.",
        },
        "exclude": {**_TEXTS, "description": "Patterns of objects: public.tmp_*, function:audit.*."},
        "ignore": {**_TEXTS, "description": "Patterns of attributes: owner, comment."},
        "column_order": {
            "type": "boolean",
            "description": "The order of columns is a difference, not a note.",
        },
        "severity": {"enum": list(LEAST_SEVERITIES), "description": "The least that counts as drift."},
        "on_drift": {"enum": list(ON_DRIFT), "description": "End with status 6, or only say so."},
        "data": {
            "type": "object",
            "additionalProperties": False,
            "description": "From where on a difference of the data is drift.",
            "properties": {
                "rows": _share("Relative change of a table's number of rows."),
                "nulls": _share("Change of the share of nulls."),
                "distinct": _share("Change of the share of distinct values."),
                "psi": _share("Population stability index."),
                "ks": _share("Kolmogorov-Smirnov distance."),
                "sample": {
                    "type": "integer",
                    "minimum": 100,
                    "description": "Rows of each table to look at.",
                },
            },
        },
    },
}
"""The JSON Schema of the section."""


@dataclass(frozen=True, slots=True)
class DataThresholds:
    """From where on a difference of the data is drift.

    :param rows: relative change of a table's number of rows.
    :param nulls: change of the share of nulls, absolute.
    :param distinct: change of the share of distinct values, absolute.
    :param psi: population stability index; 0.2 and more is commonly called a significant shift.
    :param ks: Kolmogorov-Smirnov distance of the distributions of numbers, 0 to 1.
    :param sample: rows of each table to look at.
    """

    rows: float = 0.1
    nulls: float = 0.05
    distinct: float = 0.2
    psi: float = 0.2
    ks: float = 0.15
    sample: int = 10_000


@dataclass(frozen=True, slots=True)
class DriftSettings:
    """What is compared, and what counts.

    :param baseline: a saved file, an environment or a snapshot, instead of what was loaded.
    :param exclude: patterns of objects.
    :param ignore: patterns of attributes.
    :param column_order: the order of columns is a difference, not a note.
    :param severity: the least that counts as drift.
    :param on_drift: end with status 6, or only say so.
    """

    baseline: str | None = None
    exclude: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    column_order: bool = False
    severity: LeastSeverity = "warning"
    on_drift: OnDrift = "fail"
    data: DataThresholds = DataThresholds()


DEFAULT_DRIFT = DriftSettings()


def drift_node(node: Node | None, what: str, base: DriftSettings = DEFAULT_DRIFT) -> DriftSettings:
    """The section as it is written, key by key over ``base``.

    :raises UsageError: where something in it is wrong; with file and line.
    """
    if node is None:
        return base
    keys = node.mapping(what, KEYS)
    found = base
    if "baseline" in keys:
        found = replace(found, baseline=keys["baseline"].text(f"{what}.baseline"))
    if "exclude" in keys:
        found = replace(found, exclude=_texts(keys["exclude"], f"{what}.exclude"))
    if "ignore" in keys:
        found = replace(found, ignore=_texts(keys["ignore"], f"{what}.ignore"))
    if "column_order" in keys:
        found = replace(found, column_order=keys["column_order"].boolean(f"{what}.column_order"))
    if "severity" in keys:
        least = keys["severity"].choice(f"{what}.severity", LEAST_SEVERITIES)
        found = replace(found, severity=cast(LeastSeverity, least))
    if "on_drift" in keys:
        found = replace(found, on_drift=cast(OnDrift, keys["on_drift"].choice(f"{what}.on_drift", ON_DRIFT)))
    if "data" in keys:
        found = replace(found, data=_data(keys["data"], f"{what}.data", found.data))
    return found


def _data(node: Node, what: str, base: DataThresholds) -> DataThresholds:
    keys = node.mapping(what, DATA_KEYS)
    shares = {
        name: child.number(f"{what}.{name}", minimum=0) for name, child in keys.items() if name != "sample"
    }
    found = DataThresholds(
        rows=shares.get("rows", base.rows),
        nulls=shares.get("nulls", base.nulls),
        distinct=shares.get("distinct", base.distinct),
        psi=shares.get("psi", base.psi),
        ks=shares.get("ks", base.ks),
        sample=base.sample,
    )
    if "sample" in keys:
        found = replace(
            found, sample=keys["sample"].integer(f"{what}.sample", minimum=100, maximum=10_000_000)
        )
    return found


def _texts(node: Node, what: str) -> tuple[str, ...]:
    if isinstance(node.value, list):
        return tuple(child.text(what) for child in node.sequence(what))
    return (node.text(what),)
