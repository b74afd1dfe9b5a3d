"""What a column can hold: numbered values, so that a code chosen by chance or by a permutation becomes a value."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import cached_property
from typing import Final

import numpy as np
import polars as pl

from datamask.masking.text import strings
from datamask.synthetic.randomness import Numbers, Words, below, hashed_words, uniform

MOST_CODES: Final = 1 << 62
"""Codes that a domain has at most."""

_DAY: Final = 86_400
_EPOCH: Final = date(1970, 1, 1)


class Domain(ABC):
    """Values by number: the codes from 0 up to, but not, ``size`` give different values, all but the coarse ones."""

    size: int

    @abstractmethod
    def values(self, codes: Numbers) -> pl.Series:
        """The value of each code, in the dtype that checks compare it in."""

    def draw(self, words: Words) -> Numbers:
        """A code by chance for every word."""
        return below(words, self.size)

    def first(self, size: int) -> Domain:
        """The domain of its first codes."""
        return self if size >= self.size else Part(self, size)


@dataclass(frozen=True)
class Part(Domain):
    """The first codes of a domain."""

    whole: Domain
    size: int

    def values(self, codes: Numbers) -> pl.Series:
        """As the whole one's."""
        return self.whole.values(codes)


@dataclass(frozen=True)
class Integers(Domain):
    """Whole numbers from ``low`` to ``high``.

    :param power: above 1, low ones come more often than high ones.
    """

    low: int
    high: int
    power: float = 1.0

    @cached_property
    def size(self) -> int:  # type: ignore[override]
        """How many there are."""
        return min(MOST_CODES, self.high - self.low + 1)

    def values(self, codes: Numbers) -> pl.Series:
        """Int64."""
        return pl.Series(codes + self.low)

    def draw(self, words: Words) -> Numbers:
        """Uniform, or skewed by the power."""
        return skewed(words, self.size, self.power)


@dataclass(frozen=True)
class Decimals(Domain):
    """Numbers with ``scale`` digits behind the point, given in units of the last one.

    :param power: as in ``Integers``.
    """

    low: int
    high: int
    scale: int
    power: float = 1.0

    @cached_property
    def size(self) -> int:  # type: ignore[override]
        """How many there are."""
        return min(1 << 52, self.high - self.low + 1)

    def values(self, codes: Numbers) -> pl.Series:
        """Float64, whose shortest text is the decimal number."""
        return pl.Series((codes + self.low) / 10.0**self.scale)

    def draw(self, words: Words) -> Numbers:
        """Uniform, or skewed by the power."""
        return skewed(words, self.size, self.power)


@dataclass(frozen=True)
class Dates(Domain):
    """Days from ``low`` to ``high``, both as days since 1970."""

    low: int
    high: int

    @cached_property
    def size(self) -> int:  # type: ignore[override]
        """How many there are."""
        return self.high - self.low + 1

    def values(self, codes: Numbers) -> pl.Series:
        """Date."""
        return pl.Series((codes + self.low).astype(np.int32)).cast(pl.Date)


@dataclass(frozen=True)
class Timestamps(Domain):
    """Seconds from ``low`` to ``high``, both since 1970 in UTC."""

    low: int
    high: int

    @cached_property
    def size(self) -> int:  # type: ignore[override]
        """How many there are."""
        return self.high - self.low + 1

    def values(self, codes: Numbers) -> pl.Series:
        """Datetime in microseconds."""
        return pl.Series((codes + self.low) * 1_000_000).cast(pl.Datetime("us"))


@dataclass(frozen=True)
class Times(Domain):
    """Seconds of a day from ``low`` to ``high``."""

    low: int = 0
    high: int = _DAY - 1

    @cached_property
    def size(self) -> int:  # type: ignore[override]
        """How many there are."""
        return self.high - self.low + 1

    def values(self, codes: Numbers) -> pl.Series:
        """Time."""
        return pl.Series((codes + self.low) * 1_000_000_000).cast(pl.Time)


