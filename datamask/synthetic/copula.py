"""Columns drawn together as a profile says: a Gaussian copula with empirical quantiles and categories.

Each row gets one normal number a column, correlated by the Cholesky factor of the profile's matrix; a value is read
off where that number lies among the quantiles, or among the categories' shares.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from math import erfc, sqrt

import numpy as np
import polars as pl

from datamask.catalog.model import Column
from datamask.synthetic.normal import Floats, normal_quantile
from datamask.synthetic.profile import ColumnProfile, TableProfile
from datamask.synthetic.randomness import Numbers, uniform
from datamask.synthetic.types import literal
from datamask.synthetic.units import Chance, Made, Unit, with_nulls

# Normal numbers come from a table of as many quantiles; what lies between two of them no one can tell.
_TABLE_BITS = 16


@dataclass(frozen=True, eq=False)
class Joint(Unit):
    """Some columns of a table, drawn together.

    :param columns: those that are drawn: of the copula, and those that one of them tells about.
    :param profile: of the table.
    :param kinds: the table's columns by name.
    """

    columns: tuple[str, ...]
    profile: TableProfile
    kinds: Mapping[str, Column]

    @property
    def reads(self) -> tuple[str, ...]:
        """Columns that others follow and that are not drawn here."""
        return tuple(
            profile.after for profile in self._profiles if profile.after and profile.after not in self.columns
        )

    @cached_property
    def _copula(self) -> tuple[str, ...]:
        return tuple(name for name in self.profile.correlated if name in self.columns)

    @cached_property
    def _profiles(self) -> tuple[ColumnProfile, ...]:
        """In an order in which what is followed comes first."""
        waiting = [profile for name in self.columns if (profile := self.profile.column(name))]
        ordered: list[ColumnProfile] = []
        while waiting:
            names = {profile.name for profile in waiting}
            ready = [
                profile for profile in waiting if profile.after not in names and profile.given not in names
            ]
            ordered += ready
            waiting = [profile for profile in waiting if profile not in ready]
        return tuple(ordered)

    @cached_property
    def _factor(self) -> Floats:
        places = [self.profile.correlated.index(name) for name in self._copula]
        matrix = np.array(self.profile.correlation)[np.ix_(places, places)]
        found: Floats = np.linalg.cholesky(matrix).astype(np.float64)
        return found

    @cached_property
    def _scales(self) -> dict[str, Floats]:
        """Where each column's values begin on the normal scale."""
        found = {}
        for profile in self._profiles:
            if profile.name not in self._copula:
                continue
            if profile.kind == "category":
                ends: Floats = np.cumsum(profile.shares, dtype=np.float64)
                found[profile.name] = normal_quantile(ends[:-1] / ends[-1])
            else:
                inside = np.linspace(profile.tail, 1 - profile.tail, len(profile.quantiles))
                found[profile.name] = normal_quantile(inside)
        return found

    @cached_property
    def _categories(self) -> dict[str, pl.Series]:
        return {
            profile.name: pl.Series(
                [literal(self.kinds[profile.name].type, text) for text in profile.categories]
            )
            for profile in self._profiles
            if profile.kind == "category"
        }

    def make(self, chance: Chance, made: Made) -> dict[str, pl.Series]:
        """The columns."""
        table = _normals()
        drawn = np.empty((len(self._copula), len(chance.rows)))
        for place, name in enumerate(self._copula):
            drawn[place] = table[chance.words(f"{name} copula") >> np.uint64(64 - _TABLE_BITS)]
        normals = dict(zip(self._copula, self._factor @ drawn, strict=True)) if self._copula else {}
        found: dict[str, pl.Series] = {}
        for profile in self._profiles:
            name = profile.name
            if name not in normals:
                values = self._categories[name].gather(self._told(profile, chance, found))
            elif profile.kind == "category":
                codes = np.searchsorted(self._scales[name], normals[name], side="right")
                values = self._categories[name].gather(codes)
            else:
                numbers = np.interp(normals[name], self._scales[name], profile.quantiles)
                _add_tails(numbers, normals[name], profile)
                values = self._value(profile, numbers, found, made)
            nulls = 0.0 if self.kinds[name].not_null else profile.nulls
            found[name] = with_nulls(values, nulls, chance, name)
        return found

    @cached_property
    def _tables(self) -> dict[str, Floats]:
        """Cumulated shares of each bin, one bin behind the other on one line: bin number plus share."""
        found = {}
        for profile in self._profiles:
            if profile.given is not None:
                rows = profile.table if profile.given in self.columns else (profile.shares,)
                sums = np.cumsum(np.array(rows, dtype=np.float64), axis=1)
                sums /= sums[:, -1:]
                found[profile.name] = (sums + np.arange(len(rows))[:, None]).ravel()
        return found

    def _told(self, profile: ColumnProfile, chance: Chance, found: Mapping[str, pl.Series]) -> Numbers:
        """The category of each row, by what the column holds that tells most about it."""
        count = len(profile.categories)
        bins = np.zeros(len(chance.rows), dtype=np.int64)
        given = profile.given
        if given is not None and given in found:
            base, about = found[given], self.profile.column(given)
            if about is not None and about.kind == "category":
                places = {value: place for place, value in enumerate(self._categories[given].to_list())}
                coded = base.replace_strict(places, default=len(places), return_dtype=pl.Int64)
                bins = coded.fill_null(len(places)).to_numpy()
            else:
                edges = np.array(profile.edges)
                bins = np.searchsorted(edges, _numbers(base, self.kinds[given]), side="right")
                bins = np.where(base.is_null().to_numpy(), len(edges) + 1, bins)
        shares = uniform(chance.words(f"{profile.name} told"))
        codes = np.searchsorted(self._tables[profile.name], bins + shares, side="right") - bins * count
        told: Numbers = np.clip(codes, 0, count - 1)
        return told

    def _value(
        self, profile: ColumnProfile, numbers: Floats, found: Mapping[str, pl.Series], made: Made
    ) -> pl.Series:
        column = self.kinds[profile.name]
        if profile.after is None:
            return _typed(np.round(numbers, profile.decimals), column)
        base = found[profile.after] if profile.after in found else made[profile.after]
        known = base.is_not_null()
        lows = _numbers(base, column)
        # Where the other one is not known, any usual value does.
        lows = np.where(known.to_numpy(), lows, lows[known.to_numpy()].mean() if known.any() else 0.0)
        return _typed(np.maximum(lows, np.round(lows + numbers, profile.decimals)), column)


