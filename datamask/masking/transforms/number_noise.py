"""Numbers near the true ones: number_noise."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.literals import INTEGER_LIMITS
from datamask.masking.params import Param
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_Floats = NDArray[np.float64]

# Units of the last decimal from which on doubles, and the decimals that Polars has, are no longer exact:
# such numbers are computed one at a time.
_EXACT = 1e15
_MAX_SCALE = 1000
_EXTRA_DIGITS = 40


class NumberNoise(Transform):
    """The number plus noise that depends on the number: up to a share of it, or up to an amount.

    The sign stays (noise beyond zero gives zero), so do the number of decimals, NaN and infinity.
    A result that the type cannot hold becomes the largest that it can.
    """

    name = "number_noise"
    summary = "a number near the true one"
    params = (
        Param("relative", "number", 0.1, "the noise at most, as a share of the number", minimum=0, maximum=1),
        Param(
            "absolute", "number", None, "the noise at most, as an amount; instead of `relative`", minimum=0
        ),
    )
    kinds = frozenset(("integer", "numeric", "float"))
    cost = 200

    def column_laws(self, case: Case) -> Laws:
        """Two numbers may become the same one."""
        if case.params["relative"] == 0 and case.params["absolute"] is None:
            raise PolicyError(
                "number_noise: relative 0 leaves every number as it is", hint="give an amount of noise"
            )
        return Laws()

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        prf = binding.prf(self.name)
        relative, absolute = binding.params["relative"], binding.params["absolute"]
        share = float(relative) if isinstance(relative, int | float) else 0.0
        amount = float(absolute) if isinstance(absolute, int | float) else None
        column_type = binding.mask.type

        def masked(values: pl.Series, _: object) -> pl.Series:
            # -1 up to 1, exactly representable.
            noise = (prf.words(values) >> np.uint64(11)).astype(np.float64) / (1 << 52) - 1.0
            if column_type.kind == "float":
                return _floats(values, noise, share, amount, column_type.base == "float4")
            return _decimals(values, noise, share, amount, column_type)

        return masked


def _floats(values: pl.Series, noise: _Floats, share: float, amount: float | None, single: bool) -> pl.Series:
    numbers = _numbers(values)
    finite = np.isfinite(numbers)
    numbers = np.where(finite, numbers, 0.0)
    largest = float(np.finfo(np.float32 if single else np.float64).max)
    size = np.abs(numbers)
    # Halves, so that nothing overflows before it is cut to what the type holds.
    spread = size / 2 * share if amount is None else np.full_like(size, amount / 2)
    result = np.copysign(np.clip(size / 2 + noise * spread, 0.0, largest / 2) * 2, numbers)
    masked = pl.Series(result.astype(np.float32) if single else result).cast(pl.String)
    return masked if finite.all() else masked.zip_with(pl.Series(finite), values)


def _decimals(
    values: pl.Series, noise: _Floats, share: float, amount: float | None, column_type: ColumnType
) -> pl.Series:
    """Integers and decimals, in units of the last decimal."""
    numbers = _numbers(values)
    finite = np.isfinite(numbers)
    sizes = np.abs(np.where(finite, numbers, 0.0))
    scales = _scales(values, column_type)
    units = 10.0**scales
    limit = _limit(column_type)
    exact = finite & (sizes < _EXACT / units)
    spread = sizes * share if amount is None else np.full_like(sizes, amount)
    size = np.clip(np.rint((sizes + noise * spread) * units) / units, 0.0, float(limit))
    signed = np.where(numbers < 0, -size, size)
    result = values.clone()
    # There is one scale in a column that declares it, and in one of integers.
    for scale in np.unique(scales[exact]).tolist():
        rows = np.flatnonzero(exact & (scales == scale))
        if scale:
            masked = pl.Series(signed[rows]).cast(pl.Decimal(38, scale)).cast(pl.String)
        else:
            masked = pl.Series(signed[rows].astype(np.int64)).cast(pl.String)
        result = masked if len(rows) == len(result) else result.scatter(rows, masked)
    large = np.flatnonzero(~exact)
    if len(large):
        texts = values.gather(large).to_list()
        others = [
            _one(text, int(scales[row]), float(noise[row]), share, amount, limit)
            for row, text in zip(large.tolist(), texts, strict=True)
        ]
        result = result.scatter(large, pl.Series(values=others, dtype=pl.String))
    return result


def _one(text: str, scale: int, noise: float, share: float, amount: float | None, limit: Decimal) -> str:
    """A number too large for doubles, exactly; NaN and infinity stay."""
    number = Decimal(text)
    if not number.is_finite():
        return text
    with localcontext() as context:
        context.prec = len(text) + scale + _EXTRA_DIGITS
        size = abs(number)
        size += Decimal(noise) * (size * Decimal(share) if amount is None else Decimal(amount))
        size = min(max(size, Decimal(0)).quantize(Decimal(1).scaleb(-scale)), limit)
        return f"{size.copy_sign(number):f}"


def _numbers(values: pl.Series) -> _Floats:
    return values.cast(pl.Float64, strict=False).fill_null(0.0).to_numpy()


def _scales(values: pl.Series, column_type: ColumnType) -> NDArray[np.int64]:
    """Decimals of every value: the declared ones, or as many as it is written with."""
    if column_type.kind == "integer" or column_type.scale is not None:
        return np.full(values.len(), min(max(column_type.scale or 0, 0), _MAX_SCALE))
    point = values.str.find(".", literal=True)
    decimals = values.str.len_bytes().cast(pl.Int64) - point.cast(pl.Int64) - 1
    return decimals.fill_null(0).to_numpy()


def _limit(column_type: ColumnType) -> Decimal:
    """The largest number that the type holds."""
    if column_type.kind == "integer":
        return Decimal(INTEGER_LIMITS.get(column_type.base, INTEGER_LIMITS["int8"]))
    if column_type.precision is None:
        return Decimal("Infinity")
    scale = column_type.scale or 0
    return (10 ** Decimal(column_type.precision) - 1).scaleb(-scale)
