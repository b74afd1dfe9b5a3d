"""The SQL inside constraints as the server prints it, and lists and parentheses of SQL in general. Pure."""

from __future__ import annotations

import re

_EXCLUDE = re.compile(r"EXCLUDE USING \S+ \(")
_NOT_CHECKED = re.compile(r"\bNOT (?:VALID|ENFORCED)$")
_ELEMENT = re.compile(r'("(?:[^"]|"")+"|\w+)(?: [\w.]+)? WITH (\S+)')


def check_expression(definition: str) -> str | None:
    """The expression of ``CHECK ((low <= high)) NO INHERIT``, with its parentheses; None where it is no CHECK."""
    if not definition.startswith("CHECK ("):
        return None
    start = len("CHECK ")
    end = closing(definition, start)
    return None if end < 0 else definition[start : end + 1]


def is_checked(definition: str) -> bool:
    """False for a constraint that rows at hand need not meet: ``NOT VALID``, ``NOT ENFORCED``."""
    return _NOT_CHECKED.search(definition) is None


def exclusion_operators(definition: str) -> tuple[tuple[str, str], ...] | None:
    """The columns and operators of ``EXCLUDE USING gist (room WITH =, during WITH &&)``.

    None where an element is an expression, or only some rows are under the constraint.
    """
    match = _EXCLUDE.match(definition)
    if match is None:
        return None
    end = closing(definition, match.end() - 1)
    if end < 0 or definition[end + 1 :].strip().startswith("WHERE"):
        return None
    elements = []
    for part in map(str.strip, split_list(definition[match.end() : end])):
        element = _ELEMENT.fullmatch(part)
        if element is None:
            return None
        name = element[1]
        plain = name[1:-1].replace('""', '"') if name.startswith('"') else name
        elements.append((plain, element[2]))
    return tuple(elements)


def closing(sql: str, opening: int) -> int:
    """The position of the parenthesis that closes the one at ``opening``; those in quotes do not count; -1 without."""
    depth = 0
    quote = ""
    for position in range(opening, len(sql)):
        char = sql[position]
        if quote:
            # A doubled quote ends one literal and begins the next: nothing between them.
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        else:
            depth += (char == "(") - (char == ")")
            if depth == 0:
                return position
    return -1


def split_list(sql: str) -> list[str]:
    """The parts of a list at its commas; those in parentheses and quotes do not count."""
    parts, depth, quote, start = [], 0, "", 0
    for position, char in enumerate(sql):
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"":
            quote = char
        elif char == "," and depth == 0:
            parts.append(sql[start:position])
            start = position + 1
        else:
            depth += (char in "([") - (char in ")]")
    return [*parts, sql[start:]]
