"""Masking inside of hstore: hstore."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from datamask.catalog.model import ColumnType
from datamask.masking.jsonmask import JsonMask
from datamask.masking.jsonpath import member
from datamask.masking.jsontext import Notation
from datamask.masking.jsontokens import Dialect
from datamask.masking.model import JSONValue
from datamask.masking.params import Param
from datamask.masking.stand_in import StandIn
from datamask.masking.structured import UNKNOWN, check_rules, needed, rules, unknown
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


class Hstore(Transform):
    """A transform for each key; what no rule names is blotted out unless ``unknown`` says otherwise.

    NULL stays NULL, ``drop`` removes pairs. Keys stay; one with an ``@`` in it becomes a token of its keyed hash, unless
    ``unknown`` is ``keep``.
    """

    name = "hstore"
    summary = "transforms inside of hstore, by key"
    params = (Param("keys", "rules", None, "rules by key"), UNKNOWN)
    kinds = frozenset(("other",))
    cost = 2500

    def accepts(self, column_type: ColumnType) -> str | None:
        """``hstore`` is a type of an extension."""
        if column_type.base in {"hstore", "_hstore"}:
            return None
        return f"{self.name} takes hstore columns, not {column_type.name}"

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The columns that the rules need."""
        return needed(params, ("keys",))

    def column_laws(self, case: Case) -> Laws:
        """Different values may become equal."""
        check_rules(self.name, case.params, ("keys",))
        return Laws(copy_safe=False)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        paths = {member(key): rule for key, rule in rules(binding.params, "keys").items()}
        stand_in = StandIn(binding, '{"', '"=>NULL}')
        mask = JsonMask(binding, paths, {}, unknown(binding.params), stand_in, _NOTATION)

        def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
            # In braces it is an object, in another spelling than JSON's.
            return mask("{" + values + "}", row).str.strip_prefix("{").str.strip_suffix("}")

        return masked


def _decoded(texts: pl.Series) -> pl.Series:
    if not texts.str.contains("\\", literal=True).any():
        return texts
    return pl.Series(values=[_ESCAPE.sub(r"\1", text) for text in texts], dtype=pl.String)


def _encoded(texts: pl.Series) -> pl.Series:
    return texts.str.replace_all("\\", "\\\\", literal=True).str.replace_all('"', '\\"', literal=True)


_NOTATION = Notation(Dialect(b"=", b">", (b"NULL",), numbers=False, escapes=b""), _decoded, _encoded, "NULL")
