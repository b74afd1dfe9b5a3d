"""From the rules of a column (or of columns that foreign keys join) to the mask that it gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from datamask.catalog.model import Check, Column, ColumnType
from datamask.classify.classes import CLASSES
from datamask.masking import registry
from datamask.masking.model import ColumnMask
from datamask.policy.codes import Findings
from datamask.policy.decide import Decision
from datamask.policy.entity import Entities, Unresolved
from datamask.policy.fit import Fit, Misfit, fit
from datamask.policy.layout import ColumnRef, Layout
from datamask.policy.model import AUTO, KEEP, Rule
from datamask.policy.safe import safe_rules
from datamask.policy.selective import say_selective

_INTEGER_WIDTH = {"int2": 1, "int4": 2, "int8": 3}


@dataclass(frozen=True)
class _Chosen:
    """A rule for all members.

    :param position: of the written rule that it comes from.
    :param rules: the rule as it is for each member.
    :param passed_over: why the first one was not taken.
    """

    position: int
    rule: Rule
    rules: Mapping[ColumnRef, Rule]
    fits: Mapping[ColumnRef, Fit]
    passed_over: str | None


@dataclass(frozen=True)
class _Member:
    ref: ColumnRef
    column: Column
    mask_type: ColumnType


def select(
    refs: Sequence[ColumnRef],
    decisions: Mapping[ColumnRef, Decision],
    layout: Layout,
    distinct: set[ColumnRef],
    entities: Entities,
    findings: Findings,
) -> dict[ColumnRef, ColumnMask]:
    """The masks of columns that must be masked alike; none where their rule is to keep or nothing fits.

    :param refs: one column, or all the masked members of a foreign-key group.
    :param distinct: the columns whose values must stay different.
    :param entities: what ``by`` means in each table.
    """
    members = _members(refs, layout, findings)
    if not members:
        return {}
    decision = decisions[refs[0]]
    unique = any(ref in distinct for ref in refs)
    candidates = _candidates(decision, members, layout)
    chosen = _choose(candidates, members, layout, unique, entities, findings)
    if chosen is None or chosen.rule.transform == KEEP:
        return {}
    if chosen.position and chosen.passed_over:
        _say_choice(decision, chosen, members[0].ref, findings)
    if chosen.rule.selective:
        say_selective(chosen.rule, [member.ref for member in members], decisions, findings)
    return {
        member.ref: _mask(member, chosen, decisions, unique, len(refs) > 1, findings) for member in members
    }


def _members(refs: Sequence[ColumnRef], layout: Layout, findings: Findings) -> list[_Member]:
    columns = [(ref, column) for ref in refs if (column := layout.column(ref))]
    kinds = {column.type.kind for _, column in columns}
    if len(kinds) > 1:
        ref, column = columns[0]
        other = next(ref for ref, listed in columns if listed.type.kind != column.type.kind)
        findings.add(
            "DM142",
            *ref,
            f"{ref[0]}.{ref[1]} and {other[0]}.{other[1]} are joined by a foreign key, but are of types that "
            f"cannot be masked alike ({', '.join(sorted(kinds))})",
            "let both columns pass unchanged",
        )
        return []
    narrowest = _narrowest([column.type for _, column in columns])
    return [_Member(ref, column, _narrowed(column.type, narrowest)) for ref, column in columns]


def _narrowest(types: list[ColumnType]) -> ColumnType:
    """The type whose values fit all the others, so that equal values are masked to equal ones."""
    if types[0].kind == "text":
        return min(types, key=lambda kind: (kind.max_length is None, kind.max_length or 0))
    if types[0].kind == "integer":
        return min(types, key=lambda kind: _INTEGER_WIDTH.get(kind.base, 4))
    if types[0].kind == "numeric":
        return min(
            types, key=lambda kind: (kind.precision is None, (kind.precision or 0) - (kind.scale or 0))
        )
    return types[0]


def _narrowed(own: ColumnType, narrowest: ColumnType) -> ColumnType:
    if own.kind == "text":
        return replace(own, max_length=narrowest.max_length)
    return narrowest if own.kind in {"integer", "numeric"} else own


def _candidates(decision: Decision, members: list[_Member], layout: Layout) -> list[tuple[int, Rule]]:
    found: list[tuple[int, Rule]] = []
    for position, rule in enumerate(decision.rules):
        if rule.transform == AUTO:
            checks = [check for member in members for check in _checks(layout, member)]
            found += [(position, made) for made in safe_rules(rule, members[0].mask_type, checks)]
        else:
            found.append((position, rule))
    return found


def _choose(
    candidates: list[tuple[int, Rule]],
    members: list[_Member],
    layout: Layout,
    unique: bool,
    entities: Entities,
    findings: Findings,
) -> _Chosen | None:
    """The first rule that is proven for all members, else the first that only CHECKs are open for."""
    open_checks: _Chosen | None = None
    misfits: list[tuple[_Member, Rule, Misfit]] = []
    passed_over: str | None = None
    for position, rule in candidates:
        if rule.transform == KEEP:
            return _Chosen(position, rule, {}, {}, passed_over)
        rules: dict[ColumnRef, Rule] = {}
        fits: dict[ColumnRef, Fit] = {}
        for member in members:
            result = _fit(rule, member, layout, unique, len(members) > 1, entities)
            if isinstance(result, Misfit):
                misfits.append((member, rule, result))
                passed_over = passed_over or result.reason
                break
            rules[member.ref], fits[member.ref] = result
        else:
            unproven = [check for found in fits.values() for check in found.unproven]
            if not unproven:
                return _Chosen(position, rule, rules, fits, passed_over)
            open_checks = open_checks or _Chosen(position, rule, rules, fits, passed_over)
            passed_over = passed_over or f"the constraint {unproven[0].name} is not certain to hold"
    if open_checks is None and misfits:
        _refuse(misfits, findings)
    return open_checks


def _fit(
    rule: Rule, member: _Member, layout: Layout, unique: bool, joined: bool, entities: Entities
) -> tuple[Rule, Fit] | Misfit:
    """The rule as it is for the member's table, and its fit."""
    own = entities.resolved(rule, member.ref[0])
    if isinstance(own, Unresolved):
        return Misfit("DM109", own.reason, own.hint)
    result = fit(
        own,
        member.column,
        layout.tables[member.ref[0]].columns,
        _checks(layout, member),
        mask_type=member.mask_type,
        unique=unique,
        joined=joined,
    )
    return result if isinstance(result, Misfit) else (own, result)


