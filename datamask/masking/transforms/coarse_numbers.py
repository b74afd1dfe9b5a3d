"""Coarser numbers: round, clip."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from datamask.catalog.model import TypeKind
from datamask.errors import PolicyError
from datamask.masking.decimals import (
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
from datamask.masking.params import Param, optional_whole
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_KINDS: frozenset[TypeKind] = frozenset(("integer", "numeric", "float"))


class Round(Transform):
    """The nearest multiple of a step, or the number with fewer significant digits; halves away from zero.

    Where the type cannot hold that, it is the next one towards zero. NaN and infinity stay.
    """

    name = "round"
    summary = "the nearest multiple of a step, or fewer significant digits"
    params = (
        Param("to", "number", None, "the step, such as 10 or 0.05", minimum=1e-9, maximum=1e12),
        Param("digits", "integer", None, "significant digits, instead of `to`", minimum=1, maximum=15),
    )
    kinds = _KINDS
    cost = 100

    def column_laws(self, case: Case) -> Laws:
        """Refuses a step that changes nothing, or that the type cannot hold."""
        if (case.params["to"] is None) == (case.params["digits"] is None):
            raise PolicyError("round: give to or digits, one of them", hint="such as {round: {to: 10}}")
        step = optional_decimal(case.params, "to")
        if step is not None and case.type.kind != "float":
            scale = _declared_scale(case)
            if scale is not None and written_decimals(step) > scale:
                raise PolicyError(
                    f"round: {case.type.name} cannot hold multiples of {step}", hint="take a larger step"
                )
            if scale is not None and in_units(step, scale) == 1:
                raise PolicyError(
                    f"round: steps of {step} leave every number as it is", hint="take a larger step"
                )
        return Laws()

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        column_type = binding.mask.type
        step, digits = optional_decimal(binding.params, "to"), optional_whole(binding.params, "digits")

        def units(numbers: Units, scale: int, _: Rows) -> Units:
            steps = in_units(step, scale) if step is not None else _steps(numbers, digits or 1)
            sizes = np.abs(numbers)
            rounded = (sizes + steps // 2) // steps * steps
            limit = limit_in_units(column_type, scale)
            if limit is not None:
                rounded = np.where(rounded > limit, sizes // steps * steps, rounded)
            return np.where(numbers < 0, -rounded, rounded)

        def floats(numbers: Floats, _: Rows) -> Floats:
            return _rounded_floats(numbers, step) if step is not None else _significant(numbers, digits or 1)

        return lambda values, _: change_numbers(
            values,
            column_type,
            units,
            floats,
            decimals=0 if step is None else written_decimals(step),
            largest=step or Decimal(0),
        )


class Clip(Transform):
    """The number, or the bound that it lies beyond. NaN and infinity stay."""

    name = "clip"
    summary = "the number, or the bound that it lies beyond"
    params = (
        Param("min", "number", None, "the smallest result"),
        Param("max", "number", None, "the largest result"),
    )
    kinds = _KINDS
    cost = 60

    def column_laws(self, case: Case) -> Laws:
        """Refuses bounds that are none, or that the type cannot hold."""
        low, high = optional_decimal(case.params, "min"), optional_decimal(case.params, "max")
        if low is None and high is None:
            raise PolicyError("clip: give min or max, or both", hint="such as {clip: {max: 250000}}")
        if low is not None and high is not None and low > high:
            raise PolicyError("clip: min is above max")
        for bound in (low, high):
            scale = _declared_scale(case)
            limit = None if scale is None else limit_in_units(case.type, scale)
            if bound is None or scale is None or limit is None:
                continue
            if written_decimals(bound) > scale or abs(in_units(bound, scale)) > limit:
                raise PolicyError(f"clip: {case.type.name} cannot hold {bound}", hint="take another bound")
        return Laws()

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        low, high = optional_decimal(binding.params, "min"), optional_decimal(binding.params, "max")
        bounds = [bound for bound in (low, high) if bound is not None]

        def units(numbers: Units, scale: int, _: Rows) -> Units:
            return np.clip(
                numbers,
                None if low is None else in_units(low, scale),
                None if high is None else in_units(high, scale),
            )

        def floats(numbers: Floats, _: Rows) -> Floats:
            return np.clip(
                numbers, -np.inf if low is None else float(low), np.inf if high is None else float(high)
            )

        return lambda values, _: change_numbers(
            values,
            binding.mask.type,
            units,
            floats,
            decimals=max(map(written_decimals, bounds)),
            largest=max(map(abs, bounds)),
        )


def _declared_scale(case: Case) -> int | None:
    """The decimals that every value of the type has; None where they have as many as they are written with."""
    if case.type.kind == "integer":
        return 0
    return None if case.type.kind == "float" else case.type.scale


def _steps(numbers: Units, digits: int) -> Units:
    """For every number the power of ten that leaves it so many significant digits."""
    if is_wide(numbers):
        lengths = [Decimal(int(number)).adjusted() + 1 for number in numbers]
        return np.array([10 ** max(0, length - digits) for length in lengths], dtype=np.object_)
    steps = np.ones(len(numbers), dtype=np.int64)
    sizes = np.abs(numbers)
    for exponent in range(digits, 16):
        steps = np.where(sizes >= 10**exponent, 10 ** (exponent - digits + 1), steps)
    return steps


def _rounded_floats(numbers: Floats, step: Decimal) -> Floats:
    """Multiples of a decimal step, each the double nearest to it."""
    scale = written_decimals(step)
    units, power = float(in_units(step, scale)), float(f"1e{scale}")
    # Beyond whole numbers that doubles hold exactly, the step is finer than the number itself.
    near = np.abs(numbers) < 2.0**52 / power
    sizes = np.abs(np.where(near, numbers, 0.0)) * power
    rounded = np.floor(sizes / units + 0.5) * units / power
    return np.where(near, np.copysign(rounded, numbers), numbers)


def _significant(numbers: Floats, digits: int) -> Floats:
    """Doubles read again from as many digits: exact, by Python's own conversion."""
    return np.array([float(f"{number:.{digits - 1}e}") for number in numbers.tolist()])
