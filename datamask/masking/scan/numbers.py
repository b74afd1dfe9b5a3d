"""Numbers in text: what a group of digits is, or that it is nothing personal."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator

from datamask.masking.scan.cues import Cue
from datamask.masking.scan.finding import Finding
from datamask.masking.scan.groups import Groups
from datamask.masking.scan.ids import MOST_GROUPS, SHAPES, Shape, dni_at
from datamask.masking.scan.phones import phone_length

# One separator between two groups: a blank, a hyphen, a point, a slash, or what Unicode has for the first two.
_SINGLE = frozenset((b" ", b"-", b".", b"/", b"\xc2\xa0", b"\xe2\x80\xaf", b"\xe2\x80\x91", b"\xe2\x80\x93"))
# Digits of a number that only the words before it tell.
_ANNOUNCED = range(7, 19)
_OCTET = rb"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
_V4 = re.compile(rb"(?:%b\.){3}%b(?!\d|\.\d)" % (_OCTET, _OCTET))
_VERSION = re.compile(rb"(?:version|release|firmware|build|driver|\bv)[ .:]?\Z", re.IGNORECASE)
# A letter or digit directly before makes it part of a word; one and a hyphen, or a number sign, part of a code.
_WORD = frozenset(b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
_INSIDE = _WORD | frozenset(b"_#")


# What some groups are (empty for what stays), where that begins and ends, and how many groups it takes.
_Piece = tuple[str, int, int, int]


def numbers_at(text: bytes, start: int, end: int, cue: Cue | None, find: Container[str]) -> Iterator[Finding]:
    """What is found in one cluster of digits and separators.

    :param cue: what the words before it say that it is.
    :param find: the kinds that are wanted; numbers of other kinds are taken for nothing else.
    """
    address = _V4.match(text, start)
    if address and address.end() == end:
        if "ip" in find and not _is_version(text, start):
            yield Finding(start, end, "ip")
        return
    groups = Groups.of(text, start, end, cue)
    first = 0
    while first < len(groups.runs):
        kind, begin, finish, taken = _piece(groups, first)
        if kind in find:
            yield Finding(begin, finish, kind)
        first += taken


def _piece(groups: Groups, first: int) -> _Piece:
    """What the groups from the first on are."""
    text, (start, end) = groups.text, groups.runs[first]
    address = _V4.match(text, start)
    if address:
        return ("" if _is_version(text, start) else "ip", start, address.end(), 4)
    before = text[start - 1] if start else 0
    inside = _is_inside(text, start)
    if groups.is_date(first):
        kind = "birth_date" if groups.cue == "birth" else ""
        return (kind, start, groups.end(first, 3), 3)
    if not inside and before != 43:
        dni = dni_at(text, start)
        if dni:
            return ("national_id", start, dni.end, sum(run[0] < dni.end for run in groups.runs[first:]))
        kind, count = _shaped(groups, first)
        if kind:
            return (kind, start, groups.end(first, count), count)
    count, begin = phone_length(groups, first, inside)
    if count:
        return ("phone", begin, groups.end(first, count), count)
    return ("", start, end, 1)


def _is_inside(text: bytes, start: int) -> bool:
    """Whether digits are part of a word, or of a code such as INV-2024."""
    before = text[start - 1] if start else 0
    return before in _INSIDE or (before == 45 and start > 1 and text[start - 2] in _WORD)


def _is_version(text: bytes, start: int) -> bool:
    """Whether four numbers are a version, and no address."""
    return _is_inside(text, start) or _VERSION.search(text, max(0, start - 9), start) is not None


def _shaped(groups: Groups, first: int) -> tuple[str, int]:
    """The longest run of groups that has the shape and the check digit of a card or a national number."""
    single = 1
    for gap in groups.gaps[first : first + MOST_GROUPS - 1]:
        if gap not in _SINGLE:
            break
        single += 1
    for count in range(single, 0, -1):
        shapes = SHAPES.get(groups.lengths(first, count))
        if shapes is None or not _ends(groups, first, count):
            continue
        digits, gaps = groups.digits(first, count), groups.gaps[first : first + count - 1]
        for shape in shapes:
            if groups.cue == shape.cue or _fits(shape, digits, gaps):
                return shape.kind, count
    return _announced(groups, first, single)


def _announced(groups: Groups, first: int, single: int) -> tuple[str, int]:
    """What words say that a number is whose shape says nothing: a bank account, a number of some office."""
    kind = {"id": "national_id", "iban": "account"}.get(groups.cue or "", "")
    if not kind or groups.goes_on(first, single) or len(groups.digits(first, single)) not in _ANNOUNCED:
        return "", 0
    return kind, single


def _fits(shape: Shape, digits: bytes, gaps: list[bytes]) -> bool:
    """Whether a number is of a shape without any word that says so."""
    if shape.announced or (shape.gap is not None and set(gaps) != {shape.gap}):
        return False
    return shape.check(digits)


def _ends(groups: Groups, first: int, count: int) -> bool:
    """Whether a number ends behind its last group, and does not go on with a letter or one more group."""
    gap = groups.gaps[first + count - 1 : first + count]
    return not groups.goes_on(first, count) and (not gap or gap[0] not in (b"-", b".", b"/"))