def _checks(layout: Layout, member: _Member) -> list[Check]:
    return layout.tables[member.ref[0]].checks_by_column.get(member.ref[1], [])


def _refuse(misfits: list[tuple[_Member, Rule, Misfit]], findings: Findings) -> None:
    member, rule, misfit = misfits[0]
    place = f"{rule.mark}: " if rule.mark else ""
    message = (
        f"{place}{member.ref[0]}.{member.ref[1]} cannot be masked with {rule.transform}: {misfit.reason}"
    )
    # `auto` may have tried once more what the list names.
    others = {
        other.transform: why.reason for _, other, why in misfits[1:] if other.transform != rule.transform
    }
    if others:
        message += "; nor with " + "; ".join(f"{name}: {reason}" for name, reason in others.items())
    findings.add(misfit.code, *member.ref, message, misfit.hint)


def _say_choice(decision: Decision, chosen: _Chosen, ref: ColumnRef, findings: Findings) -> None:
    findings.add(
        "DM111",
        *ref,
        f"{ref[0]}.{ref[1]} gets {chosen.rule.transform}, not {decision.rules[0].transform}, "
        f"the first choice of its rule: {chosen.passed_over}",
        "nothing to do; give the column a rule of its own to choose another transform",
    )


def _mask(
    member: _Member,
    chosen: _Chosen,
    decisions: Mapping[ColumnRef, Decision],
    unique: bool,
    joined: bool,
    findings: Findings,
) -> ColumnMask:
    where = f"{member.ref[0]}.{member.ref[1]}"
    rule, found = chosen.rules[member.ref], chosen.fits[member.ref]
    column = member.column
    if column.type.base == "citext" and (unique or joined):
        findings.add(
            "DM124",
            *member.ref,
            f"{where} compares without regard to case, but masking tells upper and lower case apart",
            "nothing to do where equal values are always written alike",
        )
    if column.identity or "nextval(" in (column.default or ""):
        findings.add(
            "DM135",
            *member.ref,
            f"{where} is filled by a sequence, and masked values may lie where it will count",
            "let the column pass unchanged: a surrogate key says nothing by itself",
        )
    for check in found.unproven:
        findings.add(
            "DM136",
            *member.ref,
            f"whether {where}, masked with {rule.transform}, meets the constraint {check.name} "
            "cannot be proven",
            "a load would fail where it does not: `datamask check --try` tries it on samples; `fixed` with a value "
            "that meets it is certain",
        )
    return replace(found.mask, domain=_domain(member.ref, rule, decisions))


def _domain(ref: ColumnRef, rule: Rule, decisions: Mapping[ColumnRef, Decision]) -> str:
    """A rule's own domain, else its transform's, else one for each personal class; what has none stands alone."""
    if rule.domain:
        return rule.domain
    shared = registry.get(rule.transform).shared_domain
    if shared:
        return shared
    origin = decisions[ref].origin or ref
    data_class = decisions[origin].data_class
    if data_class and CLASSES[data_class].personal:
        return data_class
    return f"{origin[0]}.{origin[1]}"
