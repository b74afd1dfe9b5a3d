"""What constraints leave of a column's values: ranges, lists, lengths, patterns, and columns that follow others."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil, floor
from typing import Final

from datamask.catalog.model import Check
from datamask.policy.checks import conditions
from datamask.policy.constraint_sql import check_expression, closing

PRESENT: Final = date(2025, 1, 1)
"""What ``now()`` in a constraint is taken for. A clock would give other rows every day."""

_LITERAL = re.compile(r"'(?:[^']|'')*'")
_NAME = re.compile(r'"((?:[^"]|"")+)"|([A-Za-z_]\w*)')
_WORDS = frozenset(
    [
        "and",
        "or",
        "not",
        "is",
        "null",
        "true",
        "false",
        "any",
        "all",
        "array",
        "like",
        "between",
        "in",
        "distinct",
        "from",
        "current_date",
        "now",
        "interval",
        "timestamp",
        "without",
        "with",
        "time",
        "zone",
    ]
)
_CAST = re.compile(r'::(?:"[^"]+"|\w+)(?:\."[^"]+"|\.\w+)?(?: varying| precision| with(?:out)? time zone)?'
                   r"(?:\(\d+(?:,\d+)?\))?(?:\[\])*")  # fmt: skip
_ORDER = re.compile(r'("(?:[^"]|"")+"|\w+) (>=|<=|>|<) ("(?:[^"]|"")+"|\w+)')
_PATTERN = re.compile(r'("(?:[^"]|"")+"|\w+) ~ (\'(?:[^\']|\'\')*\')')
_AGO = re.compile(r"(?:now\(\)|CURRENT_DATE|CURRENT_TIMESTAMP)\S* ([-+]) '(\d+) (year|mon|day)")
_NOW = re.compile(r"\bnow\(\)|\bCURRENT_(?:DATE|TIMESTAMP)\b", re.IGNORECASE)
_DAYS = {"year": 365.25, "mon": 30.44, "day": 1.0}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What may stand in a column, as far as it was understood.

    :param low: PostgreSQL's text of the least value; ``low_open`` where it is excluded itself.
    :param values: the only values; None for any.
    :param without: values that are excluded.
    :param shortest: characters, of a text.
    :param pattern: a regular expression that a text must match.
    """

    low: str | None = None
    low_open: bool = False
    high: str | None = None
    high_open: bool = False
    values: tuple[str, ...] | None = None
    without: tuple[str, ...] = ()
    shortest: int = 0
    longest: int | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Order:
    """One column's values are not below another's.

    :param strict: nor equal to them.
    """

    low: str
    high: str
    strict: bool


@dataclass(frozen=True)
class Limits:
    """A table's constraints, understood.

    :param bounds: by column.
    :param orders: pairs of columns.
    """

    bounds: Mapping[str, Bounds]
    orders: tuple[Order, ...]


def read_limits(checks: Iterable[Check]) -> Limits:
    """What a table's CHECK constraints say about single columns and about pairs of them."""
    bounds: dict[str, Bounds] = {}
    orders: list[Order] = []
    for check in checks:
        for part in parts(check.definition):
            names = check.columns if "VALUE" in part else named(part, check.columns)
            if len(names) == 2 and (order := _order(part)) is not None:
                orders.append(order)
            if len(names) == 1:
                found = part_bounds(part, names[0])
                bounds[names[0]] = narrowed(bounds.get(names[0], Bounds()), found)
    return Limits(bounds, tuple(orders))


def parts(definition: str) -> list[str]:
    """The conditions that a CHECK joins by AND."""
    expression = check_expression(definition.removesuffix(" NOT VALID")) or f"({definition})"
    return [text for piece in split_words(bare(expression), " AND ") for text in _nested(piece)]


def _nested(piece: str) -> list[str]:
    inner = bare(piece)
    pieces = split_words(inner, " AND ")
    return [inner] if len(pieces) == 1 else [text for part in pieces for text in _nested(part)]


def part_bounds(part: str, column: str) -> Bounds:
    """What one condition about one column says; nothing where it is not understood."""
    alternatives = [bare(side) for side in split_words(bare(part), " OR ")]
    alternatives = [side for side in alternatives if not side.endswith(" IS NULL")]
    if len(alternatives) != 1:
        return Bounds()
    pattern = _PATTERN.fullmatch(_plain(alternatives[0]))
    if pattern:
        return Bounds(pattern=pattern[2][1:-1].replace("''", "'"))
    found = Bounds()
    for condition in conditions(Check("", (column,), f"CHECK ({alternatives[0]})")) or ():
        constants = condition.constants
        if not constants and _NOW.search(part):
            constants = (_moment(part),)
        if not constants:
            continue
        found = narrowed(found, _condition(condition.function, condition.operator, constants))
    return found


def _condition(function: str, operator: str, constants: tuple[str, ...]) -> Bounds:
    if function == "length":
        number = int(float(constants[0]))
        return {
            "=": Bounds(shortest=number, longest=number),
            ">=": Bounds(shortest=number),
            ">": Bounds(shortest=number + 1),
            "<=": Bounds(longest=number),
            "<": Bounds(longest=number - 1),
        }.get(operator, Bounds())
    match operator:
        case "=":
            return Bounds(values=constants)
        case "<>":
            return Bounds(without=constants)
        case ">=" | ">":
            return Bounds(low=constants[0], low_open=operator == ">")
        case _:
            return Bounds(high=constants[0], high_open=operator == "<")


