"""The columns of a table that no key and no foreign key settles: drawn by meaning, type and constraints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import polars as pl

from datamask.catalog.model import Column
from datamask.classify.words import words_of_columns
from datamask.errors import UsageError
from datamask.synthetic.bounds import Bounds, Order, narrowed
from datamask.synthetic.domains import Choices, Dates, Decimals, Domain, Integers, Timestamps, Union
from datamask.synthetic.keys import widened
from datamask.synthetic.meaning import meant_domain, unique_domain
from datamask.synthetic.people import Address, Part, Person, allowed, person_part, place_part
from datamask.synthetic.randomness import seed_of
from datamask.synthetic.recipe import ColumnRule
from datamask.synthetic.types import UnsatisfiableError, constants, type_domain
from datamask.synthetic.units import Drawn, Later, Unit

NULL_SHARE = 0.05
"""Of a column that may be NULL and that nothing is known of."""

_WORD = (1 << 64) - 1
# What a difference between two columns spans at most, in their units.
_SPANS = {"date": 30, "timestamp": 14 * 86_400, "integer": 100, "numeric": 10_000, "float": 10_000}
# Pairs of moments that follow each other, by the words that their names begin with.
_FOLLOWS = (
    ({"start", "begin", "from", "valid"}, {"end", "finish", "until", "to"}),
    (
        {"created", "create", "registered", "signup", "inserted"},
        {"updated", "modified", "deleted", "last", "closed", "activated"},
    ),
    ({"order", "ordered"}, {"ship", "shipped", "required", "due", "delivered", "paid"}),
    ({"rental"}, {"return", "returned"}),
    ({"sent"}, {"received", "read", "opened"}),
    ({"hire", "hired"}, {"fired", "left", "termination"}),
)  # fmt: skip


@dataclass(frozen=True)
class ColumnWork:
    """What is known of a table's columns.

    :param bounds: from CHECKs, by column.
    :param partitions: from the bounds of partitions, by column.
    :param rules: of the recipe, by column.
    :param meaning: data classes by column.
    :param nulls: shares of NULL that a profile knows, by column.
    :param numbers: of addresses and user names that are unique, the first row's number, by column.
    """

    table: str
    seed: int
    rows: int
    columns: Mapping[str, Column]
    bounds: Mapping[str, Bounds]
    partitions: Mapping[str, tuple[Bounds, ...]]
    rules: Mapping[str, ColumnRule]
    meaning: Mapping[str, str]
    nulls: Mapping[str, float] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)

    def words(self) -> dict[str, tuple[str, ...]]:
        """The words of the columns' names."""
        return words_of_columns(list(self.columns))

    def bounds_of(self, name: str) -> Bounds:
        """What constraints and the recipe leave of a column."""
        found = self.bounds.get(name, Bounds())
        rule = self.rules.get(name)
        if rule is not None:
            found = narrowed(found, Bounds(low=rule.low, high=rule.high, values=rule.values or None))
        return found

    def key(self, name: str) -> int:
        """64 bits for what a column draws once."""
        return seed_of(self.seed, self.table, name, "pool") & _WORD


def column_domain(work: ColumnWork, name: str, words: tuple[str, ...], *, unique: bool) -> Domain | None:
    """What a column can hold; None where nothing is known of its type.

    :param unique: it is part of a unique key, and must have room.
    :raises UsageError: constraints leave it no value.
    """
    column, bounds, key = work.columns[name], work.bounds_of(name), work.key(name)
    if column.type.kind == "xml" and not column.not_null:
        # Not every server is built with XML; one without it takes NULL alone.
        return None
    try:
        if name in work.partitions:
            parts = [type_domain(column.type, narrowed(bounds, part), key) for part in work.partitions[name]]
            known = [part for part in parts if part is not None]
            return Union(tuple(known)) if len(known) > 1 else known[0] if known else None
        rule = work.rules.get(name)
        if rule is not None and rule.weights:
            listed = type_domain(column.type, bounds, key)
            if isinstance(listed, Choices) and listed.size == len(rule.weights):
                return Choices(listed.entries, rule.weights)
        choose = unique_domain if unique else meant_domain
        found = choose(column, words, work.meaning.get(name), bounds, key)
        if found is None:
            found = type_domain(column.type, bounds, key)
        if found is None or not unique:
            return found
        return _roomy(found, column, bounds, work.rows)
    except UnsatisfiableError as error:
        raise UsageError(
            f"table {work.table}: the constraints on {name} leave no value: {error}",
            hint="look at the CHECK constraints and the domain of the column",
        ) from None


def _roomy(domain: Domain, column: Column, bounds: Bounds, rows: int) -> Domain:
    """A key's column with room for its rows: numbers from 1 on, dates as far back as need be."""
    low_open, high_open = bounds.low is None, bounds.high is None
    if isinstance(domain, Integers) and bounds.values is None:
        from datamask.masking.literals import INTEGER_LIMITS

        limit = INTEGER_LIMITS.get(column.type.base, INTEGER_LIMITS["int4"])
        low = 1 if low_open and domain.high >= 1 else domain.low
        high = limit if high_open else domain.high
        return Integers(low, max(low, high))
    if isinstance(domain, Decimals):
        digits = 15 if column.type.precision is None else column.type.precision
        wide = widened(domain, rows, low_open=low_open, high_open=high_open)
        return (
            replace(wide, high=min(wide.high, 10 ** min(15, digits) - 1))
            if isinstance(wide, Decimals)
            else wide
        )
    return widened(domain, rows, low_open=low_open, high_open=high_open)


