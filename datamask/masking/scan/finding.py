"""What a search of text finds, and settling what to do where findings meet."""

from __future__ import annotations

from collections.abc import Iterable
from operator import itemgetter
from typing import NamedTuple


class Finding(NamedTuple):
    """A stretch of text to replace.

    :param start: its first byte.
    :param end: behind its last byte.
    :param kind: what it is: ``email``, ``phone``, ``first_name`` …
    :param replacement: what takes its place, where that is known already.
    """

    start: int
    end: int
    kind: str
    replacement: str | None = None


_START = itemgetter(0)


def settled(findings: Iterable[Finding]) -> list[Finding]:
    """The findings in the order of the text, none of them touching another's bytes.

    Of findings that overlap the longest gives its kind to all of them together: no byte of any is left over.
    """
    result: list[Finding] = []
    reach = -1
    for one in sorted(findings, key=_START):
        if one[0] >= reach:
            result.append(one)
            reach = one[1]
        elif one[1] > reach:
            last = result[-1]
            longer = one if one.end - one.start > last.end - last.start else last
            result[-1] = Finding(last.start, one.end, longer.kind, longer.replacement)
            reach = one[1]
    return result
