"""Coarser places on the earth: location."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import polars as pl

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.decimals import Floats, read_numbers
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, optional_whole, text
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

# Kilometres in a degree of latitude, on the sphere of the mean radius of 6,371.0088 km (IUGG).
_DEGREE_KM = 111.195080
_DECIMALS = 5
_DEGREE = 3.141592653589793 / 180
_COSINE_TERMS = 12
# (13.4,52.5), POINT(13.4 52.5), "52.5, 13.4": two numbers and what stands around them.
_NUMBER = r"([+-]?[0-9]+(?:\.[0-9]+)?)"
_PAIR = rf"^((?i:point)? ?[(\[]?){_NUMBER}([,;] ?| ){_NUMBER}([)\]]?)$"
_AROUND = len("POINT (" + ", " + ")")
_NOWHERE = "0"


class Location(Transform):
    """The middle of the cell of a grid that a place lies in, or its coordinates with fewer decimals.

    A cell of ``grid_km`` is a square of about that size: as wide in kilometres near the poles as at the equator. For
    that, a column of longitudes needs the row's latitude. A place in one column is a PostgreSQL ``point``, longitude
    first, or text such as ``52.52, 13.40``, latitude first. Text that is no place becomes ``0,0``.
    """

    name = "location"
    summary = "a coarser place: the middle of a grid's cell, or fewer decimals"
    params = (
        Param("grid_km", "number", None, "the size of a cell, in kilometres", minimum=0.01, maximum=5000),
        Param(
            "decimals",
            "integer",
            None,
            "decimals of a degree that stay, instead",
            minimum=0,
            maximum=_DECIMALS,
        ),
        Param(
            "part",
            "text",
            None,
            "what the column holds; both in point and text columns, else latitude, if left out",
            choices=("both", "latitude", "longitude"),
        ),
        Param("latitude", "text", None, "for longitudes on a grid: the row's column of latitudes"),
        Param(
            "order",
            "text",
            None,
            "what comes first in a column with both; longitude in point columns, else latitude, if left out",
            choices=("latitude", "longitude"),
        ),
    )
    kinds = frozenset(("numeric", "float", "text", "other"))
    cost = 200

    def accepts(self, column_type: ColumnType) -> str | None:
        """Of the other types, only ``point``."""
        if column_type.kind == "other" and column_type.base != "point":
            return f"location takes float, numeric, point and text columns, not {column_type.name}"
        return super().accepts(column_type)

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The column of latitudes."""
        return () if params["latitude"] is None else (text(params, "latitude"),)

    def column_laws(self, case: Case) -> Laws:
        """Refuses parameters that contradict each other."""
        params = case.params
        if (params["grid_km"] is None) == (params["decimals"] is None):
            raise PolicyError(
                "location: give grid_km or decimals, one of them", hint="such as {location: {grid_km: 5}}"
            )
        part = _part(case)
        if (part == "both") != (case.type.kind in {"text", "other"}):
            raise PolicyError(f"location: {case.type.name} cannot hold {part}", hint="leave `part` out")
        if part == "longitude" and params["grid_km"] is not None and params["latitude"] is None:
            raise PolicyError(
                "location: a grid of longitudes needs latitude, the row's column of latitudes",
                hint="name it, or take decimals",
            )
        if case.type.kind == "numeric" and case.type.scale is not None and case.type.precision is not None:
            room = case.type.precision - case.type.scale
            if room < (2 if part == "latitude" else 3):
                raise PolicyError(f"location: {case.type.name} cannot hold every {part}")
        number = len("-180.") + (optional_whole(params, "decimals") or _DECIMALS)
        return Laws(max_length=_AROUND + 2 * number)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        case = Case(binding.params, binding.mask.type)
        part, needed = _part(case), self.needs(binding.params)
        grid = _Grid(binding.params, case.type)
        longitude_first = _longitude_first(case)

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            if part == "both":
                return _pairs(values, grid, longitude_first)
            numbers = _finite(read_numbers(values))
            if part == "latitude":
                return grid.written(grid.latitudes(numbers))
            beside = _finite(read_numbers(row[needed[0]].fill_null(""))) if needed else np.zeros_like(numbers)
            return grid.written(grid.longitudes(numbers, beside))

        return masked


