"""Numbers drawn from a distribution that the policy states: percentile."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise

import numpy as np
import polars as pl

from datamask.errors import PolicyError
from datamask.masking.decimals import (
    Floats,
    Units,
    change_numbers,
    in_units,
    is_wide,
    limit_in_units,
    written_decimals,
)
from datamask.masking.draws import uniform, within
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, text
from datamask.masking.text import Words
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform


class Percentile(Transform):
    """A keyed number from between the same two quantiles as the true one, or from anywhere in the distribution.

    ``quantiles`` are equally likely parts of the column's distribution, such as its percentiles; the policy states them,
    because a result must not hang on which other rows a snapshot holds. Inside a band all numbers are equally likely.
    A number beyond the outer quantiles counts to the band next to it. NaN and infinity stay.

    By itself the result depends on the number. With ``by`` it depends on another column of the row, such as its key:
    then equal numbers get different results, and with ``within: all`` nothing of the number is left but the
    distribution it is from, which is what shuffling a column is meant for. Columns with the same ``by``, domain and
    quantiles draw alike.
    """

    name = "percentile"
    summary = "a number from the same band of a distribution"
    params = (
        Param(
            "quantiles", "numbers", None, "where bands begin and end, ascending; two at least", required=True
        ),
        Param("within", "text", "band", "where the result lies", choices=("band", "all")),
        Param("by", "text", None, "the column of the same row whose value decides instead of the number"),
    )
    kinds = frozenset(("integer", "numeric", "float"))
    cost = 180

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The column named by ``by``."""
        return () if params["by"] is None else (text(params, "by"),)

    def column_laws(self, case: Case) -> Laws:
        """Refuses bands that are none, or that the type cannot hold."""
        bounds = _bounds(case.params)
        if len(bounds) < 2 or any(low > high for low, high in pairwise(bounds)) or bounds[0] == bounds[-1]:
            raise PolicyError("percentile: quantiles must be two numbers at least, and ascend")
        scale = 0 if case.type.kind == "integer" else case.type.scale
        limit = None if scale is None or case.type.kind == "float" else limit_in_units(case.type, scale)
        if limit is not None and scale is not None:
            for bound in bounds:
                if abs(in_units(bound, scale)) > limit:
                    raise PolicyError(f"percentile: {case.type.name} cannot hold {bound}")
        return Laws()

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        column_type, bounds = binding.mask.type, _bounds(binding.params)
        # Two columns that hang on one entity are drawn independently, unless they are of the same distribution.
        prf = binding.prf(f"percentile {' '.join(map(str, bounds))}")
        bands = _Bands(bounds, text(binding.params, "within") == "all")
        needed = self.needs(binding.params)

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            words = prf.wide(row[needed[0]].fill_null("") if needed else values)
            return change_numbers(
                values,
                column_type,
                lambda units, scale, rows: bands.units(units, scale, words[rows]),
                lambda numbers, rows: bands.floats(numbers, words[rows]),
                decimals=bands.decimals,
                largest=bands.largest,
            )

        return masked


class _Bands:
    """Bands between quantiles, and drawing from them."""

    def __init__(self, bounds: tuple[Decimal, ...], anywhere: bool) -> None:
        self._bounds = bounds
        self._anywhere = anywhere
        self.decimals = max(map(written_decimals, bounds))
        self.largest = 2 * max(map(abs, bounds))

    def units(self, numbers: Units, scale: int, words: Words) -> Units:
        """Numbers in units of their last decimal: others of the same band."""
        bounds = [in_units(bound, scale) for bound in self._bounds]
        if is_wide(numbers):
            return np.array(
                [self._one(bounds, *pair) for pair in zip(numbers, words, strict=True)], dtype=np.object_
            )
        edges = np.array(bounds, dtype=np.int64)
        places = self._places(np.searchsorted(edges, numbers, side="right") - 1, words)
        lowest = edges[places]
        # The last band has its upper end in it: no other one begins there.
        sizes = edges[places + 1] - lowest + (places == len(edges) - 2)
        return lowest + within(words[:, 0], np.maximum(sizes, 1))

    def floats(self, numbers: Floats, words: Words) -> Floats:
        """Doubles: others of the same band."""
        edges = np.array(self._bounds, dtype=np.float64)
        places = self._places(np.searchsorted(edges, numbers, side="right") - 1, words)
        share = uniform(words[:, 0])
        # Not low + share * (high - low), which overflows between bounds far apart.
        drawn: Floats = edges[places] * (1 - share) + edges[places + 1] * share
        return drawn

    def _places(self, found: Units, words: Words) -> Units:
        last = len(self._bounds) - 2
        if self._anywhere:
            return within(words[:, 1], np.full(len(words), last + 1, dtype=np.int64))
        return np.clip(found, 0, last)

    def _one(self, bounds: list[int], number: int, words: Words) -> int:
        place = int(self._places(np.array([bisect_right(bounds, number) - 1]), words.reshape(1, 2))[0])
        low, high = bounds[place], bounds[place + 1]
        size = max(1, high - low + (place == len(bounds) - 2))
        return low + (size * int(words[0]) >> 64)


def _bounds(params: Mapping[str, JSONValue]) -> tuple[Decimal, ...]:
    bounds = params["quantiles"]
    assert isinstance(bounds, list)
    return tuple(Decimal(str(bound)) for bound in bounds)
