"""Columns that pass unchanged and hold what a masked one holds, found in samples. Values do not leave it. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from datamask.catalog.model import Table
from datamask.policy.plan import TablePlan
from datamask.policy.trial import Repeated

# Shorter values are found by chance: codes, initials, small numbers.
_LEAST_CHARACTERS = 4
# A share of fewer values would say nothing.
_LEAST_VALUES = 10
_COPIED_SHARE = 0.5
# Parts of longer texts repeat seldom by chance, and a payload need not repeat every row's.
_INSIDE_SHARE = 0.3
# The ends of texts are of no use, and payloads may be large.
_CHARACTERS = 2000
COMPARED = frozenset({"text", "json", "xml", "uuid", "inet", "array"})
"""Kinds of columns whose values are compared; equal numbers and dates say little."""


@dataclass(frozen=True, slots=True)
class Sampled:
    """A table's sample: the text of its stored columns before masking."""

    table: Table
    plan: TablePlan
    rows: pl.DataFrame

    @property
    def name(self) -> str:
        """The table's key, a partitioned one's for its partitions."""
        return self.table.root or self.table.key


def repeated_columns(samples: Sequence[Sampled], secret: bytes) -> list[Repeated]:
    """Unmasked columns that repeat masked ones, at most one finding a column.

    :param samples: of all tables that could be read.
    :param secret: 32 bytes for the hashes that values of different tables are compared by.
    """
    found: dict[tuple[str, str], Repeated] = {}
    for sample in samples:
        for item in _within(sample):
            found.setdefault((item.table, item.column), item)
    for item in _across(samples, secret):
        found.setdefault((item.table, item.column), item)
    return list(found.values())


def _columns(sample: Sampled) -> tuple[list[str], list[str]]:
    """The masked columns and the unmasked ones that may repeat them: nobody has said keep for those."""
    kinds = {column.name: column.type.kind for column in sample.table.columns}
    planned = [
        column
        for column in sample.plan.columns
        if column.column in sample.rows.columns and kinds[column.column] in COMPARED
    ]
    masked = [column.column for column in planned if column.mask]
    kept = [column.column for column in planned if not column.mask and column.reason != "column rule"]
    return masked, kept


def _within(sample: Sampled) -> Iterator[Repeated]:
    masked, kept = _columns(sample)
    rows = sample.rows
    for name in kept:
        other = rows[name].str.slice(0, _CHARACTERS)
        for source in masked:
            values = rows[source]
            compared = pl.DataFrame({"value": values, "other": other}).filter(
                (pl.col("value").str.len_chars() >= _LEAST_CHARACTERS) & pl.col("other").is_not_null()
            )
            # One value over and over may be in both columns by chance.
            if compared["value"].n_unique() < _LEAST_VALUES:
                continue
            equal = _mean(compared, pl.col("value") == pl.col("other"))
            if equal >= _COPIED_SHARE:
                yield Repeated(sample.name, name, sample.name, source, "equal", equal)
                continue
            inside = _mean(compared, pl.col("other").str.contains(pl.col("value"), literal=True))
            if inside >= _INSIDE_SHARE:
                yield Repeated(sample.name, name, sample.name, source, "inside", inside)


def _mean(frame: pl.DataFrame, condition: pl.Expr) -> float:
    share = frame.select(condition.mean()).item()
    return float(share or 0.0)


def _across(samples: Sequence[Sampled], secret: bytes) -> Iterator[Repeated]:
    masked: list[tuple[str, str, set[bytes]]] = []
    kept: list[tuple[str, str, set[bytes]]] = []
    for sample in samples:
        hidden, shown = _columns(sample)
        for names, into in ((hidden, masked), (shown, kept)):
            for name in names:
                values = _hashes(sample.rows[name], secret)
                if len(values) >= _LEAST_VALUES:
                    into.append((sample.name, name, values))
    holders: Mapping[bytes, list[int]] = _holders([values for _, _, values in masked])
    for table, column, values in kept:
        hits: dict[int, int] = {}
        for value in values:
            for number in holders.get(value, ()):
                hits[number] = hits.get(number, 0) + 1
        for number, count in hits.items():
            source_table, source, _ = masked[number]
            share = count / len(values)
            if source_table != table and share >= _COPIED_SHARE:
                yield Repeated(table, column, source_table, source, "elsewhere", share)
                break


def _hashes(values: pl.Series, secret: bytes) -> set[bytes]:
    distinct = values.drop_nulls().unique()
    return {
        hashlib.blake2b(value.encode(), key=secret, digest_size=16).digest()
        for value in distinct.filter(distinct.str.len_chars() >= _LEAST_CHARACTERS)
    }


def _holders(sets: Sequence[set[bytes]]) -> dict[bytes, list[int]]:
    found: dict[bytes, list[int]] = {}
    for number, values in enumerate(sets):
        for value in values:
            found.setdefault(value, []).append(number)
    return found
