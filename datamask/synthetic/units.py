"""What makes the columns of a table: one unit for each column, or for columns that belong together."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.synthetic.children import Children
from datamask.synthetic.domains import Dates, Decimals, Domain, Integers, Timestamps
from datamask.synthetic.permutation import Permutation
from datamask.synthetic.randomness import (
    Numbers,
    Words,
    below,
    hashed_words,
    philox_words,
    seed_of,
    uniform,
)

Made = Mapping[str, pl.Series]
"""The columns of the rows in work that are there already."""


@dataclass(frozen=True, slots=True)
class Chance:
    """The random words of some rows of one block.

    :param place: seed, table and block.
    :param attempt: above 0 where rows are drawn again because they broke a constraint.
    """

    place: tuple[object, ...]
    rows: Numbers
    attempt: int = 0

    def words(self, purpose: str) -> Words:
        """One word for each row."""
        return philox_words(seed_of(*self.place, purpose, self.attempt), len(self.rows))


class Unit(ABC):
    """Makes some columns.

    :param columns: those that it makes.
    """

    columns: tuple[str, ...]

    @property
    def reads(self) -> tuple[str, ...]:
        """Columns that must be there before."""
        return ()

    @property
    def redrawable(self) -> bool:
        """Whether other values can be had where these break a constraint."""
        return True

    @abstractmethod
    def make(self, chance: Chance, made: Made) -> dict[str, pl.Series]:
        """The columns, for the rows of ``chance``."""


class Fixed(Unit):
    """A unit whose values follow from the row's number alone, so that other tables can refer to any row."""

    @property
    def redrawable(self) -> bool:
        """They are what keys are made of."""
        return False

    def make(self, chance: Chance, made: Made) -> dict[str, pl.Series]:  # noqa: ARG002
        """As ``at``."""
        return self.at(chance.rows)

    @abstractmethod
    def at(self, rows: Numbers) -> dict[str, pl.Series]:
        """The columns of any rows."""


@dataclass(frozen=True, slots=True)
class RowChance(Chance):
    """The random words of rows, whichever are asked for: slower than a block's, and found again for any row."""

    def words(self, purpose: str) -> Words:
        """One word for each row."""
        return hashed_words(seed_of(*self.place, purpose) & ((1 << 64) - 1), self.rows)


@dataclass(frozen=True)
class Steady(Fixed):
    """A unit that other tables refer to the columns of.

    :param unit: one that reads no other column.
    :param place: seed and table.
    """

    columns: tuple[str, ...]
    unit: Unit
    place: tuple[object, ...]

    def at(self, rows: Numbers) -> dict[str, pl.Series]:
        """The columns of any rows."""
        return self.unit.make(RowChance(self.place, rows), {})


Coder = Callable[[Numbers], Numbers]
"""Row numbers to codes."""


@dataclass(frozen=True)
class Counting:
    """The row's number, from an offset on."""

    offset: int = 0

    def __call__(self, rows: Numbers) -> Numbers:
        """The codes."""
        return rows + self.offset


@dataclass(frozen=True)
class Shuffled:
    """A different code for each row, in no order.

    :param rows: how many there are.
    :param size: codes there are; at least as many.
    """

    key: int
    size: int
    permutation: Permutation = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "permutation", Permutation(self.key, self.size))

    def __call__(self, rows: Numbers) -> Numbers:
        """The codes."""
        return self.permutation(rows)


@dataclass(frozen=True)
class Hashed:
    """A code by chance for each row; codes come again."""

    key: int
    size: int

    def __call__(self, rows: Numbers) -> Numbers:
        """The codes."""
        return below(hashed_words(self.key, rows), self.size)


@dataclass(frozen=True)
class Axis:
    """One coordinate of each row's place in a product of columns: places are drawn without replacement.

    :param places: row numbers to places, all different.
    :param divisor: the product of the sizes behind this axis.
    """

    places: Coder
    divisor: int
    size: int

    def __call__(self, rows: Numbers) -> Numbers:
        """The codes."""
        return self.places(rows) // self.divisor % self.size


