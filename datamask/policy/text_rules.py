"""Text that people wrote: each finding in it gets the rule that the policy has for columns of its class."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Final

from datamask.catalog.model import ColumnType
from datamask.classify.classes import CLASSES, lineage
from datamask.errors import PolicyError
from datamask.masking import registry
from datamask.masking.beside import beside
from datamask.masking.model import ColumnMask, JSONValue
from datamask.masking.nested import TEXT, rule_laws, rule_needs
from datamask.masking.scan.kinds import KINDS, OWN_NAMES, default_rule
from datamask.policy.codes import Findings
from datamask.policy.decide import Decision
from datamask.policy.layout import ColumnRef, Layout
from datamask.policy.model import AUTO, KEEP, Policy, Rule

_TRANSFORM: Final = "free_text"
_DATE: Final = ColumnType("date", "date", "date")
_NAME_CLASSES: Final = frozenset(("person.name", "person.first_name", "person.last_name"))
_VALUE_CLASSES: Final = frozenset(
    ("person.email", "person.username", "person.phone", "person.national_id", "payment.iban", "payment.account",
     "company.name", "address", "address.street")
)  # fmt: skip


def fill_text_rules(
    policy: Policy,
    layout: Layout,
    decisions: Mapping[ColumnRef, Decision],
    masks: Mapping[ColumnRef, ColumnMask],
    joined: Collection[ColumnRef],
    findings: Findings,
) -> dict[ColumnRef, ColumnMask]:
    """The masks, with all that ``free_text`` leaves to the policy written out, wherever in a mask it stands.

    Each kind of finding gets the transform and the domain of its class: as the first column of that class
    is masked, else as the class's own rule says. The row's names and addresses are looked for in the columns of
    the same table that are classified as such and masked. What a policy writes itself stays as it is.

    :param joined: columns that a foreign key joins to others: no result of theirs may hang on the row.
    """
    filler = _Filler(policy, layout, decisions, masks)
    result = dict(masks)
    for ref, mask in masks.items():
        rule: JSONValue = {"transform": mask.transform, "params": dict(mask.params), "domain": mask.domain}
        filled = filler.walk(rule, ref, with_row=ref not in joined)
        if filled == rule:
            continue
        assert isinstance(filled, dict)
        assert isinstance(filled["params"], dict)
        result[ref] = replace(mask, params=filled["params"])
        if filler.keeps(filled):
            findings.add(
                "DM169",
                *ref,
                f"{ref[0]}.{ref[1]} is searched for what identifies people; names that nothing tells apart from other "
                "words stay in it",
                "take `redact`, or `otherwise: redact`, where the rest of the text is not needed",
            )
    return result


@dataclass(frozen=True)
class _Filler:
    policy: Policy
    layout: Layout
    decisions: Mapping[ColumnRef, Decision]
    masks: Mapping[ColumnRef, ColumnMask]

    def walk(self, value: JSONValue, ref: ColumnRef, *, with_row: bool) -> JSONValue:
        """A mask's parameters with every ``free_text`` among them filled."""
        if isinstance(value, list):
            return [self.walk(one, ref, with_row=with_row) for one in value]
        if not isinstance(value, dict):
            return value
        inside = {name: self.walk(one, ref, with_row=with_row) for name, one in value.items()}
        params = inside.get("params")
        if inside.get("transform") == _TRANSFORM and isinstance(params, dict):
            inside["params"] = self._filled(params, ref, with_row=with_row)
        return inside

    def keeps(self, value: JSONValue) -> bool:
        """Whether some ``free_text`` in a mask leaves text as it is."""
        if isinstance(value, list):
            return any(map(self.keeps, value))
        if not isinstance(value, dict):
            return False
        params = value.get("params")
        if value.get("transform") == _TRANSFORM and isinstance(params, dict):
            return params["otherwise"] == KEEP
        return any(map(self.keeps, value.values()))

    def _filled(
        self, params: dict[str, JSONValue], ref: ColumnRef, *, with_row: bool
    ) -> dict[str, JSONValue]:
        given = _mapping(params["rules"])
        filled = {**params, "rules": {kind: given.get(kind) or self._class_rule(kind, ref) for kind in KINDS}}
        find = params["find"]
        if not with_row or not isinstance(find, list) or OWN_NAMES not in find:
            return filled
        for name, classes in (("names_from", _NAME_CLASSES), ("values_from", _VALUE_CLASSES)):
            filled[name] = params[name] or self._columns(ref, classes) or None
        columns = [*_texts(filled["names_from"]), *_texts(filled["values_from"])]
        own = _mapping(params["column_rules"])
        rules = {column: own.get(column) or self._column_rule((ref[0], column)) for column in columns}
        filled["column_rules"] = {column: rule for column, rule in rules.items() if rule} or None
        return filled

    def _columns(self, ref: ColumnRef, classes: Collection[str]) -> list[JSONValue]:
        """The masked text columns of those classes beside a column."""
        return [
            name
            for name, column in self.layout.tables[ref[0]].columns.items()
            if name != ref[1]
            and column.type.kind == "text"
            and self._data_class((ref[0], name)) in classes
            and self._column_rule((ref[0], name)) is not None
        ]

    def _data_class(self, ref: ColumnRef) -> str | None:
        decision = self.decisions.get(ref)
        return decision.data_class if decision else None

    def _column_rule(self, ref: ColumnRef) -> JSONValue:
        """How a column is masked, as a rule inside a transform; None where it is not, or not so."""
        mask = self.masks.get(ref)
        if mask is None or mask.transform == _TRANSFORM:
            return None
        return self._usable(_rule_of(mask), mask.domain, ref, TEXT)

    def _class_rule(self, kind: str, ref: ColumnRef) -> JSONValue:
        """The rule of a kind's class: of a column that has it, of the policy, or the one of the kind."""
        data_class = KINDS[kind].data_class
        kind_type = _DATE if kind == "birth_date" else TEXT
        for other, decision in self.decisions.items():
            mask = self.masks.get(other)
            if mask is None or decision.data_class != data_class or decision.explicit:
                continue
            usable = self._usable(_rule_of(mask), mask.domain, ref, kind_type)
            if usable is not None:
                return usable
        for rule in self._class_rules(data_class):
            if rule.transform == KEEP:
                return {"transform": KEEP, "params": {}, "domain": None}
            usable = (
                None
                if rule.transform == AUTO
                else self._usable(rule, _domain(rule, data_class), ref, kind_type)
            )
            if usable is not None:
                return usable
        default = default_rule(kind)
        shared = registry.get(KINDS[kind].transform).shared_domain
        return {**default, "domain": shared or data_class}

    def _class_rules(self, data_class: str) -> tuple[Rule, ...]:
        for name in lineage(data_class):
            if name in self.policy.classes:
                return self.policy.classes[name].rules
        return ()

    def _usable(self, rule: Rule, domain: str, ref: ColumnRef, kind_type: ColumnType) -> JSONValue:
        """A rule in its normal form; None where it cannot be used inside of a text of that table."""
        transform = registry.get(rule.transform)
        if transform.source_side or transform.reads_masked(rule.params):
            return None
        normal: JSONValue = {
            "transform": rule.transform,
            "params": dict(rule.params),
            "domain": domain,
            **beside(rule.exceptions, rule.preserve),
        }
        try:
            rule_laws(normal, kind_type)
        except PolicyError:
            return None
        columns = self.layout.tables[ref[0]].columns
        return normal if all(name in columns for name in rule_needs(normal)) else None


def _rule_of(mask: ColumnMask) -> Rule:
    """A column's rule as it is used on a part of a text: what is under a condition in the column is masked there."""
    return Rule(mask.transform, mask.params, exceptions=mask.exceptions, preserve=mask.preserve)


def _domain(rule: Rule, data_class: str) -> str:
    shared = rule.domain or registry.get(rule.transform).shared_domain
    return shared or (data_class if CLASSES[data_class].personal else _TRANSFORM)


def _mapping(value: JSONValue) -> dict[str, JSONValue]:
    return value if isinstance(value, dict) else {}


def _texts(value: JSONValue) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
