"""Masking inside of composite values: composite."""

from __future__ import annotations

import re
from collections.abc import Mapping

import numpy as np
import polars as pl

from datamask.errors import PolicyError
from datamask.masking.model import JSONValue
from datamask.masking.params import Param, texts
from datamask.masking.stand_in import StandIn
from datamask.masking.structured import Leaves, check_rules, needed, rules, unknown
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform
from datamask.suggest import did_you_mean

# A field as record_out writes it: quoted where it must be, quotes and backslashes doubled or escaped.
_FIELD = re.compile(r'((?:"(?:[^"\\]|\\.|"")*"|\\.|[^",()\\])*)([,)])', re.DOTALL)
_PIECE = re.compile(r'"((?:[^"\\]|\\.|"")*)"|\\(.)|([^"\\]+)', re.DOTALL)
_ESCAPED = re.compile(r'\\(.)|""', re.DOTALL)
_NEEDS_QUOTES = re.compile(r'[\s",()\\]|\A\Z')
# As many columns as a table may have.
_MOST_FIELDS = 1600


class Composite(Transform):
    """A transform for each field; what no rule names becomes NULL unless ``unknown`` says otherwise.

    Fields are named by their number, from 1 on, or by their name where ``order`` lists all names. NULL fields stay
    NULL. Of the types of fields nothing is known here: a rule must give what its field can hold.
    """

    name = "composite"
    summary = "transforms inside of composite values, by field"
    params = (
        Param("fields", "rules", None, "rules by the field's number, or by its name as in `order`"),
        Param("order", "texts", None, "the names of all fields of the type, in order"),
        Param(
            "unknown",
            "text",
            "drop",
            "what happens to fields that are not named: they become NULL, or stay as they are",
            choices=("drop", "keep"),
        ),
    )
    kinds = frozenset(("composite",))
    cost = 3000

    def validate(self, params: Mapping[str, JSONValue]) -> dict[str, JSONValue]:
        """Refuses fields that there are not."""
        checked = super().validate(params)
        _places(checked)
        return checked

    def needs(self, params: Mapping[str, JSONValue]) -> tuple[str, ...]:
        """The columns that the rules need."""
        return needed(params, ("fields",))

    def column_laws(self, case: Case) -> Laws:
        """Different values may become equal."""
        check_rules(self.name, case.params, ("fields",))
        return Laws(copy_safe=False)

    def bind(self, binding: Binding) -> MaskFunction:
        """The function for one column."""
        return _CompositeMask(binding)


class _CompositeMask:
    def __init__(self, binding: Binding) -> None:
        params = binding.params
        self._rule_of = {place: number for number, place in enumerate(_places(params))}
        self._leaves = Leaves(binding, list(rules(params, "fields").values()), unknown(params))
        self._drops = unknown(params) == "drop"
        self._stand_in = StandIn(binding, "(", ")")

    def __call__(self, values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        """The values, masked."""
        parsed = [_fields(value) for value in values]
        texts: list[str] = []
        rule: list[int] = []
        rows: list[int] = []
        for number, fields in enumerate(parsed):
            for place, field in enumerate(fields or (), 1):
                if field is not None:
                    texts.append(field)
                    rule.append(self._rule_of.get(place, -1))
                    rows.append(number)
        rules_of = np.array(rule, dtype=np.int32)
        masked = self._leaves.masked(
            pl.Series(values=texts, dtype=pl.String), rules_of, row, np.array(rows, dtype=np.intp)
        )
        if self._drops:
            masked = masked.scatter(np.flatnonzero(rules_of < 0), None)
        rest = iter(masked.to_list())
        results = [
            fields and _printed([None if one is None else next(rest) for one in fields]) for fields in parsed
        ]
        result = pl.Series(values=results, dtype=pl.String)
        return self._stand_in.replace(result.fill_null(""), result.is_null(), values)


def _places(params: Mapping[str, JSONValue]) -> list[int]:
    """The numbers of the fields that the rules are about.

    :raises PolicyError: a field is neither a number nor a name of the order.
    """
    names = texts(params, "order")
    places = []
    for field in rules(params, "fields"):
        if field in names:
            places.append(names.index(field) + 1)
        elif field.isdecimal() and 1 <= int(field) <= (len(names) or _MOST_FIELDS):
            places.append(int(field))
        else:
            raise PolicyError(
                f"composite: there is no field {field!r}",
                hint=did_you_mean(field, names)
                if names
                else "write its number, or list the type's fields under order",
            )
    return places


def _fields(value: str) -> list[str | None] | None:
    """The fields of a composite value, None for NULL; None where it is not one."""
    if not value.startswith("("):
        return None
    fields: list[str | None] = []
    place = 1
    while True:
        match = _FIELD.match(value, place)
        if match is None:
            return None
        written, end = match.groups()
        fields.append(_PIECE.sub(_meant, written) if written else None)
        place = match.end()
        if end == ")":
            return fields if place == len(value) else None


def _meant(match: re.Match[str]) -> str:
    quoted, escaped, plain = match.groups()
    if quoted is not None:
        return _ESCAPED.sub(lambda pair: pair[1] or '"', quoted)
    return str(escaped or plain)


def _printed(fields: list[str | None]) -> str:
    return "(" + ",".join(map(_written, fields)) + ")"


def _written(field: str | None) -> str:
    """A field as record_out writes it."""
    if field is None:
        return ""
    if not _NEEDS_QUOTES.search(field):
        return field
    return '"' + field.replace("\\", "\\\\").replace('"', '""') + '"'
