"""One spelling for expressions that PostgreSQL prints in two ways. Pure.

``x IN ('a', 'b')`` on a ``varchar`` column is kept as a cast of the whole list, and printed as
``(ARRAY['a'::character varying, 'b'::character varying])::text[]``. A copy made from that text keeps a cast of
each element: ``ARRAY[('a'::character varying)::text, ('b'::character varying)::text]``. Both are one expression, and a
copy made by ``pg_dump`` would differ from its source for ever.
"""

from __future__ import annotations

import re

_OPEN = "(ARRAY["
_CAST = re.compile(r"\]\)::((?:[\w.]|\"[^\"]+\"| (?=\w))+(?:\(\d+(?:,\d+)?\))?)\[\]")


def one_spelling(text: str) -> str:
    """The expression with the cast of every array constructor moved to its elements."""
    start = text.find(_OPEN)
    if start < 0:
        return text
    elements, end = _elements(text, start + len(_OPEN))
    cast = _CAST.match(text, end) if elements is not None else None
    if elements is None or cast is None:
        return text[: start + len(_OPEN)] + one_spelling(text[start + len(_OPEN) :])
    spelled = ", ".join(f"({one_spelling(element)})::{cast[1]}" for element in elements)
    return f"{text[:start]}ARRAY[{spelled}]{one_spelling(text[cast.end() :])}"


def _elements(text: str, position: int) -> tuple[list[str] | None, int]:
    """The elements of the list that begins there, and where its closing bracket is; None without one."""
    elements: list[str] = []
    begin, depth = position, 0
    while position < len(text):
        character = text[position]
        if character in "'\"":
            # A doubled quote closes and opens again, which is the same.
            position = text.find(character, position + 1)
            if position < 0:
                return None, 0
        elif character in "([":
            depth += 1
        elif character in ")]" and depth:
            depth -= 1
        elif character == "]":
            return [*elements, text[begin:position]], position
        elif character == "," and not depth:
            elements.append(text[begin:position])
            begin = position + 2
        position += 1
    return None, 0
