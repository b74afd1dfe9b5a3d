"""From rows to a profile: quantiles, categories, a Gaussian copula, children of parents. Pure.

The copula is fitted by moments of normal scores. A value that comes again gets the mean score of its interval; for
such scores e of a latent normal x, cov(e, y) = rho var(e) (Olsson et al., "The polyserial correlation coefficient",
1982), which undoes what cutting a normal into categories takes from its correlations.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.catalog.model import Column
from datamask.synthetic.dependence import conditioned
from datamask.synthetic.normal import Floats, density, normal_quantile
from datamask.synthetic.profile import LEAST_COUNT, ChildrenProfile, ColumnProfile, TableProfile

_MOST_QUANTILES: Final = 200
_MOST_CATEGORIES: Final = 200
# Values that come again this often, all of them together, are categories.
_CATEGORY_SHARE: Final = 0.95
# What lies beyond is told by a distribution, not by quantiles.
_TAIL: Final = 0.002
_HEAVIEST: Final = 0.3
_FAR: Final = 10
_LARGEST: Final = 0.999
_MEASURED: Final = frozenset({"integer", "numeric", "float", "date", "timestamp"})
_NAMED: Final = frozenset({"text", "enum", "boolean", "integer", "numeric", "float", "date"})
_MOST_CHILDREN: Final = 1000
# More different numbers than that are measured, not counted.
_FEW_NUMBERS: Final = 10


@dataclass(frozen=True, slots=True)
class _Fitted:
    """A column of the copula.

    :param scores: normal scores of the rows, 0 where there is no value.
    :param known: which rows have one.
    :param ranks: of a number, its ranks as shares, around 0.
    """

    profile: ColumnProfile
    scores: Floats
    known: NDArray[np.bool_]
    ranks: Floats | None = None


def fit_table(
    table: str, frame: pl.DataFrame, columns: Sequence[Column], keys: frozenset[str]
) -> TableProfile:
    """The profile of a table's rows.

    :param frame: unescaped PostgreSQL text, or integers.
    :param columns: of the frame.
    :param keys: columns of unique and foreign keys: of these only the share of NULL is kept.
    """
    numbers = {
        column.name: measured(frame.get_column(column.name), column)
        for column in columns
        if column.type.kind in _MEASURED and column.name not in keys
    }
    after = _followed(numbers, columns)
    fitted: list[_Fitted] = []
    profiles: list[ColumnProfile] = []
    for column in columns:
        values = frame.get_column(column.name)
        nulls = _share(values.null_count(), values.len())
        found = None
        if column.name not in keys and values.len() - values.null_count() >= 2 * LEAST_COUNT:
            if column.name not in after and column.type.kind in _NAMED:
                found = _category(column, values, nulls)
            if found is None and column.name in numbers:
                found = _number(column, numbers, after.get(column.name), nulls)
        if found is None:
            profiles.append(ColumnProfile(column.name, "other", nulls))
        else:
            fitted.append(found)
            profiles.append(found.profile)
    fitted = _ordered_categories(fitted, frame)
    by_name = {
        profile.name: profile for profile in conditioned([item.profile for item in fitted], frame, numbers)
    }
    fitted = [item for item in fitted if by_name[item.profile.name].given is None]
    return TableProfile(
        table=table,
        rows=frame.height,
        columns=tuple(by_name.get(profile.name, profile) for profile in profiles),
        correlated=tuple(item.profile.name for item in fitted),
        correlation=_correlation(fitted),
    )


def fit_children(
    columns: tuple[str, ...], parent: str, children: pl.DataFrame, parents: int
) -> ChildrenProfile | None:
    """How many children each parent has; None where too few rows tell.

    :param children: the foreign key's columns in the child's rows.
    :param parents: rows of the parent.
    """
    known = children.drop_nulls()
    if parents < LEAST_COUNT or not known.height:
        return None
    counts = known.group_by(known.columns).len().get_column("len").clip(0, _MOST_CHILDREN).to_numpy()
    histogram = np.bincount(counts, minlength=1).astype(np.float64)
    histogram[0] = max(0, parents - len(counts))
    merged = _without_rare(histogram)
    return ChildrenProfile(
        columns, parent, tuple((merged / merged.sum()).round(6).tolist()), round(known.height / parents, 6)
    )


def measured(values: pl.Series, column: Column) -> pl.Series:
    """A column as Float64: numbers, days or seconds since 1970; null where there is nothing to measure."""
    match column.type.kind:
        case "date":
            days = values.cast(pl.String).str.to_date("%Y-%m-%d", strict=False)
            return days.to_physical().cast(pl.Float64)
        case "timestamp":
            text = values.cast(pl.String).str.slice(0, 19)
            moments = text.str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False, time_unit="ms")
            return moments.to_physical().cast(pl.Float64) / 1000
    found = values.cast(pl.Float64, strict=False)
    return found.set(found.is_infinite() | found.is_nan(), None)


def _share(part: int, whole: int) -> float:
    """A share that no single row shows in: nothing where it is about fewer rows than the least count."""
    if not whole or part < LEAST_COUNT:
        return 0.0
    return 1.0 if whole - part < LEAST_COUNT else round(part / whole, 4)


def _category(column: Column, values: pl.Series, nulls: float) -> _Fitted | None:
    counts = values.drop_nulls().cast(pl.String).value_counts(sort=True, name="count")
    kept = counts.filter(pl.col("count") >= LEAST_COUNT).head(_MOST_CATEGORIES)
    total = values.len() - values.null_count()
    if kept.height == 0 or kept.get_column("count").sum() < _CATEGORY_SHARE * total:
        return None
    if column.type.kind in _MEASURED and kept.height > _FEW_NUMBERS:
        return None
    shares = (kept.get_column("count") / kept.get_column("count").sum()).to_list()
    names = kept.get_column(values.name).to_list()
    profile = ColumnProfile(
        column.name,
        "category",
        nulls,
        categories=tuple(names),
        shares=tuple(round(share, 6) for share in shares),
    )
    return _Fitted(profile, *_category_scores(profile, values))


def _category_scores(profile: ColumnProfile, values: pl.Series) -> tuple[Floats, NDArray[np.bool_]]:
    """The mean normal score of each row's category."""
    edges = np.concatenate(([0.0], np.cumsum(profile.shares)))
    edges /= edges[-1]
    heights = density(normal_quantile(edges))
    heights[0] = heights[-1] = 0.0
    means = (heights[:-1] - heights[1:]) / np.diff(edges)
    scores = values.cast(pl.String).replace_strict(
        list(profile.categories), means.tolist(), default=None, return_dtype=pl.Float64
    )
    return scores.fill_null(0).to_numpy(), scores.is_not_null().to_numpy()


