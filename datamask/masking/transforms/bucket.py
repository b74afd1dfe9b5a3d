"""Numbers as the range that they lie in: bucket."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping
from decimal import Decimal
from itertools import pairwise

import numpy as np
import polars as pl

from datamask.errors import PolicyError
from datamask.masking.decimals import (
    EXACT,
    Floats,
    Rows,
    Units,
    change_numbers,
    in_units,
    is_wide,
    limit_in_units,
    optional_decimal,
    written_decimals,
)
from datamask.masking.literals import UNSAFE_IN_COPY
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, text, texts
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform


class Bucket(Transform):
    """The range that a number lies in: its lower end, middle or upper end, or in text columns its label.

    Ranges include their lower end. Given by ``edges``, the ranges below the first and above the last edge are open:
    their numbers become that edge, and there are two labels more than ranges between edges. A label is written
    like PostgreSQL's ranges, ``[18,30)``, where ``labels`` does not say another. NaN and infinity stay in number columns.
    """

    name = "bucket"
    summary = "the range that a number lies in"
    params = (
        Param("edges", "numbers", None, "where ranges begin and end, ascending"),
        Param(
            "width",
            "number",
            None,
            "the width of equal ranges, instead of `edges`",
            minimum=1e-9,
            maximum=1e12,
        ),
        Param("origin", "number", 0, "with `width`: where some range begins", minimum=-1e12, maximum=1e12),
        Param(
            "as",
            "text",
            None,
            "what stands for a range; label in text columns, else lower, if left out",
            choices=("lower", "middle", "upper", "label"),
        ),
        Param("labels", "texts", None, "with `edges`: a label for every range, the open ones included"),
        Param("other", "text", "other", "in text columns: what stands for text that is no number"),
    )
    kinds = frozenset(("integer", "numeric", "float", "text"))
    cost = 120

    def column_laws(self, case: Case) -> Laws:
        """Refuses ranges that are none, and ends of ranges that the type cannot hold."""
        params = case.params
        if (params["edges"] is None) == (params["width"] is None):
            raise PolicyError(
                "bucket: give edges or width, one of them", hint="such as {bucket: {width: 10}}"
            )
        edges = _edges(params)
        if any(low >= high for low, high in pairwise(edges)):
            raise PolicyError("bucket: edges must ascend")
        labels = texts(params, "labels")
        if labels and len(labels) != len(edges) + 1:
            raise PolicyError(
                f"bucket: {len(edges)} edges need {len(edges) + 1} labels, not {len(labels)}",
                hint="the first label is for numbers below the first edge, the last for those from the last edge on",
            )
        if (case.type.kind == "text") != (_shown(case) == "label"):
            raise PolicyError(
                f"bucket: as {_shown(case)} does not go with {case.type.name}", hint="leave `as` out"
            )
        if case.type.kind == "text":
            return _label_laws(params)
        _check_ends(case, edges)
        return Laws()

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        case = Case(binding.params, binding.mask.type)
        edges = _edges(case.params)
        if case.type.kind == "text":
            return _labels(case.params)
        ranges = _EdgeRanges(edges, _shown(case)) if edges else _EqualRanges(case.params, _shown(case))
        return lambda values, _: change_numbers(
            values, case.type, ranges.units, ranges.floats, decimals=ranges.decimals, largest=ranges.largest
        )


class _EdgeRanges:
    """Ranges between edges, as numbers."""

    def __init__(self, edges: tuple[Decimal, ...], shown: str) -> None:
        self._edges = edges
        below, above = edges[:1], edges[-1:]
        middles = tuple((low + high) / 2 for low, high in pairwise(edges))
        ends = {"lower": edges[:-1], "middle": middles, "upper": edges[1:]}
        self._shown = (*below, *ends[shown], *above)
        self.decimals = max(map(written_decimals, self._shown))
        self.largest = max(map(abs, edges))

    def units(self, numbers: Units, scale: int, _: Rows) -> Units:
        """Numbers in units of their last decimal: each range's."""
        shown = [in_units(one, scale) for one in self._shown]
        edges = [_ceiling(edge, scale) for edge in self._edges]
        if is_wide(numbers):
            return np.array([shown[bisect_right(edges, number)] for number in numbers], dtype=np.object_)
        places = np.searchsorted(np.array(edges, dtype=np.int64), numbers, side="right")
        return np.array(shown, dtype=np.int64)[places]

    def floats(self, numbers: Floats, _: Rows) -> Floats:
        """Doubles: each range's."""
        places = np.searchsorted(np.array(self._edges, dtype=np.float64), numbers, side="right")
        return np.array(self._shown, dtype=np.float64)[places]


