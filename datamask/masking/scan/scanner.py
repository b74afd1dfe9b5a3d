"""A column's texts as one run of bytes, and everything that is found in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import repeat
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.scan import anchors
from datamask.masking.scan.addresses import email_at, handle_at, url_at, www_at
from datamask.masking.scan.clusters import clusters, worth_a_look
from datamask.masking.scan.finding import Finding
from datamask.masking.scan.ids import code_at
from datamask.masking.scan.marks import WWW_MARK, Marks, cues_of, personal
from datamask.masking.scan.network import colon_group_at, mac_at, uuid_at
from datamask.masking.scan.numbers import numbers_at
from datamask.masking.scan.plain_phones import plain_phones
from datamask.masking.text import Bytes

PART_BYTES: Final = 1 << 20
"""Texts are looked at in parts of about that many bytes, whose arrays stay in a core's cache."""

WORD_BYTES: Final = 1 << 18
"""The same for words, of which there are more than of digits."""

NUMBERS: Final = frozenset(("phone", "card_number", "account", "national_id", "ip", "birth_date"))
COLONS: Final = frozenset(("ip", "mac", "url"))
CODES: Final = frozenset(("iban", "national_id"))


Groups = tuple[NDArray[np.intp], NDArray[np.intp]]
"""Where runs of digits begin, and the bytes behind them."""

