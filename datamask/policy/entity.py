"""``by: customers.id``: the column of each table that says which customer a row is about."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from datamask.classify.names import parse_column
from datamask.masking import registry
from datamask.masking.model import JSONValue
from datamask.policy.foreign_keys import Edge
from datamask.policy.layout import ColumnRef, Layout
from datamask.policy.model import Rule
from datamask.suggest import nearest

BY = "by"
"""The parameter of transforms whose results hang on an entity: the name of a column of the row."""


@dataclass(frozen=True, slots=True)
class Unresolved:
    """Why a rule's entity cannot be told from a row of the table.

    :param reason: the end of a sentence that begins with the column and the transform.
    """

    reason: str
    hint: str


class Entities:
    """Finds the columns that hold an entity's key, along foreign keys.

    :param foreign_keys: declared ones and those of the policy's ``references``.
    """

    def __init__(self, layout: Layout, foreign_keys: Iterable[Edge]) -> None:
        self._layout = layout
        self._targets: dict[ColumnRef, list[ColumnRef]] = {}
        for edge in foreign_keys:
            for column, target in zip(edge.key.columns, edge.key.referenced_columns, strict=True):
                self._targets.setdefault((edge.table, column), []).append((edge.referenced_table, target))

    def resolved(self, rule: Rule, table: str) -> Rule | Unresolved:
        """The rule as it is for one table: ``by`` names a column of its own.

        The domain becomes the entity's own, unless the rule sets one: whatever hangs on one customer
        does so alike in all tables and columns.

        :param table: the logical table's key.
        """
        rule_inside = self._inside(rule, table)
        if isinstance(rule_inside, Unresolved):
            return rule_inside
        rule = rule_inside
        written = rule.params.get(BY) if _has_by(rule.transform) else None
        if not isinstance(written, str) or "." not in written:
            return rule
        if written in self._layout.tables[table].columns:
            return rule
        entity = self._entity(written, table)
        if isinstance(entity, Unresolved):
            return entity
        columns = self._leading(table, entity)
        name = f"{entity[0]}.{entity[1]}"
        if not columns:
            return Unresolved(
                f"no foreign key of {table} leads to {name}",
                f"declare it in the policy: references: [{table}.COLUMN -> {name}]",
            )
        if len(columns) > 1:
            return Unresolved(
                f"{' and '.join(columns)} of {table} both lead to {name}",
                f"say which, and beside the transform whose it is: by: {columns[0]} and domain: {_domain(entity)}",
            )
        params = {**rule.params, BY: columns[0]}
        return replace(rule, params=params, domain=rule.domain or _domain(entity))

    def _inside(self, rule: Rule, table: str) -> Rule | Unresolved:
        """The rule with what its parameters' own rules are for the table."""
        kinds = (
            {param.name: param.kind for param in registry.get(rule.transform).params}
            if _is_known(rule)
            else {}
        )
        changed: dict[str, JSONValue] = {}
        for name, value in rule.params.items():
            if not isinstance(value, dict):
                continue
            if kinds.get(name) == "rule":
                one = self._rule_inside(value, table)
                if isinstance(one, Unresolved):
                    return one
                changed[name] = one
            if kinds.get(name) != "rules":
                continue
            inner: dict[str, JSONValue] = {}
            for place, written in value.items():
                found = self._rule_inside(written, table)
                if isinstance(found, Unresolved):
                    return found
                inner[place] = found
            changed[name] = inner
        return replace(rule, params={**rule.params, **changed}) if changed else rule

    def _rule_inside(self, written: JSONValue, table: str) -> JSONValue | Unresolved:
        assert isinstance(written, dict)
        params, domain = written["params"], written["domain"]
        assert isinstance(params, dict)
        rule = Rule(str(written["transform"]), params, None if domain is None else str(domain))
        found = self.resolved(rule, table)
        if isinstance(found, Unresolved):
            return found
        return {
            **written,
            "transform": found.transform,
            "params": dict(found.params),
            "domain": found.domain,
        }

    def _entity(self, written: str, table: str) -> ColumnRef | Unresolved:
        """The column that ``customers.id`` or ``public.customers.id`` means."""
        named = parse_column(written)
        if named is None:
            bare, _, column = written.rpartition(".")
            found = [key for key in self._layout.tables if key.endswith(f".{bare}")]
            # Without a schema, that of the table itself comes first.
            near_by = f"{table.rpartition('.')[0]}.{bare}"
            if len(found) > 1 and near_by not in found:
                return Unresolved(
                    f"by: {written} may mean {' or '.join(f'{key}.{column}' for key in found)}",
                    "write the schema, too",
                )
            named = (near_by if near_by in found else found[0], column) if found else None
        if named is None or (root := self._layout.root(named[0])) not in self._layout.tables:
            near = nearest(written, self._layout.tables[table].columns)
            return Unresolved(
                f"by: {written} is neither a column of {table} nor one of another table",
                f"did you mean {near}?" if near else "write table.column",
            )
        if named[1] not in self._layout.tables[root].columns:
            near = nearest(named[1], self._layout.tables[root].columns)
            return Unresolved(
                f"by: {root} has no column {named[1]}", f"did you mean {near}?" if near else "name another"
            )
        return root, named[1]

    def _leading(self, table: str, entity: ColumnRef) -> list[str]:
        """The table's columns whose values are the entity's key: those that refer to it first, else over others."""
        if entity[0] == table:
            return [entity[1]]
        columns = list(self._layout.tables[table].columns)
        direct = [name for name in columns if entity in self._targets.get((table, name), ())]
        return direct or [name for name in columns if self._reaches((table, name), entity)]

    def _reaches(self, start: ColumnRef, entity: ColumnRef) -> bool:
        seen: set[ColumnRef] = set()
        queue = [start]
        while queue:
            current = queue.pop()
            if current == entity:
                return True
            if current not in seen:
                seen.add(current)
                queue += self._targets.get(current, [])
        return False


def _domain(entity: ColumnRef) -> str:
    """A name that a policy can write, too."""
    return re.sub(r"[^A-Za-z0-9_.:-]", "-", f"entity:{entity[0]}.{entity[1]}")[:100]


def _is_known(rule: Rule) -> bool:
    return rule.transform in registry.all_names()


def _has_by(transform: str) -> bool:
    if not registry.exists(transform):
        # `keep`, inside of another rule.
        return False
    return any(param.name == BY and param.kind == "text" for param in registry.get(transform).params)
