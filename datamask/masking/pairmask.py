"""Masking the values of ``key=value`` lists: all values of a key in one call, put back where they stood."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import quote_plus, unquote_plus

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.jsonmask import Unknown
from datamask.masking.model import JSONValue
from datamask.masking.splice import TERMINATOR, Documents
from datamask.masking.stand_in import StandIn
from datamask.masking.structured import Leaves
from datamask.masking.text import Bytes, Lengths
from datamask.masking.transform import Binding, MaskFunction

_SPACE = ord(" ")
_Parts = tuple[Lengths, Lengths, pl.Series]
"""Starts and stops of parts of the texts, and what is put there."""

# What looks like a key, of those that have no rule.
_KEY = r"\A[A-Za-z_$][A-Za-z0-9_$.:\[\]-]{0,63}\z"
_ENCODED = r"[^A-Za-z0-9_.~-]"


@dataclass(frozen=True, slots=True)
class _Pairs:
    """The pairs of many texts.

    :param start: the first byte of each.
    :param stop: the byte behind it.
    :param first: it is the first one of its text.
    :param assign: the place of the character between key and value; ``stop`` where there is none.
    :param text: the number of its text.
    """

    start: Lengths
    stop: Lengths
    first: NDArray[np.bool_]
    assign: Lengths
    text: NDArray[np.intp]


class PairMask:
    """The masks of keys, bound.

    :param keys: rules in normal form by key.
    :param unknown: what happens to the values of other keys, and to what has no key.
    :param separator: the ASCII character between pairs.
    :param assign: the ASCII character between key and value.
    :param url_encoded: keys and values are written as in web addresses.
    """

    def __init__(
        self,
        binding: Binding,
        keys: Mapping[str, JSONValue],
        unknown: Unknown,
        *,
        separator: str,
        assign: str,
        url_encoded: bool,
    ) -> None:
        self._rules = {key: number for number, key in enumerate(keys)}
        self._leaves = Leaves(binding, list(keys.values()), unknown)
        self._drops = unknown == "drop"
        self._separator, self._assign = ord(separator), ord(assign)
        self._url_encoded = url_encoded
        self._stand_in = StandIn(binding)

    def __call__(self, values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        """The texts, masked; as many as there were."""
        if not values.len():
            return values
        documents = Documents(values)
        pairs = self._pairs(documents)
        rule, has_key = self._ruled(documents, pairs)
        start, stop = _trimmed(documents.data, np.where(has_key, pairs.assign + 1, pairs.start), pairs.stop)
        changed = np.flatnonzero(self._leaves.changes(rule))
        texts = self._decoded(documents.texts(start[changed], stop[changed]))
        masked = self._encoded(
            self._leaves.masked(texts, rule[changed], row, pairs.text[changed]).fill_null("")
        )
        parts = start[changed], stop[changed], masked
        if self._drops:
            kept = rule[changed] >= 0
            parts = _in_order(
                (start[changed][kept], stop[changed][kept], masked.filter(pl.Series(kept))),
                _separated(pairs, rule),
            )
        results = documents.spliced(*parts)
        # Not one key in it: it is something else.
        odd = documents.unreadable.copy()
        odd[np.setdiff1d(np.arange(values.len()), pairs.text[has_key])] = True
        return self._stand_in.replace(results, pl.Series(odd), values)

    def _ruled(self, documents: Documents, pairs: _Pairs) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
        """The rule of each pair, -1 for none, and whether it has a key at all."""
        rows = np.flatnonzero(pairs.assign < pairs.stop)
        start, stop = _trimmed(documents.data, pairs.start.take(rows), pairs.assign.take(rows))
        keys = self._decoded(documents.texts(start, stop))
        rule = np.full(len(pairs.start), -1, dtype=np.int32)
        if self._rules:
            rule[rows] = keys.replace_strict(self._rules, default=-1, return_dtype=pl.Int32).to_numpy()
        # What stands in front of the sign in other texts may be anything, and is no key.
        has_key = rule >= 0
        has_key[rows] |= keys.str.contains(_KEY).to_numpy()
        return rule, has_key

    def _pairs(self, documents: Documents) -> _Pairs:
        data = documents.data
        ends = np.flatnonzero((data == self._separator) | (data == TERMINATOR))
        start = np.append(0, ends[:-1] + 1)
        assigns = np.append(np.flatnonzero(data == self._assign), len(data))
        assign = np.minimum(assigns.take(np.searchsorted(assigns, start)), ends)
        last = data.take(ends) == TERMINATOR
        return _Pairs(start, ends, np.append(True, last[:-1]), assign, np.append(0, last[:-1].cumsum()))

    def _decoded(self, texts: pl.Series) -> pl.Series:
        return _changed(texts, "[%+]", unquote_plus) if self._url_encoded else texts

    def _encoded(self, texts: pl.Series) -> pl.Series:
        if self._url_encoded:
            return _changed(texts, _ENCODED, quote_plus)
        # A result must not begin another pair.
        other = "-" if self._separator == ord("_") else "_"
        return texts.str.replace_all(chr(self._separator), other, literal=True)


def over_queries(mask: MaskFunction, base: MaskFunction | None) -> MaskFunction:
    """The function of web addresses that masks the pairs of their queries.

    :param base: the function for what stands in front of the query; None leaves it, and what stands behind a ``#``.
    """

    def masked(values: pl.Series, row: Mapping[str, pl.Series]) -> pl.Series:
        front = values.str.extract(r"(?s)\A([^?#]*)")
        query = values.str.extract(r"(?s)\A[^?#]*\?([^#]*)")
        rows = query.is_not_null().arg_true()
        part = {name: other.gather(rows) for name, other in row.items()}
        pairs = "?" + mask(query.gather(rows), part)
        rest = pl.Series(values=[""], dtype=pl.String).new_from_index(0, values.len()).scatter(rows, pairs)
        if base is None:
            return front + rest + values.str.extract(r"(?s)(#.*)\z").fill_null("")
        return base(front, row).fill_null("") + rest

    return masked


def _changed(texts: pl.Series, pattern: str, change: Callable[[str], str]) -> pl.Series:
    which = texts.str.contains(pattern)
    if not which.any():
        return texts
    rows = which.arg_true()
    return texts.scatter(
        rows, pl.Series(values=[change(text) for text in texts.gather(rows)], dtype=pl.String)
    )


def _trimmed(data: Bytes, start: Lengths, stop: Lengths) -> tuple[Lengths, Lengths]:
    """Parts without the blanks around them."""
    start, stop = start.copy(), stop.copy()
    rows = np.flatnonzero(start < stop)
    while len(rows):
        rows = rows[data.take(start.take(rows)) <= _SPACE]
        start[rows] += 1
        rows = rows[start.take(rows) < stop.take(rows)]
    rows = np.flatnonzero(start < stop)
    while len(rows):
        rows = rows[data.take(stop.take(rows) - 1) <= _SPACE]
        stop[rows] -= 1
    return start, stop


def _separated(pairs: _Pairs, rule: NDArray[np.int32]) -> _Parts:
    """The parts to remove so that pairs without a rule go, each with the separator in front of it."""
    kept = rule >= 0
    count = kept.cumsum()
    before = count - kept
    earlier = before - before.take(np.flatnonzero(pairs.first)).take(pairs.text)
    gone = np.flatnonzero(~kept)
    # What is now the first pair of its text needs no separator.
    leading = np.flatnonzero(kept & (earlier == 0) & ~pairs.first)
    starts = np.concatenate([pairs.start[gone] - ~pairs.first[gone], pairs.start[leading] - 1])
    stops = np.concatenate([pairs.stop[gone], pairs.start[leading]])
    return starts, stops, pl.Series(values=[""], dtype=pl.String).new_from_index(0, len(starts))


def _in_order(one: _Parts, other: _Parts) -> _Parts:
    starts, stops = np.concatenate([one[0], other[0]]), np.concatenate([one[1], other[1]])
    order = np.argsort(starts, kind="stable")
    return starts[order], stops[order], pl.concat([one[2], other[2]]).gather(order)
