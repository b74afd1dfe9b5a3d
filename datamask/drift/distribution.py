"""How far two samples of one column are apart: population stability index and Kolmogorov-Smirnov distance. Pure.

Both are judged against what chance alone gives samples of that size, so that small tables are not always
drifting. Values go in, shares and distances come out.

Sources: B. Yurdakul, *Statistical Properties of Population Stability Index* (Western Michigan University, 2018), for
the distribution of the index under no change; the two-sample test of Kolmogorov and Smirnov for the distance.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]

BUCKETS = 10

# Half an observation in each bucket, so that an empty one has a logarithm.
_PRIOR = 0.5

# Standard deviations above the mean of chance.
_DEVIATIONS = 4.0

# c(alpha) of the two-sample test for alpha = 0.001.
_KS_CRITICAL = 1.95


@dataclass(frozen=True, slots=True)
class Shift:
    """How two samples differ.

    :param psi: population stability index over the buckets.
    :param psi_chance: what samples of that size reach without any change.
    :param ks: Kolmogorov-Smirnov distance, None for categories.
    :param ks_chance: likewise.
    :param buckets: the share of each bucket before and after; which values a bucket holds is not told.
    """

    psi: float
    psi_chance: float
    ks: float | None
    ks_chance: float | None
    buckets: tuple[tuple[float, float], ...]


def numbers_shift(before: Floats, after: Floats, buckets: int = BUCKETS) -> Shift | None:
    """Of numbers, in buckets that hold equal shares of the first sample; None where either is empty.

    :param before: float64, one-dimensional, without NaN.
    """
    if not len(before) or not len(after):
        return None
    edges = np.unique(np.quantile(before, np.linspace(0, 1, buckets + 1)[1:-1]))
    # Values on an edge belong to the bucket below it: a column of one value has one bucket, and another above it.
    first = np.bincount(np.searchsorted(edges, before, side="left"), minlength=len(edges) + 1)
    second = np.bincount(np.searchsorted(edges, after, side="left"), minlength=len(edges) + 1)
    pooled = np.sort(np.concatenate([before, after]))
    distance = np.abs(_below(before, pooled) - _below(after, pooled)).max()
    chance = _KS_CRITICAL * math.sqrt((len(before) + len(after)) / (len(before) * len(after)))
    return _shift(first, second, float(distance), chance)


def categories_shift(before: Counts, after: Counts) -> Shift | None:
    """Of categories, by how often each occurs; None where either sample is empty.

    :param before: int64, one count a category, in the same order as ``after``.
    """
    return _shift(before, after, None, None) if before.sum() and after.sum() else None


def _below(values: Floats, points: Floats) -> Floats:
    return np.asarray(np.searchsorted(np.sort(values), points, side="right") / len(values), dtype=np.float64)


def _shift(first: Counts, second: Counts, ks: float | None, ks_chance: float | None) -> Shift:
    count = len(first)
    one, other = first.sum(), second.sum()
    shares = [(found + _PRIOR) / (found.sum() + _PRIOR * count) for found in (first, second)]
    psi = float(((shares[1] - shares[0]) * np.log(shares[1] / shares[0])).sum())
    # Under no change the index is the sum of inverse sizes times a chi-squared variable of count - 1 degrees.
    scale = 1 / one + 1 / other
    chance = float(scale * ((count - 1) + _DEVIATIONS * math.sqrt(2 * max(count - 1, 1))))
    told = tuple(
        (round(float(a / one), 4), round(float(b / other), 4)) for a, b in zip(first, second, strict=True)
    )
    return Shift(max(0.0, psi), chance, ks, ks_chance, told)
