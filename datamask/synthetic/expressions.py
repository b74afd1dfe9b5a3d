"""CHECK constraints as Polars expressions, so that rows can be held against them before any server sees them."""

from __future__ import annotations

import re
from collections.abc import Mapping

import polars as pl

from datamask.catalog.model import Check, Column
from datamask.policy.constraint_sql import check_expression, closing, split_list
from datamask.synthetic.bounds import PRESENT, bare, named, split_words

_LITERAL = re.compile(r"('(?:[^']|'')*')")
_MOMENT_CAST = re.compile(r"('\d{4}-\d\d-\d\d[^']*')::(date|timestamp)(?: with(?:out)? time zone)?")
_CAST = re.compile(r'::(?:"[^"]+"|\w+)(?:\."[^"]+"|\.\w+)?(?: varying| precision| with(?:out)? time zone)?'
                   r"(?:\(\d+(?:,\d+)?\))?(?:\[\])*")  # fmt: skip
_NUMBER_TEXT = re.compile(r"'(-?\d+(?:\.\d+)?)'::(?:integer|bigint|smallint|numeric|real|double precision)")
_LIST = re.compile(r"(= ANY|<> ALL) (\(+)ARRAY\[([^\]]*)\]")
_NAME_ONLY = re.compile(r'"(?:[^"]|"")+"|\w+')
_COUNT = re.compile(r"\bnum_(nulls|nonnulls)\(")
_NOW = re.compile(r"\bnow\(\)|\bCURRENT_TIMESTAMP\b|\btransaction_timestamp\(\)")
_TODAY = re.compile(r"\bCURRENT_DATE\b")
_UTC = re.compile(r" AT TIME ZONE 'UTC'(?:::text)?")
_DTYPES: dict[str, pl.DataType] = {
    "integer": pl.Int64(), "numeric": pl.Float64(), "float": pl.Float64(), "date": pl.Date(),
    "timestamp": pl.Datetime("us"), "text": pl.String(), "boolean": pl.Boolean(),
}  # fmt: skip


def check_expr(check: Check) -> pl.Expr | None:
    """The expression that is False for rows that break the CHECK; None where Polars' SQL cannot say it.

    :param check: with the columns that it names; ``VALUE`` in a domain's CHECK is the one column.
    """
    expression = check_expression(check.definition.removesuffix(" NOT VALID"))
    if expression is None or not check.columns:
        return None
    if "VALUE" in _LITERAL.sub("", expression) and len(check.columns) == 1:
        expression = re.sub(r"\bVALUE\b", _quoted(check.columns[0]), expression)
    return sql_expr(expression)


def sql_expr(expression: str) -> pl.Expr | None:
    """An SQL condition in PostgreSQL's words as a Polars expression; None where there is none."""
    try:
        return pl.sql_expr(_translated(expression))
    except Exception:  # Polars raises several kinds, and a parser's panic is none of its own.
        return None


def breaks(frame: pl.DataFrame, expression: pl.Expr) -> pl.Series:
    """Which rows break a condition: those for which it is False, not those for which it is unknown."""
    return frame.select(expression.cast(pl.Boolean).fill_null(True).not_()).to_series()


def understood(expression: pl.Expr, frame: pl.DataFrame) -> bool:
    """Whether Polars can say of such rows whether they break a condition."""
    try:
        return breaks(frame, expression).len() in {1, frame.height}
    except Exception:  # As above.
        return False


def _translated(expression: str) -> str:
    text = _UTC.sub("", _NUMBER_TEXT.sub(r"\1", expression))
    text = _NOW.sub(f"'{PRESENT} 00:00:00'::timestamp", _TODAY.sub(f"'{PRESENT}'::date", text))
    text = _MOMENT_CAST.sub(r"\1§\2", text).replace("::date", "§date")
    text = _CAST.sub("", text).replace("§", "::")
    pieces = _LITERAL.split(text)
    for place in range(0, len(pieces), 2):
        piece = pieces[place]
        piece = piece.replace(" !~~ ", " NOT LIKE ").replace(" ~~ ", " LIKE ")
        pieces[place] = piece.replace("char_length(", "length(")
    return _counts(_lists("".join(pieces)))


def _lists(text: str) -> str:
    """``= ANY (ARRAY[…])`` and ``<> ALL (ARRAY[…])`` as ``IN`` and ``NOT IN``."""
    while (match := _LIST.search(text)) is not None:
        end = closing(text, match.start(2))
        word = "IN" if match[1] == "= ANY" else "NOT IN"
        text = f"{text[: match.start()]}{word} ({match[3]}){text[end + 1 :]}"
    return text


def _counts(text: str) -> str:
    """``num_nonnulls(a, b)`` as a sum."""
    while (match := _COUNT.search(text)) is not None:
        end = closing(text, match.end() - 1)
        test = "IS NULL" if match[1] == "nulls" else "IS NOT NULL"
        terms = [f"CAST(({item.strip()}) {test} AS INT)" for item in split_list(text[match.end() : end])]
        text = f"{text[: match.start()]}({' + '.join(terms)}){text[end + 1 :]}"
    return text


def computed_column(part: str, columns: Mapping[str, Column]) -> tuple[str, tuple[str, ...], pl.Expr] | None:
    """A condition ``column = expression`` as a way to make the column; None where it is none.

    :param part: one condition of a CHECK.
    :returns: the column, the columns that the expression reads, and the expression.
    """
    sides = split_words(bare(part), " = ")
    if len(sides) != 2:
        return None
    for left, right in (sides, sides[::-1]):
        names = named(left, tuple(columns))
        reads = named(right, tuple(columns))
        if len(names) != 1 or not reads or names[0] in reads or not _NAME_ONLY.fullmatch(bare(left)):
            continue
        wanted = _DTYPES.get(columns[names[0]].type.kind)
        kinds = {name: _DTYPES.get(columns[name].type.kind) for name in reads}
        expression = sql_expr(right)
        if wanted is None or expression is None or None in kinds.values():
            continue
        expression = expression.cast(wanted)
        try:
            pl.DataFrame(schema=kinds).select(expression)
        except Exception:  # As above.
            continue
        return names[0], reads, expression
    return None


def same_day(part: str, columns: Mapping[str, Column]) -> tuple[str, str] | None:
    """A condition ``day = moment::date``: the day's column and the moment's; None where it is none."""
    sides = split_words(bare(part), " = ")
    if len(sides) != 2:
        return None
    for left, right in (sides, sides[::-1]):
        days, moments = named(left, tuple(columns)), named(right, tuple(columns))
        plain = bare(_UTC.sub("", bare(right)).removesuffix("::date"))
        if len(days) != 1 or len(moments) != 1 or "::date" not in right:
            continue
        if not _NAME_ONLY.fullmatch(bare(left)) or not _NAME_ONLY.fullmatch(plain):
            continue
        if columns[days[0]].type.kind == "date" and columns[moments[0]].type.kind == "timestamp":
            return days[0], moments[0]
    return None


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
