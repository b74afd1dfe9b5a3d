"""Making the rows of a plan, block by block: pure, and the same for any number of workers."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import polars as pl

from datamask.catalog.model import Column
from datamask.errors import UsageError
from datamask.synthetic.domains import as_text
from datamask.synthetic.expressions import breaks
from datamask.synthetic.model import Guard, SyntheticPlan, SyntheticTable
from datamask.synthetic.randomness import BLOCK_ROWS, Numbers, below, philox_words, seed_of
from datamask.synthetic.units import Chance, Drawn, Unit

MOST_ATTEMPTS = 200
"""How often rows that break a CHECK are drawn again before it is given up."""

_INTEGERS: dict[str, type[pl.DataType]] = {"int2": pl.Int16, "int4": pl.Int32, "int8": pl.Int64}
_ZONED = frozenset({"timestamptz", "timetz"})


def generate(
    plan: SyntheticPlan, *, tables: Sequence[str] | None = None
) -> Iterator[tuple[SyntheticTable, pl.DataFrame]]:
    """All rows, a block at a time, referenced tables first.

    :param tables: keys of the tables to make; all by default.
    :returns: tables with frames as PostgreSQL reads them: integers, and unescaped text for all other types.
    :raises UsageError: rows that meet a CHECK were not found.
    """
    for table in plan.tables:
        if tables is None or table.key in tables:
            for block in range(table.blocks):
                yield table, text_frame(make_block(plan, table, block), table.columns)


def make_block(
    plan: SyntheticPlan, table: SyntheticTable, block: int, *, most: int = BLOCK_ROWS
) -> pl.DataFrame:
    """One block of typed rows.

    :param most: only the block's first rows; they may differ from those of the whole block.
    :raises UsageError: rows that meet a CHECK were not found.
    """
    begin = block * BLOCK_ROWS
    rows = np.arange(begin, min(table.rows, begin + min(most, BLOCK_ROWS)), dtype=np.int64)
    place = (plan.seed, table.key, block)
    made: dict[str, pl.Series] = {}
    chance = Chance(place, rows)
    for unit in table.units:
        made |= unit.make(chance, made)
    frame = pl.DataFrame({column.name: made[column.name] for column in table.columns}, height=len(rows))
    return _mended(table, frame, place, rows)


def _mended(
    table: SyntheticTable, frame: pl.DataFrame, place: tuple[object, ...], rows: Numbers
) -> pl.DataFrame:
    """The rows, those drawn again that break a CHECK."""
    if not table.guards or not frame.height:
        return frame
    broken: dict[str, int] = {}
    suspects = np.arange(frame.height)
    for attempt in range(1, MOST_ATTEMPTS + 1):
        part = frame if len(suspects) == frame.height else frame[suspects]
        bad = np.zeros(len(suspects), dtype=np.bool_)
        broken = {}
        for guard in table.guards:
            found = breaks(part, guard.breaks).to_numpy()
            found = np.broadcast_to(found, bad.shape)
            if found.any():
                broken[guard.check.name] = int(found.sum())
                bad |= found
        if not broken:
            return frame
        suspects = suspects[bad]
        guards = [guard for guard in table.guards if guard.check.name in broken]
        frame = _redrawn(table, guards, frame, Chance(place, rows[suspects], attempt), suspects)
    name, count = max(broken.items(), key=lambda item: item[1])
    raise UsageError(
        f"table {table.key}: {count:,} of {frame.height:,} rows still break CHECK {name} after {MOST_ATTEMPTS} attempts",
        hint="say in the recipe what its columns hold: columns: {TABLE: {COLUMN: {values: [...]}}}",
    )


def _redrawn(
    table: SyntheticTable, guards: Sequence[Guard], frame: pl.DataFrame, chance: Chance, places: Numbers
) -> pl.DataFrame:
    """The frame with the columns of broken CHECKs drawn again in some rows, and what reads them."""
    names = {name for guard in guards for name in guard.columns}
    part = frame[places]
    made = {name: part.get_column(name) for name in part.columns}
    changed: set[str] = set()
    for unit in table.units:
        if not unit.redrawable or not (names & set(unit.columns) or changed & set(unit.reads)):
            continue
        again = unit.make(chance, made)
        for name, values in again.items():
            if name in made:
                made[name] = _tried(unit, guards, name, values, chance)
                changed.add(name)
    order = pl.Series(places.astype(np.uint32))
    return frame.with_columns(frame.get_column(name).scatter(order, made[name]) for name in sorted(changed))


def _tried(unit: Unit, guards: Sequence[Guard], name: str, values: pl.Series, chance: Chance) -> pl.Series:
    """Values, half of them from the constants that the CHECKs name: what they ask for is often among these."""
    constants = [guard.candidates[name] for guard in guards if name in guard.candidates]
    if not constants or not isinstance(unit, Drawn):
        return values
    listed = pl.concat(constants).cast(values.dtype)
    words = philox_words(seed_of(*chance.place, name, "constants", chance.attempt), len(chance.rows))
    chosen = listed.gather(below(words, listed.len()))
    return chosen.zip_with(pl.Series((words & np.uint64(1)).astype(np.bool_)), values)


def text_frame(frame: pl.DataFrame, columns: Sequence[Column]) -> pl.DataFrame:
    """Typed rows as PostgreSQL reads them: integers, and unescaped text for all other types."""
    return pl.DataFrame(
        {column.name: text_column(frame.get_column(column.name), column.type.base) for column in columns},
        height=frame.height,
    )


def text_column(values: pl.Series, base: str) -> pl.Series:
    """A column as PostgreSQL reads it."""
    if base in _INTEGERS:
        return values.cast(_INTEGERS[base])
    text = as_text(values)
    return text + "+00" if base in _ZONED else text
