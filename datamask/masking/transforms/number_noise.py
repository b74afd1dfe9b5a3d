"""Numbers near the true ones: number_noise."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from fractions import Fraction

import numpy as np
import polars as pl

from datamask.errors import PolicyError
from datamask.masking.decimals import Floats, Units, change_numbers, is_wide
from datamask.masking.draws import laplace, signed_uniform
from datamask.masking.intervals import SECOND, change_intervals
from datamask.masking.model import JSONValue
from datamask.masking.params import Param
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

# Laplace noise of scale 1 from 53 random bits is at most 53 ln 2.
_LAPLACE_MOST = 37


class NumberNoise(Transform):
    """The number plus noise that depends on the number: up to a share of it, up to an amount, or Laplace's.

    With ``epsilon`` the noise is drawn from the Laplace distribution of scale ``sensitivity`` / ``epsilon``, that of the
    Laplace mechanism (Dwork, McSherry, Nissim and Smith 2006). It is keyed by the value: equal numbers get equal noise,
    today and tomorrow, so that averaging repeated snapshots takes no noise away. For the same reason it is no
    differentially private release: who learns one pair of original and result knows it for all equal numbers.

    The sign stays (noise beyond zero gives zero), so do the number of decimals, NaN and infinity.
    A result that the type cannot hold becomes the largest that it can. Of an interval, amounts are in seconds, a month
    counts as 30 days, and the result is days and time.
    """

    name = "number_noise"
    summary = "a number near the true one"
    params = (
        Param("relative", "number", 0.1, "the noise at most, as a share of the number", minimum=0, maximum=1),
        Param(
            "absolute", "number", None, "the noise at most, as an amount; instead of `relative`", minimum=0
        ),
        Param(
            "epsilon",
            "number",
            None,
            "Laplace noise of scale `sensitivity` / `epsilon`, which has no bound; instead of the others",
            minimum=1e-6,
            maximum=1e6,
        ),
        Param(
            "sensitivity",
            "number",
            1,
            "with `epsilon`: how much one person can change the number",
            minimum=1e-6,
            maximum=1e12,
        ),
    )
    kinds = frozenset(("integer", "numeric", "float", "interval"))
    cost = 200

    def column_laws(self, case: Case) -> Laws:
        """Two numbers may become the same one."""
        params = case.params
        if params["epsilon"] is not None and params["absolute"] is not None:
            raise PolicyError(
                "number_noise: absolute and epsilon exclude each other", hint="keep one of them"
            )
        amount = params["relative"] if params["absolute"] is None else params["absolute"]
        if amount == 0 and params["epsilon"] is None:
            raise PolicyError(
                "number_noise: noise of 0 leaves every number as it is", hint="give an amount of noise"
            )
        return Laws()

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        prf = binding.prf(self.name)
        amplitude = _Amplitude(binding.params)
        column_type = binding.mask.type

        def masked(values: pl.Series, _: object) -> pl.Series:
            words = prf.words(values)
            noise = laplace(words) if amplitude.laplace else signed_uniform(words)
            if column_type.kind == "interval":
                return change_intervals(
                    values, lambda lengths: amplitude.floats(lengths / SECOND, noise) * SECOND
                )
            return change_numbers(
                values,
                column_type,
                lambda units, scale, rows: amplitude.units(units, scale, noise[rows]),
                lambda numbers, rows: amplitude.floats(numbers, noise[rows]),
                largest=amplitude.largest,
            )

        return masked


class _Amplitude:
    """How large noise of size 1 is: a share of the number, or an amount."""

    def __init__(self, params: Mapping[str, JSONValue]) -> None:
        self.laplace = params["epsilon"] is not None
        self._share = _number(params["relative"])
        self._amount = None if params["absolute"] is None else _number(params["absolute"])
        if self.laplace:
            self._amount = _number(params["sensitivity"]) / _number(params["epsilon"])
        self.largest = Decimal((self._amount or 0.0) * (_LAPLACE_MOST if self.laplace else 1))

    def units(self, units: Units, scale: int, noise: Floats) -> Units:
        """Numbers in units of their last decimal with noise."""
        if is_wide(units):
            exact = [self._exact(unit, scale, factor) for unit, factor in zip(units, noise, strict=True)]
            return np.array(exact, dtype=np.object_)
        sizes = np.abs(units).astype(np.float64)
        spread = sizes * self._share if self._amount is None else self._amount * float(f"1e{scale}")
        changed = np.maximum(np.rint(sizes + noise * spread), 0.0).astype(np.int64)
        return np.where(units < 0, -changed, changed)

    def floats(self, numbers: Floats, noise: Floats) -> Floats:
        """Doubles with noise."""
        sizes = np.abs(numbers)
        # Halves, so that nothing overflows before it is cut to what the type holds.
        spread = sizes / 2 * self._share if self._amount is None else self._amount / 2
        halves = np.clip(sizes / 2 + noise * spread, 0.0, np.finfo(np.float64).max / 2)
        return np.copysign(halves * 2, numbers)

    def _exact(self, unit: int, scale: int, factor: float) -> int:
        """A number too large for doubles."""
        size = abs(unit)
        spread = size * Fraction(self._share) if self._amount is None else Fraction(self._amount) * 10**scale
        changed = max(0, round(size + Fraction(float(factor)) * spread))
        return -changed if unit < 0 else changed


def _number(value: JSONValue) -> float:
    assert isinstance(value, int | float)
    return float(value)
