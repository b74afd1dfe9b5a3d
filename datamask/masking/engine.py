"""Masking a frame: every transform bound to its column's key, over dictionaries where that pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from datamask.errors import PolicyError
from datamask.masking.arrays import over_elements
from datamask.masking.condition import bind_condition
from datamask.masking.dictionary import by_dictionary
from datamask.masking.effective import effective_laws
from datamask.masking.exceptions import excepting
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.nested import around_empty
from datamask.masking.preserve import preserving, restoring
from datamask.masking.registry import get
from datamask.masking.scratch import keep_scratch_memory
from datamask.masking.transform import Binding, element_type

# A slice's arrays of 8-byte words (512 KiB each) stay in a core's cache, and what is in work at a time
# stays small however large the frame or its values are.
_SLICE_ROWS = 65_536
_SLICE_BYTES = 16 << 20
# Nanoseconds to take an array's text apart and to put it together again.
_ARRAY_COST = 3000
# The same for what stands around a transform.
_PRESERVE_COST, _EXCEPT_COST = {"case": 220, "length": 320}, 80


class Masker:
    """Masks the columns of one table's frames.

    Give it the table's frames one after the other; what a mask needs (sub-keys, pools, tables of small
    permutations) is made once.

    :param masks: one for each column that changes.
    :raises PolicyError: a transform is unknown, or what its parameters name does not exist.
    """

    def __init__(self, masks: Sequence[ColumnMask], key: MaskingKey) -> None:
        keep_scratch_memory()
        self._columns = _in_order([_Column(mask, key) for mask in masks])

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read, masked ones first."""
        masked = [column.name for column in self._columns]
        needed = [
            name
            for column in self._columns
            for name in (*column.needs, *column.reads_masked, *column.conditions)
        ]
        return tuple(dict.fromkeys([*masked, *needed]))

    @property
    def unsafe_columns(self) -> tuple[str, ...]:
        """The masked columns whose results may hold a tab, newline or backslash: COPY text escapes them."""
        return tuple(column.name for column in self._columns if not column.copy_safe)

    def mask(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The frame with its masked columns replaced; the other columns and the order stay.

        :param frame: String columns of plain (unescaped) PostgreSQL text, NULL as null. Columns that
            are neither masked nor needed may have any type.
        :returns: valid input text for the columns' types.
        :raises PolicyError: a column is missing.
        """
        missing = [name for name in self.columns if name not in frame.columns]
        if missing:
            raise PolicyError(f"the data has no column {missing[0]!r}, which the policy masks or refers to")
        masked: dict[str, pl.Series] = {}
        for column in self._columns:
            masked[column.name] = column.mask(frame, masked)
        return frame.with_columns(list(masked.values()))


def masked_here(masks: Sequence[ColumnMask]) -> tuple[ColumnMask, ...]:
    """The masks that a ``Masker`` applies: all but those of the source's server."""
    return tuple(mask for mask in masks if not get(mask.transform).source_side)


class _Column:
    """One column's function with what holds for every transform around it."""

    def __init__(self, mask: ColumnMask, key: MaskingKey) -> None:
        transform = get(mask.transform)
        if transform.source_side:
            raise PolicyError(f"{mask.column} is masked by the server that it is read from, not here")
        self.copy_safe = effective_laws(mask).copy_safe
        array = transform.elementwise(mask.type)
        if array:
            mask = replace(mask, type=element_type(mask.type))
        self.name = mask.column
        self.needs = transform.needs(mask.params)
        self.reads_masked = transform.reads_masked(mask.params)
        self.conditions = () if mask.when is None else tuple(name for name, _ in mask.when.columns)
        self._applies = None if mask.when is None else bind_condition(mask.when)
        self._replaces_empty = transform.replaces_empty
        beside = sum(cost for kept, cost in _PRESERVE_COST.items() if kept in mask.preserve)
        self._cost = _ARRAY_COST if array else transform.cost + beside + _EXCEPT_COST * bool(mask.exceptions)
        # char(n) is printed with its padding, which is no part of the value.
        self._padded = mask.type.base == "bpchar"
        binding = Binding(mask, key)
        function = excepting(preserving(transform.bind(binding), binding), mask.exceptions)
        function = over_elements(function) if array else function
        self._function = restoring(function, binding) if transform.replaces_empty else around_empty(function)

    def mask(self, frame: pl.DataFrame, masked: Mapping[str, pl.Series]) -> pl.Series:
        """The masked column.

        :param masked: the columns that are masked already; a needed one is read as it was before.
        """
        values = frame.get_column(self.name)
        row = {name: frame.get_column(name).cast(pl.String) for name in self.needs}
        for name in self.reads_masked:
            row[name] = masked[name] if name in masked else frame.get_column(name).cast(pl.String)
        if self._padded:
            values = values.str.strip_chars_end(" ")
        if row or self._replaces_empty:
            result = self._sliced(values, row)
        else:
            result = by_dictionary(values, self._cost, lambda part: self._sliced(part, {}))
        if self._applies is not None:
            read = {name: frame.get_column(name).cast(pl.String) for name in self.conditions}
            result = result.zip_with(self._applies(read), values)
        return result.alias(self.name)

    def _sliced(self, values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        rows = int(_SLICE_BYTES * values.len() / max(1, values.estimated_size()))
        size = min(_SLICE_ROWS, max(1, rows))
        if values.len() <= size:
            return self._function(values, row)
        parts = [
            self._function(
                values.slice(start, size), {name: other.slice(start, size) for name, other in row.items()}
            )
            for start in range(0, values.len(), size)
        ]
        return pl.concat(parts, rechunk=True)


def _in_order(columns: Sequence[_Column]) -> tuple[_Column, ...]:
    """The columns, each behind those whose masked values it reads.

    :raises PolicyError: columns read each other's masked values in a circle.
    """
    ordered: list[_Column] = []
    waiting = list(columns)
    while waiting:
        names = {column.name for column in waiting}
        ready = [column for column in waiting if names.isdisjoint(column.reads_masked)]
        if not ready:
            raise PolicyError(f"the rules of {', '.join(sorted(names))} are made of each other's results")
        ordered += ready
        waiting = [column for column in waiting if column not in ready]
    return tuple(ordered)
