"""Patterns of values that a mask leaves as they are: what may be written, and what it matches."""

from __future__ import annotations

import re

from datamask.errors import PolicyError

_WILD = re.compile(r"[*?]")
_HOST = re.compile(r"@[^@\s*?]+")


def check_exception(pattern: str) -> None:
    """Refuse a pattern that means nothing, or everything.

    A pattern is one of

    - ``@host``: addresses at that very host, in upper or lower case, and nothing around them;
    - a text with ``*`` (any characters) or ``?`` (one character), for the whole value;
    - any other text: that very value.

    :raises PolicyError: it is empty, or every value would match.
    """
    if not pattern:
        raise PolicyError("an exception must not be empty: the empty text is never masked anyway")
    if not pattern.strip("*?"):
        raise PolicyError(
            f"the exception {pattern!r} would let every value pass",
            hint="write what the values have in common, such as @example.com or test-*",
        )
    if pattern.startswith("@") and not _WILD.search(pattern) and not _HOST.fullmatch(pattern):
        raise PolicyError(
            f"the exception {pattern!r} is no host", hint="write @ and the host's name: @example.com"
        )


def expression(pattern: str) -> str | None:
    """The pattern as a regular expression (of Rust's crate ``regex``), None where it is a plain text."""
    if _WILD.search(pattern):
        parts = re.split(r"([*?])", pattern)
        return "".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in parts)
    if pattern.startswith("@"):
        # Without a second "@" and blanks before it: a sentence that ends in an address is no address.
        return rf"[^@\s]+(?i:{re.escape(pattern)})"
    return None
