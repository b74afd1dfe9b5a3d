"""One of several given values: choice."""

from __future__ import annotations

import json
from collections.abc import Mapping

import polars as pl

from datamask.errors import PolicyError
from datamask.masking.draws import Weighted
from datamask.masking.literals import UNSAFE_IN_COPY, overflow, problem
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, text
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform


class Choice(Transform):
    """One of the given values, as often as its weight says.

    The choice depends on the value: equal values get equal results, so the weights hold over distinct values. With
    ``by`` it depends on another column of the row, such as its key, and the weights hold over rows; columns with the
    same ``by``, domain and values choose alike.
    """

    name = "choice"
    summary = "one of several given values, by weights"
    params = (
        Param("values", "mapping", None, "the values and their weights, such as {A: 3, B: 1}", required=True),
        Param("by", "text", None, "the column of the same row whose value decides instead of the value"),
    )
    cost = 50

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The column named by ``by``."""
        return () if params["by"] is None else (text(params, "by"),)

    def outcomes(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The values to choose from."""
        return tuple(_weights(params))

    def column_laws(self, case: Case) -> Laws:
        """Refuses a value that the type cannot hold."""
        weights = _weights(case.params)
        for number, value in enumerate(weights, start=1):
            reason = problem(value, case.type) or overflow(value, case.type)
            if reason:
                raise PolicyError(
                    f"choice: {reason} (number {number})", hint="give values of the column's type"
                )
        return Laws(
            max_length=max(map(len, weights)),
            copy_safe=not UNSAFE_IN_COPY.intersection("".join(weights)),
        )

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        weights = _weights(binding.params)
        # Two columns that hang on one entity are drawn independently, unless they choose from the same values.
        prf = binding.prf(f"choice {json.dumps(list(weights))}")
        choose = Weighted(list(weights.values()))
        results = pl.Series(values=list(weights), dtype=pl.String)
        needed = self.needs(binding.params)

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            return results.gather(choose(prf.words(row[needed[0]].fill_null("") if needed else values)))

        return masked


def _weights(params: Mapping[str, JSONValue]) -> dict[str, float]:
    """The values that can be chosen, as PostgreSQL would read them.

    :raises PolicyError: a weight is no number above zero.
    """
    values = params["values"]
    assert isinstance(values, dict)
    weights: dict[str, float] = {}
    for number, (value, weight) in enumerate(values.items(), start=1):
        if isinstance(weight, bool) or not isinstance(weight, int | float) or not 0 < weight < 1e12:
            raise PolicyError(
                f"choice: the weight of value {number} is no number above 0",
                hint="write values: {first: 3, second: 1}",
            )
        weights[str(value)] = float(weight)
    return weights
