"""How many children each parent has: counts drawn by a distribution, with an exact total.

Parents are taken in blocks, each with its share of the total, so that any block is computed without the others and
memory does not grow with the number of rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from datamask.synthetic.randomness import BLOCK_ROWS, Numbers, philox_words, seed_of, uniform

Distribution = Literal["poisson", "fixed", "geometric", "zipf"]
DISTRIBUTIONS: tuple[Distribution, ...] = get_args(Distribution)

# The exponent of "zipf": a fifth of the parents has about two thirds of the children.
_ZIPF_EXPONENT = 0.9
_KEPT_BLOCKS = 32


@dataclass(frozen=True, slots=True)
class Places:
    """Where child rows belong.

    :param parents: each one's parent row.
    :param ranks: how many siblings come before it.
    """

    parents: Numbers
    ranks: Numbers


class Children:
    """The children of a table's rows, in the order of their parents.

    :param key: of the random words.
    :param parents: rows of the parent.
    :param total: rows of the child.
    :param most: children that one parent can have at most, None for any number.
    :param shares: relative frequencies of 0, 1, 2… children, instead of a distribution.
    :param begin: the number of the first parent's row.
    """

    def __init__(
        self,
        key: int,
        parents: int,
        total: int,
        distribution: Distribution,
        most: int | None = None,
        shares: tuple[float, ...] = (),
        begin: int = 0,
    ) -> None:
        self.parents = parents
        self.begin = begin
        self._key = key
        self._total = total
        self._distribution = distribution
        self._most = most
        self._shares = shares
        self._blocks = -(-parents // BLOCK_ROWS)
        self._ends = lru_cache(_KEPT_BLOCKS)(self._block_ends)

    def limited(self, most: int) -> Children:
        """The same with no more children of one parent than that."""
        return Children(
            self._key, self.parents, self._total, self._distribution, most, self._shares, self.begin
        )

    def largest(self) -> int:
        """The most children that any parent has."""
        found = 0
        for block in range(self._blocks):
            ends = self._ends(block)
            found = max(found, int(np.diff(ends, prepend=0).max(initial=0)))
        return found

    def places(self, rows: Numbers) -> Places:
        """Parent and rank of child rows, whichever are asked for."""
        parents, ranks = np.empty_like(rows), np.empty_like(rows)
        starts = np.array([self._first(block) for block in range(self._blocks + 1)], dtype=np.int64)
        blocks = np.searchsorted(starts, rows, side="right") - 1
        for block in np.unique(blocks).tolist():
            inside = np.flatnonzero(blocks == block)
            ends = self._ends(block)
            own = rows[inside] - starts[block]
            found = np.searchsorted(ends, own, side="right")
            parents[inside] = self.begin + block * BLOCK_ROWS + found
            ranks[inside] = own - np.where(found > 0, ends[found - 1], 0)
        return Places(parents, ranks)

    def _first(self, block: int) -> int:
        """The first child row of a block of parents: its fair share of the total."""
        return self._total * min(block * BLOCK_ROWS, self.parents) // self.parents

    def _block_ends(self, block: int) -> Numbers:
        size = min(BLOCK_ROWS, self.parents - block * BLOCK_ROWS)
        total = self._first(block + 1) - self._first(block)
        chance = uniform(philox_words(seed_of(self._key, block), 2 * size))
        wanted = self._drawn(chance[:size], total / size)
        counts = exact_total(wanted, total, chance[size:], self._most)
        return np.cumsum(counts)

    def _drawn(self, chance: NDArray[np.float64], mean: float) -> NDArray[np.float64]:
        """Counts, or weights of counts, of the distribution with that mean."""
        if self._shares:
            bounds = np.cumsum(self._shares)
            return _floats(np.searchsorted(bounds / bounds[-1], chance, side="right"))
        if self._distribution == "fixed":
            return np.full(len(chance), mean)
        if self._distribution == "geometric":
            # Counts from 0 on, by inversion.
            if not mean:
                return np.zeros(len(chance))
            counts: NDArray[np.float64] = np.floor(np.log1p(-chance) / np.log1p(-1 / (1 + mean)))
            return counts
        if self._distribution == "zipf":
            # Weights by rank, the ranks dealt out by chance.
            ranks = np.argsort(np.argsort(chance, kind="stable"), kind="stable").astype(np.float64) + 1
            weights: NDArray[np.float64] = ranks**-_ZIPF_EXPONENT
            return weights
        return _poisson(chance, mean)


def exact_total(
    wanted: NDArray[np.float64], total: int, chance: NDArray[np.float64], most: int | None
) -> Numbers:
    """Whole numbers near in proportion to those wanted, none above ``most``, with that sum.

    Fractions are rounded up by chance; what is then missing or too much is settled one by one, by chance.

    :param chance: a number from 0 to 1 for each.
    """
    most_wanted = wanted.max(initial=0.0)
    # Only proportions matter; of the smallest floats there are, a division would overflow.
    wanted = wanted / most_wanted if most_wanted else wanted
    weight = wanted.sum()
    scaled = wanted * (total / weight) if weight else np.full(len(wanted), total / len(wanted))
    limit = total if most is None else most
    counts = np.minimum(np.floor(scaled + chance), limit).astype(np.int64)
    order = np.argsort(chance, kind="stable")
    while (missing := total - int(counts.sum())) != 0:
        if missing > 0:
            able = order[counts[order] < limit]
            # Those with children get more first, so that the shape stays.
            able = able[np.argsort(-wanted[able], kind="stable")] if len(able) > missing else able
            counts[able[:missing]] += 1
        else:
            able = order[counts[order] > 0]
            counts[able[:-missing]] -= 1
    return counts


def _poisson(chance: NDArray[np.float64], mean: float) -> NDArray[np.float64]:
    """Poisson counts by inversion of the distribution's sums; normal with that mean and variance beyond 50."""
    if mean > 50:
        spread = np.sqrt(mean) * np.sqrt(3) / np.pi
        inner = np.clip(chance, 1e-12, 1 - 1e-12)
        found: NDArray[np.float64] = np.round(mean + spread * np.log(inner / (1 - inner)))
        return np.maximum(found, 0)
    terms = [np.exp(-mean)]
    for count in range(1, int(mean + 12 * np.sqrt(mean) + 12)):
        terms.append(terms[-1] * mean / count)
    return _floats(np.searchsorted(np.cumsum(terms), chance, side="right"))


def _floats(numbers: NDArray[np.intp]) -> NDArray[np.float64]:
    return numbers.astype(np.float64)
