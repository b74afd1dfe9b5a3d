"""What ``auto`` means: transforms that hide everything, by the column's type, the best first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from datamask.catalog.model import Check, ColumnType, TypeKind
from datamask.masking import registry
from datamask.masking.model import JSONValue
from datamask.policy.checks import a_passing_value
from datamask.policy.model import Rule

_BY_KIND: dict[TypeKind, tuple[str, ...]] = {
    "text": ("redact", "hash", "key", "empty"),
    "bytea": ("empty",),
    "array": ("empty",),
    "tsvector": ("empty",),
    "uuid": ("uuid",),
    "inet": ("ip",),
    "json": ("redact_json", "empty"),
    "integer": ("key", "number_noise"),
    "numeric": ("number_noise",),
    "float": ("number_noise",),
    "date": ("truncate_date", "shift_date"),
    "timestamp": ("truncate_date", "shift_date"),
}

# The plainest value of each type, for columns that must hold something.
_PLAIN: dict[TypeKind, str] = {
    "integer": "0",
    "numeric": "0",
    "float": "0",
    "boolean": "false",
    "date": "2000-01-01",
    "timestamp": "2000-01-01 00:00:00",
    "time": "00:00:00",
    "interval": "00:00:00",
    "uuid": "00000000-0000-0000-0000-000000000000",
    "inet": "0.0.0.0",
    "xml": "",
    "range": "empty",
}


def safe_rules(rule: Rule, kind: ColumnType, checks: Sequence[Check]) -> tuple[Rule, ...]:
    """The rules that ``auto`` stands for on a column of that type.

    :param rule: the ``auto`` rule; all but its transform is kept.
    :param checks: the column's CHECK constraints: a constant that meets them is among the choices.
    """
    found = [_made("null", {}, rule)]
    found += [_made(name, {}, rule) for name in _BY_KIND.get(kind.kind, ())]
    constants = [constant for check in checks if (constant := a_passing_value(check)) is not None]
    if kind.kind == "enum" and kind.labels:
        constants.append(kind.labels[0])
    if kind.kind in _PLAIN:
        constants.append(_PLAIN[kind.kind])
    return (*found, *(_made("fixed", {"value": constant}, rule) for constant in constants))


def _made(name: str, params: dict[str, JSONValue], rule: Rule) -> Rule:
    return replace(rule, transform=name, params=registry.get(name).validate(params))
