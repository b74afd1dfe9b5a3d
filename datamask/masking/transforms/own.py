"""What a project brings along: python, a function of a file, and sql, an expression on the source."""

from __future__ import annotations

import re
from collections.abc import Mapping

from datamask.errors import PolicyError
from datamask.masking.files import content
from datamask.masking.model import JSONValue
from datamask.masking.own_files import function_in
from datamask.masking.own_functions import OwnFunction, bind_own
from datamask.masking.params import Param, flag, optional_whole, text
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_QUOTED = re.compile(r"'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"")
# What would make it more than an expression over the row, or more than one.
_REFUSED = re.compile(
    r";|--|/\*|\$|\\|\b(?:select|table|values|over|now|current_date|current_time|current_timestamp|localtime"
    r"|localtimestamp|current_user|session_user|user|current_role)\b",
    re.IGNORECASE,
)


class Python(Transform):
    """A function of a Python file beside the policy, with the laws that it declares.

    The file's content is part of the plan's digest; it runs in the worker processes with the rights that datamask
    has.
    """

    name = "python"
    summary = "what a Python function of your own makes of the values"
    params = (
        Param("file", "file", None, "the Python file", required=True),
        Param(
            "function", "text", None, "the function in it, decorated with `masking_function`", required=True
        ),
        Param("params", "mapping", None, "what the function finds in `context.params`"),
    )
    # Nothing is known of it but that it is somebody's Python.
    cost = 1000

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """Loads the file: a function that is not there, or does not load, is a mistake of the policy."""
        checked = super().validate(params)
        _function(checked)
        return checked

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The columns that the function declares to need."""
        return _function(params).needs

    def column_laws(self, case: Case) -> Laws:
        """What the function declares."""
        own = _function(case.params)
        refused = own.refused(case.type)
        if refused:
            raise PolicyError(f"python: {refused}", hint=f"declare it: kinds=({case.type.kind!r},)")
        return own.laws

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        given = binding.params["params"]
        file = binding.params["file"]
        assert isinstance(file, dict)
        params = given if isinstance(given, dict) else {}
        return bind_own(_function(binding.params), binding, params, str(file["file"]))


class Sql(Transform):
    """A SQL expression over the row, which the source's server evaluates: the value itself never leaves it.

    It is no pseudonym: there is no key in it, and whoever knows the expression knows what it does.
    """

    name = "sql"
    summary = "what a SQL expression makes of the row, on the source's server"
    params = (
        Param(
            "expression",
            "text",
            None,
            "SQL over the table's columns, such as left(postal_code, 2)",
            required=True,
        ),
        Param("injective", "boolean", False, "different values give different results"),
        Param("nulls", "text", "kept", "`mixed` where values may become NULL", choices=("kept", "mixed")),
        Param("max_length", "integer", None, "characters of the longest result", minimum=0),
    )
    source_side = True
    cost = 1

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """Refuses what is more than one expression over a row."""
        checked = super().validate(params)
        expression = text(checked, "expression").strip()
        bare = _QUOTED.sub("''", expression)
        refused = _REFUSED.search(bare)
        if refused:
            raise PolicyError(
                f"sql: expression must not contain {refused[0]!r}: it is about the row alone",
                hint="write one expression over the table's columns",
            )
        if not expression or not _balanced(bare):
            raise PolicyError("sql: expression must be one whole expression", hint="close what is open")
        return {**checked, "expression": expression}

    def source_expression(self, params: Mapping[str, JSONValue]) -> str:
        """The expression."""
        return text(params, "expression")

    def column_laws(self, case: Case) -> Laws:
        """What the policy declares; the server cuts the result to the column's type."""
        nulls = text(case.params, "nulls")
        declared, limit = optional_whole(case.params, "max_length"), case.type.max_length
        return Laws(
            injective=flag(case.params, "injective"),
            nulls="mixed" if nulls == "mixed" else "kept",
            max_length=declared if limit is None else min(limit, limit if declared is None else declared),
            copy_safe=False,
        )

    def bind(self, binding: Binding) -> MaskFunction:
        """There is none: the value is masked before it comes."""
        raise PolicyError(f"{binding.mask.column} is masked by the server that it is read from, not here")


def _function(params: Mapping[str, JSONValue]) -> OwnFunction:
    file = params["file"]
    assert isinstance(file, dict)
    return function_in(
        content(params, "file"), str(file["file"]), str(file["sha256"]), text(params, "function")
    )


def _balanced(sql: str) -> bool:
    """Whether every parenthesis that opens closes, and none before; quotes are gone already."""
    depth = 0
    for character in sql:
        depth += {"(": 1, ")": -1}.get(character, 0)
        if depth < 0:
            return False
    return depth == 0 and "'" not in sql.replace("''", "") and '"' not in sql
