"""Rows that a database has already: parents for new rows to refer to, and values that no new row may repeat.

Pure values; ``read_existing`` reads them from a database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.synthetic.domains import as_text
from datamask.synthetic.model import TableKeys
from datamask.synthetic.randomness import Numbers
from datamask.synthetic.units import Coder


@dataclass(frozen=True, eq=False)
class Existing:
    """What new rows must fit.

    :param parents: by the table's key, the columns of its rows that foreign keys refer to, without NULL: Int64, Date,
        Datetime and Float64 for types of these kinds, else String.
    :param taken: by the table's key, a frame for each unique key with the values that its columns have together.
    """

    parents: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    taken: Mapping[str, Sequence[pl.DataFrame]] = field(default_factory=dict)


NOTHING_EXISTS = Existing()


class Parents:
    """The rows of a table that others can refer to: those that exist come first, generated ones behind them.

    :param existing: None where there are none.
    :param made: None where no rows are generated.
    :param made_rows: how many are generated.
    """

    def __init__(self, existing: pl.DataFrame | None, made: TableKeys | None, made_rows: int) -> None:
        self.existing = existing
        self.made = made
        self.before = 0 if existing is None else existing.height
        """How many exist."""
        self.rows = self.before + made_rows
        """How many there are in all."""

    def key(self, columns: tuple[str, ...], rows: Numbers) -> list[pl.Series]:
        """The values of some columns in any rows."""
        if self.existing is None:
            assert self.made is not None
            return self.made.key(columns, rows)
        known = rows < self.before
        here = [self.existing.get_column(name).gather(rows[known]) for name in columns]
        if self.made is None or known.all():
            return here
        order = np.argsort(np.concatenate((np.flatnonzero(known), np.flatnonzero(~known))), kind="stable")
        behind = self.made.key(columns, rows[~known] - self.before)
        return [_joined(first, last).gather(order) for first, last in zip(here, behind, strict=True)]


def _joined(first: pl.Series, last: pl.Series) -> pl.Series:
    # Types that a generator knows less of are text here, as PostgreSQL writes them.
    if first.dtype != last.dtype:
        first, last = as_text(first), as_text(last)
    return pl.concat([first.rename(""), last.rename("")])


class Taken:
    """The values that some columns have together in rows that exist.

    Compared as text without regard to case: what a unique index on ``lower(email)`` or a ``citext`` tells apart is told
    apart here too.

    :param frames: with these columns among others.
    """

    def __init__(self, frames: Sequence[pl.DataFrame], columns: Sequence[str]) -> None:
        self.columns = tuple(columns)
        parts = [_comparable([frame.get_column(name) for name in columns]) for frame in frames]
        self._values = pl.concat(parts).unique()

    @property
    def count(self) -> int:
        """How many different ones there are."""
        return self._values.height

    def among(self, values: Sequence[pl.Series]) -> NDArray[np.bool_]:
        """Of each row of values, in the order of the columns, whether one that exists has them."""
        rows = _comparable(values).with_row_index("row")
        hits = rows.join(self._values, on=self._values.columns, how="semi").get_column("row").to_numpy()
        found = np.zeros(rows.height, dtype=np.bool_)
        found[hits] = True
        return found


def _comparable(values: Sequence[pl.Series]) -> pl.DataFrame:
    return pl.DataFrame(
        {
            f"c{place}": as_text(series).cast(pl.String).str.to_lowercase()
            for place, series in enumerate(values)
        }
    )


@dataclass(frozen=True, eq=False)
class Passing:
    """The codes of the numbers that are not left out, in their order: as many different ones as before.

    :param codes: of all numbers.
    :param left_out: numbers, ascending.
    """

    codes: Coder
    left_out: Numbers

    def __call__(self, rows: Numbers) -> Numbers:
        """The codes."""
        steps = self.left_out - np.arange(len(self.left_out), dtype=np.int64)
        return self.codes(rows + np.searchsorted(steps, rows, side="right"))


def first_free_number(texts: pl.Series, rows: int) -> int:
    """The least number from 1 on with which that many can be counted without meeting a text's.

    :param texts: addresses or user names; the number stands at the end, or before the ``@``.
    """
    found = texts.cast(pl.String).str.extract(r"([0-9]{1,12})(?:@|$)").cast(pl.Int64).drop_nulls()
    numbers = np.concatenate(([0], np.unique(found.to_numpy())))
    room = np.append(np.diff(numbers) - 1, np.iinfo(np.int64).max)
    return int(numbers[np.argmax(room >= rows)]) + 1
