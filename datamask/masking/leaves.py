"""A transform inside a document: strings, numbers, true and false, each masked as the type that it looks like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking import registry
from datamask.masking.beside import LIKENESS, exceptions_of, preserved_of
from datamask.masking.dictionary import by_dictionary
from datamask.masking.exceptions import matching
from datamask.masking.model import JSONValue
from datamask.masking.nested import TEXT, bind_rule, rule_laws, rule_needs
from datamask.masking.params import KEEP
from datamask.masking.transform import Binding, MaskFunction

REDACTED = "[redacted]"
"""What stands for a text that is blotted out."""

_BIGINT = ColumnType("bigint", "integer", "int8")
_NUMERIC = ColumnType("numeric", "numeric", "numeric")
_DOUBLE = ColumnType("double precision", "float", "float8")
_BOOLEAN = ColumnType("boolean", "boolean", "bool")
_DATE = ColumnType("date", "date", "date")
_TIMESTAMP = ColumnType("timestamp with time zone", "timestamp", "timestamptz")
_UUID = ColumnType("uuid", "uuid", "uuid")

_NUMBER = r"\A-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\z"
_DAY = r"\A[0-9]{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12][0-9]|3[01])"
_TIME = r"[T ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}(?::?[0-9]{2})?)?\z"


@dataclass(frozen=True, slots=True)
class _Form:
    """Texts that can be read as a type.

    :param pattern: what they look like; None for any.
    """

    type: ColumnType
    pattern: str | None


# The first type is taken that the transform takes and that the text is valid for.
_OF_NUMBERS = (_Form(_BIGINT, r"\A-?[0-9]{1,18}\z"), _Form(_NUMERIC, r"\A-?[0-9]{1,1000}(?:\.[0-9]{1,1000})?\z"),
               _Form(_DOUBLE, r"\A-?[0-9]{1,300}(?:\.[0-9]+)?(?:[eE]-?[0-9]{1,2})?\z"), _Form(TEXT, None))  # fmt: skip
_OF_BOOLEANS = (_Form(_BOOLEAN, None), _Form(TEXT, None))
_OF_TEXTS = (
    _Form(TEXT, None),
    _Form(_DATE, _DAY + r"\z"),
    _Form(_TIMESTAMP, _DAY + _TIME),
    *_OF_NUMBERS[:3],
    _Form(_UUID, r"\A[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\z"),
    _Form(_BOOLEAN, r"\A(?:true|false)\z"),
)
_DATED = {"date", "timestamp"}


class Leaf:
    """One rule for the values inside documents.

    Texts are masked as ``text`` by a transform that takes text, so that they get the pseudonyms of text columns; by
    another one as the date, number or UUID that they look like, and blotted out where they look like none that it takes.
    Numbers are masked as the column types of numbers where the transform takes those, true and false likewise.
    The rule's exceptions are about what stands in the document, whatever it is masked as; case and length are
    preserved of what is masked as text.

    :param rule: in its normal form.
    """

    def __init__(self, rule: JSONValue, binding: Binding) -> None:
        name = _name(rule)
        self.keeps = name == KEEP
        """The rule leaves values as they are."""
        self.blots_out = name == "redact"
        """The rule hides everything: a number becomes 0, and true false."""
        self.needs = rule_needs(rule)
        """Columns of the row that the results depend on."""
        self._cost = 1 if self.keeps else registry.get(name).cost
        assert isinstance(rule, dict)
        patterns = exceptions_of(rule)
        self._stays = matching(patterns) if patterns else None
        plain: JSONValue = {key: value for key, value in rule.items() if key != "except"}
        self._texts = _bound(plain, binding, _OF_TEXTS)
        self._numbers = _bound(plain, binding, _OF_NUMBERS)
        self._booleans = _bound(plain, binding, _OF_BOOLEANS)

    def texts(self, values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        """Masked texts; null where the transform makes NULL."""
        return self._but_for_exceptions(values, self._masked(self._texts, values, row, REDACTED))

    def numbers(self, values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        """Masked JSON numbers, as text."""
        masked = (
            _constant("0", values.len()) if self.blots_out else self._masked(self._numbers, values, row, "0")
        )
        return self._but_for_exceptions(values, masked)

    def booleans(self, values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        """Masked ``true`` and ``false``, as text."""
        masked = (
            _constant("false", values.len())
            if self.blots_out
            else self._masked(self._booleans, values, row, "false")
        )
        return self._but_for_exceptions(values, masked)

    def _but_for_exceptions(self, values: pl.Series, masked: pl.Series) -> pl.Series:
        return masked if self._stays is None else values.zip_with(self._stays(values), masked)

    def _masked(
        self,
        forms: Sequence[tuple[_Form, MaskFunction]],
        values: pl.Series,
        row: Mapping[str, pl.Series],
        hidden: str,
    ) -> pl.Series:
        own = {name: row[name] for name in self.needs}
        if own:
            return _by_form(forms, values, own, hidden)
        return by_dictionary(values, self._cost, lambda part: _by_form(forms, part, {}, hidden))


def check_leaf(rule: JSONValue) -> None:
    """Refuse a rule that can be used on nothing inside of a document.

    :raises PolicyError: the transform takes neither text nor anything that a text or number can be read as, or not with
        these parameters.
    """
    name = _name(rule)
    if name == KEEP:
        return
    transform = registry.get(name)
    refusals = [transform.accepts(form.type) for form in _OF_TEXTS]
    if all(refusals):
        raise PolicyError(refusals[0] or name)
    for form, refused in zip(_OF_TEXTS, refusals, strict=True):
        if refused is None and (form.type is TEXT or transform.kinds is not None):
            rule_laws(rule if refusals[0] else _about(rule, form.type), form.type)


def is_number(texts: pl.Series) -> pl.Series:
    """Which texts JSON would read as a number."""
    return texts.str.contains(_NUMBER)


def _name(rule: JSONValue) -> str:
    assert isinstance(rule, dict)
    return str(rule["transform"])


def _bound(rule: JSONValue, binding: Binding, forms: Sequence[_Form]) -> list[tuple[_Form, MaskFunction]]:
    name = _name(rule)
    if name == KEEP:
        return []
    transform = registry.get(name)
    # What takes everything (a constant, a hash) takes it as text, as in a text column.
    taken = [form for form in forms if transform.accepts(form.type) is None]
    if transform.kinds is None:
        taken = [_Form(TEXT, None)]
    bound = []
    for form in taken:
        bound.append((form, bind_rule(_about(rule, form.type), binding, form.type)))
        if form.pattern is None:
            break
    return bound


def _about(rule: JSONValue, column_type: ColumnType) -> JSONValue:
    """The rule for values of a type: what is no text has neither case nor a length to preserve."""
    assert isinstance(rule, dict)
    if column_type is TEXT or not LIKENESS & set(preserved_of(rule)):
        return rule
    return {**rule, "preserve": [word for word in preserved_of(rule) if word not in LIKENESS]}


def _by_form(
    forms: Sequence[tuple[_Form, MaskFunction]], values: pl.Series, row: Mapping[str, pl.Series], hidden: str
) -> pl.Series:
    if forms and forms[0][0].pattern is None:
        return _as_type(forms[0], values, row)
    result = _constant(hidden, values.len())
    # The empty text has nothing to hide.
    result = result.zip_with(values.str.len_bytes() > 0, values)
    left = pl.Series(values=[True], dtype=pl.Boolean).new_from_index(0, values.len())
    for form, function in forms:
        fits = left & _fits(form, values)
        if not fits.any():
            continue
        left &= ~fits
        rows = fits.arg_true()
        part = {name: other.gather(rows) for name, other in row.items()}
        result = result.scatter(rows, _as_type((form, function), values.gather(rows), part))
    return result


def _as_type(bound: tuple[_Form, MaskFunction], values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
    form, function = bound
    if form.type is not _BOOLEAN:
        return function(values, row)
    # PostgreSQL prints t and f.
    masked = function(values.str.head(1), row)
    return masked.replace({"t": "true", "f": "false"})


def _fits(form: _Form, values: pl.Series) -> pl.Series:
    if form.pattern is None:
        return values.str.len_bytes() > 0
    fits = values.str.contains(form.pattern)
    if form.type.kind in _DATED and fits.any():
        day = values.str.head(10).str.to_date("%Y-%m-%d", strict=False)
        fits &= day.is_not_null() & ~values.str.starts_with("0000")
    return fits


def _constant(text: str, count: int) -> pl.Series:
    return pl.Series(values=[text], dtype=pl.String).new_from_index(0, count)
