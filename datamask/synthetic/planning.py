"""What the planning of a recipe's tables shares."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from datamask.catalog.model import Catalog
from datamask.policy.layout import Layout, LogicalTable
from datamask.synthetic.existing import NOTHING_EXISTS, Existing, Parents
from datamask.synthetic.facts import Facts
from datamask.synthetic.model import TableKeys
from datamask.synthetic.profile import Profile
from datamask.synthetic.randomness import seed_of
from datamask.synthetic.recipe import ColumnRule, Recipe, Rows, find_table

_WORD = (1 << 64) - 1


@dataclass
class Planning:
    """What the planning of one table knows of all others.

    :param order: keys of the tables, referenced ones first.
    :param wanted: rows by the table's key.
    :param rules: by the table's key and column.
    :param rooms: of tables that got fewer rows than the default, the rows that their keys have room for.
    :param rows: of every table.
    :param keys: of every table that gets rows.
    :param existing: the rows that are there already.
    :param parents: of every table that gets rows or has some, what others refer to.
    """

    catalog: Catalog
    layout: Layout
    tables: Mapping[str, LogicalTable]
    order: Sequence[str]
    wanted: Mapping[str, Rows]
    rules: Mapping[tuple[str, str], ColumnRule]
    classes: Mapping[tuple[str, str], str]
    recipe: Recipe
    seed: int
    facts: Facts
    rooms: Mapping[str, int]
    profile: Profile | None = None
    existing: Existing = NOTHING_EXISTS
    rows: dict[str, int] = field(default_factory=dict)
    keys: dict[str, TableKeys] = field(default_factory=dict)
    parents: dict[str, Parents] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    counters: dict[tuple[str, str], int] = field(default_factory=dict)

    def parent(self, name: str) -> str:
        """The key of the table that a recipe names."""
        return find_table(name, self.catalog)

    def word(self, table: str, purpose: str) -> int:
        """64 bits for a purpose of a table."""
        return seed_of(self.seed, table, purpose) & _WORD
