"""Does a column hold what a rule makes of it? One rule against one column, from the transform's laws."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import inf

from datamask.catalog.model import Check, Column, ColumnType
from datamask.errors import PolicyError
from datamask.masking import registry
from datamask.masking.model import JSONValue
from datamask.masking.transform import Laws
from datamask.policy import checks as check_constraints
from datamask.policy.model import Rule


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
        code = "DM133" if rule.transform == "fixed" else "DM110"
        return Misfit(code, error.message, error.hint or "take other parameters, or another transform")
    if laws.nulls == "made" and column.not_null:
        return Misfit("DM130", "it makes NULL, and the column is NOT NULL", "take fixed, redact or hash")
    if unique and not laws.injective:
        return Misfit(
            "DM120",
            "different values can become equal, and the column is under a unique key",
            "take an injective transform: hash, ff1, key, uuid or email",
        )
    limit = column.type.max_length
    if limit is not None and column.type.kind == "text" and _longest(laws) > limit:
        bound = "any length" if laws.max_length is None else f"up to {laws.max_length} characters"
        return Misfit(
            "DM131",
            f"the result has {bound}, and {column.type.name} holds {limit}",
            "set the transform's length, or take a shorter one",
        )
    if rule.transform == "fixed":
        overflow = _overflow(rule.params, column.type)
        if overflow:
            return overflow
    return _against_checks(rule, laws, checks)


def _longest(laws: Laws) -> float:
    return inf if laws.max_length is None else laws.max_length


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
    if rule.transform == "number_noise":
        return check_constraints.sign_passes(check)
    return False


def fixed_value(params: Mapping[str, JSONValue]) -> str | None:
    """The text of the ``fixed`` transform's value."""
    value = params.get("value")
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def _overflow(params: Mapping[str, JSONValue], kind: ColumnType) -> Misfit | None:
    """A number with more digits before the point than ``numeric(p,s)`` holds."""
    value = fixed_value(params)
    if value is None or kind.kind != "numeric" or kind.precision is None:
        return None
    number = Decimal(value)
    if number.is_nan() or abs(number) < Decimal(10) ** (kind.precision - (kind.scale or 0)):
        return None
    return Misfit("DM132", f"its value is too large for {kind.name}", "take a smaller one")
