"""Categories that another column tells much about: their shares by what that column holds. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.synthetic.normal import Floats
from datamask.synthetic.profile import LEAST_COUNT, ColumnProfile

_BINS: Final = 20
_MOST_CATEGORIES: Final = 50
# Below this much mutual information (in nats), the copula says enough.
_LEAST_INFORMATION: Final = 0.005

Codes = NDArray[np.int64]


def conditioned(
    profiles: Sequence[ColumnProfile], frame: pl.DataFrame, numbers: Mapping[str, pl.Series]
) -> list[ColumnProfile]:
    """The profiles, each category with its shares by the column that tells most about it.

    Numbers come first, and a category is told by one that stands before it: so there is no circle.

    :param frame: the rows as text.
    :param numbers: measured columns, by name.
    """
    rows = frame.height
    binned: dict[str, tuple[Codes, int, tuple[float, ...]]] = {}
    for profile in profiles:
        if profile.kind == "number":
            binned[profile.name] = _bins(numbers[profile.name])
    result: list[ColumnProfile] = []
    for profile in profiles:
        if profile.kind != "category":
            result.append(profile)
            continue
        codes = _codes(profile, frame)
        best, most = profile, _LEAST_INFORMATION
        if 1 < len(profile.categories) <= _MOST_CATEGORIES:
            for name, (bins, count, edges) in binned.items():
                counts = _table(bins, count, codes, len(profile.categories))
                information = _information(counts)
                # What chance alone gives to tables of that size.
                if information - counts.size / (2 * rows) > most:
                    most = information
                    best = replace(profile, given=name, edges=edges, table=_shares(counts, profile.shares))
        result.append(best)
        binned[profile.name] = codes, len(profile.categories) + 1, ()
    return result


def _bins(values: pl.Series) -> tuple[Codes, int, tuple[float, ...]]:
    """The bin of each value, the number of bins with that for NULL, and the edges between them."""
    known = values.drop_nulls()
    wanted = max(1, min(_BINS, known.len() // (2 * LEAST_COUNT)))
    ordered = known.sort().to_numpy()
    places = [len(ordered) * step // wanted for step in range(1, wanted)]
    # Between two values, not at one of them.
    edges = np.unique([(ordered[place - 1] + ordered[place]) / 2 for place in places])
    codes = np.searchsorted(edges, values.fill_null(0).to_numpy(), side="right").astype(np.int64)
    codes[values.is_null().to_numpy()] = len(edges) + 1
    return codes, len(edges) + 2, tuple(edges.tolist())


def _codes(profile: ColumnProfile, frame: pl.DataFrame) -> Codes:
    """The place of each row's category; one more for anything else."""
    count = len(profile.categories)
    codes = (
        frame.get_column(profile.name)
        .cast(pl.String)
        .replace_strict(list(profile.categories), list(range(count)), default=count, return_dtype=pl.Int64)
    )
    return codes.fill_null(count).to_numpy()


def _table(bins: Codes, count: int, codes: Codes, categories: int) -> Floats:
    found = np.bincount(bins * (categories + 1) + codes, minlength=count * (categories + 1))
    counts: Floats = found.reshape(count, categories + 1)[:, :categories].astype(np.float64)
    return counts


def _information(counts: Floats) -> float:
    """The mutual information of a table's rows and columns, in nats."""
    shares = counts / max(1.0, counts.sum())
    apart = shares.sum(axis=1, keepdims=True) * shares.sum(axis=0, keepdims=True)
    there = shares > 0
    return float((shares[there] * np.log(shares[there] / apart[there])).sum())


def _shares(counts: Floats, usual: Sequence[float]) -> tuple[tuple[float, ...], ...]:
    """Shares by bin; cells of a few rows are none, and a bin of a few rows has the usual ones."""
    kept = np.where(counts >= LEAST_COUNT, counts, 0.0)
    found = []
    for row in kept:
        total = row.sum()
        shares = row / total if total else np.asarray(usual)
        found.append(tuple(np.round(shares, 6).tolist()))
    return tuple(found)
