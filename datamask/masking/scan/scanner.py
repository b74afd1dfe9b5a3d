"""A column's texts as one run of bytes, and everything that is found in them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
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
from datamask.masking.text import Bytes, pack

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
        if values.str.contains("\0", literal=True).any():
            values = values.str.replace_all("\0", "\ufffd", literal=True)
        packed = pack(values + "\0")
        ends = packed.starts + packed.lengths
        data = packed.data[: int(ends[-1]) if len(ends) else 0]
        return cls(data, data.tobytes(), ends)

    def rows(self, places: list[int]) -> list[int]:
        """Which text each byte belongs to."""
        found: list[int] = np.searchsorted(self.ends, np.array(places, dtype=np.int64), side="right").tolist()
        return found

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


def patterns(
    texts: Texts, start: int, end: int, find: frozenset[str], marks: Marks | None
) -> Iterator[Finding]:
    """What is recognized by its form between two bytes.

    :param find: kinds of findings: email, url, handle, phone, card_number, iban, national_id, ip, mac,
        birth_date and uuid.
    :param marks: the telling words between them; without them, no numbers and no ``www.`` are found.
    """
    whole, part = texts.whole, texts.data[start:end]
    colons, slashes = anchors.colons(part) if find & COLONS else (_NONE, _NONE)
    addresses = [
        *_signs(whole, start, end, find),
        *_links(whole, (slashes + start).tolist(), start, end, find, marks),
    ]
    yield from addresses
    if marks and find & (NUMBERS | CODES):
        # Digits inside of an address are part of it.
        groups = outside(
            anchors.digit_groups(part), [(one.start - start, one.end - start) for one in addresses]
        )
        if find & NUMBERS:
            yield from _numbers(whole, part, start, groups, find, marks)
        if find & CODES:
            places = anchors.codes(part, groups[0])
            places += start
            for place, cue in zip(places.tolist(), marks.cues(places), strict=True):
                yield from _wanted(code_at(whole, place, cue), find)
    for place in (colons + start).tolist():
        yield from _wanted(colon_group_at(whole, place), find)
    if "mac" in find or "uuid" in find:
        macs, uuids = anchors.dash_groups(part)
        for place in (macs + start).tolist():
            yield from _wanted(mac_at(whole, place), find)
        for place in (uuids + start).tolist():
            yield from _wanted(uuid_at(whole, place), find)


def _numbers(
    whole: bytes, part: Bytes, start: int, groups: Groups, find: frozenset[str], marks: Marks
) -> Iterator[Finding]:
    found, looks = clusters(part, *groups)
    if not len(found.starts):
        return
    bits = marks.cue_bits(found.starts + start)
    worth = worth_a_look(part, found, looks, personal(bits))
    if "phone" in find:
        plain = plain_phones(part, found, looks, bits)
        worth &= ~plain
        phones = found.take(plain)
        begins = phones.starts - (part[phones.starts - 1] == ord("+"))
        for one, other in zip((begins + start).tolist(), (phones.ends + start).tolist(), strict=True):
            yield Finding(one, other, "phone")
    rest, cues = found.take(worth), cues_of(bits[worth])
    for one, other, cue in zip(
        (rest.starts + start).tolist(), (rest.ends + start).tolist(), cues, strict=True
    ):
        yield from numbers_at(whole, one, other, cue, find)


def outside(groups: Groups, spans: list[tuple[int, int]]) -> Groups:
    """The groups of digits that begin in none of the spans."""
    if not spans:
        return groups
    starts, ends = np.array(sorted(spans)).T
    row = np.searchsorted(starts, groups[0], side="right") - 1
    free = (row < 0) | (groups[0] >= np.maximum.accumulate(ends)[row])
    return groups[0][free], groups[1][free]


def _signs(whole: bytes, start: int, end: int, find: frozenset[str]) -> Iterator[Finding]:
    emails, handles = "email" in find, "handle" in find
    if emails or handles:
        for at in anchors.signs(whole, start, end):
            email = email_at(whole, at)
            if email:
                if emails:
                    yield email
            elif handles:
                yield from _wanted(handle_at(whole, at), find)


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