def narrowed(one: Bounds, other: Bounds) -> Bounds:
    """What both leave; the tighter of two bounds is told by number where they are numbers, else by text."""
    values = one.values if other.values is None else other.values
    if one.values is not None and other.values is not None:
        values = tuple(value for value in one.values if value in other.values)
    low, low_open = _tighter((one.low, one.low_open), (other.low, other.low_open), 1)
    high, high_open = _tighter((one.high, one.high_open), (other.high, other.high_open), -1)
    longest = [length for length in (one.longest, other.longest) if length is not None]
    return Bounds(
        low=low, low_open=low_open, high=high, high_open=high_open, values=values,
        without=one.without + other.without, shortest=max(one.shortest, other.shortest),
        longest=min(longest) if longest else None, pattern=one.pattern or other.pattern,
    )  # fmt: skip


def _tighter(
    one: tuple[str | None, bool], other: tuple[str | None, bool], sign: int
) -> tuple[str | None, bool]:
    if one[0] is None or other[0] is None:
        return other if one[0] is None else one
    try:
        left, right = float(one[0]), float(other[0])
        order = (left > right) - (left < right)
    except ValueError:
        order = (one[0] > other[0]) - (one[0] < other[0])
    if order == 0:
        return one[0], one[1] or other[1]
    return one if order == sign else other


def partition_bounds(constraints: Sequence[str], columns: Sequence[str]) -> dict[str, tuple[Bounds, ...]]:
    """What the bounds of a table's partitions leave of its key's columns: by column, one for each partition.

    :param constraints: of each partition, as ``pg_get_partition_constraintdef`` prints it.
    """
    found: dict[str, list[Bounds]] = {}
    for constraint in constraints:
        of_this: dict[str, Bounds] = {}
        for part in parts(constraint):
            names = named(part, columns)
            if len(names) == 1 and not bare(part).endswith("IS NOT NULL"):
                before = of_this.get(names[0], Bounds())
                of_this[names[0]] = narrowed(before, part_bounds(part, names[0]))
        for column, bounds in of_this.items():
            found.setdefault(column, []).append(bounds)
    # A partition that says nothing of a column takes any value of it.
    return {
        column: tuple(dict.fromkeys(listed))
        for column, listed in found.items()
        if len(listed) == len(constraints)
    }


def named(text: str, columns: Sequence[str]) -> tuple[str, ...]:
    """The columns that an expression names, each once."""
    plain = _LITERAL.sub("''", _CAST.sub("", text))
    names = [
        match[1].replace('""', '"') if match[1] else match[2]
        for match in _NAME.finditer(plain)
        if not plain[match.end() :].startswith("(") or match[1]
    ]
    return tuple(dict.fromkeys(name for name in names if name in columns))


def literals(text: str) -> tuple[str, ...]:
    """The constants in an expression: texts and numbers."""
    texts = [match[0][1:-1].replace("''", "'") for match in _LITERAL.finditer(text)]
    numbers = re.findall(r"(?<![\w'.\"])-?\d+(?:\.\d+)?(?![\w'.\"])", _LITERAL.sub("''", _CAST.sub("", text)))
    return tuple(dict.fromkeys([*texts, *numbers]))


def _order(part: str) -> Order | None:
    alternatives = [bare(side) for side in split_words(bare(part), " OR ")]
    alternatives = [side for side in alternatives if not side.endswith(" IS NULL")]
    if len(alternatives) != 1:
        return None
    match = _ORDER.fullmatch(_plain(alternatives[0]))
    if match is None:
        return None
    left, right = (name[1:-1].replace('""', '"') if name[0] == '"' else name for name in (match[1], match[3]))
    if left.lower() in _WORDS or right.lower() in _WORDS or left[0].isdigit() or right[0].isdigit():
        return None
    strict = "=" not in match[2]
    return Order(right, left, strict) if match[2].startswith(">") else Order(left, right, strict)


def _moment(part: str) -> str:
    """The day that stands for ``now()`` and what is added to it."""
    match = _AGO.search(part)
    if match is None:
        return PRESENT.isoformat()
    # Rounded to the safe side of a month's and a year's uneven days.
    span = int(match[2]) * _DAYS[match[3]]
    distance = timedelta(days=ceil(span) if match[1] == "-" else floor(span))
    return (PRESENT - distance if match[1] == "-" else PRESENT + distance).isoformat()


def _plain(text: str) -> str:
    """Without casts, and without parentheses around single names."""
    text = _CAST.sub("", text)
    before = ""
    while before != text:
        before = text
        text = re.sub(r'(?<![\w"])\(("[^"]+"|\w+|\'[^\']*\')\)', r"\1", text)
    return text


def bare(text: str) -> str:
    """Without the parentheses that enclose all of it."""
    text = text.strip()
    while text.startswith("(") and closing(text, 0) == len(text) - 1:
        text = text[1:-1].strip()
    return text


def split_words(text: str, separator: str) -> list[str]:
    """The parts between a keyword; those in parentheses and quotes do not count."""
    found, depth, quote, start, position = [], 0, "", 0, 0
    while position < len(text):
        char = text[position]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif depth == 0 and text.startswith(separator, position):
            found.append(text[start:position])
            position += len(separator)
            start = position
            continue
        else:
            depth += (char in "([") - (char in ")]")
        position += 1
    return [*found, text[start:]]
