"""Conditions over the row's columns: which rows a mask is about.

A condition is written in the SQL of Polars (https://docs.pola.rs/api/python/stable/reference/sql) and sees
each column as what its PostgreSQL type holds: numbers, booleans, days and times, everything else as text.
A value that cannot be read so (an infinite date, a number beyond bounds) makes its row one that is masked: what
is not known to be left out is not left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass

import polars as pl
from polars.exceptions import PolarsError

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.model import Condition
from datamask.suggest import nearest

_HINT = "write a comparison of the row's columns, such as country = 'DE' AND age >= 18"

_TOKEN = re.compile(
    r"(?P<space>\s+)|(?P<text>'(?:[^']|'')*')|\"(?P<quoted>(?:[^\"]|\"\")+)\"|(?P<word>[^\W\d]\w*)(?P<call>\s*\()?"
    r"|(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(?P<symbol><>|!=|<=|>=|\|\||!~\*?|~\*?|::|[-+*/%<>=(),])"
)
_KEYWORDS = frozenset((
    "and", "or", "not", "is", "null", "in", "like", "ilike", "rlike", "regexp", "between", "case", "when",
    "then", "else", "end", "true", "false", "date", "timestamp", "time", "distinct", "from", "as", "int",
    "integer", "smallint", "bigint", "text", "varchar", "float", "double", "precision", "boolean",
    "numeric", "decimal", "year", "month", "day", "hour", "minute", "second", "quarter", "week", "dow",
    "doy", "isodow",
))  # fmt: skip
# Functions of one row whose results hang on nothing else: no aggregate, no clock, no chance.
_FUNCTIONS = frozenset((
    "abs", "btrim", "cast", "ceil", "ceiling", "char_length", "coalesce", "concat", "concat_ws",
    "date_part", "ends_with", "extract", "floor", "greatest", "initcap", "least", "left", "length", "lower",
    "ltrim", "mod", "nullif", "octet_length", "position", "regexp_like", "replace", "reverse", "right",
    "round", "rtrim", "sign", "starts_with", "strpos", "substr", "substring", "trim", "try_cast", "upper",
))  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Name:
    """A column that a condition seems to name; an unquoted ``keyword`` may be one or not."""

    name: str
    keyword: bool


def check_condition(sql: str) -> None:
    """Refuse a text that is no condition whatever the columns are.

    :raises PolicyError: it is none, or looks at more than the row.
    """
    names = [found.name for found in _names(sql) if not found.keyword]
    if not names:
        raise PolicyError("the condition names no column", hint=_HINT)
    try:
        _evaluated(sql, pl.DataFrame(schema=dict.fromkeys(names, pl.String)))
    except PolarsError as error:
        # Of types nothing is known yet: only what is no SQL at all can be refused.
        if str(error).startswith("sql parser error"):
            raise PolicyError(f"the condition cannot be read: {_reason(error)}", hint=_HINT) from None


def unknown_columns(sql: str, columns: Collection[str]) -> tuple[str, ...]:
    """The columns that a condition names and that are not among ``columns``."""
    return tuple(
        dict.fromkeys(found.name for found in _names(sql) if found.name not in columns and not found.keyword)
    )


def condition_for(sql: str, types: Mapping[str, ColumnType]) -> Condition:
    """The condition on a table with these columns.

    :param types: of all columns of the table.
    :raises PolicyError: it names another column, compares what cannot be compared, or is neither true nor false.
    """
    unknown = unknown_columns(sql, types)
    if unknown:
        near = nearest(unknown[0], types)
        raise PolicyError(
            f"the condition names the column {unknown[0]}, which the table does not have",
            hint=f"did you mean {near}?" if near else "name another column",
        )
    named = dict.fromkeys(found.name for found in _names(sql) if found.name in types)
    condition = Condition(sql, tuple((name, types[name]) for name in named))
    texts = pl.DataFrame(schema=dict.fromkeys(named, pl.String))
    try:
        result = _evaluated(sql, _read(condition, texts))
    except PolarsError as error:
        raise PolicyError(
            f"the condition does not fit the columns' types: {_reason(error)}",
            hint="a column may be cast, such as CAST(code AS INT)",
        ) from None
    if result.dtype not in (pl.Boolean, pl.Null):
        raise PolicyError("the condition is neither true nor false", hint=_HINT)
    return condition


def bind_condition(condition: Condition) -> Callable[[Mapping[str, pl.Series]], pl.Series]:
    """A function of the row's columns (String) that tells which rows are masked: Boolean, without nulls."""

    def rows(row: Mapping[str, pl.Series]) -> pl.Series:
        texts = pl.DataFrame({name: row[name] for name, _ in condition.columns})
        values = _read(condition, texts)
        holds = _evaluated(condition.sql, values).cast(pl.Boolean).fill_null(False)
        if holds.len() != texts.height:
            raise PolicyError(f"the condition {condition.sql} is not about single rows", hint=_HINT)
        for name, _ in condition.columns:
            holds = holds | (values[name].is_null() & texts[name].is_not_null())
        return holds

    return rows


