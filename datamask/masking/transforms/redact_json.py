"""Blotting out the leaves of JSON documents: redact_json."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from datamask.masking.text import Bytes, Packed, pack, unpack
from datamask.masking.transform import Binding, Case, Laws, MaskFunction, Transform

_QUOTE, _BACKSLASH, _COLON = ord('"'), ord("\\"), ord(":")
_BLANKS = np.frombuffer(b" \t\r\n", dtype=np.uint8)
_FILLER, _DIGIT = np.uint8(ord("x")), np.uint8(ord("1"))


class RedactJson(Transform):
    """Every character of a string becomes ``x``, every digit of a number 1.

    Structure, member names, true, false, null and the documents' length in bytes stay.
    """

    name = "redact_json"
    summary = "every string and number inside a document is blotted out; structure and member names stay"
    kinds = frozenset(("json",))
    cost = 1000

    def column_laws(self, case: Case) -> Laws:  # noqa: ARG002
        """Documents become equal; member names may hold a backslash."""
        return Laws(copy_safe=False)

    def bind(self, binding: Binding) -> MaskFunction:  # noqa: ARG002
        """The function for one column."""
        return lambda values, _: unpack(_redacted(pack(values)))


def _redacted(documents: Packed) -> Packed:
    # All documents at once: each is valid, so their quotes pair up across them too.
    data = documents.data
    quotes = np.flatnonzero(data == _QUOTE)
    if bool((data == _BACKSLASH).any()):
        quotes = quotes[~_escaped(data, quotes)]
    opening, closing = quotes[0::2], quotes[1::2]
    is_name = _followed_by_colon(data, closing)
    # +1 where a string's characters begin and -1 where they end makes 1 inside of it; 2 inside of a name.
    change = np.zeros(len(data), dtype=np.int8)
    weight = np.where(is_name, np.int8(2), np.int8(1))
    change[opening + 1] += weight
    change[closing] -= weight
    inside = change.cumsum(dtype=np.int8)
    digit = (inside == 0) & ((data - np.uint8(ord("0"))) < 10)
    redacted = np.where(inside == 1, _FILLER, np.where(digit, _DIGIT, data))
    return Packed(redacted, documents.starts, documents.lengths)


def _escaped(data: Bytes, quotes: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which quotes stand behind an odd number of backslashes."""
    escaped = np.zeros(len(quotes), dtype=np.bool_)
    place = quotes - 1
    rows = np.arange(len(quotes))
    # Runs of backslashes are short: one step back at a time, with the rows that are still in one.
    while len(rows):
        rows = rows[(place[rows] >= 0) & (data[place[rows]] == _BACKSLASH)]
        escaped[rows] = ~escaped[rows]
        place[rows] -= 1
    return escaped


def _followed_by_colon(data: Bytes, closing: NDArray[np.intp]) -> NDArray[np.bool_]:
    """Which closing quotes have a colon as the next character that is no blank."""
    place = closing + 1
    rows = np.flatnonzero(np.isin(data[place], _BLANKS))
    while len(rows):
        place[rows] += 1
        rows = rows[np.isin(data[place[rows]], _BLANKS)]
    result: NDArray[np.bool_] = data[place] == _COLON
    return result
