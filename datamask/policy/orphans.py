"""Rows of masked samples that no longer find the row they referenced. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from datamask.catalog.model import ForeignKey
from datamask.policy.trial import Tried


@dataclass(frozen=True, slots=True)
class KeyColumns:
    """Columns of a table's sample under foreign keys, at either end.

    :param table: the table's key, a partitioned one's for its partitions.
    :param foreign_keys: of the table or its partition.
    :param hidden: its masked columns.
    :param before: their text as it was, String columns.
    :param after: the same rows, masked.
    """

    table: str
    foreign_keys: tuple[ForeignKey, ...]
    hidden: frozenset[str]
    before: pl.DataFrame
    after: pl.DataFrame


def orphans(samples: Sequence[KeyColumns]) -> list[Tried]:
    """What becomes of references inside of samples, one verdict for each foreign key with a masked end.

    Only rows whose referenced row is in a sample too are judged. Values are compared as text: equal texts are masked
    alike or the foreign key breaks.
    """
    by_table: dict[str, list[KeyColumns]] = {}
    for sample in samples:
        by_table.setdefault(sample.table, []).append(sample)
    return [tried for sample in samples for tried in _of_sample(sample, by_table)]


def _of_sample(sample: KeyColumns, by_table: Mapping[str, Sequence[KeyColumns]]) -> Iterator[Tried]:
    for key in sample.foreign_keys:
        parents = [
            parent
            for parent in by_table.get(key.referenced_table, ())
            if set(key.referenced_columns) <= set(parent.before.columns)
        ]
        masked = tuple(name for name in key.columns if name in sample.hidden)
        at_parents = any(parent.hidden & set(key.referenced_columns) for parent in parents)
        if not parents or not (masked or at_parents) or not set(key.columns) <= set(sample.before.columns):
            continue
        names = [f"k{number}" for number in range(len(key.columns))]
        known = pl.concat([_tuples(parent.before, key.referenced_columns, names) for parent in parents])
        there = pl.concat([_tuples(parent.after, key.referenced_columns, names) for parent in parents])
        before = _tuples(sample.before, key.columns, names).with_row_index("row").drop_nulls()
        judged = before.join(known, on=names, how="semi")["row"]
        after = _tuples(sample.after, key.columns, names)[judged].drop_nulls()
        lost = after.join(there, on=names, how="anti").height
        if judged.len():
            yield Tried(sample.table, "foreign key", key.name, masked or key.columns, judged.len(), lost)


def _tuples(frame: pl.DataFrame, columns: Sequence[str], names: Sequence[str]) -> pl.DataFrame:
    return frame.select(
        pl.col(column).cast(pl.String).alias(name) for column, name in zip(columns, names, strict=True)
    )
