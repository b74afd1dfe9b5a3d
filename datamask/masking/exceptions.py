"""Values that a mask leaves as they are: test accounts, the own company's addresses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import polars as pl

from datamask.masking.exception_patterns import expression
from datamask.masking.transform import MaskFunction

Stays = Callable[[pl.Series], pl.Series]
"""Values (String) → which of them stay; null for a null."""


def excepting(function: MaskFunction, patterns: Sequence[str]) -> MaskFunction:
    """The function, but for the values that match a pattern: those stay.

    :param patterns: as :func:`datamask.masking.exception_patterns.check_exception` takes them.
    """
    if not patterns:
        return function
    stays = matching(patterns)

    def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        return values.zip_with(stays(values).fill_null(False), function(values, row))

    return masked


def matching(patterns: Sequence[str]) -> Stays:
    """Which values match one of the patterns."""
    exact = [pattern for pattern in patterns if expression(pattern) is None]
    expressions = [found for pattern in patterns if (found := expression(pattern))]
    # (?s): a value may have several lines, and the pattern is about all of it.
    whole = "(?s)^(?:" + "|".join(expressions) + ")$" if expressions else None

    def stays(values: pl.Series) -> pl.Series:
        same = values.is_in(exact)
        return same if whole is None else same | values.str.contains(whole)

    return stays