def _evaluated(sql: str, frame: pl.DataFrame) -> pl.Series:
    # The line breaks keep nothing of the condition from being read as anything but a condition.
    return frame.sql(f"SELECT (\n{sql}\n) AS holds FROM self").to_series()  # noqa: S608 - tokens are checked


def _names(sql: str) -> Iterator[_Name]:
    """The columns that a condition names.

    :raises PolicyError: it holds something else than comparisons over one row.
    """
    position = depth = 0
    while position < len(sql):
        token = _TOKEN.match(sql, position)
        if token is None:
            raise PolicyError(f"the condition cannot be read at {sql[position]!r}", hint=_HINT)
        position = token.end()
        depth += (token["symbol"] == "(" or token["call"] is not None) - (token["symbol"] == ")")
        if depth < 0:
            break
        word = (token["word"] or "").lower()
        if token["call"] is not None and word not in _FUNCTIONS and word not in _KEYWORDS:
            raise PolicyError(
                f"the condition calls {token['word']}, which conditions do not know",
                hint=f"there are {', '.join(sorted(_FUNCTIONS))}",
            )
        if token["quoted"]:
            yield _Name(token["quoted"].replace('""', '"'), keyword=False)
        elif word and token["call"] is None:
            yield _Name(token["word"], keyword=word in _KEYWORDS)
    if depth:
        raise PolicyError("the condition has a parenthesis too many", hint=_HINT)


def _read(condition: Condition, texts: pl.DataFrame) -> pl.DataFrame:
    """Columns of PostgreSQL text as values; null where a text is no such value."""
    return texts.select(_value(name, kind) for name, kind in condition.columns)


def _value(name: str, kind: ColumnType) -> pl.Expr:
    column = pl.col(name)
    match kind.kind:
        case "integer":
            return column.cast(pl.Int64, strict=False)
        case "numeric" | "float":
            return column.cast(pl.Float64, strict=False)
        case "boolean":
            return column.replace_strict({"t": True, "f": False}, default=None, return_dtype=pl.Boolean)
        case "date":
            return column.str.to_date("%Y-%m-%d", strict=False)
        case "timestamp" if kind.base == "timestamptz":
            # PostgreSQL leaves out the minutes of an offset that has none.
            whole = column.str.replace(r"([+-]\d\d)$", "${1}:00")
            moment = whole.str.to_datetime(
                "%Y-%m-%d %H:%M:%S%.f%:z", strict=False, time_zone="UTC", time_unit="us"
            )
            return moment.dt.replace_time_zone(None)
        case "timestamp":
            return column.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", strict=False, time_unit="us")
        case _:
            # char(n) is printed with its padding, which is no part of the value.
            return column.str.strip_chars_end(" ") if kind.base == "bpchar" else column


def _reason(error: Exception) -> str:
    """The first line of what Polars says: it has seen the policy's text and no row."""
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