def _add_tails(numbers: Floats, normals: Floats, profile: ColumnProfile) -> None:
    """Move what lies beyond the outermost quantiles away from them, as the distributions of the tails say."""
    if not profile.tails:
        return
    threshold = float(normal_quantile(np.array([profile.tail]))[0])
    for side, (scale, shape) in ((1.0, profile.tails[:2]), (-1.0, profile.tails[2:])):
        rows = np.flatnonzero(side * normals < threshold)
        if not scale or not len(rows):
            continue
        beyond = (
            np.array([erfc(-side * normal / sqrt(2)) / 2 for normal in normals[rows].tolist()]) / profile.tail
        )
        beyond = np.clip(beyond, 1e-9, 1.0)
        excess = -np.log(beyond) if abs(shape) < 0.005 else (beyond**-shape - 1) / shape
        numbers[rows] -= side * scale * excess


@cache
def _normals() -> Floats:
    count = 1 << _TABLE_BITS
    return normal_quantile((np.arange(count) + 0.5) / count)


def _numbers(values: pl.Series, column: Column) -> Floats:
    """Values as days, seconds or numbers; 0 for null."""
    if column.type.kind == "date":
        values = values.cast(pl.Date).to_physical()
    elif column.type.kind == "timestamp":
        return values.cast(pl.Datetime("us")).to_physical().fill_null(0).to_numpy() / 1e6
    return values.cast(pl.Float64).fill_null(0).to_numpy()


def _typed(numbers: Floats, column: Column) -> pl.Series:
    match column.type.kind:
        case "integer":
            return pl.Series(_whole(numbers))
        case "date":
            return pl.Series(_whole(numbers).astype(np.int32)).cast(pl.Date)
        case "timestamp":
            return pl.Series(_whole(np.ceil(numbers)) * 1_000_000).cast(pl.Datetime("us"))
    return pl.Series(numbers)


def _whole(numbers: Floats) -> Numbers:
    return np.rint(numbers).astype(np.int64)
