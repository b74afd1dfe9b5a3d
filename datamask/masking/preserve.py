"""Results that share something with their values: the case of letters, the length."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from datamask.masking.prf import Prf
from datamask.masking.text import strings
from datamask.masking.tokens import digits, token
from datamask.masking.transform import Binding, MaskFunction

# Characters of padding that one tag of the pseudo-random function gives.
_PADDING = 16


def preserving(function: MaskFunction, binding: Binding) -> MaskFunction:
    """The function with what the mask preserves of case and length."""
    kept = binding.mask.preserve
    if "case" not in kept and "length" not in kept:
        return function
    prf = binding.prf("preserve length")

    def preserved(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        masked = function(values, row)
        if "length" in kept:
            masked = _with_length(values, masked, prf)
        return _with_case(values, masked) if "case" in kept else masked

    return preserved


def restoring(function: MaskFunction, binding: Binding) -> MaskFunction:
    """The function of a transform that replaces NULL and '' too, with those put back that the mask preserves."""
    kept = binding.mask.preserve
    if "null" not in kept and "empty" not in kept:
        return function

    def restored(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        stays = values.is_null() if "null" in kept else values.is_in(list[str]()).fill_null(False)
        if "empty" in kept:
            stays = stays | (values.str.len_bytes() == 0).fill_null(False)
        return values.zip_with(stays, function(values, row))

    return restored


def _with_case(values: pl.Series, masked: pl.Series) -> pl.Series:
    """The results in lower case, upper case or with capitals, where their values are so throughout."""
    value, result = pl.col("value"), pl.col("masked")
    lower, title, upper = value.str.to_lowercase(), value.str.to_titlecase(), value.str.to_uppercase()
    cased = (
        pl.when(lower == upper)
        .then(result)
        .when(value == lower)
        .then(result.str.to_lowercase())
        .when(value == title)
        .then(result.str.to_titlecase())
        .when(value == upper)
        .then(result.str.to_uppercase())
        .otherwise(result)
    )
    frame = pl.DataFrame({"value": values, "masked": masked}).with_columns(cased.alias("cased"))
    # "ß" becomes "SS": a result must not grow beyond what the column holds.
    same = pl.col("cased").str.len_chars() == result.str.len_chars()
    return frame.select(pl.when(same).then("cased").otherwise("masked")).to_series()


def _with_length(values: pl.Series, masked: pl.Series, prf: Prf) -> pl.Series:
    """The results cut to their values' characters, or filled up with keyed letters; digits where they are digits."""
    length = values.str.len_chars()
    cut = pl.DataFrame({"masked": masked, "length": length}).select(
        pl.when(pl.col("length").is_null()).then("masked").otherwise(pl.col("masked").str.head("length"))
    )
    result = cut.to_series()
    missing = (length.cast(pl.Int64) - result.str.len_chars().cast(pl.Int64)).fill_null(0)
    short = (missing > 0).arg_true()
    if not short.len():
        return result
    part, room = result.gather(short), missing.gather(short)
    tags = prf.wide(values.gather(short))
    numbers = part.str.contains(r"^[0-9]+$")
    padding = strings(digits(tags, _PADDING)).zip_with(numbers, strings(token(tags, _PADDING)))
    filled = pl.DataFrame({"part": part, "padding": padding, "room": room}).select(
        pl.col("part")
        + pl.col("padding")
        .repeat_by((pl.col("room") + _PADDING - 1) // _PADDING)
        .list.join("")
        .str.head("room")
    )
    return result.scatter(short, filled.to_series())
