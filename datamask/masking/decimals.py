"""Numbers in PostgreSQL's text form, changed a column at a time: exactly, in whole units of their last decimal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation, localcontext
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.catalog.model import ColumnType
from datamask.masking.literals import INTEGER_LIMITS
from datamask.masking.model import JSONValue

Floats = NDArray[np.float64]
Rows = NDArray[np.intp]
Units = NDArray[Any]
"""Whole numbers: ``int64``, or Python's integers (``object``) where those do not suffice."""

ChangeUnits = Callable[[Units, int, Rows], Units]
"""Numbers in units of ``10 ** -scale``, the scale, and which of the series' values they are → as many others."""
ChangeFloats = Callable[[Floats, Rows], Floats]
"""Finite doubles, and which of the series' values they are → as many others."""

EXACT = 1e15
"""Units from which on doubles, and the decimals that Polars has, are no longer exact."""

# Polars' decimals have 38 digits, and numeric(p,s) at most this scale.
_MOST_DECIMALS, _MAX_SCALE = 38, 1000
# What numeric holds before the point; a longer number in a document is not worth its memory.
_MOST_DIGITS = 131_072
_EXTRA_DIGITS = 400
# From text, because a power that is computed may differ between processors in its last bit.
_POWERS = np.array([float(f"1e{exponent}") for exponent in range(_MAX_SCALE + 1)])


def change_numbers(
    values: pl.Series,
    column_type: ColumnType,
    units: ChangeUnits,
    floats: ChangeFloats,
    *,
    decimals: int = 0,
    largest: Decimal = Decimal(0),
) -> pl.Series:
    """The values with other numbers in their place; NaN and infinity stay.

    A result that the type cannot hold becomes the nearest that it can. What is no number counts as 0.

    :param values: String without nulls, of an integer, numeric or float type.
    :param units: for integers and decimals. Values are few where it gets an ``object`` array.
    :param floats: for floats.
    :param decimals: that results have at least, where the type does not say.
    :param largest: the largest number that ``units`` computes with, beside the values.
    """
    if column_type.kind == "float":
        return _change_floats(values, floats, column_type.base == "float4")
    numbers = read_numbers(values)
    finite = np.isfinite(numbers)
    scales = _scales(values, column_type, decimals)
    powers = _POWERS.take(np.minimum(scales, _MAX_SCALE))
    room = EXACT / powers
    exact = finite & (np.abs(np.where(finite, numbers, 0.0)) < room)
    exact &= (scales <= _MOST_DECIMALS) & (float(largest) < room)
    # A series is scattered into in place.
    result = values.clone()
    # There is one scale in a column that declares it, and in one of integers.
    for scale in np.unique(scales[exact]).tolist():
        rows = np.flatnonzero(exact & (scales == scale))
        whole = np.rint(numbers[rows] * powers[rows]).astype(np.int64)
        changed = _held(units(whole, scale, rows), column_type, scale)
        masked = _spelled(changed, scale)
        result = masked if len(rows) == len(values) else result.scatter(rows, masked)
    large = np.flatnonzero(~exact)
    if not len(large):
        return result
    texts = values.gather(large).to_list()
    others = [
        _one(text, int(scales[row]), row, units, column_type)
        for row, text in zip(large.tolist(), texts, strict=True)
    ]
    return result.scatter(large, pl.Series(values=others, dtype=pl.String))


def read_numbers(values: pl.Series) -> Floats:
    """The values as doubles; 0 for what is no number."""
    return values.cast(pl.Float64, strict=False).fill_null(0.0).to_numpy()


def in_units(number: Decimal, scale: int) -> int:
    """A number in units of ``10 ** -scale``, rounded down."""
    return int((number.scaleb(scale)).to_integral_value(rounding="ROUND_FLOOR"))


def written_decimals(number: Decimal) -> int:
    """How many decimals it takes to write a number."""
    exponent = number.normalize().as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def limit_in_units(column_type: ColumnType, scale: int) -> int | None:
    """The largest number that an integer or numeric type holds, in units of ``10 ** -scale``; None without bound."""
    if column_type.kind == "integer":
        return INTEGER_LIMITS.get(column_type.base, INTEGER_LIMITS["int8"])
    if column_type.precision is None:
        return None
    return int((10**column_type.precision - 1) * 10 ** (scale - (column_type.scale or 0)))


def optional_decimal(params: Mapping[str, JSONValue], name: str) -> Decimal | None:
    """A number parameter as it was written; None where it was left out."""
    return None if params[name] is None else Decimal(str(params[name]))


def is_wide(units: Units) -> bool:
    """Whether these are Python's integers, of any size."""
    return units.dtype == np.object_


def _change_floats(values: pl.Series, change: ChangeFloats, single: bool) -> pl.Series:
    numbers = read_numbers(values)
    finite = np.isfinite(numbers)
    largest = float(np.finfo(np.float32 if single else np.float64).max)
    changed = np.clip(change(np.where(finite, numbers, 0.0), np.arange(len(numbers))), -largest, largest)
    masked = pl.Series(changed.astype(np.float32) if single else changed).cast(pl.String)
    return masked if finite.all() else masked.zip_with(pl.Series(finite), values)


def _one(text: str, scale: int, row: int, units: ChangeUnits, column_type: ColumnType) -> str:
    """A number too large for doubles, exactly; NaN and infinity stay."""
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal(0)
    if not number.is_finite():
        return text
    if abs(number.adjusted()) > _MOST_DIGITS:
        number = Decimal(0)
    wide = np.empty(1, dtype=np.object_)
    with localcontext() as context:
        # All digits of the value, and what a change may add before the point.
        context.prec = len(text) + abs(number.adjusted()) + scale + _EXTRA_DIGITS
        wide[0] = int(number.scaleb(scale))
        changed = _held(units(wide, scale, np.array([row])), column_type, scale)
        return f"{Decimal(int(changed[0])).scaleb(-scale):f}"


def _held(units: Units, column_type: ColumnType, scale: int) -> Units:
    limit = limit_in_units(column_type, scale)
    if limit is None or (not is_wide(units) and limit > np.iinfo(np.int64).max):
        return units
    return np.clip(units, -limit - (column_type.kind == "integer"), limit)


def _spelled(units: Units, scale: int) -> pl.Series:
    whole = pl.Series(units.astype(np.int64))
    if not scale:
        return whole.cast(pl.String)
    if bool((np.abs(units) < EXACT).all()):
        return pl.Series(units / _POWERS[scale]).cast(pl.Decimal(38, scale)).cast(pl.String)
    texts = [f"{unit:0{scale + 1}d}" for unit in np.abs(units).tolist()]
    signs = ["-" if unit < 0 else "" for unit in units.tolist()]
    spelled = [f"{sign}{text[:-scale]}.{text[-scale:]}" for sign, text in zip(signs, texts, strict=True)]
    return pl.Series(values=spelled, dtype=pl.String)


def _scales(values: pl.Series, column_type: ColumnType, least: int) -> NDArray[np.int64]:
    """Decimals of every value: the declared ones, or as many as it is written with."""
    if column_type.kind == "integer" or column_type.scale is not None:
        return np.full(values.len(), min(max(column_type.scale or 0, 0), _MAX_SCALE))
    point = values.str.find(".", literal=True)
    written = values.str.len_bytes().cast(pl.Int64) - point.cast(pl.Int64) - 1
    scales: NDArray[np.int64] = np.maximum(written.fill_null(0).to_numpy(), least)
    return scales