class _Grid:
    """Cells of some kilometres, or degrees rounded to some decimals."""

    def __init__(self, params: Mapping[str, JSONValue], column_type: ColumnType) -> None:
        size = params["grid_km"]
        self._step = float(size) / _DEGREE_KM if isinstance(size, int | float) else None
        scale = column_type.scale if column_type.kind == "numeric" else None
        given = optional_whole(params, "decimals")
        wanted = _DECIMALS if given is None else given
        self._decimals = wanted if scale is None else min(wanted, scale)
        self._shown = self._decimals if scale is None else scale

    def latitudes(self, latitudes: Floats) -> Floats:
        """The latitudes of the cells' middles."""
        latitudes = np.clip(latitudes, -90.0, 90.0)
        if self._step is None:
            return latitudes
        return np.clip((np.floor((latitudes + 90) / self._step) + 0.5) * self._step - 90, -90.0, 90.0)

    def longitudes(self, longitudes: Floats, latitudes: Floats) -> Floats:
        """The longitudes of the cells' middles: a row of cells along a parallel closes around the earth."""
        longitudes = np.clip(longitudes, -180.0, 180.0)
        if self._step is None:
            return longitudes
        cells = np.maximum(np.floor(360 * cosine(self.latitudes(latitudes)) / self._step), 1.0)
        width = 360 / cells
        middles: Floats = (np.minimum(np.floor((longitudes + 180) / width), cells - 1) + 0.5) * width - 180
        return middles

    def written(self, degrees: Floats) -> pl.Series:
        """Degrees as text."""
        power = float(f"1e{self._decimals}")
        units = np.rint(degrees * power)
        # No minus before zero.
        return pl.Series(units / power + 0.0).cast(pl.Decimal(38, self._shown)).cast(pl.String)


def cosine(degrees: Floats) -> Floats:
    """The cosine of -90 to 90 degrees by its power series: the same on every processor, good to 15 digits."""
    square = -(degrees * _DEGREE) * (degrees * _DEGREE)
    total = np.ones_like(degrees)
    for term in range(_COSINE_TERMS, 0, -1):
        total = 1 + total * square / ((2 * term - 1) * (2 * term))
    return np.clip(total, 0.0, 1.0)


def _pairs(values: pl.Series, grid: _Grid, longitude_first: bool) -> pl.Series:
    names = ("before", "first", "between", "second", "after")
    frame = values.alias("value").to_frame()
    taken = frame.select(
        pl.col("value").str.extract(_PAIR, number + 1).alias(name) for number, name in enumerate(names)
    )
    first = _finite(read_numbers(taken["first"].fill_null(_NOWHERE)))
    second = _finite(read_numbers(taken["second"].fill_null(_NOWHERE)))
    longitudes, latitudes = (first, second) if longitude_first else (second, first)
    west = grid.written(grid.longitudes(longitudes, latitudes))
    north = grid.written(grid.latitudes(latitudes))
    parts = (west, north) if longitude_first else (north, west)
    joined = taken.select(
        pl.concat_str(
            pl.col("before"), pl.lit(parts[0]), pl.col("between"), pl.lit(parts[1]), pl.col("after")
        )
    ).to_series()
    nowhere = pl.Series(values=[f"{_NOWHERE},{_NOWHERE}"], dtype=pl.String).new_from_index(0, values.len())
    return joined.zip_with(joined.is_not_null(), nowhere)


def _part(case: Case) -> str:
    if case.params["part"] is not None:
        return text(case.params, "part")
    return "both" if case.type.kind in {"text", "other"} else "latitude"


def _longitude_first(case: Case) -> bool:
    if case.params["order"] is not None:
        return text(case.params, "order") == "longitude"
    return case.type.kind == "other"


def _finite(numbers: Floats) -> Floats:
    return np.where(np.isfinite(numbers), numbers, 0.0)
