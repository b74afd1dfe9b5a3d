"""The nearest right word for a wrong one."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, choices: Iterable[str]) -> str | None:
    """The choice that ``word`` most probably meant, or None where nothing is close.

    Upper and lower case count as equal. Among equally close choices the first one wins.
    """
    by_folded: dict[str, str] = {}
    for choice in choices:
        by_folded.setdefault(choice.casefold(), choice)
    matches = get_close_matches(word.casefold(), by_folded, n=1, cutoff=0.6)
    return by_folded[matches[0]] if matches else None


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """A hint: the nearest choice as a question, else the list of all choices."""
    known = list(choices)
    match = nearest(word, known)
    if match is not None:
        return f"did you mean {match!r}?"
    return f"known: {', '.join(sorted(known))}" if known else "there are none"