def _number(
    column: Column, numbers: Mapping[str, pl.Series], after: str | None, nulls: float
) -> _Fitted | None:
    values = numbers[column.name]
    if after is not None:
        values = values - numbers[after]
    known = values.drop_nulls()
    if known.len() < 2 * LEAST_COUNT:
        return None
    ordered = known.sort().to_numpy()
    tail = min(max(LEAST_COUNT, int(_TAIL * len(ordered))), len(ordered) // 4)
    quantiles = _quantiles(ordered, tail)
    profile = ColumnProfile(
        column.name,
        "number",
        nulls,
        quantiles=tuple(quantiles.tolist()),
        tail=round(tail / len(ordered), 6),
        tails=(
            *_pareto(np.maximum(quantiles[0] - ordered[:tail], 0)),
            *_pareto(np.maximum(ordered[-tail:] - quantiles[-1], 0)),
        ),
        decimals=_decimals(column, ordered),
        after=after,
    )
    ranks = values.rank("average") / (known.len() + 1)
    scores = np.zeros(values.len())
    there = values.is_not_null().to_numpy()
    shares = ranks.drop_nulls().to_numpy()
    scores[there] = normal_quantile(shares)
    around = np.zeros(values.len())
    around[there] = shares - 0.5
    return _Fitted(profile, scores, there, around)


def _quantiles(ordered: Floats, tail: int) -> Floats:
    """Means of neighbours around equally spaced ranks from one tail to the other."""
    count = len(ordered)
    steps = int(min(_MOST_QUANTILES, max(2, count // LEAST_COUNT)))
    sums = np.concatenate(([0.0], np.cumsum(ordered - ordered[0])))
    centers = np.linspace(tail, count - 1 - tail, steps + 1)
    begins = np.clip((centers - LEAST_COUNT // 2).astype(np.int64), 0, count - LEAST_COUNT)
    ends = begins + LEAST_COUNT
    found: Floats = ordered[0] + (sums[ends] - sums[begins]) / LEAST_COUNT
    # Where all neighbours are alike, rounding must not make the mean another number.
    alike = ordered[begins] == ordered[ends - 1]
    found[alike] = ordered[begins[alike]]
    return np.maximum.accumulate(found)


def _pareto(excesses: Floats) -> tuple[float, float]:
    """Scale and shape of a generalized Pareto distribution, by moments (Hosking and Wallis, 1987)."""
    # One row far out must not show in the moments.
    excesses = np.minimum(excesses, _FAR * np.median(excesses))
    mean, variance = float(excesses.mean()), float(excesses.var())
    if mean <= 0 or variance <= 0:
        return 0.0, 0.0
    ratio = mean * mean / variance
    shape = float(np.clip((1 - ratio) / 2, -1.0, _HEAVIEST))
    return float(f"{mean * (1 - shape):.3g}"), round(shape, 2)


def _decimals(column: Column, ordered: Floats) -> int:
    if column.type.kind not in {"numeric", "float"}:
        return 0
    if column.type.scale is not None:
        return max(0, column.type.scale)
    sample = ordered[:: max(1, len(ordered) // 1000)]
    return next(
        (digits for digits in range(6) if np.allclose(np.round(sample, digits), sample, rtol=0, atol=1e-9)), 6
    )


def _followed(numbers: Mapping[str, pl.Series], columns: Sequence[Column]) -> dict[str, str]:
    """Columns that never lie before another one of their kind, with the nearest such one.

    :returns: each column by the one that follows it; no circle, as an order of values has none.
    """
    kinds = {column.name: column.type.kind for column in columns}
    found: dict[str, str] = {}
    names = list(numbers)
    for name in names:
        best: float | None = None
        for other in names:
            if other == name or kinds[other] != kinds[name] or kinds[name] in {"float"}:
                continue
            difference = (numbers[name] - numbers[other]).drop_nulls()
            if difference.len() < 100 or float(difference.min()) < 0:  # type: ignore[arg-type]
                continue
            if kinds[name] in {"integer", "numeric"} and _independent(numbers[name], numbers[other]):
                continue
            mean = float(difference.mean())  # type: ignore[arg-type]
            if mean > 0 and (best is None or mean < best) and not _leads_to(found, other, name):
                best, found[name] = mean, other
    return found


def _independent(high: pl.Series, low: pl.Series) -> bool:
    """Whether two numbers are in order only because one is always large: their ranges hardly meet."""
    least, most = high.quantile(0.05), low.quantile(0.95)
    return least is None or most is None or least >= most


def _leads_to(found: Mapping[str, str], start: str, end: str) -> bool:
    name: str | None = start
    while name is not None:
        if name == end:
            return True
        name = found.get(name)
    return False


def _ordered_categories(fitted: Sequence[_Fitted], frame: pl.DataFrame) -> list[_Fitted]:
    """Categories in the order of the number that differs most between them: a copula knows only of more and less."""
    numbers = [item for item in fitted if item.profile.kind == "number"]
    result = []
    for item in fitted:
        if item.profile.kind != "category" or len(item.profile.categories) < 3 or not numbers:
            result.append(item)
            continue
        values = frame.get_column(item.profile.name).cast(pl.String)
        scores = pl.DataFrame(
            {"category": values, **{str(n): other.scores for n, other in enumerate(numbers)}}
        )
        means = scores.group_by("category").agg(pl.all().mean(), pl.len().alias("rows"))
        weights = means.get_column("rows").to_numpy()
        spread = [
            float(np.average(means.get_column(str(n)).to_numpy() ** 2, weights=weights))
            for n in range(len(numbers))
        ]
        best = str(int(np.argmax(spread)))
        rank = dict(
            zip(means.get_column("category").to_list(), means.get_column(best).to_list(), strict=True)
        )
        order = sorted(
            range(len(item.profile.categories)), key=lambda n: rank.get(item.profile.categories[n]) or 0.0
        )
        profile = ColumnProfile(
            item.profile.name,
            "category",
            item.profile.nulls,
            categories=tuple(item.profile.categories[n] for n in order),
            shares=tuple(item.profile.shares[n] for n in order),
        )
        result.append(_Fitted(profile, *_category_scores(profile, values)))
    return result


def _correlation(fitted: Sequence[_Fitted]) -> tuple[tuple[float, ...], ...]:
    if not fitted:
        return ()
    scores = np.stack([item.scores for item in fitted], axis=1)
    known = np.stack([item.known for item in fitted], axis=1).astype(np.float64)
    both = np.maximum(known.T @ known, 1.0)
    moments = (scores.T @ scores) / both
    spread = np.maximum(np.diag(moments), 1e-6)
    found = np.clip(moments / np.outer(spread, spread), -_LARGEST, _LARGEST)
    # Between numbers, the correlation that gives their ranks' (Kruskal, "Ordinal measures of association", 1958): it
    # holds for relations that are no normal's, too.
    places = [place for place, item in enumerate(fitted) if item.ranks is not None]
    if places:
        ranks = np.stack([item.ranks for item in fitted if item.ranks is not None], axis=1)
        products = ranks.T @ ranks
        deviations = np.sqrt(np.maximum(np.diag(products), 1e-9))
        spearman = np.clip(products / np.outer(deviations, deviations), -1, 1)
        found[np.ix_(places, places)] = 2 * np.sin(np.pi / 6 * spearman)
    found = np.clip(found, -_LARGEST, _LARGEST)
    found[both < 100] = 0.0
    np.fill_diagonal(found, 1.0)
    return tuple(tuple(row) for row in nearest_correlation(found).round(6).tolist())


def nearest_correlation(matrix: Floats) -> Floats:
    """A correlation matrix near a symmetric one: its negative eigenvalues raised, its diagonal scaled to one."""
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    repaired = (vectors * np.maximum(values, 1e-6)) @ vectors.T
    scale = 1 / np.sqrt(np.diag(repaired))
    found: Floats = repaired * np.outer(scale, scale)
    return found


def _without_rare(histogram: Floats) -> Floats:
    """A histogram whose rare bins, the long tail above all, have joined the bin below them."""
    merged = histogram.copy()
    for place in range(len(merged) - 1, 0, -1):
        if 0 < merged[place] < LEAST_COUNT:
            below = place - 1
            merged[below] += merged[place]
            merged[place] = 0.0
    return np.trim_zeros(merged, "b") if merged.any() else np.ones(1)
