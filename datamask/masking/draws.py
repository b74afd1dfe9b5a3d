"""Numbers drawn from the tags of the pseudo-random function: uniform, Laplace, by weights.

The same on every processor: only sums, products and quotients of doubles, which IEEE 754 rounds in one way.
Logarithms and sines of a mathematical library may differ in their last bit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from datamask.masking.text import Words

Floats = NDArray[np.float64]

_LN2 = 0.6931471805599453
_SQRT_HALF = 0.7071067811865476
_LN_TERMS = 12


def uniform(words: Words) -> Floats:
    """0 up to, but not, 1, from each word's upper 53 bits: exactly representable."""
    return (words >> np.uint64(11)).astype(np.float64) / (1 << 53)


def signed_uniform(words: Words) -> Floats:
    """-1 up to, but not, 1."""
    return (words >> np.uint64(11)).astype(np.float64) / (1 << 52) - 1.0


def laplace(words: Words) -> Floats:
    """From the Laplace distribution of mean 0 and scale 1; at most 37 from zero."""
    sizes = -natural_logarithm(uniform(words) + 2.0**-53)
    return np.where(words & np.uint64(1), sizes, -sizes)


def natural_logarithm(numbers: Floats) -> Floats:
    """ln of positive numbers, good to the last bits of a double.

    The series 2 artanh((m - 1) / (m + 1)) of the mantissa m (Abramowitz and Stegun 4.1.27).
    """
    mantissa, exponent = np.frexp(numbers)
    small = mantissa < _SQRT_HALF
    mantissa = np.where(small, mantissa * 2, mantissa)
    exponent = exponent - small
    ratio = (mantissa - 1) / (mantissa + 1)
    square = ratio * ratio
    total = np.zeros_like(ratio)
    for term in range(_LN_TERMS, -1, -1):
        total = total * square + 1 / (2 * term + 1)
    logarithm: Floats = 2 * ratio * total + exponent * _LN2
    return logarithm


def within(words: Words, sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """A whole number from 0 up to, but not, each size (at least 1, below 2**53)."""
    return np.minimum((uniform(words) * sizes).astype(np.int64), sizes - 1)


class Weighted:
    """Places drawn by weights.

    :param weights: positive, in any unit.
    """

    def __init__(self, weights: Sequence[float]) -> None:
        total, reached, bounds = sum(weights), 0.0, []
        for weight in weights[:-1]:
            reached += weight
            bounds.append(reached / total)
        self._bounds = np.array(bounds, dtype=np.float64)

    def __call__(self, words: Words) -> NDArray[np.intp]:
        """The place of one of the weights for every word."""
        return np.searchsorted(self._bounds, uniform(words), side="right")