@dataclass(frozen=True, eq=False)
class Choices(Domain):
    """Given values.

    :param weights: how often each comes, relative to the others; none for all alike.
    """

    entries: pl.Series
    weights: tuple[float, ...] = ()

    @classmethod
    def of(cls, entries: Sequence[object], weights: Sequence[float] = ()) -> Choices:
        """Choices of Python values of one type."""
        return cls(pl.Series(values=entries), tuple(weights))

    @cached_property
    def size(self) -> int:  # type: ignore[override]
        """How many there are."""
        return self.entries.len()

    def values(self, codes: Numbers) -> pl.Series:
        """In the entries' dtype."""
        return self.entries.gather(codes)

    def draw(self, words: Words) -> Numbers:
        """By the weights."""
        if not self.weights:
            return below(words, self.size)
        bounds = np.cumsum(self.weights)
        found = np.searchsorted(bounds / bounds[-1], uniform(words), side="right")
        return np.minimum(found, self.size - 1).astype(np.int64)

    def first(self, size: int) -> Domain:
        """The first entries."""
        return (
            self
            if size >= self.size
            else replace(self, entries=self.entries.head(size), weights=self.weights[:size])
        )


@dataclass(frozen=True, eq=False)
class Numbered(Domain):
    """Entries of a pool, and behind them entries with a number: ``Bowl``, ``Bowl 2``…

    :param separator: stands between entry and number.
    :param ending: stands behind both.
    """

    entries: pl.Series
    size: int
    separator: str = " "
    ending: str = ""

    def values(self, codes: Numbers) -> pl.Series:
        """String."""
        count = self.entries.len()
        rounds = pl.Series(codes // count + 1)
        frame = pl.DataFrame({"entry": self.entries.gather(codes % count), "round": rounds})
        numbered = pl.concat_str(
            "entry", pl.lit(self.separator), pl.col("round").cast(pl.String), pl.lit(self.ending)
        )
        bare = pl.concat_str("entry", pl.lit(self.ending))
        return frame.select(pl.when(pl.col("round") == 1).then(bare).otherwise(numbered)).to_series()

    def draw(self, words: Words) -> Numbers:
        """Entries without a number come first of all."""
        return below(words, min(self.size, self.entries.len()))


def numbered(
    entries: Sequence[str], length: int | None, separator: str = " ", ending: str = ""
) -> Numbered | None:
    """Entries with numbers in texts of a length at most; None where they leave no room."""
    room = 10**6 if length is None else length - len(ending)
    kept = [entry for entry in dict.fromkeys(entries) if len(entry) + len(separator) + 7 <= room]
    if not kept:
        return None
    digits = min(12, room - max(map(len, kept)) - len(separator))
    return Numbered(pl.Series(kept), min(MOST_CODES, len(kept) * (10**digits - 1)), separator, ending)


@dataclass(frozen=True)
class Codes(Domain):
    """Text of given characters by position, such as ``AB-0042``.

    :param alphabets: the ASCII characters that may stand in each place.
    """

    alphabets: tuple[str, ...]

    @cached_property
    def size(self) -> int:  # type: ignore[override]
        """How many there are, at most as many as a domain can have."""
        total = 1
        for alphabet in self.alphabets:
            total *= len(alphabet)
        return min(MOST_CODES, total)

    def values(self, codes: Numbers) -> pl.Series:
        """String."""
        rows = np.empty((len(codes), len(self.alphabets)), dtype=np.uint8)
        left, room = codes.astype(np.int64), MOST_CODES
        for place in range(len(self.alphabets) - 1, -1, -1):
            alphabet = np.frombuffer(self.alphabets[place].encode("ascii"), dtype=np.uint8)
            if room < len(alphabet):
                # What the code does not reach follows from it by chance.
                left, room = below(hashed_words(place, codes), MOST_CODES), MOST_CODES
            room //= len(alphabet)
            if len(alphabet) == 1:
                rows[:, place] = alphabet[0]
                continue
            rows[:, place] = alphabet[left % len(alphabet)]
            left = left // len(alphabet)
        return strings(rows)


@dataclass(frozen=True)
class Uuids(Domain):
    """Random-looking UUIDs (RFC 9562, version 4); the code stands in the last 62 bits.

    :param key: makes the other bits.
    """

    key: int
    size: int = MOST_CODES

    def values(self, codes: Numbers) -> pl.Series:
        """String, in the canonical form."""
        words = np.empty((len(codes), 2), dtype=">u8")
        high = hashed_words(self.key, codes)
        words[:, 0] = (high & np.uint64(0xFFFF_FFFF_FFFF_0FFF)) | np.uint64(0x4000)
        # An odd factor is a bijection below a power of two: neighbours look unlike, and none are alike.
        low = (
            codes.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(self.key & 0xFFFF)
        ) & np.uint64(MOST_CODES - 1)
        words[:, 1] = low | np.uint64(1 << 63)
        octets = words.view(np.uint8).reshape(-1, 16)
        digits = np.frombuffer(b"0123456789abcdef", dtype=np.uint8)
        text = np.full((len(codes), 36), ord("-"), dtype=np.uint8)
        places = [place for place in range(36) if place not in (8, 13, 18, 23)]
        text[:, places[0::2]] = digits[octets >> 4]
        text[:, places[1::2]] = digits[octets & 15]
        return strings(text)


@dataclass(frozen=True)
class Formatted(Domain):
    """Another domain's values in a text: ``{}`` stands for the value.

    :param inner: of values whose text is that of PostgreSQL.
    """

    inner: Domain
    pattern: str

    @cached_property
    def size(self) -> int:  # type: ignore[override]
        """The inner one's."""
        return self.inner.size

    def values(self, codes: Numbers) -> pl.Series:
        """String."""
        before, _, after = self.pattern.partition("{}")
        inner = self.inner.values(codes).cast(pl.String)
        return pl.select(pl.concat_str(pl.lit(before), inner, pl.lit(after))).to_series()

    def draw(self, words: Words) -> Numbers:
        """As the inner one."""
        return self.inner.draw(words)


@dataclass(frozen=True)
class Spans(Domain):
    """Ranges laid out one after the other: ``[low, high)`` of neighbouring steps never overlap.

    :param inner: of the bounds.
    :param step: codes of the inner domain from one range's beginning to the next one's.
    """

    inner: Domain
    step: int

    @cached_property
    def size(self) -> int:  # type: ignore[override]
        """How many fit."""
        return self.inner.size // self.step

    def values(self, codes: Numbers) -> pl.Series:
        """String, a range in PostgreSQL's form."""
        lows = self.inner.values(codes * self.step)
        # Half of the step is free, so that there are gaps to look at.
        highs = self.inner.values(codes * self.step + max(1, self.step // 2))
        return pl.select(
            pl.concat_str(pl.lit('["'), as_text(lows), pl.lit('","'), as_text(highs), pl.lit('")'))
        ).to_series()


@dataclass(frozen=True)
class Stepped(Domain):
    """Every so many values of a domain, from an offset on."""

    inner: Domain
    step: int
    offset: int

    @classmethod
    def half(cls, spans: Spans, place: int) -> Stepped:
        """The beginnings (0) or the ends (1) of ranges that do not overlap, as values of their own."""
        return cls(spans.inner, spans.step, place * max(1, spans.step // 2))

    @cached_property
    def size(self) -> int:  # type: ignore[override]
        """How many there are."""
        return self.inner.size // self.step

    def values(self, codes: Numbers) -> pl.Series:
        """In the inner dtype."""
        return self.inner.values(codes * self.step + self.offset)


@dataclass(frozen=True)
class Union(Domain):
    """Domains one behind the other: the bounds of partitions with gaps between them."""

    parts: tuple[Domain, ...]

    @cached_property
    def size(self) -> int:  # type: ignore[override]
        """All of them."""
        return min(MOST_CODES, sum(part.size for part in self.parts))

    def values(self, codes: Numbers) -> pl.Series:
        """In the parts' dtype."""
        ends = np.cumsum([part.size for part in self.parts])
        found = np.searchsorted(ends, codes, side="right")
        pieces, order = [], []
        for place, part in enumerate(self.parts):
            rows = np.flatnonzero(found == place)
            if len(rows):
                pieces.append(part.values(codes[rows] - (ends[place] - part.size)))
                order.append(rows)
        if not pieces:
            return self.parts[0].values(codes)
        return pl.concat(pieces).gather(np.argsort(np.concatenate(order), kind="stable"))


def skewed(words: Words, size: int, power: float) -> Numbers:
    """Codes below a size, low ones more often for a power above 1."""
    if power == 1.0:
        return below(words, size)
    return np.minimum((uniform(words) ** power * size).astype(np.int64), size - 1)


def as_text(values: pl.Series) -> pl.Series:
    """Values as PostgreSQL reads them; null stays null."""
    dtype = values.dtype
    if dtype == pl.Boolean:
        return values.replace_strict({True: "t", False: "f"}, return_dtype=pl.String)
    if dtype == pl.Datetime:
        return values.dt.to_string("%Y-%m-%d %H:%M:%S%.f")
    return values.cast(pl.String)


def days(day: date) -> int:
    """Days since 1970."""
    return (day - _EPOCH).days


def seconds(moment: datetime) -> int:
    """Seconds since 1970, of a moment in UTC."""
    return (moment.date() - _EPOCH).days * _DAY + moment.hour * 3600 + moment.minute * 60 + moment.second


def second_of_day(moment: time) -> int:
    """Seconds since midnight."""
    return moment.hour * 3600 + moment.minute * 60 + moment.second