_NONE: Final = np.empty(0, dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Texts:
    """Texts back to back, a NUL behind each: no text of PostgreSQL holds one, so nothing is found across two.

    :param data: the bytes as an array.
    :param ends: behind each text's NUL.
    """

    data: Bytes
    whole: bytes
    ends: NDArray[np.int64]

    @classmethod
    def of(cls, values: pl.Series) -> Texts:
        """The values of a String series without nulls; a NUL inside of one becomes U+FFFD."""
        whole = _joined(values)
        if whole.count(0) != values.len():
            values = values.str.replace_all("\0", "\ufffd", literal=True)
            whole = _joined(values)
        ends = (values.str.len_bytes().to_numpy().astype(np.int64) + 1).cumsum()
        return cls(np.frombuffer(whole, dtype=np.uint8), whole, ends)

    def rows(self, places: list[int]) -> list[int]:
        """Which text each byte belongs to."""
        found: list[int] = np.searchsorted(self.ends, np.array(places, dtype=np.int64), side="right").tolist()
        return found

    def rows_between(self, places: NDArray[np.int64]) -> NDArray[np.intp]:
        """As :meth:`rows`, for ascending places that are close to each other; there is at least one."""
        first, last = np.searchsorted(self.ends, (places[0], places[-1]), side="right")
        found: NDArray[np.intp] = np.searchsorted(self.ends[first:last], places, side="right")
        return found + np.intp(first)

    def parts(self, size: int) -> Iterator[tuple[int, int]]:
        """First and last byte of parts of about so many bytes, which begin and end with a text, or with a line of one."""
        yield from self._parts(size, lambda start, end: self._cut(b"\n", start, start + size) or end)

    def word_parts(self, size: int) -> Iterator[tuple[int, int]]:
        """As :meth:`parts`, but a long line is cut as well: behind a blank, or anywhere if it has none."""
        yield from self._parts(
            size, lambda start, end: self._cut(b" ", start, start + size) or min(start + size, end)
        )

    def _parts(self, size: int, inside: Callable[[int, int], int]) -> Iterator[tuple[int, int]]:
        start = 0
        while start < len(self.data):
            row = int(np.searchsorted(self.ends, start + size, side="right"))
            end = int(self.ends[row - 1]) if row else 0
            if end <= start:
                end = inside(start, int(self.ends[row]))
            yield start, end
            start = end

    def _cut(self, separator: bytes, start: int, end: int) -> int:
        """The place behind the last separator between two bytes; 0 where there is none."""
        return self.whole.rfind(separator, start, end) + 1


def _joined(values: pl.Series) -> bytes:
    """Texts with a NUL behind each."""
    if not values.len():
        return b""
    # An empty one behind them: to append a byte to all of them would copy all of them.
    ended = pl.concat([values, pl.Series(values.name, [""])], rechunk=False)
    joined: bytes = ended.str.join("\0").cast(pl.Binary).item()
    return joined


def patterns(texts: Texts, start: int, end: int, find: frozenset[str], marks: Marks | None) -> list[Finding]:
    """What is recognized by its form between two bytes.

    :param find: kinds of findings: email, url, handle, phone, card_number, iban, national_id, ip, mac,
        birth_date and uuid.
    :param marks: the telling words between them; without them, no numbers and no ``www.`` are found.
    """
    whole, part = texts.whole, texts.data[start:end]
    colons, slashes = anchors.colons(part) if find & COLONS else (_NONE, _NONE)
    found = [
        *_signs(whole, start, end, find),
        *_links(whole, (slashes + start).tolist(), start, end, find, marks),
    ]
    if marks and find & (NUMBERS | CODES):
        # Digits inside of an address are part of it.
        groups = outside(anchors.digit_groups(part), [(one[0] - start, one[1] - start) for one in found])
        if find & NUMBERS:
            found += _numbers(whole, part, start, groups, find, marks)
        if find & CODES:
            places = anchors.codes(part, groups[0])
            places += start
            for place, cue in zip(places.tolist(), marks.cues(places), strict=True):
                found += _wanted(code_at(whole, place, cue), find)
    for place in (colons + start).tolist():
        found += _wanted(colon_group_at(whole, place), find)
    if "mac" in find or "uuid" in find:
        macs, uuids = anchors.dash_groups(part)
        for place in (macs + start).tolist():
            found += _wanted(mac_at(whole, place), find)
        for place in (uuids + start).tolist():
            found += _wanted(uuid_at(whole, place), find)
    return found


def _numbers(
    whole: bytes, part: Bytes, start: int, groups: Groups, find: frozenset[str], marks: Marks
) -> list[Finding]:
    result: list[Finding] = []
    found, looks = clusters(part, *groups)
    if not len(found.starts):
        return result
    bits = marks.cue_bits(found.starts + start)
    worth = worth_a_look(part, found, looks, personal(bits))
    if "phone" in find:
        plain = plain_phones(part, found, looks, bits)
        worth &= ~plain
        phones = found.take(plain)
        begins = phones.starts - (part[phones.starts - 1] == ord("+"))
        result += map(Finding, (begins + start).tolist(), (phones.ends + start).tolist(), repeat("phone"))
    rest, cues = found.take(worth), cues_of(bits[worth])
    for one, other, cue in zip(
        (rest.starts + start).tolist(), (rest.ends + start).tolist(), cues, strict=True
    ):
        result += numbers_at(whole, one, other, cue, find)
    return result


def outside(groups: Groups, spans: list[tuple[int, int]]) -> Groups:
    """The groups of digits that begin in none of the spans."""
    if not spans:
        return groups
    starts, ends = np.array(sorted(spans)).T
    row = np.searchsorted(starts, groups[0], side="right") - 1
    free = (row < 0) | (groups[0] >= np.maximum.accumulate(ends)[row])
    return groups[0][free], groups[1][free]


def _signs(whole: bytes, start: int, end: int, find: frozenset[str]) -> list[Finding]:
    emails, handles = "email" in find, "handle" in find
    found: list[Finding] = []
    at = whole.find(b"@", start, end) if emails or handles else -1
    while at >= 0:
        email = email_at(whole, at)
        if email:
            if emails:
                found.append(email)
        elif handles:
            found += _wanted(handle_at(whole, at), find)
        at = whole.find(b"@", at + 1, end)
    return found


def _links(
    whole: bytes, slashes: list[int], start: int, end: int, find: frozenset[str], marks: Marks | None
) -> Iterator[Finding]:
    if "url" in find:
        for colon in slashes:
            yield from _wanted(url_at(whole, colon), find)
        for place, _ in marks.spans(WWW_MARK, start, end) if marks else ():
            yield from _wanted(www_at(whole, place), find)


def _wanted(found: Finding | None, find: frozenset[str]) -> tuple[Finding, ...]:
    return (found,) if found and found.kind in find else ()
