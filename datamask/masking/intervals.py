"""Lengths of time in PostgreSQL's own form of ``interval``, changed a column at a time."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import polars as pl
from numpy.typing import NDArray

Floats = NDArray[np.float64]
ChangeLengths = Callable[[Floats], Floats]
"""Lengths in microseconds, none negative → as many others."""

SECOND = 1_000_000
"""Microseconds."""
_DAY = 86_400 * SECOND
# A month counts as 30 days, as where PostgreSQL takes a fraction of one.
_DAYS = {"year": 360, "mon": 30, "day": 1}
# More than PostgreSQL has days for would not be read again.
_MOST = 2e9 * _DAY
_CLOCK = r"(\d+):(\d\d):(\d\d(?:\.\d+)?)"


def change_intervals(values: pl.Series, change: ChangeLengths) -> pl.Series:
    """The values with other lengths; ``infinity`` and the sign stay.

    Results are days and a time of day; whole days where a value has no time. What is no interval counts as 0.

    :param values: as ``intervalstyle = postgres`` writes them, String without nulls.
    """
    value = pl.col("value")
    days = pl.sum_horizontal(
        value.str.extract(rf"([+-]?\d+) {unit}").cast(pl.Float64, strict=False).fill_null(0.0) * size
        for unit, size in _DAYS.items()
    )
    clock = pl.sum_horizontal(
        value.str.extract(_CLOCK, group).cast(pl.Float64, strict=False).fill_null(0.0) * size
        for group, size in enumerate((3600, 60, 1), start=1)
    )
    # Of "-01:00:00" the sign stands in front, for all of it.
    turned = pl.when(value.str.contains(r"-\d+:")).then(-clock).otherwise(clock)
    total = (days * _DAY + turned * SECOND).alias("total")
    frame = (
        values.alias("value")
        .to_frame()
        .select(total, timed=value.str.contains(":", literal=True), endless=value.str.ends_with("infinity"))
    )
    lengths = frame["total"].to_numpy()
    changed = np.clip(change(np.abs(lengths)), 0.0, _MOST)
    written = _written(changed, lengths < 0, frame["timed"].to_numpy())
    return written.zip_with(~frame["endless"], values) if frame["endless"].any() else written


def _written(lengths: Floats, negative: NDArray[np.bool_], timed: NDArray[np.bool_]) -> pl.Series:
    # Not in whole microseconds: the longest do not fit 64 bits.
    rounded = np.where(timed, np.rint(lengths), np.rint(lengths / _DAY) * _DAY)
    days = np.floor(rounded / _DAY)
    clock = np.clip(rounded - days * _DAY, 0, _DAY - 1).astype(np.int64)
    seconds, fraction = clock // SECOND, clock % SECOND
    frame = pl.DataFrame(
        {
            "sign": np.where(negative, "-", ""),
            "days": days.astype(np.int64),
            "hours": seconds // 3600,
            "minutes": seconds // 60 % 60,
            "seconds": seconds % 60,
            "fraction": fraction,
            "timed": timed,
        }
    )
    two = {name: pl.col(name).cast(pl.String).str.zfill(2) for name in ("hours", "minutes", "seconds")}
    point = pl.when(pl.col("fraction") > 0).then(pl.lit(".")).otherwise(pl.lit(""))
    after = pl.col("fraction").cast(pl.String).str.zfill(6).str.strip_chars_end("0")
    day = pl.concat_str("sign", "days", pl.lit(" days"))
    clock_text = pl.concat_str(
        "sign", two["hours"], pl.lit(":"), two["minutes"], pl.lit(":"), two["seconds"], point, after
    )
    text = (
        pl.when(~pl.col("timed"))
        .then(day)
        .when(pl.col("days") > 0)
        .then(pl.concat_str(day, pl.lit(" "), clock_text))
        .otherwise(clock_text)
    )
    return frame.select(text.alias("value")).to_series()
