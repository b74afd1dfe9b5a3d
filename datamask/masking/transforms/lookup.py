"""Values from a table that the policy brings along: lookup."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from datamask.errors import PolicyError
from datamask.masking.files import content
from datamask.masking.literals import UNSAFE_IN_COPY, overflow, problem, spelled
from datamask.masking.model import JSONValue
from datamask.masking.nested import bind_rule, rule_laws, rule_needs
from datamask.masking.params import Param
from datamask.masking.tables import read_table
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform


class Lookup(Transform):
    """What a table says of the value; a value that is not in the table gets the rule under ``else``.

    The table is a CSV file (UTF-8, a header, two columns: a value and its replacement) or stands in the policy.
    It holds originals: keep it where you would keep them. It is read once, and belongs to the plan by its content.
    """

    name = "lookup"
    summary = "what a table says of the value"
    params = (
        Param("file", "file", None, "a CSV file with a header: value, replacement"),
        Param("values", "mapping", None, "the table itself, such as {old: new}, instead of `file`"),
        Param("else", "rule", None, "the transform of a value that is not in the table", required=True),
    )
    cost = 80

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """The parameters; ``else: null`` is the transform of that name, though YAML has another word in mind."""
        given = {name: "null" if name == "else" and rule is None else rule for name, rule in params.items()}
        return super().validate(given)

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """What the rule for other values needs."""
        return rule_needs(params["else"])

    def column_laws(self, case: Case) -> Laws:
        """Refuses a replacement that the type cannot hold."""
        table = _table(case.params)
        for number, replacement in enumerate(table.values(), start=1):
            reason = problem(replacement, case.type) or overflow(replacement, case.type)
            if reason:
                raise PolicyError(
                    f"lookup: {reason} (replacement {number})",
                    hint="give values that the column's type can hold",
                )
        other = rule_laws(case.params["else"], case.type)
        longest = max(map(len, table.values()))
        safe = UNSAFE_IN_COPY.isdisjoint("".join(table.values()))
        return Laws(
            # The function gets neither NULL nor the empty string.
            nulls="mixed" if other.nulls in {"made", "mixed"} else "kept",
            max_length=None if other.max_length is None else max(longest, other.max_length),
            copy_safe=safe and other.copy_safe,
        )

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        table = _table(binding.params)
        olds = pl.Series(values=list(table), dtype=pl.String)
        news = pl.Series(values=list(table.values()), dtype=pl.String)
        other = bind_rule(binding.params["else"], binding, binding.mask.type)

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            found = values.replace_strict(olds, news, default=None, return_dtype=pl.String)
            missing = found.is_null().arg_true()
            if not missing.len():
                return found
            part = {name: column.gather(missing) for name, column in row.items()}
            return found.scatter(missing, other(values.gather(missing), part))

        return masked


def _table(params: Mapping[str, JSONValue]) -> dict[str, str]:
    """Values and their replacements.

    :raises PolicyError: there is no table, or it is none.
    """
    given = params["values"]
    if (params["file"] is None) == (given is None):
        raise PolicyError(
            "lookup: give file or values, one of them", hint="such as {lookup: {file: codes.csv}}"
        )
    if isinstance(given, dict):
        if any(isinstance(new, dict | list) or new is None for new in given.values()):
            raise PolicyError("lookup: values must be texts, numbers, true or false")
        return {old: spelled(new) for old, new in given.items()}
    try:
        lines = read_table(content(params, "file"), 2)
    except PolicyError as error:
        raise PolicyError(f"lookup: file: {error.message}", hint=error.hint) from None
    table = {line[0]: line[1] for line in lines}
    if len(table) != len(lines):
        raise PolicyError("lookup: file: a value stands in two lines")
    return table
