"""Transforms that give every value the same result: null, fixed, empty."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from datamask.errors import PolicyError
from datamask.masking.literals import UNSAFE_IN_COPY, problem, spelled
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, flag
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform


class Null(Transform):
    """NULL instead of every value."""

    name = "null"
    summary = "NULL instead of every value"
    replaces_empty = True
    cost = 1

    def column_laws(self, case: Case) -> Laws:  # noqa: ARG002
        """Everything becomes NULL."""
        return Laws(nulls="made", max_length=0)

    def bind(self, binding: Binding) -> MaskFunction:  # noqa: ARG002
        """The function for one column."""
        null = pl.Series(values=[None], dtype=pl.String)
        return lambda values, _: null.new_from_index(0, values.len())


class Fixed(Transform):
    """One given value instead of every value, the empty string included; NULL too if asked for."""

    name = "fixed"
    summary = "one given value instead of every value"
    params = (
        Param("value", "scalar", None, "the value, as PostgreSQL would read it", required=True),
        Param("keep_nulls", "boolean", True, "NULL stays NULL"),
    )
    replaces_empty = True
    cost = 1

    def outcomes(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The one value."""
        return (spelled(params["value"]),)

    def column_laws(self, case: Case) -> Laws:
        """Refuses a value that the type cannot hold."""
        value = spelled(case.params["value"])
        reason = problem(value, case.type)
        if reason:
            raise PolicyError(f"fixed: {reason}", hint="give a value that the column's type can hold")
        return Laws(
            nulls="kept" if flag(case.params, "keep_nulls") else "filled",
            max_length=len(value),
            copy_safe=UNSAFE_IN_COPY.isdisjoint(value),
        )

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        return _constant(spelled(binding.params["value"]), flag(binding.params, "keep_nulls"))


class Empty(Transform):
    """The type's empty value: no text, no bytes, no elements."""

    name = "empty"
    summary = "the empty text, bytes, array or document instead of every value"
    kinds = frozenset(("text", "bytea", "array", "json", "tsvector"))
    replaces_empty = True
    cost = 1

    def column_laws(self, case: Case) -> Laws:
        """Everything is equal."""
        return Laws(max_length=0, copy_safe=case.type.kind != "bytea")

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        empty = {"bytea": "\\x", "array": "{}", "json": "{}"}
        return _constant(empty.get(binding.mask.type.kind, ""), keep_nulls=True)


def _constant(value: str, keep_nulls: bool) -> MaskFunction:
    one = pl.Series(values=[value], dtype=pl.String)

    def masked(values: pl.Series, _: object) -> pl.Series:
        constant = one.new_from_index(0, values.len())
        if keep_nulls and values.null_count():
            return constant.zip_with(values.is_not_null(), values)
        return constant

    return masked
