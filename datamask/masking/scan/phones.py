"""Telephone numbers in text: by their form, their length, and the words before them."""

from __future__ import annotations

import re
from typing import Final

from datamask.masking.scan.groups import Groups

# ITU-T E.164: at most 15 digits with the country code. Numbers without one have at most 13, with the zero.
INTERNATIONAL: Final = range(8, 16)
NATIONAL: Final = range(9, 14)
_ANNOUNCED: Final = range(6, 16)
# Countries whose numbers, with the country code, have so many digits at most; others up to 15.
_LONGEST: Final = {
    b"1": 11, b"7": 11, b"30": 12, b"31": 11, b"32": 11, b"33": 11, b"34": 11, b"41": 11, b"44": 12, b"45": 10,
    b"46": 12, b"47": 10, b"48": 11, b"55": 13, b"61": 11, b"81": 12, b"86": 13, b"91": 12, b"351": 12,
    b"353": 12, b"420": 12,
}  # fmt: skip
_COUNTRY = re.compile(
    rb"1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|(?:2[1-69]|3[578]|42|5[09]|6[789]|8[0578]|9[679])\d"
)
_GAP = re.compile(rb"(?:[ .\-/()]|\xc2\xa0|\xe2\x80[\x8b\x90-\x95\xaf])+")
_PLUS = re.compile(rb"\(?\+ ?\(?\Z")
_WIDE = frozenset((b" / ", b" - ", b") - "))
_BLANKS = frozenset((b" ", b"\xc2\xa0", b"\xe2\x80\xaf"))
# Groups that no other number has: North America; Spain, Poland and France without the zero; Italy; India; China.
AMERICAN: Final = frozenset(((3, 3, 4), (1, 3, 3, 4)))
SPOKEN: Final = frozenset(((3, 3, 3), (3, 2, 2, 2), (2, 3, 2, 2), (3, 7), (3, 6), (5, 5), (3, 4, 4)))
BRACKETED: Final = frozenset(((2, 5, 4), (2, 4, 4), (2, 9), (2, 8)))
# A price or a measure: the currency before it, or what it counts behind it.
_CURRENCY = re.compile(rb"(?:[$]|\xe2\x82\xac|\xc2\xa3|EUR|USD|GBP|CHF) ?\Z")
_UNIT = re.compile(
    rb",\d|\.\d|[:%]\d?| ?(?:%|\xe2\x82\xac|\xc2\xa3|EUR|USD|GBP|CHF|PLN|euros?\b|dollars?\b|kg\b"
    rb"|km\b|[kMG]i?B\b|bytes\b|ms\b|rows\b|Zeilen\b|St\xc3\xbcck\b|units\b|items\b|pcs\b)"
)


def phone_length(groups: Groups, first: int, inside: bool) -> tuple[int, int]:
    """How many groups the telephone number takes that begins with a group, and its first byte; (0, …) for none.

    :param inside: the group is part of a code such as ``INV-2024``.
    """
    text, start = groups.text, groups.runs[first][0]
    before = text[max(0, start - 3) : start]
    if b"+" in before:
        plus = _PLUS.search(before)
        if plus:
            return _international(groups, first, 0), start - len(before) + plus.start()
    if inside:
        return 0, start
    count = _unmarked(groups, first)
    # The bracket of an area code belongs to the number.
    bracket = (
        count and text[start - 1 : start] == b"(" and text.find(b")", start, groups.end(first, count)) > 0
    )
    return count, start - bool(bracket)


def _international(groups: Groups, first: int, prefix: int) -> int:
    """Groups behind ``+``, or whose first begins with ``00`` (a prefix of two digits)."""
    start = groups.runs[first][0] + prefix
    longest = longest_international(groups.text[start : start + 3]) + prefix
    if longest == prefix:
        return 0
    # The zero in "+49 (0)30" is written, and not dialled.
    zero = groups.gaps[first : first + 1] and b"(" in groups.gaps[first]
    count, total = _taken(groups, first, longest + bool(zero))
    return count if total - prefix >= INTERNATIONAL[0] and not groups.goes_on(first, count) else 0


