"""Does a column hold what a rule makes of it? One rule against one column, from the transform's laws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import inf

from datamask.catalog.model import Check, Column, ColumnType
from datamask.errors import PolicyError
from datamask.masking import registry
from datamask.masking.condition import condition_for, unknown_columns
from datamask.masking.effective import effective_laws
from datamask.masking.literals import overflow, spelled
from datamask.masking.model import ColumnMask, Condition
from datamask.masking.transform import Laws
from datamask.policy import checks as check_constraints
from datamask.policy.model import Rule
from datamask.suggest import nearest


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

    :param mask: the rule as the column's mask, but for its domain.
    :param unproven: CHECK constraints of which only the server can tell.
    """

    laws: Laws
    mask: ColumnMask
    unproven: tuple[Check, ...] = ()


def fit(
    rule: Rule,
    column: Column,
    siblings: Mapping[str, Column],
    checks: Sequence[Check],
    *,
    mask_type: ColumnType,
    unique: bool,
    joined: bool,
) -> Fit | Misfit:
    """Prove a rule for one column.

    :param siblings: all columns of the table.
    :param checks: the CHECK constraints that name the column.
    :param mask_type: the type the values are masked as: the narrowest one of a foreign key's columns.
    :param unique: the result must keep different values different.
    :param joined: a foreign key joins the column to another, so equal values must give equal results.
    """
    transform = registry.get(rule.transform)
    refused = transform.accepts(column.type)
    if refused:
        return Misfit("DM110", refused, "take a transform for this type, or several in a list")
    if joined and (other := _row_dependent(rule)):
        return Misfit(
            "DM143",
            f"{other}, but a foreign key joins the column to others: rows would no longer find each other",
            "take a rule that looks at the value alone",
        )
    for needed in transform.needs(rule.params):
        if needed not in siblings:
            return Misfit(
                "DM107", f"it needs the column {needed}, which the table does not have", "name another column"
            )
    when = _condition(rule, siblings)
    if isinstance(when, Misfit):
        return when
    if {"case", "length"} & set(rule.preserve) and mask_type.kind != "text":
        return Misfit(
            "DM110",
            f"case and length are preserved in text columns, not in {mask_type.name}",
            "remove them from preserve",
        )
    mask = ColumnMask(
        column=column.name,
        transform=rule.transform,
        type=mask_type,
        domain="",
        params=dict(rule.params),
        unique=unique,
        when=when,
        exceptions=rule.exceptions,
        preserve=rule.preserve,
    )
    try:
        laws = effective_laws(mask)
    except PolicyError as error:
        code = "DM133" if rule.transform == "fixed" else "DM110"
        return Misfit(code, error.message, error.hint or "take other parameters, or another transform")
    if laws.nulls in {"made", "mixed"} and column.not_null:
        can = "makes" if laws.nulls == "made" else "may make"
        return Misfit("DM130", f"it {can} NULL, and the column is NOT NULL", "take fixed, redact or hash")
    if unique and not laws.injective and _only_by_exceptions(rule, mask):
        return Misfit(
            "DM120",
            f"{rule.transform} keeps different values different, but not from values that stay as they are, "
            "and the column is under a unique key",
            "take a keyed hash (email, username, hash), which does, or mask every row",
        )
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
    if rule.transform == "fixed" and overflow(spelled(rule.params["value"]), column.type):
        return Misfit("DM132", f"its value is too large for {column.type.name}", "take a smaller one")
    return _against_checks(rule, laws, mask, checks)


def _row_dependent(rule: Rule) -> str | None:
    """What makes a rule's results depend on more than the value, in words."""
    transform = registry.get(rule.transform)
    if rule.when is not None:
        return f"it is masked only when {rule.when}"
    if transform.source_side:
        return f"{rule.transform} is an expression over its own table's row"
    needed = (*transform.needs(rule.params), *transform.reads_masked(rule.params))
    return f"{rule.transform} depends on the column {needed[0]}" if needed else None


def _condition(rule: Rule, siblings: Mapping[str, Column]) -> Condition | Misfit | None:
    if rule.when is None:
        return None
    try:
        missing = unknown_columns(rule.when, siblings)
        if missing:
            near = nearest(missing[0], siblings)
            return Misfit(
                "DM107",
                f"its condition needs the column {missing[0]}, which the table does not have",
                f"did you mean {near}?" if near else "name another column",
            )
        return condition_for(rule.when, {name: column.type for name, column in siblings.items()})
    except PolicyError as error:
        return Misfit("DM108", error.message, error.hint or "write another condition")


def _only_by_exceptions(rule: Rule, mask: ColumnMask) -> bool:
    """Whether the transform by itself, on every row, would be injective."""
    return rule.selective and effective_laws(replace(mask, when=None, exceptions=())).injective


def _longest(laws: Laws) -> float:
    return inf if laws.max_length is None else laws.max_length


def _against_checks(rule: Rule, laws: Laws, mask: ColumnMask, checks: Sequence[Check]) -> Fit | Misfit:
    unproven = []
    outcomes = () if rule.preserve else registry.get(rule.transform).outcomes(rule.params)
    for check in checks:
        if any(check_constraints.fails(value, check) for value in outcomes):
            its = "its value" if len(outcomes) == 1 else "one of its values"
            return Misfit(
                "DM137",
                f"{its} breaks the constraint {check.name}",
                f"take a value that meets {check.definition}",
            )
        if not _proven(rule, laws, outcomes, check):
            unproven.append(check)
    return Fit(laws, mask, tuple(unproven))


def _proven(rule: Rule, laws: Laws, outcomes: Sequence[str], check: Check) -> bool:
    if outcomes:
        return all(check_constraints.passes(value, check) for value in outcomes)
    # A value that stays met the constraint before.
    if laws.nulls == "made" or rule.transform == "null":
        return check_constraints.null_passes(check)
    if rule.transform == "truncate_date":
        return check_constraints.truncation_passes(check, str(rule.params.get("to", "")))
    if rule.transform == "number_noise":
        return check_constraints.sign_passes(check)
    return False
