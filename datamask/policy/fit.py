"""Does a column hold what a rule makes of it? One rule against one column, from the transform's laws."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from uuid import UUID

from datamask.catalog.model import Check, Column, ColumnType
from datamask.errors import PolicyError
from datamask.masking import registry
from datamask.masking.model import JSONValue
from datamask.masking.transform import Laws
from datamask.policy import checks as check_constraints
from datamask.policy.model import Rule

_BYTES_OF_INTEGER = {"int2": 2, "int4": 4, "int8": 8}


@dataclass(frozen=True, slots=True)
class Misfit:
    """Why a rule cannot be used on a column.

    :param reason: the end of a sentence that begins with the column and the transform.
    """

    code: str
    reason: str
    hint: str


@dataclass(frozen=True, slots=True)
class Fit:
    """A rule that a column can hold.

    :param unproven: CHECK constraints of which only the server can tell.
    """

    laws: Laws
    unproven: tuple[Check, ...] = ()


def fit(
    rule: Rule,
    column: Column,
    siblings: Container[str],
    checks: Sequence[Check],
    *,
    mask_type: ColumnType,
    unique: bool,
) -> Fit | Misfit:
    """Prove a rule for one column.

    :param siblings: the names of all columns of the table.
    :param checks: the CHECK constraints that name the column.
    :param mask_type: the type the values are masked as: the narrowest one of a foreign key's columns.
    :param unique: the result must keep different values different.
    """
    transform = registry.get(rule.transform)
    refused = transform.accepts(column.type)
    if refused:
        return Misfit("DM110", refused, "take a transform for this type, or several in a list")
    for needed in transform.needs(rule.params):
        if needed not in siblings:
            return Misfit(
                "DM107", f"it needs the column {needed}, which the table does not have", "name another column"
            )
    try:
        laws = transform.laws(rule.params, mask_type, unique)
    except PolicyError as error:
        return Misfit("DM110", error.message, error.hint or "take other parameters, or another transform")
    if laws.nulls == "made" and column.not_null:
        return Misfit("DM130", "it makes NULL, and the column is NOT NULL", "take fixed, redact or hash")
    if unique and not laws.injective:
        return Misfit(
            "DM120",
            "different values can become equal, and the column is under a unique key",
            "take an injective transform: hash, ff1, key, uuid or email",
        )
    limit = column.type.max_length
    if limit is not None and laws.max_length is not None and laws.max_length > limit:
        return Misfit(
            "DM131",
            f"the result has up to {laws.max_length} characters, and {column.type.name} holds {limit}",
            "set the transform's length, or take a shorter one",
        )
    if rule.transform == "fixed":
        wrong = _fixed_misfit(rule.params, column.type)
        if wrong:
            return wrong
    return _against_checks(rule, laws, checks)


def _against_checks(rule: Rule, laws: Laws, checks: Sequence[Check]) -> Fit | Misfit:
    unproven = []
    value = fixed_value(rule.params) if rule.transform == "fixed" else None
    for check in checks:
        if value is not None and check_constraints.fails(value, check):
            return Misfit(
                "DM137",
                f"its value breaks the constraint {check.name}",
                f"take a value that meets {check.definition}",
            )
        if not _proven(rule, laws, value, check):
            unproven.append(check)
    return Fit(laws, tuple(unproven))


def _proven(rule: Rule, laws: Laws, value: str | None, check: Check) -> bool:
    if value is not None:
        return check_constraints.passes(value, check)
    if laws.nulls == "made":
        return check_constraints.null_passes(check)
    if rule.transform == "truncate_date":
        return check_constraints.truncation_passes(check, str(rule.params.get("to", "")))
    return False


def fixed_value(params: Mapping[str, JSONValue]) -> str | None:
    """The text of the ``fixed`` transform's value."""
    value = params.get("value")
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _fixed_misfit(params: Mapping[str, JSONValue], kind: ColumnType) -> Misfit | None:
    value = fixed_value(params)
    if value is None:
        return None
    if kind.max_length is not None and len(value) > kind.max_length:
        return Misfit(
            "DM131",
            f"its value has {len(value)} characters, and {kind.name} holds {kind.max_length}",
            "shorten it",
        )
    if kind.kind == "enum" and value not in kind.labels:
        return Misfit(
            "DM133", f"its value is no label of {kind.name}", f"take one of {', '.join(kind.labels)}"
        )
    if not _belongs(value, kind):
        return Misfit("DM133", f"its value is no {kind.name}", f"write a value of type {kind.name}")
    if kind.kind == "numeric" and kind.precision is not None:
        whole = kind.precision - (kind.scale or 0)
        if abs(Decimal(value)) >= Decimal(10) ** whole:
            return Misfit("DM132", f"its value is too large for {kind.name}", "take a smaller one")
    return None


def _belongs(value: str, kind: ColumnType) -> bool:
    try:
        match kind.kind:
            case "integer":
                size = _BYTES_OF_INTEGER.get(kind.base, 8)
                return -(1 << 8 * size - 1) <= int(value) < 1 << 8 * size - 1
            case "numeric" | "float":
                return Decimal(value).is_finite() or kind.kind == "float"
            case "boolean":
                return value.lower() in {"true", "false", "t", "f", "yes", "no", "on", "off", "1", "0"}
            case "date":
                date.fromisoformat(value)
            case "timestamp":
                datetime.fromisoformat(value)
            case "time":
                time.fromisoformat(value)
            case "uuid":
                UUID(value)
            case _:
                pass
    except (ValueError, InvalidOperation):
        return False
    return True