@dataclass(frozen=True)
class Beside:
    """Different places for the children of one parent, within a product of columns.

    Each parent begins somewhere and goes on by a step of its own that has no divisor in common with the size, so that no
    place comes twice before all have been there.

    :param size: places there are; at least as many as any parent has children.
    :param most: children that any parent has.
    :param counted: the child's rank is its place.
    """

    key: int
    children: Children
    size: int
    most: int
    counted: bool = False

    def __call__(self, rows: Numbers) -> Numbers:
        """The places."""
        found = self.children.places(rows)
        if self.counted:
            return found.ranks
        begin = below(hashed_words(self.key, found.parents), self.size)
        # The largest step that the last child's place does not overflow with.
        longest = min(self.size - 1, (1 << 62) // (self.most + 1))
        step = below(hashed_words(self.key + 1, found.parents), max(1, longest)) + 1
        step = np.where(np.gcd(step, self.size) == 1, step, 1)
        return (begin + found.ranks * step) % self.size


@dataclass(frozen=True)
class OfParent:
    """The parent row of each child."""

    children: Children

    def __call__(self, rows: Numbers) -> Numbers:
        """The parents' rows."""
        return self.children.places(rows).parents


@dataclass(frozen=True)
class Keyed(Fixed):
    """A column whose values are told by the row's number: keys, and what keys are made of."""

    columns: tuple[str, ...]
    domain: Domain
    code: Coder

    def at(self, rows: Numbers) -> dict[str, pl.Series]:
        """The column."""
        return {self.columns[0]: self.domain.values(self.code(rows))}


class Keys(Protocol):
    """What a table tells others of its rows."""

    def key(self, columns: tuple[str, ...], rows: Numbers) -> list[pl.Series]:
        """The values of some columns in any rows."""


@dataclass(frozen=True)
class Bound(Fixed):
    """Columns of a foreign key whose parent follows from the row's number."""

    columns: tuple[str, ...]
    parent: Keys
    referenced: tuple[str, ...]
    code: Coder

    def at(self, rows: Numbers) -> dict[str, pl.Series]:
        """The columns."""
        return dict(zip(self.columns, self.parent.key(self.referenced, self.code(rows)), strict=True))


@dataclass(frozen=True)
class Nothing(Fixed):
    """A column that is NULL in every row."""

    columns: tuple[str, ...]

    def at(self, rows: Numbers) -> dict[str, pl.Series]:
        """The column."""
        return {self.columns[0]: pl.Series([None], dtype=pl.Null).new_from_index(0, len(rows))}


@dataclass(frozen=True)
class Drawn(Unit):
    """A column whose values are drawn.

    :param nulls: the share of rows without a value.
    """

    columns: tuple[str, ...]
    domain: Domain
    nulls: float = 0.0

    def make(self, chance: Chance, made: Made) -> dict[str, pl.Series]:  # noqa: ARG002
        """The column."""
        name = self.columns[0]
        values = self.domain.values(self.domain.draw(chance.words(name)))
        return {name: with_nulls(values, self.nulls, chance, name)}


@dataclass(frozen=True)
class Referring(Unit):
    """Columns of a foreign key whose parent is drawn.

    :param rows: of the parent.
    :param nulls: the share of rows without a parent.
    :param nullable: the columns that can be NULL; where there is none, every row has a parent.
    :param own: the table refers to itself: to a row that comes before, or the row itself where none does.
    :param before: rows of the parent that exist before any is made.
    """

    columns: tuple[str, ...]
    parent: Keys
    referenced: tuple[str, ...]
    rows: int
    nulls: float = 0.0
    nullable: tuple[str, ...] = ()
    own: bool = False
    before: int = 0

    def make(self, chance: Chance, made: Made) -> dict[str, pl.Series]:  # noqa: ARG002
        """The columns."""
        purpose = f"{self.columns[0]} reference"
        words = chance.words(purpose)
        if self.own:
            earlier = chance.rows + self.before
            parents = np.minimum((uniform(words) * earlier).astype(np.int64), np.maximum(earlier - 1, 0))
        else:
            parents = below(words, self.rows)
        found = dict(zip(self.columns, self.parent.key(self.referenced, parents), strict=True))
        if self.nullable:
            missing = uniform(chance.words(f"{purpose} null")) < self.nulls
            if self.own:
                missing |= chance.rows + self.before == 0
            for name in self.nullable:
                found[name] = without(found[name], missing)
        return found


@dataclass(frozen=True)
class Agreeing(Unit):
    """Columns of a foreign key, some of which are there already: the parent must agree with them.

    :param shared: columns that are there, with their names in the parent.
    :param group: the parents by the values of the shared columns.
    """

    columns: tuple[str, ...]
    shared: tuple[tuple[str, str], ...]
    parent: Keys
    referenced: tuple[str, ...]
    group: Callable[[], ParentGroups]
    nullable: tuple[str, ...] = ()

    @property
    def reads(self) -> tuple[str, ...]:
        """The shared columns."""
        return tuple(own for own, _ in self.shared)

    def make(self, chance: Chance, made: Made) -> dict[str, pl.Series]:
        """The columns; NULL where no parent agrees and the columns may be."""
        groups = self.group()
        starts, counts = groups.find([made[own] for own, _ in self.shared])
        words = chance.words(f"{self.columns[0]} agreeing")
        places = starts + np.minimum((uniform(words) * counts).astype(np.int64), np.maximum(counts - 1, 0))
        parents = groups.rows[np.minimum(places, len(groups.rows) - 1)]
        found = dict(zip(self.columns, self.parent.key(self.referenced, parents), strict=True))
        for name in self.nullable:
            found[name] = without(found[name], counts == 0)
        return found


@dataclass(frozen=True, eq=False)
class Computed(Unit):
    """A column that a CHECK says is equal to an expression of others.

    :param needs: the columns of the expression.
    """

    columns: tuple[str, ...]
    needs: tuple[str, ...]
    expression: pl.Expr

    @property
    def reads(self) -> tuple[str, ...]:
        """The columns of the expression."""
        return self.needs

    def make(self, chance: Chance, made: Made) -> dict[str, pl.Series]:  # noqa: ARG002
        """The column."""
        frame = pl.DataFrame({name: made[name] for name in self.needs})
        return {self.columns[0]: frame.select(self.expression).to_series()}


@dataclass(frozen=True)
class SameDay(Unit):
    """A moment on the day that another column holds.

    :param base: the other column.
    """

    columns: tuple[str, ...]
    base: str

    @property
    def reads(self) -> tuple[str, ...]:
        """The other column."""
        return (self.base,)

    def make(self, chance: Chance, made: Made) -> dict[str, pl.Series]:
        """The column; NULL where the day is."""
        second = pl.Series(below(chance.words(self.columns[0]), 86_400) * 1_000_000).cast(pl.Duration("us"))
        return {self.columns[0]: made[self.base].cast(pl.Datetime("us")) + second}


class ParentGroups:
    """The rows of a table by the values of some columns.

    :param columns: the values of all rows; the one thing here that grows with the parent's rows.
    """

    def __init__(self, columns: list[pl.Series]) -> None:
        frame = pl.DataFrame({f"c{place}": values for place, values in enumerate(columns)})
        names = frame.columns
        grouped = (
            frame.with_row_index("row")
            .group_by(names, maintain_order=True)
            .agg(pl.col("row"))
            .with_columns(pl.col("row").list.len().alias("count"))
        )
        self.rows: Numbers = grouped.get_column("row").explode().to_numpy().astype(np.int64)
        counts = grouped.get_column("count").to_numpy().astype(np.int64)
        self._table = grouped.select(names).with_columns(
            pl.Series("start", np.cumsum(counts) - counts), pl.Series("count", counts)
        )

    def find(self, values: list[pl.Series]) -> tuple[Numbers, Numbers]:
        """Of each row of values, where its parents begin and how many there are."""
        names = [f"c{place}" for place in range(len(values))]
        wanted = pl.DataFrame(
            {name: series.cast(self._table.schema[name]) for name, series in zip(names, values, strict=True)}
        )
        joined = wanted.join(self._table, on=names, how="left", maintain_order="left")
        start = joined.get_column("start").fill_null(0).to_numpy()
        return start, joined.get_column("count").fill_null(0).to_numpy()


@dataclass(frozen=True)
class Later(Unit):
    """A column that is not below another one: the difference is what is drawn.

    :param base: the other column.
    :param domain: whose least and greatest value bound it.
    :param span: the greatest difference, in the domain's units.
    :param strict: the difference is at least one unit.
    """

    columns: tuple[str, ...]
    base: str
    domain: Integers | Decimals | Dates | Timestamps
    span: int
    strict: bool
    nulls: float = 0.0

    @property
    def reads(self) -> tuple[str, ...]:
        """The other column."""
        return (self.base,)

    def make(self, chance: Chance, made: Made) -> dict[str, pl.Series]:
        """The column; drawn freely where the other one is NULL."""
        name = self.columns[0]
        base = made[self.base]
        known = base.is_not_null().to_numpy()
        lows = np.where(known, units_of(self.domain, base) + self.strict, self.domain.low)
        lows = np.maximum(lows, self.domain.low)
        room = np.minimum(self.span, self.domain.high - lows)
        chances = uniform(chance.words(name))
        # Short differences come more often than long ones.
        codes = lows + np.floor(chances * chances * (room + 1)).astype(np.int64) - self.domain.low
        codes = np.clip(codes, 0, self.domain.size - 1)
        return {name: with_nulls(self.domain.values(codes), self.nulls, chance, name)}


def units_of(domain: Integers | Decimals | Dates | Timestamps, values: pl.Series) -> Numbers:
    """Values as whole units of a domain: days, seconds, hundredths; 0 for null."""
    if isinstance(domain, Decimals):
        scaled = values.cast(pl.Float64) * 10.0**domain.scale
        return scaled.fill_null(0).round().cast(pl.Int64).to_numpy()
    if isinstance(domain, Dates):
        return values.cast(pl.Date).to_physical().cast(pl.Int64).fill_null(0).to_numpy()
    if isinstance(domain, Timestamps):
        micros = values.cast(pl.Datetime("us")).to_physical().fill_null(0).to_numpy()
        return -(-micros // 1_000_000)
    return values.cast(pl.Int64).fill_null(0).to_numpy()


def with_nulls(values: pl.Series, share: float, chance: Chance, name: str) -> pl.Series:
    """Values of which a share is NULL."""
    if not share:
        return values
    return without(values, uniform(chance.words(f"{name} null")) < share)


def without(values: pl.Series, missing: NDArray[np.bool_]) -> pl.Series:
    """Values with some of them NULL."""
    return pl.select(pl.when(pl.Series(~missing)).then(values)).to_series()