def drawn_units(
    work: ColumnWork,
    names: Sequence[str],
    fixed: frozenset[str],
    orders: Sequence[Order],
    unique: frozenset[str],
) -> tuple[list[Unit], list[str]]:
    """Units for the columns that nothing else settles, and the columns whose type nothing is known of.

    :param names: of those columns.
    :param fixed: the columns that are made before them.
    :param orders: pairs of columns of which one is not below the other.
    :param unique: columns that a person's unit must make different in each row.
    """
    words = work.words()
    units: list[Unit] = []
    unknown: list[str] = []
    people: list[Part] = []
    places: list[Part] = []
    follows = _follow(work, names, fixed, orders)
    for name in names:
        column, data_class = work.columns[name], work.meaning.get(name, "")
        # No partition takes NULL unless it says so.
        nulls = (
            0.0
            if name in work.partitions
            else null_share(column, work.rules.get(name), work.nulls.get(name, NULL_SHARE))
        )
        bounds = work.bounds_of(name)
        free = name not in work.partitions
        length = column.type.max_length
        what = person_part(column, data_class, unique=name in unique) if free else None
        if what is not None and allowed(what, bounds, length):
            people.append(Part(column, what, name in unique, nulls, work.numbers.get(name, 1)))
            continue
        what = place_part(column, data_class, words[name], unique=False) if free else None
        if what is not None and allowed(what, bounds, length):
            places.append(Part(column, what, nulls=nulls))
            continue
        domain = column_domain(work, name, words[name], unique=False)
        if domain is None:
            unknown.append(name)
        elif name in follows and isinstance(domain, Integers | Decimals | Dates | Timestamps):
            order = follows[name]
            units.append(
                Later(
                    (name,),
                    order.low,
                    _open_ended(domain, bounds),
                    _SPANS[column.type.kind],
                    order.strict,
                    nulls,
                )
            )
        else:
            units.append(Drawn((name,), domain, nulls))
    if people:
        units.append(Person(tuple(part.column.name for part in people), tuple(people)))
    if places:
        units.append(Address(tuple(part.column.name for part in places), tuple(places)))
    return in_order(units, fixed), unknown


def null_share(column: Column, rule: ColumnRule | None, usual: float) -> float:
    """The share of rows without a value."""
    if column.not_null:
        return 0.0
    return usual if rule is None or rule.nulls is None else rule.nulls


def _open_ended(
    domain: Integers | Decimals | Dates | Timestamps, bounds: Bounds
) -> Integers | Decimals | Dates | Timestamps:
    """A column that follows another one may go beyond the usual range where no constraint ends it."""
    if bounds.high is not None or bounds.values is not None:
        return domain
    room = {Dates: 31, Timestamps: 15 * 86_400}.get(type(domain), domain.size)
    return replace(domain, high=domain.high + room)


def _follow(
    work: ColumnWork, names: Sequence[str], fixed: frozenset[str], orders: Sequence[Order]
) -> dict[str, Order]:
    """For each column the one that it follows; none in a circle."""
    found: dict[str, Order] = {}
    for order in [*orders, *_by_name(work, names)]:
        low, high = work.columns.get(order.low), work.columns.get(order.high)
        if low is None or high is None or high.name not in names or high.name in found:
            continue
        if low.type.kind != high.type.kind or high.type.kind not in _SPANS:
            continue
        if low.name not in names and low.name not in fixed:
            continue
        above = order.low
        while above in found:
            above = found[above].low
        if above != order.high:
            found[order.high] = order
    return found


def _by_name(work: ColumnWork, names: Sequence[str]) -> list[Order]:
    words = work.words()
    moments = [name for name, column in work.columns.items() if column.type.kind in {"date", "timestamp"}]
    found = []
    for firsts, lasts in _FOLLOWS:
        low = [name for name in moments if set(words[name]) & firsts]
        high = [name for name in moments if name in names and set(words[name]) & lasts - firsts]
        found += [Order(low[0], name, strict=False) for name in high if low and name not in low]
    return found


def in_order(units: Sequence[Unit], made: frozenset[str]) -> list[Unit]:
    """Units behind those whose columns they read."""
    ordered: list[Unit] = []
    there = set(made)
    waiting = list(units)
    while waiting:
        ready = [unit for unit in waiting if set(unit.reads) <= there]
        if not ready:
            raise UsageError(f"columns {', '.join(waiting[0].columns)} follow each other in a circle")
        ordered += ready
        there |= {name for unit in ready for name in unit.columns}
        waiting = [unit for unit in waiting if unit not in ready]
    return ordered


def candidates(
    columns: Mapping[str, Column], names: Sequence[str], texts: Sequence[str]
) -> dict[str, pl.Series]:
    """Of the constants in a CHECK those that each of its columns may hold."""
    found = {}
    for name in names:
        values = constants(columns[name].type, texts)
        if values and columns[name].type.kind in {"text", "integer", "numeric", "float", "date", "timestamp"}:
            found[name] = pl.Series(values, strict=False)
    return found
