"""Foreign keys as groups of columns that must be masked alike, and one rule for each group."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from datamask.policy.codes import Findings
from datamask.policy.decide import Decision
from datamask.policy.foreign_keys import Edge
from datamask.policy.layout import ColumnRef, Layout
from datamask.policy.model import AUTO


@dataclass(frozen=True)
class Group:
    """Columns that reference each other, directly or not.

    :param members: in the catalog's order.
    :param ends: the members that reference no other; values begin there.
    :param parents: of members that no foreign key joins: the column of the parent table that they inherit.
    """

    members: tuple[ColumnRef, ...]
    ends: tuple[ColumnRef, ...]
    parents: Mapping[ColumnRef, ColumnRef] = field(default_factory=dict)


def groups(layout: Layout, foreign_keys: list[Edge], decisions: Mapping[ColumnRef, Decision]) -> list[Group]:
    """The groups of more than one column, by union-find over the column pairs of all foreign keys.

    A foreign key with a column that becomes NULL asks for nothing (MATCH SIMPLE), so it joins nothing. A column
    that a table inherits is joined with its ancestor's, whose queries show it too, unless its rules differ.
    """
    parent: dict[ColumnRef, ColumnRef] = {}

    def find(ref: ColumnRef) -> ColumnRef:
        parent.setdefault(ref, ref)
        while parent[ref] != ref:
            parent[ref] = parent[parent[ref]]
            ref = parent[ref]
        return ref

    referring: set[ColumnRef] = set()
    joined: set[ColumnRef] = set()
    for edge in foreign_keys:
        if any(_is_nulled(decisions.get((edge.table, column))) for column in edge.key.columns):
            continue
        for column, target in zip(edge.key.columns, edge.key.referenced_columns, strict=True):
            here, there = (edge.table, column), (edge.referenced_table, target)
            if here == there:
                continue
            referring.add(here)
            joined |= {here, there}
            parent[find(here)] = find(there)
    inherited = _inherited(layout, decisions, joined)
    for child, above in inherited.items():
        parent[find(child)] = find(above)
    referring |= inherited.keys()
    members: dict[ColumnRef, list[ColumnRef]] = {}
    for table in layout.tables.values():
        for column in table.columns:
            ref = (table.key, column)
            if ref in parent:
                members.setdefault(find(ref), []).append(ref)
    return [
        Group(
            tuple(listed),
            tuple(ref for ref in listed if ref not in referring),
            {ref: inherited[ref] for ref in listed if ref in inherited},
        )
        for listed in members.values()
        if len(listed) > 1
    ]


def _inherited(
    layout: Layout, decisions: Mapping[ColumnRef, Decision], joined: set[ColumnRef]
) -> dict[ColumnRef, ColumnRef]:
    """Columns that foreign keys do not join, with the ancestor's that they do, where both follow the same rules."""
    found: dict[ColumnRef, ColumnRef] = {}
    for key, table in layout.tables.items():
        if not table.table.inherits:
            continue
        _, *ancestors = layout.ancestors(key)
        for name in table.columns:
            own = decisions.get((key, name))
            for ancestor in ancestors:
                above = decisions.get((ancestor, name))
                if (ancestor, name) not in joined or own is None or above is None:
                    continue
                if (key, name) not in joined and own.reason != "generated" and own.rules == above.rules:
                    found.setdefault((key, name), (ancestor, name))
    return found


def _is_nulled(decision: Decision | None) -> bool:
    return decision is not None and [rule.nulls_everything for rule in decision.rules] == [True]


def spread(
    found: list[Group], decisions: Mapping[ColumnRef, Decision], findings: Findings
) -> dict[ColumnRef, Decision]:
    """Give every member of a group the group's rule; what cannot be reconciled becomes a finding."""
    result = dict(decisions)
    for group in found:
        members = [ref for ref in group.members if ref in decisions]
        origin = _origin(group, members, decisions, findings)
        if origin is None:
            continue
        rule = decisions[origin]
        for ref in members:
            if ref == origin:
                continue
            own = decisions[ref]
            if own.reason == "generated":
                _refuse_generated(ref, origin, findings)
                continue
            if own.rules != rule.rules:
                _tell(ref, origin, own, findings)
            above = group.parents.get(ref)
            joint = (
                f"inherited from {above[0]}.{above[1]}"
                if above
                else f"foreign key with {origin[0]}.{origin[1]}"
            )
            reason = f"{joint} ({rule.reason})"
            result[ref] = replace(own, rules=rule.rules, reason=reason, place=rule.place, origin=origin)
    return result


def _origin(
    group: Group, members: list[ColumnRef], decisions: Mapping[ColumnRef, Decision], findings: Findings
) -> ColumnRef | None:
    """The member whose rule the group takes, None where nothing is masked."""
    explicit = [ref for ref in members if decisions[ref].explicit]
    for ref in explicit[1:]:
        if _meaning(decisions[ref]) != _meaning(decisions[explicit[0]]):
            _conflict(explicit[0], ref, decisions, findings)
            return None
    masked = [ref for ref in members if decisions[ref].masks]
    if explicit:
        first = explicit[0]
        if not decisions[first].masks and masked:
            _conflict(first, masked[0], decisions, findings)
            return None
        return first if decisions[first].masks else None
    # A class says what the values are, `auto` only what the type is; values begin at the referenced end.
    ranked = sorted(
        masked,
        key=lambda ref: (
            decisions[ref].rules[0].transform == AUTO,
            ref not in group.ends,
            members.index(ref),
        ),
    )
    return ranked[0] if ranked else None


def _meaning(decision: Decision) -> list[tuple[object, ...]]:
    return [rule.meaning for rule in decision.rules]


def _conflict(
    one: ColumnRef, other: ColumnRef, decisions: Mapping[ColumnRef, Decision], findings: Findings
) -> None:
    findings.add(
        "DM140",
        *other,
        f"{_said(other, decisions)} and {_said(one, decisions)} are joined by a foreign key, "
        "but their rules differ, so rows would no longer find each other",
        "give both columns the same rule, or only one of them a rule: it spreads by itself",
    )


def _said(ref: ColumnRef, decisions: Mapping[ColumnRef, Decision]) -> str:
    decision = decisions[ref]
    rule = decision.rules[0].transform if decision.rules else "keep"
    place = f" at {decision.place}" if decision.place else ""
    return f"{ref[0]}.{ref[1]} ({rule}, {decision.reason}{place})"


def _tell(ref: ColumnRef, origin: ColumnRef, own: Decision, findings: Findings) -> None:
    instead = "" if not own.rules else f", instead of its own rule ({own.reason})"
    findings.add(
        "DM141",
        *ref,
        f"{ref[0]}.{ref[1]} is masked like {origin[0]}.{origin[1]}, to which a foreign key joins it{instead}",
        "nothing to do; give the two columns rules of their own only if they are alike",
    )


def _refuse_generated(ref: ColumnRef, origin: ColumnRef, findings: Findings) -> None:
    findings.add(
        "DM134",
        *ref,
        f"{ref[0]}.{ref[1]} is computed by PostgreSQL, so it cannot be masked like {origin[0]}.{origin[1]}, "
        "to which a foreign key joins it",
        "let both columns pass unchanged",
    )
