"""Texts that match a regular expression of a CHECK, by number: ``^[A-Z]{2}-\\d{4}$`` as six places with alphabets."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence
from typing import Any

from datamask.synthetic.domains import Codes

_PRINTABLE = string.digits + string.ascii_letters + " !#%&()*+,-./:;<=>?@[]^_{|}~"
_CATEGORIES = {
    "CATEGORY_DIGIT": string.digits,
    "CATEGORY_WORD": string.ascii_lowercase + string.digits,
    "CATEGORY_SPACE": " ",
}
# How often what may come any number of times comes, beyond the least.
_MORE = 6


def matching(pattern: str, longest: int | None) -> Codes | None:
    """Texts that match; None where the expression has something in it that cannot be laid out in places.

    Where an expression gives a choice, the first one is taken. Where it is not bound to the beginning and the end,
    the whole text matches nevertheless.
    """
    parser: Any = re._parser  # type: ignore[attr-defined]
    try:
        parsed = parser.parse(pattern)
    except (re.error, OverflowError):
        return None
    places = _places(list(parsed), longest)
    if places is None or (longest is not None and len(places) > longest):
        return None
    text = Codes(tuple(places))
    # What was laid out is tried, so that nothing hangs on how Python reads an expression of PostgreSQL.
    sample = "".join(alphabet[0] for alphabet in places)
    return text if re.search(pattern, sample) else None


def _places(items: Sequence[tuple[Any, Any]], longest: int | None) -> list[str] | None:
    found: list[str] = []
    for kind, value in items:
        more = _item(str(kind), value, longest)
        if more is None:
            return None
        found += more
    return found


def _item(kind: str, value: Any, longest: int | None) -> list[str] | None:
    match kind:
        case "AT":
            return []
        case "LITERAL":
            return [chr(value)] if value < 128 else None
        case "NOT_LITERAL":
            return [string.ascii_lowercase.replace(chr(value), "")]
        case "ANY":
            return [string.ascii_lowercase]
        case "IN":
            alphabet = _alphabet(value)
            return [alphabet] if alphabet else None
        case "SUBPATTERN":
            return _places(list(value[3]), longest)
        case "BRANCH":
            return _places(list(value[1][0]), longest)
        case "MAX_REPEAT" | "MIN_REPEAT":
            least, most, inner = value
            places = _places(list(inner), longest)
            if places is None:
                return None
            count = int(least) if least == most or int(least) else min(int(least) + _MORE, int(most))
            if least != most and int(least) == 1:
                count = min(_MORE, int(most))
            return places * count
    return None


def _alphabet(items: Sequence[tuple[Any, Any]]) -> str:
    found: list[str] = []
    negated = False
    for kind, value in items:
        match str(kind):
            case "NEGATE":
                negated = True
            case "LITERAL":
                found.append(chr(value))
            case "RANGE":
                found += map(chr, range(value[0], min(value[1], 126) + 1))
            case "CATEGORY":
                found += _CATEGORIES.get(str(value), "")
            case _:
                return ""
    if negated:
        kept = [char for char in string.ascii_lowercase + string.digits if char not in found]
        return "".join(kept or [char for char in _PRINTABLE if char not in found])
    return "".join(dict.fromkeys(char for char in found if ord(char) < 128))
