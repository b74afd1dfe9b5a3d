"""CHECK constraints that can be understood: one column compared with constants.

PostgreSQL prints a constraint in one normal form (``pg_get_constraintdef``); the common shapes of it
are read here, and everything else counts as not understood, which is always safe.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache

from datamask.catalog.model import Check

_LITERAL = re.compile(r"'((?:[^']|'')*)'")
_CAST = re.compile(
    r'::(?:"[^"]+"|\w+)(?:\."[^"]+"|\.\w+)?(?: varying| precision| with(?:out)? time zone)?'
    r"(?:\(\d+(?:,\d+)?\))?(?:\[\])*"
)
_WRAPPED_WORD = re.compile(r'(?<![\w"])\(("[^"]+"|[\w.-]+|§\d+)\)')
_COMPARISON = re.compile(r'(?:(upper|lower|length|char_length)\()?("[^"]+"|\w+)\)? (>=|<=|<>|>|<|=) (.+)')
_ANY = re.compile(r"ANY \(+ARRAY\[(.+)\]\)+")
_CONSTANT = re.compile(r"§\d+|-?[0-9.]+")
# Words that make the outcome for NULL something else than NULL, which would pass.
_NULL_TESTS = re.compile(r"\b(?:null|coalesce|num_nulls|num_nonnulls|distinct|is)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Condition:
    """One comparison that a value must meet.

    :param function: ``upper``, ``lower`` or ``length`` of the column, or empty.
    :param operator: of SQL; ``=`` with several constants means any of them.
    :param constants: empty where the other side is an expression, such as ``now()``.
    """

    function: str
    operator: str
    constants: tuple[str, ...]


def conditions(check: Check) -> tuple[Condition, ...] | None:
    """The comparisons that a CHECK consists of, or None where it is not understood."""
    return _parsed(check.definition) if len(check.columns) == 1 else None


def passes(value: str, check: Check) -> bool:
    """True where the value, as PostgreSQL text, certainly meets the CHECK."""
    found = conditions(check)
    return found is not None and all(_meets(value, condition) is True for condition in found)


def fails(value: str, check: Check) -> bool:
    """True where the value certainly breaks the CHECK."""
    found = conditions(check)
    return found is not None and any(_meets(value, condition) is False for condition in found)


def null_passes(check: Check) -> bool:
    """True where NULL certainly meets the CHECK: a comparison with NULL is unknown, and unknown passes."""
    return conditions(check) is not None or not _NULL_TESTS.search(_LITERAL.sub("", check.definition))


def truncation_passes(check: Check, unit: str) -> bool:
    """True where a date that met the CHECK still does when cut to the beginning of its year or month."""
    found = conditions(check)
    return found is not None and all(
        not condition.function
        and (
            condition.operator in {"<", "<="}
            or (
                condition.operator == ">="
                and all(_begins(value, unit) for value in condition.constants or ("",))
            )
        )
        for condition in found
    )


def sign_passes(check: Check) -> bool:
    """True where a number that met the CHECK still does when another of the same sign, or zero, replaces it."""
    found = conditions(check)
    return found is not None and all(
        not condition.function
        and condition.operator in {">=", "<="}
        and bool(condition.constants)
        and all(_compare(constant, "0") == 0 for constant in condition.constants)
        for condition in found
    )


def a_passing_value(check: Check) -> str | None:
    """Some constant of the CHECK that meets it, or None."""
    found = conditions(check) or ()
    for condition in found:
        for constant in condition.constants:
            if passes(constant, check):
                return constant
    return None


@cache
def _parsed(definition: str) -> tuple[Condition, ...] | None:
    literals: list[str] = []

    def keep(match: re.Match[str]) -> str:
        literals.append(match[1].replace("''", "'"))
        return f"§{len(literals) - 1}"

    text = _LITERAL.sub(keep, definition.removesuffix(" NOT VALID"))
    if not text.startswith("CHECK "):
        return None
    text = _CAST.sub("", text.removeprefix("CHECK "))
    before = ""
    while before != text:
        before = text
        text = _WRAPPED_WORD.sub(r"\1", text)
    found = []
    for part in _split(_bare(text), " AND "):
        alternatives = [side for side in _split(_bare(part), " OR ") if not _bare(side).endswith(" IS NULL")]
        if len(alternatives) != 1:
            return None
        condition = _condition(_bare(alternatives[0]), literals)
        if condition is None:
            return None
        found.append(condition)
    return tuple(found)


def _condition(text: str, literals: list[str]) -> Condition | None:
    match = _COMPARISON.fullmatch(text)
    if not match:
        return None
    function, operator, other = (match[1] or "").removeprefix("char_"), match[3], match[4]
    if re.search(rf"(?<!\w){re.escape(match[2])}(?!\w)", other):
        return None
    listed = _ANY.fullmatch(other)
    if listed and operator == "=":
        items = [_bare(item.strip()) for item in listed[1].split(", ")]
        if not all(_CONSTANT.fullmatch(item) for item in items):
            return None
        return Condition(function, "=", tuple(_constant(item, literals) for item in items))
    if _CONSTANT.fullmatch(other):
        return Condition(function, operator, (_constant(other, literals),))
    return Condition(function, operator, ()) if operator in {"<", "<=", ">", ">="} else None


def _constant(item: str, literals: list[str]) -> str:
    return literals[int(item[1:])] if item.startswith("§") else item


def _bare(text: str) -> str:
    """Without the parentheses that enclose all of it."""
    while text.startswith("(") and _closing(text) == len(text) - 1:
        text = text[1:-1]
    return text


def _closing(text: str) -> int:
    depth = 0
    for position, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return position
    return -1


def _split(text: str, separator: str) -> list[str]:
    parts, depth, start, position = [], 0, 0, 0
    while position < len(text):
        depth += (text[position] == "(") - (text[position] == ")")
        if depth == 0 and text.startswith(separator, position):
            parts.append(text[start:position])
            position += len(separator)
            start = position
            continue
        position += 1
    return [*parts, text[start:]]


def _meets(value: str, condition: Condition) -> bool | None:
    """None where it cannot be told without the server."""
    if condition.function == "length":
        value = str(len(value))
    elif condition.function:
        value = value.upper() if condition.function == "upper" else value.lower()
    orders = [_compare(value, constant) for constant in condition.constants]
    if condition.operator == "=":
        return any(order == 0 for order in orders) if orders else None
    if not orders or orders[0] is None:
        return None
    order = orders[0]
    match condition.operator:
        case "<>":
            return order != 0
        case ">=":
            return order >= 0
        case "<=":
            return order <= 0
        case ">":
            return order > 0
        case _:
            return order < 0


def _compare(value: str, constant: str) -> int | None:
    """-1, 0 or 1; None where the order depends on a collation."""
    if value == constant:
        return 0
    try:
        left, right = Decimal(value), Decimal(constant)
        return (left > right) - (left < right)
    except InvalidOperation:
        pass
    try:
        day, other = date.fromisoformat(value[:10]), date.fromisoformat(constant[:10])
        # Times of one day are not told apart.
        return (day > other) - (day < other) or None
    except ValueError:
        return None


def _begins(value: str, unit: str) -> bool:
    return value[4:10] == "-01-01" if unit == "year" else unit == "month" and value[7:10] == "-01"
