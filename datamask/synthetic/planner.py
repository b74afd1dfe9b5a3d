"""From a catalog and a number of rows to a plan: what makes each column of each table, with every constraint kept."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from datamask.catalog.graph import table_order
from datamask.catalog.model import Catalog, Column
from datamask.errors import UsageError
from datamask.policy.layout import Layout, LogicalTable
from datamask.synthetic.existing import NOTHING_EXISTS, Existing, Parents
from datamask.synthetic.expressions import understood
from datamask.synthetic.facts import NO_FACTS, Facts
from datamask.synthetic.generator import make_block
from datamask.synthetic.model import NoRoomError, SyntheticPlan, SyntheticTable, TableKeys
from datamask.synthetic.planning import Planning
from datamask.synthetic.profile import Profile
from datamask.synthetic.recipe import Recipe, find_table
from datamask.synthetic.table_plan import TablePlanner, not_understood, read_whole
from datamask.synthetic.units import (
    Bound,
    Fixed,
)

# Rows of each table that are made for a look at the CHECKs before anything is written.
_PROBE_ROWS = 256


def plan_synthetic(
    catalog: Catalog,
    classes: Mapping[tuple[str, str], str],
    recipe: Recipe,
    seed: int,
    facts: Facts = NO_FACTS,
    *,
    only: Sequence[str] | None = None,
    profile: Profile | None = None,
    tried: Mapping[str, frozenset[str]] | None = None,
    existing: Existing = NOTHING_EXISTS,
) -> SyntheticPlan:
    """Plan rows for every table of a catalog.

    :param classes: data classes by table's key and column.
    :param seed: equal seeds, catalogs and recipes give equal rows.
    :param only: keys of the tables to make rows for; all by default.
    :param profile: what the rows are to look like, where there are rows to learn it from.
    :param tried: the CHECKs that rows are held against, by the table's key, where another process has tried which can be;
        by default a few rows are made to see.
    :param existing: the rows that are there already: new ones refer to them too, and repeat none of their keys.
    :raises UsageError: constraints contradict each other, a key has no room for the rows asked for, a foreign key has
        nothing to refer to; says which and why.
    """
    layout = Layout(catalog)
    tables = {
        key: table
        for key, table in layout.tables.items()
        if table.table.kind != "foreign"
        and table.table.extension is None
        and (only is None or key in only)
        and not (table.table.kind == "partitioned" and len(table.members) == 1)
    }
    wanted = {find_table(name, catalog): rows for name, rows in recipe.rows.items()}
    rules = {(find_table(table, catalog), column): rule for (table, column), rule in recipe.columns.items()}
    order = table_order(
        {
            key: [
                root for item in table.foreign_keys if (root := layout.root(item.referenced_table)) in tables
            ]
            for key, table in tables.items()
        }
    ).tables
    rooms: dict[str, int] = {}
    notes: dict[str, str] = {}
    while True:
        work = _Planner(
            catalog,
            layout,
            tables,
            order,
            wanted,
            rules,
            classes,
            recipe,
            seed,
            facts,
            rooms,
            profile,
            existing,
        )
        try:
            plan = work.plan(tried)
            break
        except _TooManyError as error:
            # A table that nobody named gets as many rows as its keys have room for; all others follow from that.
            rooms[error.table] = error.room
            notes[error.table] = f"table {error.table} gets {error.room:,} rows: {error.reason}"
    return replace(plan, notes=(*notes.values(), *plan.notes))


class _TooManyError(Exception):
    def __init__(self, table: str, room: int, reason: str) -> None:
        super().__init__(reason)
        self.table = table
        self.room = room
        self.reason = reason


class _Planner(Planning):
    def plan(self, tried: Mapping[str, frozenset[str]] | None) -> SyntheticPlan:
        self._count()
        made = {key for key, count in self.rows.items() if count}
        self.keys = {key: TableKeys(key) for key in sorted(made)}
        there = {key: frame for key, frame in self.existing.parents.items() if frame.height}
        self.parents = {
            key: Parents(there.get(key), self.keys.get(key), self.rows.get(key, 0))
            for key in sorted(made | there.keys())
        }
        planned = [self._table(self.tables[key]) for key in self.order if key in made]
        _refuse_circles(self.keys)
        plan = SyntheticPlan(tuple(planned), self.seed, tuple(self.notes), self.counters)
        if tried is None:
            tables = tuple(self._probed(plan, table) for table in plan.tables)
        else:
            tables = tuple(
                replace(
                    table, guards=tuple(item for item in table.guards if item.check.name in tried[table.key])
                )
                for table in plan.tables
            )
        return replace(plan, tables=tables, notes=tuple(self.notes))

    def _count(self) -> None:
        """Rows of every table; those per row of another one behind it."""
        waiting = dict.fromkeys(self.tables)
        while waiting:
            ready = [key for key in waiting if self._countable(key, waiting)]
            if not ready:
                raise UsageError(
                    f"the rows of {', '.join(sorted(waiting))} are counted by each other in a circle"
                )
            for key in ready:
                del waiting[key]
                self.rows[key] = min(self._asked(key), self.rooms.get(key, 1 << 62))

    def _countable(self, key: str, waiting: Mapping[str, None]) -> bool:
        asked = self.wanted.get(key)
        return asked is None or asked.per is None or self.parent(asked.per) not in waiting

    def _asked(self, key: str) -> int:
        asked = self.wanted.get(key)
        if asked is None:
            return self.recipe.default
        if asked.per is not None:
            parent = self.parent(asked.per)
            found = self.existing.parents.get(parent)
            # Where parents are generated, theirs are the new children.
            return round((self.rows[parent] or (0 if found is None else found.height)) * asked.mean)
        return asked.count or 0

    def _table(self, table: LogicalTable) -> SyntheticTable:
        builder = TablePlanner(self, table)
        try:
            return builder.build()
        except NoRoomError as error:
            # Rows that nobody asked for by number give way.
            asked = self.wanted.get(table.key)
            if error.room < 1 or (asked is not None and asked.exact):
                raise UsageError(
                    f"table {table.key}: {error.reason}, and {self.rows[table.key]:,} rows were asked for",
                    hint="ask for fewer rows of it, or for more of the tables that it refers to",
                ) from None
            raise _TooManyError(table.key, error.room, error.reason) from None

    def _probed(self, plan: SyntheticPlan, table: SyntheticTable) -> SyntheticTable:
        """The table with those CHECKs that Polars can try; a few rows are made to see that they can be met."""
        if not table.guards:
            return table
        bare = replace(table, guards=())
        sample = make_block(plan, bare, 0, most=_PROBE_ROWS)
        known = tuple(guard for guard in table.guards if understood(guard.breaks, sample))
        for guard in table.guards:
            if guard not in known and not read_whole(guard.check):
                self.notes.append(not_understood(table.key, guard.check))
        probed = replace(table, guards=known)
        make_block(plan, probed, 0, most=_PROBE_ROWS)
        return probed


def _refuse_circles(keys: Mapping[str, TableKeys]) -> None:
    """Keys that are made of each other in a circle have no beginning.

    :raises UsageError: naming the tables.
    """
    state: dict[tuple[str, str], bool] = {}

    def visit(table: str, column: str, trail: tuple[str, ...]) -> None:
        if state.get((table, column)):
            return
        if (table, column) in state:
            raise UsageError(
                f"the keys of {', '.join(sorted(set(trail)))} are made of each other in a circle",
                hint="one of these foreign keys must be on columns that are not part of a key",
            )
        state[table, column] = False
        unit: Fixed | None = keys[table].units.get(column)
        if isinstance(unit, Bound) and isinstance(unit.parent, Parents) and unit.parent.made is not None:
            for other in unit.referenced:
                visit(unit.parent.made.table, other, (*trail, table))
        state[table, column] = True

    for table, entry in keys.items():
        for column in entry.units:
            visit(table, column, ())


_SEQUENCE = re.compile(r"nextval\('([^']+)'")


def sequence_of(column: Column) -> str | None:
    """The sequence that a column's default counts with, as the default names it."""
    match = _SEQUENCE.search(column.default or "")
    return match[1] if match else None
