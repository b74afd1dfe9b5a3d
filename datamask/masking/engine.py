"""Masking a frame: every transform bound to its column's key, over dictionaries where that pays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from datamask.errors import PolicyError
from datamask.masking.arrays import over_elements
from datamask.masking.dictionary import by_dictionary
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.registry import get
from datamask.masking.scratch import keep_scratch_memory
from datamask.masking.transform import Binding, MaskFunction, element_type

# A slice's arrays of 8-byte words (512 KiB each) stay in a core's cache, and what is in work at a time
# stays small however large the frame or its values are.
_SLICE_ROWS = 65_536
_SLICE_BYTES = 16 << 20
# Nanoseconds to take an array's text apart and to put it together again.
_ARRAY_COST = 3000


class Masker:
    """Masks the columns of one table's frames.

    Give it the table's frames one after the other; what a mask needs (sub-keys, pools, tables of small
    permutations) is made once.

    :param masks: one for each column that changes.
    :raises PolicyError: a transform is unknown, or what its parameters name does not exist.
    """

    def __init__(self, masks: Sequence[ColumnMask], key: MaskingKey) -> None:
        keep_scratch_memory()
        self._columns = tuple(_Column(mask, key) for mask in masks)

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are read, masked ones first."""
        masked = [column.name for column in self._columns]
        needed = [name for column in self._columns for name in column.needs]
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
        return frame.with_columns([column.mask(frame) for column in self._columns])


class _Column:
    """One column's function with what holds for every transform around it."""

    def __init__(self, mask: ColumnMask, key: MaskingKey) -> None:
        transform = get(mask.transform)
        self.copy_safe = transform.laws(mask.params, mask.type, mask.unique).copy_safe
        array = transform.elementwise(mask.type)
        if array:
            mask = replace(mask, type=element_type(mask.type))
        self.name = mask.column
        self.needs = transform.needs(mask.params)
        self._replaces_empty = transform.replaces_empty
        self._cost = _ARRAY_COST if array else transform.cost
        # char(n) is printed with its padding, which is no part of the value.
        self._padded = mask.type.base == "bpchar"
        function = transform.bind(Binding(mask, key))
        self._function: MaskFunction = over_elements(function) if array else function

    def mask(self, frame: pl.DataFrame) -> pl.Series:
        values = frame.get_column(self.name)
        row = {name: frame.get_column(name).cast(pl.String) for name in self.needs}
        if self._padded:
            values = values.str.strip_chars_end(" ")
        if row or self._replaces_empty:
            return self._sliced(values, row).alias(self.name)
        return by_dictionary(values, self._cost, lambda part: self._sliced(part, {})).alias(self.name)

    def _sliced(self, values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        rows = int(_SLICE_BYTES * values.len() / max(1, values.estimated_size()))
        size = min(_SLICE_ROWS, max(1, rows))
        if values.len() <= size:
            return self._filled(values, row)
        parts = [
            self._filled(
                values.slice(start, size), {name: other.slice(start, size) for name, other in row.items()}
            )
            for start in range(0, values.len(), size)
        ]
        return pl.concat(parts, rechunk=True)

    def _filled(self, values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        """Apply the function between taking NULL and '' out of its way and putting them back."""
        if not values.len():
            return values
        if self._replaces_empty:
            return self._function(values, row)
        plain = values.fill_null("") if values.null_count() else values
        masked = self._function(plain, row)
        empty = plain.str.len_bytes() == 0
        return values.zip_with(empty, masked) if empty.any() else masked
