"""A file of masking functions as somebody who uses datamask would write it."""

import polars as pl

from datamask.masking.own_functions import Context, masking_function


@masking_function(injective=True, collision_bits=65, max_length=16, copy_safe=True)
def loyalty(values: pl.Series, context: Context) -> pl.Series:
    """A number of the same programme."""
    return str(context.params.get("prefix", "LY-")) + context.token(values, 13)


@masking_function(max_length=1)
def initials(values: pl.Series, context: Context) -> pl.Series:
    """The first letter."""
    return values.str.head(1)


@masking_function(kinds=("date",), copy_safe=True)
def january(values: pl.Series, context: Context) -> pl.Series:
    """The year's first day, where there is a year of four digits."""
    return values.str.replace(r"^(\d{4})-\d\d-\d\d$", "${1}-01-01")


@masking_function(kinds=("integer",), copy_safe=True)
def bucket(values: pl.Series, context: Context) -> pl.Series:
    """A number below a size."""
    return context.pick(values, int(context.params["size"])).cast(pl.String)
