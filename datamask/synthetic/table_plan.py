"""One table of a plan: its keys, its references, its own columns, and the CHECKs that its rows are held against."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from datamask.catalog.model import Check, Column, UniqueKey
from datamask.errors import UsageError
from datamask.policy.layout import LogicalTable
from datamask.synthetic.bounds import (
    Bounds,
    Limits,
    literals,
    named,
    part_bounds,
    partition_bounds,
    parts,
    read_limits,
)
from datamask.synthetic.children import Children
from datamask.synthetic.columns import ColumnWork, candidates, column_domain, drawn_units, in_order
from datamask.synthetic.copula import Joint
from datamask.synthetic.domains import Domain, Stepped
from datamask.synthetic.existing import Parents, first_free_number
from datamask.synthetic.expressions import check_expr, computed_column, same_day, sql_expr
from datamask.synthetic.keys import KeyWork, settle_key
from datamask.synthetic.model import Guard, NoRoomError, SyntheticTable
from datamask.synthetic.people import PERSON_PARTS, PLACE_PARTS, Person, allowed, person_part
from datamask.synthetic.planning import Planning
from datamask.synthetic.references import Reference, References, settle
from datamask.synthetic.types import spans
from datamask.synthetic.units import (
    Agreeing,
    Bound,
    Computed,
    Hashed,
    Keyed,
    Nothing,
    OfParent,
    ParentGroups,
    Referring,
    SameDay,
    Shuffled,
    Steady,
    Unit,
)

_NULL_REFERENCES = 0.05


class TablePlanner:
    """Plans one table."""

    def __init__(self, planning: Planning, table: LogicalTable) -> None:
        self.planning = planning
        self.table = table
        self.key = table.key
        self.rows = planning.rows[table.key]
        self.columns: dict[str, Column] = {
            column.name: table.columns[column.name]
            for column in table.table.columns
            if column.generated is None
        }
        self.limits: Limits = read_limits(table.checks)
        self.taken = planning.existing.taken.get(table.key, ())
        self.profile = planning.profile.tables.get(table.key) if planning.profile is not None else None
        demands = planning.facts.partitions.get(table.key, ())
        bounds = {}
        if demands and not any(text.startswith("(NOT") or text == "true" for text in demands):
            bounds = partition_bounds(demands, tuple(self.columns))
        self.work = ColumnWork(
            table=table.key,
            seed=planning.seed,
            rows=self.rows,
            columns=self.columns,
            bounds=self.limits.bounds,
            partitions={
                column: listed
                for column, listed in bounds.items()
                if any(item != Bounds() for item in listed)
            },
            rules={name: rule for name in self.columns if (rule := planning.rules.get((self.key, name)))},
            meaning={
                name: data_class
                for name in self.columns
                if (data_class := planning.classes.get((self.key, name)))
            },
            nulls={column.name: column.nulls for column in self.profile.columns}
            if self.profile is not None
            else {},
        )
        self.words = self.work.words()

    def build(self) -> SyntheticTable:
        """The table, with what makes its columns.

        :raises NoRoomError: a key has room for fewer rows.
        :raises UsageError: no rows at all can be made.
        """
        planning = self.planning
        references = settle(self.table, planning.layout, planning.parents.keys(), self.columns)
        unique = [key for key in self.table.unique_keys if key.kind != "exclusion"]
        members = {name for key in self.table.unique_keys for name in _members(key)}
        looked_up = self._looked_up()
        empty = references.empty
        domains = self._domains((members | looked_up) - empty, references)
        keys = KeyWork(
            table=self.key,
            seed=planning.seed,
            rows=self.rows,
            references=references.listed,
            domains=domains,
            parents=planning.parents,
            taken=self.taken,
            first={name: planning.recipe.first[self.key, name] for name in self.columns
                   if (self.key, name) in planning.recipe.first},
            per=self._per(references),
        )  # fmt: skip
        for key in self.table.unique_keys:
            if key.kind == "exclusion":
                self._exclude(keys, key)
        extra = self._settle(keys, unique)
        by_person = frozenset(self._by_person(keys))
        self._fix_looked_up(keys, looked_up - empty - by_person)
        if keys.per is not None and not set(keys.per[0].columns) & set(keys.fixed):
            keys.bind(keys.per[0], OfParent(keys.per[1]))
        units: list[Unit] = list(dict.fromkeys(keys.fixed.values()))
        units += self._references(references, keys)
        filled = {name for unit in units for name in unit.columns} | empty
        computed = self._computed(filled)
        units += computed
        filled |= {unit.columns[0] for unit in computed}
        joint = self._joint(filled)
        if joint is not None:
            units.append(joint)
            filled |= set(joint.columns)
        names = [name for name in self.columns if name not in filled]
        work = replace(self.work, numbers=self._numbers(by_person))
        drawn, unknown = drawn_units(work, names, frozenset(filled - empty), self.limits.orders, by_person)
        place = (planning.seed, self.key)
        drawn = [
            Steady(unit.columns, unit, place)
            if isinstance(unit, Person) and looked_up & set(unit.columns)
            else unit
            for unit in drawn
        ]
        units = in_order([*units, *drawn], frozenset())
        for name in unknown:
            units += self._unknown(name)
        units += [_nothing(name) for name in empty]
        steady = {name: unit for unit in drawn if isinstance(unit, Steady) for name in unit.columns}
        planning.keys[self.key].units |= {**keys.fixed, **steady}
        planning.counters |= {(self.key, name): last for name, last in keys.counters.items()}
        kept = tuple(
            column for column in self.columns.values() if any(column.name in unit.columns for unit in units)
        )
        return SyntheticTable(
            key=self.key,
            schema=self.table.table.schema,
            name=self.table.table.name,
            rows=self.rows,
            columns=kept,
            units=tuple(units),
            guards=tuple(self._guards(kept, extra)),
            meaning=self.work.meaning,
        )

    def _numbers(self, names: Collection[str]) -> dict[str, int]:
        """The first number of columns that a person's unit makes unique: no row that is there has any of them."""
        return {
            name: first_free_number(pl.concat(texts), self.rows)
            for name in sorted(names)
            if (texts := [frame.get_column(name) for frame in self.taken if name in frame.columns])
        }

    def _computed(self, filled: set[str]) -> list[Unit]:
        """Columns that a CHECK says are equal to an expression of others."""
        found: list[Unit] = []
        needed: set[str] = set()
        settled = {*filled, *self.work.rules}
        for check in self.table.checks:
            if len(check.columns) < 2:
                continue
            for part in parts(check.definition):
                day = same_day(part, self.columns)
                if day is not None and day[1] not in settled | needed:
                    found.append(SameDay((day[1],), day[0]))
                    needed |= set(day)
                    continue
                made = computed_column(part, self.columns)
                if made is None or made[0] in settled | needed:
                    continue
                column, reads, expression = made
                # None is made of one that is made itself: so there is no circle.
                if not {unit.columns[0] for unit in found} & {*reads, column}:
                    found.append(Computed((column,), reads, expression))
                    needed |= {column, *reads}
        return found

    def _joint(self, filled: set[str]) -> Joint | None:
        """The columns that are drawn as the profile says; names and places come from the row's person and address."""
        if self.profile is None:
            return None
        settled = {*filled, *self.work.rules, *self.work.partitions}
        meant = {
            name
            for name, data_class in self.work.meaning.items()
            if name in self.columns and data_class in {*PERSON_PARTS, *PLACE_PARTS}
        }
        numbers = {column.name for column in self.profile.columns if column.kind == "number"}
        columns = tuple(
            name
            for name in (column.name for column in self.profile.columns if column.kind != "other")
            if name in self.columns and name not in settled and (name in numbers or name not in meant)
        )
        return Joint(columns, self.profile, self.columns) if columns else None

    def _looked_up(self) -> set[str]:
        """The columns that other tables refer to."""
        return {
            column
            for other in self.planning.tables.values()
            if self.planning.rows.get(other.key)
            for key in other.foreign_keys
            if self.planning.layout.root(key.referenced_table) == self.key
            for column in key.referenced_columns
        }

    def _domains(self, names: set[str], references: References) -> dict[str, Domain]:
        taken = {column for item in references.listed for column in item.own}
        found = {}
        for name in self.columns:
            if name in names and name not in taken:
                domain = column_domain(self.work, name, self.words[name], unique=True)
                if domain is not None:
                    found[name] = domain
        return found

    def _per(self, references: References) -> tuple[Reference, Children] | None:
        asked = self.planning.wanted.get(self.key)
        if asked is None or asked.per is None:
            return None
        parent = self.planning.parent(asked.per)
        for item in references.listed:
            if item.parent == parent and not item.shared and parent != self.key:
                parents, made = self.planning.parents[parent], self.planning.rows.get(parent, 0)
                children = Children(
                    self._word("children"),
                    made or parents.before,
                    self.rows,
                    asked.distribution,
                    None,
                    asked.shares,
                    begin=parents.before if made else 0,
                )
                return item, children
        raise UsageError(
            f"rows of {self.key} cannot be counted per row of {parent}: no foreign key refers to it",
            hint="name a table that it refers to",
        )

    def _word(self, purpose: str) -> int:
        return self.planning.word(self.key, purpose)

    def _settle(self, keys: KeyWork, unique: Sequence[UniqueKey]) -> list[Check]:
        """Unique keys one after the other, and conditions that keep rows out of partial ones with no room."""
        out_of: list[Check] = []
        stored = [key for key in unique if set(_members(key)) <= set(self.columns) and _members(key)]
        for key in sorted(
            stored, key=lambda item: (item.partial, len(_members(item)), item.kind != "primary", item.name)
        ):
            columns = _members(key)
            what = f"{'primary key' if key.kind == 'primary' else 'unique key'} ({', '.join(columns)})"
            if len(columns) == 1 and self._person_makes(columns[0], keys):
                keys.alone.append(frozenset(columns))
                continue
            before = dict(keys.fixed), list(keys.alone)
            try:
                settle_key(keys, columns, what, primary=key.kind == "primary")
            except NoRoomError:
                if not key.partial or key.predicate is None or sql_expr(f"NOT ({key.predicate})") is None:
                    raise
                keys.fixed, keys.alone = before
                named_there = named(key.predicate, tuple(self.columns))
                out_of.append(Check(key.name, named_there, f"CHECK ((NOT ({key.predicate})))"))
        return out_of

    def _person_makes(self, column: str, keys: KeyWork) -> bool:
        """Whether the row's person gives the column, different for each: an e-mail address that fits the name."""
        if column in keys.fixed or column in self.work.partitions:
            return False
        if any(column in item.columns for item in keys.references):
            return False
        kind = self.columns[column]
        what = person_part(kind, self.work.meaning.get(column, ""), unique=True)
        return what is not None and allowed(what, self.work.bounds_of(column), kind.type.max_length)

    def _by_person(self, keys: KeyWork) -> set[str]:
        return {name for group in keys.alone if len(group) == 1 for name in group if name not in keys.fixed}

    def _exclude(self, keys: KeyWork, key: UniqueKey) -> None:
        """Ranges laid out one after the other: then no two overlap, whatever else the constraint compares."""
        columns = _members(key)
        order = Shuffled(self._word(key.name), self.rows)
        for name in columns:
            column = self.columns.get(name)
            domain = None if column is None or column.type.kind != "range" else spans(column.type.base)
            if domain is not None and name not in keys.fixed:
                if domain.size < self.rows:
                    raise NoRoomError(
                        domain.size, f"{key.name} has room for {domain.size:,} ranges side by side"
                    )
                keys.fixed[name] = Keyed((name,), domain, order)
                keys.alone.append(frozenset((name,)))
                return
        moments = [
            name
            for name in columns
            if name in self.columns and self.columns[name].type.kind in {"date", "timestamp"}
        ]
        if len(moments) == 2 and not set(moments) & set(keys.fixed):
            base = "daterange" if self.columns[moments[0]].type.kind == "date" else "tsrange"
            whole = spans(base)
            assert whole is not None, base
            for place, name in enumerate(moments):
                keys.fixed[name] = Keyed((name,), Stepped.half(whole, place), order)
            return
        settle_key(keys, columns, f"exclusion constraint {key.name}", primary=False)

    def _fix_looked_up(self, keys: KeyWork, looked_up: set[str]) -> None:
        """What others refer to must follow from the row's number."""
        for name in sorted(looked_up - set(keys.fixed)):
            reference = keys.reference(name)
            if reference is not None:
                rows = self.planning.parents[reference.parent].rows
                keys.bind(reference, Hashed(self._word(f"{name} reference"), rows))
            elif name in keys.domains:
                domain = keys.domains[name]
                keys.fixed[name] = Keyed((name,), domain, Hashed(self._word(name), domain.size))

    def _references(self, references: References, keys: KeyWork) -> list[Unit]:
        units: list[Unit] = []
        for item in references.listed:
            parent = self.planning.parents[item.parent]
            if item.shared or (set(item.own) & set(keys.fixed) and not _bound(item, keys)):
                units += self._agreeing(item, keys, parent)
            elif not set(item.own) & set(keys.fixed):
                rule = next((self.work.rules[name] for name in item.columns if name in self.work.rules), None)
                nulls = _NULL_REFERENCES if rule is None or rule.nulls is None else rule.nulls
                units.append(
                    Referring(
                        item.columns,
                        parent,
                        item.referenced,
                        parent.rows,
                        nulls,
                        item.nullable,
                        own=item.parent == self.key,
                        before=parent.before,
                    )
                )
        return units

    def _agreeing(self, item: Reference, keys: KeyWork, parent: Parents) -> list[Unit]:
        """A reference of which some columns are there: to a parent that agrees, or to none."""
        pairs = tuple(zip(item.columns, item.referenced, strict=True))
        there = {name for other in (keys.fixed,) for name in other} | {name for name, _ in item.shared}
        shared = tuple((own, other) for own, other in pairs if own in there)
        own = tuple((name, other) for name, other in pairs if name not in there)
        if not own:
            raise UsageError(
                f"table {self.key}: the columns {', '.join(item.columns)} refer to {item.parent}, and other foreign "
                "keys or unique keys have settled them already",
                hint="no row can be made for it from the schema alone; leave the table out of the recipe: rows: 0",
            )
        optional = item.nullable if set(item.nullable) >= {name for name, _ in own} else ()
        groups: list[ParentGroups] = []

        def group() -> ParentGroups:
            if not groups:
                every = np.arange(parent.rows, dtype=np.int64)
                groups.append(ParentGroups(parent.key(tuple(other for _, other in shared), every)))
            return groups[0]

        return [
            Agreeing(
                tuple(name for name, _ in own),
                shared,
                parent,
                tuple(other for _, other in own),
                group,
                optional,
            )
        ]

    def _unknown(self, name: str) -> list[Unit]:
        """A type that nothing is known of: NULL where it may be, else its default."""
        column = self.columns[name]
        if not column.not_null:
            return [_nothing(name)]
        if column.default is not None or column.identity is not None:
            return []
        raise UsageError(
            f"table {self.key}: column {name} is NOT NULL, has no default, and is of type {column.type.name}, "
            "which values cannot be made for",
            hint=f"give it values in the recipe: columns: {{{self.key}: {{{name}: {{values: [...]}}}}}}",
        )

    def _guards(self, kept: Sequence[Column], extra: Sequence[Check]) -> list[Guard]:
        names = {column.name for column in kept}
        found = []
        for check in (*self.table.checks, *extra):
            if not check.columns or not set(check.columns) <= names:
                continue
            expression = check_expr(check)
            if expression is None:
                if not read_whole(check):
                    self.planning.notes.append(not_understood(self.key, check))
                continue
            found.append(
                Guard(
                    check,
                    expression,
                    check.columns,
                    candidates(self.columns, check.columns, literals(check.definition)),
                )
            )
        return found


def _bound(item: Reference, keys: KeyWork) -> bool:
    """Whether the reference was settled as a whole, not one of its columns by something else."""
    units = {id(keys.fixed.get(name)) for name in item.own}
    unit = keys.fixed.get(item.own[0])
    return len(units) == 1 and isinstance(unit, Bound) and unit.columns == item.columns


def _members(key: UniqueKey) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*key.columns, *key.expression_columns)))


def _nothing(name: str) -> Unit:
    """A column that is NULL in every row."""
    return Nothing((name,))


def read_whole(check: Check) -> bool:
    """Whether every condition of a CHECK was understood as bounds of a column."""
    return all(
        len(check.columns) == 1 and part_bounds(part, check.columns[0]) != Bounds()
        for part in parts(check.definition)
    )


def not_understood(table: str, check: Check) -> str:
    """The note about a CHECK that nobody can hold rows against here."""
    return (
        f"table {table}: CHECK {check.name} cannot be tried here; where the rows break it, the load says so, and "
        "the recipe can give its columns values"
    )