def longest_international(start: bytes) -> int:
    """How many digits a number may have that begins with a country code; 0 where there is no such code.

    :param start: its first three characters.
    """
    code = _COUNTRY.match(start)
    return _LONGEST.get(code[0], INTERNATIONAL[-1]) if code else 0


def _unmarked(groups: Groups, first: int) -> int:
    """Groups without ``+``: what they look like, and what the words before them say."""
    start, end = groups.runs[first]
    looks = _looks(groups, first)
    if not looks and end - start > _ANNOUNCED[-1]:
        return 0
    if groups.cue in ("other", "iban", "card", "birth", "id"):
        return 0
    if looks:
        return 0 if _measured(groups, first, looks) else looks
    if groups.cue != "phone":
        return 0
    count, total = _taken(groups, first, _ANNOUNCED[-1])
    if total < _ANNOUNCED[0] or groups.goes_on(first, count) or _measured(groups, first, count):
        return 0
    return count


def _looks(groups: Groups, first: int) -> int:
    """How many groups look like a telephone number whatever stands before them."""
    text, (start, end) = groups.text, groups.runs[first]
    if text[start] == 48:
        if text[start : start + 2] == b"00":
            return _international(groups, first, 2) if end - start != 8 else 0
        count, total = _taken(groups, first, NATIONAL[-1])
        return count if total in NATIONAL and not groups.goes_on(first, count) else 0
    for count in (4, 3, 2):
        lengths = groups.lengths(first, count)
        if len(lengths) < count or not _alike(groups, first, count) or groups.goes_on(first, count):
            continue
        digits, gap = groups.digits(first, count), groups.gaps[first]
        if lengths in AMERICAN:
            local = digits[-10:]
            if local[0] > 49 and local[3] > 49 and (count == 3 or digits[:1] == b"1"):
                return count
        if lengths in SPOKEN and digits[0] > 50 and gap in _BLANKS | {b"-"}:
            return count
        if lengths == (3, 4, 4) and digits[0] == 49 and digits[1] > 50:
            return count
        if lengths in BRACKETED and text[start - 1 : start] == b"(" and gap.startswith(b")"):
            return count
    return 0


def _alike(groups: Groups, first: int, count: int) -> bool:
    """Whether groups stand apart by the same separator, but for the bracket behind an area code."""
    gaps = [gap.strip(b"() ") or b" " for gap in groups.gaps[first : first + count - 1]]
    behind = groups.gaps[first + count - 1 : first + count]
    spaced = (len(gaps) > 1 and b")" in groups.gaps[first]) or len(set(gaps)) == 1
    return (
        spaced
        and all(_GAP.fullmatch(gap) for gap in gaps)
        and (not behind or behind[0] not in (b"-", b".", b"/"))
    )


def _taken(groups: Groups, first: int, longest: int) -> tuple[int, int]:
    """As many groups from the first on as belong together, and their digits, at most ``longest``."""
    total = count = 0
    for place in range(first, len(groups.runs)):
        start, end = groups.runs[place]
        size = end - start
        if total + size > longest or (place > first and groups.is_date(place)):
            break
        if place > first:
            gap = groups.gaps[place - 1]
            if not _GAP.fullmatch(gap) or (gap.count(b" ") > 1 and gap not in _WIDE):
                break
            # A short number behind a long group is one of its own: "030 12345678 2 pieces".
            before = groups.runs[place - 1]
            if gap in _BLANKS and size <= 2 < 5 <= before[1] - before[0]:
                break
        total, count = total + size, count + 1
        if all(length == 2 for length in groups.lengths(first, count)) and count == 5:
            break
    return count, total


def _measured(groups: Groups, first: int, count: int) -> bool:
    """Whether groups are a price or a measure."""
    text, start = groups.text, groups.runs[first][0]
    return bool(
        _CURRENCY.search(text, max(0, start - 5), start) or _UNIT.match(text, groups.end(first, count))
    )