class _EqualRanges:
    """Ranges of equal width, as numbers."""

    def __init__(self, params: Mapping[str, JSONValue], shown: str) -> None:
        self._width, self._origin = _width(params)
        share = {"lower": Decimal(0), "middle": Decimal("0.5"), "upper": Decimal(1)}[shown]
        self._shift = share * self._width
        self.decimals = max(map(written_decimals, (self._width, self._origin, self._shift)))
        self.largest = abs(self._origin) + self._width

    def units(self, numbers: Units, scale: int, _: Rows) -> Units:
        """Numbers in units of their last decimal: each range's."""
        width, origin = in_units(self._width, scale), in_units(self._origin, scale)
        return (numbers - origin) // width * width + origin + in_units(self._shift, scale)

    def floats(self, numbers: Floats, _: Rows) -> Floats:
        """Doubles: each range's."""
        width, origin = float(self._width), float(self._origin)
        # Beyond that, doubles are further apart than the decimals of a range.
        near = np.abs(numbers) < EXACT * width
        places = np.floor((np.where(near, numbers, 0.0) - origin) / width)
        # In whole units of the last decimal, so that a range is written with as few digits as it was given.
        power = float(f"1e{self.decimals}")
        lower = np.rint((places * width + origin + float(self._shift)) * power) / power
        return np.where(near, lower, numbers)


def _labels(params: Mapping[str, JSONValue]) -> MaskFunction:
    edges = _edges(params)
    others = pl.Series(values=[text(params, "other")], dtype=pl.String)
    names = pl.Series(values=_edge_labels(params), dtype=pl.String)

    def masked(values: pl.Series, _: object) -> pl.Series:
        parsed = values.cast(pl.Float64, strict=False)
        known = parsed.is_finite().fill_null(False)
        numbers = np.where(known.to_numpy(), parsed.fill_null(0.0).to_numpy(), 0.0)
        if edges:
            bounds = np.array(edges, dtype=np.float64)
            labels = names.gather(np.searchsorted(bounds, numbers, side="right"))
        else:
            near = np.abs(numbers) < EXACT
            known &= pl.Series(near)
            labels = _equal_labels(np.where(near, numbers, 0.0), *_width(params))
        return labels if known.all() else labels.zip_with(known, others.new_from_index(0, len(numbers)))

    return masked


def _equal_labels(numbers: Floats, width: Decimal, origin: Decimal) -> pl.Series:
    places, rows = np.unique(np.floor((numbers - float(origin)) / float(width)), return_inverse=True)
    lowers = [origin + int(place) * width for place in places.tolist()]
    labels = [f"[{_written(lower)},{_written(lower + width)})" for lower in lowers]
    return pl.Series(values=labels, dtype=pl.String).gather(rows)


def _edge_labels(params: Mapping[str, JSONValue]) -> list[str]:
    """A label for each range between edges and beyond them; none for equal ranges."""
    edges = [_written(edge) for edge in _edges(params)]
    given = texts(params, "labels")
    if given or not edges:
        return list(given)
    between = [f"[{low},{high})" for low, high in pairwise(edges)]
    return [f"(,{edges[0]})", *between, f"[{edges[-1]},)"]


def _label_laws(params: Mapping[str, JSONValue]) -> Laws:
    labels = [*_edge_labels(params), text(params, "other")]
    longest = max(map(len, labels))
    if params["width"] is not None:
        width, origin = _width(params)
        # Brackets, comma, and twice a sign, the digits before the point, the point and those behind it.
        decimals = max(written_decimals(width), written_decimals(origin))
        longest = max(longest, 3 + 2 * (18 + decimals))
    return Laws(max_length=longest, copy_safe=not UNSAFE_IN_COPY.intersection("".join(labels)))


def _check_ends(case: Case, edges: tuple[Decimal, ...]) -> None:
    """Refuse ends of ranges that the column's type cannot write down.

    :raises PolicyError: naming the end.
    """
    scale = 0 if case.type.kind == "integer" else case.type.scale
    if scale is None or case.type.kind == "float":
        return
    limit = limit_in_units(case.type, scale)
    ends = edges or _width(case.params)
    for end in ends:
        if written_decimals(end) > scale or (limit is not None and abs(in_units(end, scale)) > limit):
            raise PolicyError(f"bucket: {case.type.name} cannot hold {end}", hint="take other ranges")


def _shown(case: Case) -> str:
    given = case.params["as"]
    return str(given) if given is not None else "label" if case.type.kind == "text" else "lower"


def _edges(params: Mapping[str, JSONValue]) -> tuple[Decimal, ...]:
    edges = params["edges"]
    return tuple(Decimal(str(edge)) for edge in edges) if isinstance(edges, list) else ()


def _width(params: Mapping[str, JSONValue]) -> tuple[Decimal, Decimal]:
    width, origin = optional_decimal(params, "width"), optional_decimal(params, "origin")
    assert width is not None
    assert origin is not None
    return width, origin


def _ceiling(edge: Decimal, scale: int) -> int:
    """The first number of a range that begins at an edge between two numbers."""
    return -in_units(-edge, scale)


def _written(number: Decimal) -> str:
    return f"{number.normalize():f}"
