"""Names of other people in text: behind a title, a greeting or a farewell, or by a given name that is known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from datamask.masking.scan.anchors import flags
from datamask.masking.scan.finding import Finding
from datamask.masking.scan.marks import NAME_MARKS, Marks
from datamask.masking.scan.vocabulary import words
from datamask.masking.text import Bytes, Lengths

_TITLE, _GREETING, _FAREWELL, _INTRODUCTION, _GIVEN = NAME_MARKS
_PARTICLES, _NO_NAMES, _TITLES = words("particles"), words("no_names"), words("titles")
# One or two words of ASCII letters, and what shows that the name ends there; a small word may be part of it.
_PLAIN = re.compile(
    rb"([A-Z][a-z]+)(?: ([A-Z][a-z]+))?(?:(?=[,;:!?)\0\n\r]|\.[ \0\n\r]| [0-9(])|(?= ([a-z]+)))"
)
_PLAIN_PARTICLES = frozenset(word.encode() for word in _PARTICLES)
_NO_WORD = frozenset(word.encode() for word in _NO_NAMES | _TITLES)
# Bytes in which a name and what leads to it have to stand.
_REACH = 80
_MOST_WORDS = 4

_TOKEN = re.compile(r"([^\W\d_]+(?:['’](?![sS](?!\w))[^\W\d_]+)*)(\.?)([ \u00a0]?-?)", re.UNICODE)
_BEFORE_NAME = {
    _TITLE: re.compile(r"\.?[ \u00a0]+"),
    _GREETING: re.compile(r",?[ \u00a0]+"),
    # The name stands by itself at the end of a line.
    _FAREWELL: re.compile(r"[ ,.!]*(?:\r?\n[ \t]*){1,3}|[ ]*,[ ]*"),
    _INTRODUCTION: re.compile(r"(?:[ ]+(?:is|was|ist|war|lautet|est|es|era))?[ ]*:?[ ]+"),
}
_LINE_END = re.compile(r"[ \t,.!]*(?:[\r\n\0]|\Z)")
_WIDE = bytes(range(0x80, 0x100))
# A capital, or a letter that may be one.
_FIRST_OF_NAME = flags(bytes(range(65, 91)) + _WIDE)
_NAME_OR_BLANK = flags(bytes(range(65, 91)) + _WIDE + b" ")
# What may stand behind the blank that follows a word, and what may follow it instead of a blank.
_BEHIND = {
    _TITLE: (_NAME_OR_BLANK, flags(b".\xc2")),
    _GREETING: (_NAME_OR_BLANK, flags(b",\xc2")),
    _FAREWELL: (flags(b" ,.!\r\n"), flags(b",.!\r\n")),
    # The blank, the colon, the capital, or is, was, ist, war, lautet, est, es, era.
    _INTRODUCTION: (_NAME_OR_BLANK | flags(b":iwle"), flags(b":")),
}


def likely_names(marks: Marks, text: bytes) -> list[Finding]:
    """Given and family names where words of the texts announce or are them."""
    data = np.frombuffer(text, dtype=np.uint8)
    found: list[Finding] = []
    for number in (_TITLE, _GREETING, _FAREWELL, _INTRODUCTION, _GIVEN):
        starts, ends = marks.places(number)
        places = np.flatnonzero(_promising(data, number, starts, ends))
        for start, end in zip(starts[places].tolist(), ends[places].tolist(), strict=True):
            if number != _GIVEN:
                found += _announced(text, end, number)
            # Four capitals are an abbreviation rather than a name.
            elif _capital(text, start) and not (end - start <= 4 and text[start:end].isupper()):
                found += _named(text, start, given=True)
    return found


def _promising(data: Bytes, number: int, starts: Lengths, ends: Lengths) -> NDArray[np.bool_]:
    """Which words a name may stand at, by one or two bytes: most do not get a look."""
    if number == _GIVEN:
        may: NDArray[np.bool_] = _FIRST_OF_NAME[data[starts]]
        return may
    behind, second = data[ends], data[np.minimum(ends + 1, len(data) - 1)]
    after_blank, other = _BEHIND[number]
    return np.where(behind == ord(" "), after_blank[second], other[behind])


def _capital(text: bytes, start: int) -> bool:
    return text[start] < 97 or (
        text[start] >= 0xC3 and text[start : start + 4].decode(errors="ignore")[:1].isupper()
    )


def _announced(text: bytes, end: int, number: int) -> Sequence[Finding]:
    window = text[end : end + _REACH].decode(errors="ignore")
    match = _BEFORE_NAME[number].match(window)
    if match is None or (number == _TITLE and not _is_title(text, end, match[0])):
        return ()
    if number == _FAREWELL:
        line = window[match.end() :]
        name = re.match(r"[^\W\d_][\w'’.\- ]*", line)
        if name is None or not _LINE_END.match(line, name.end()):
            return ()
    return _named(text, end + len(match[0].encode()), given=number != _TITLE)


def _is_title(text: bytes, end: int, gap: str) -> bool:
    """Whether one letter is a French M., or an initial: it has a capital and a point."""
    long = text[end - 2 : end].isalpha()
    return long or (text[end - 1 : end] == b"M" and gap.startswith("."))


def _named(text: bytes, start: int, *, given: bool) -> Sequence[Finding]:
    """The name that begins at a place: its first word and the others.

    :param given: a word alone is a given name.
    """
    plain = _PLAIN.match(text, start)
    if plain and plain[3] not in _PLAIN_PARTICLES:
        one, other, _ = plain.groups()
        if one.lower() in _NO_WORD:
            return ()
        end = start + len(one)
        if other is None or other.lower() in _NO_WORD:
            return (Finding(start, end, "first_name" if given else "last_name"),)
        return Finding(start, end, "first_name"), Finding(end + 1, end + 1 + len(other), "last_name")
    window = text[start : start + _REACH].decode(errors="ignore")
    spans = _name_spans(window)
    if not spans:
        return ()
    if window.isascii():
        bounds = [(start + one, start + other) for one, other in spans]
    else:
        bounds = [
            (len(window[:one].encode()) + start, len(window[:other].encode()) + start) for one, other in spans
        ]
    if len(bounds) == 1:
        return (Finding(*bounds[0], "first_name" if given else "last_name"),)
    return Finding(*bounds[0], "first_name"), Finding(bounds[1][0], bounds[-1][1], "last_name")


def _name_spans(window: str) -> list[tuple[int, int]]:
    """The words of the name that a text begins with, particles inside of it among them."""
    spans: list[tuple[int, int]] = []
    kept = place = 0
    hyphen = False
    while len(spans) < _MOST_WORDS:
        token = _TOKEN.match(window, place)
        if token is None:
            break
        word, dot, gap = token.groups()
        folded = _plain(word)
        particle = folded in _PARTICLES
        if not word[0].isupper() and not (particle and spans):
            break
        if folded in _NO_NAMES or folded in _TITLES:
            break
        if hyphen:
            # A double name is one word: Karl-Heinz.
            spans[-1] = (spans[-1][0], token.end(1))
        else:
            spans.append((token.start(1), token.end(1)))
        hyphen = gap == "-"
        if not (particle and word[0].islower()):
            kept = len(spans)
        # A point ends the sentence, but for an initial.
        if not gap or (dot and len(word) > 1):
            break
        place = token.end()
    return spans[:kept]


def _plain(word: str) -> str:
    if word.isascii():
        return word.lower()
    decomposed = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in decomposed if not unicodedata.combining(char))
