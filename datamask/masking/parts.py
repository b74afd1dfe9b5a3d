"""Applying a function to a part of every value, so that the other parts stay what they are."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence

import polars as pl

from datamask.masking.transform import MaskFunction

Split = Callable[[pl.Series], pl.DataFrame]
"""Values → their parts ``before``, ``middle`` and ``after``, whose concatenation they are; none is null."""


Scrub = Callable[[pl.Series, pl.Series], pl.Series]
"""Originals and their results → the results, without those of originals that may leave nothing behind."""


def inside(split: Split, permutation: MaskFunction, scrub: Scrub | None = None) -> MaskFunction:
    """Apply a permutation to the middle of every value.

    The result is a permutation too: the given one is applied again until the value falls into the same
    parts as before.

    :param scrub: has the last word on middles.
    """

    def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        parts = split(values)
        middle = permutation(parts["middle"], row)
        again = _differing(split(parts["before"] + middle + parts["after"]), parts)
        while again.len():
            kept = parts[again]
            part = permutation(middle.gather(again), {})
            middle = middle.scatter(again, part)
            again = again.gather(_differing(split(kept["before"] + part + kept["after"]), kept))
        if scrub is not None:
            middle = scrub(parts["middle"], middle)
        return parts["before"] + middle + parts["after"]

    return masked


def behind_prefixes(permutation: MaskFunction, prefixes: Sequence[str], scrub: Scrub) -> MaskFunction:
    """Apply a permutation to what stands behind one of the prefixes, and to the whole of values that have none.

    :param prefixes: the longest that a value begins with counts.
    :param scrub: has the last word on what stands there.
    """
    longest_first = sorted(prefixes, key=len, reverse=True)
    pattern = f"^({'|'.join(map(re.escape, longest_first))})"

    def split(values: pl.Series) -> pl.DataFrame:
        before = values.str.extract(pattern).fill_null("")
        middle = values.str.slice(before.str.len_chars())
        return pl.DataFrame(
            {"before": before, "middle": middle, "after": pl.repeat("", len(values), eager=True)}
        )

    return inside(split, permutation, scrub)


def _differing(parts: pl.DataFrame, wanted: pl.DataFrame) -> pl.Series:
    same = (parts["before"] == wanted["before"]) & (parts["after"] == wanted["after"])
    return (~same).arg_true()
