"""Finding a few names among the many that the objects of a column of documents have."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from datamask.masking.splice import Cut
from datamask.masking.text import Bytes, Lengths, Packed, Words, matrix

# Names are compared by their first 16 bytes and their length; longer ones are looked at once more.
_WIDTH = 16
_WORD = np.dtype("<u8")
# Odd numbers that spread words over 64 bits (from SplitMix64 and Knuth's multiplicative hashing).
_MIX = np.array([0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB], dtype=_WORD)
_BACKSLASH, _QUOTE = ord("\\"), ord('"')
_LONGEST = 63


class NameTable:
    """Numbers of known names.

    :param numbers: by name.
    :param other: the number of every other name.
    """

    def __init__(self, numbers: Mapping[str, int], other: int) -> None:
        self._numbers = numbers
        self._other = other
        heads: dict[tuple[bytes, int], list[str]] = {}
        for name in numbers:
            heads.setdefault((name.encode()[:_WIDTH].ljust(_WIDTH, b"\0"), len(name.encode())), []).append(
                name
            )
        words = np.frombuffer(b"".join(head for head, _ in heads), dtype=_WORD).reshape(-1, 2)
        lengths = np.array([length for _, length in heads], dtype=np.int64)
        mixed = _mixed(words, lengths)
        order = np.argsort(mixed)
        self._mixed, self._words, self._lengths = mixed[order], words[order], lengths[order]
        listed = list(heads.values())
        self._likely = np.zeros((_LONGEST + 1) * 256, dtype=np.bool_)
        for written in map(str.encode, numbers):
            # The empty name is followed by its quote.
            first = written[0] if written else _QUOTE
            self._likely[(min(len(written), _LONGEST) << 8) + first] = True
        # What is longer than what is compared is looked up by its whole text.
        self._number = np.array(
            [-1 if lengths[place] > _WIDTH else numbers[listed[place][0]] for place in order], dtype=np.int32
        )

    def find(self, data: Bytes, start: Lengths, stop: Lengths, read: Cut) -> NDArray[np.int32]:
        """The number of every name.

        :param data: the bytes that the names stand in.
        :param start: each name's first byte.
        :param stop: the byte behind it.
        :param read: gives names as the texts that they mean.
        """
        if not len(start) or not len(self._mixed):
            return np.full(len(start), self._other, dtype=np.int32)
        found = np.full(len(start), self._other, dtype=np.int32)
        # Most names are told from all that are looked for by their first byte and their length.
        lengths = stop - start
        short = lengths.clip(max=_LONGEST)
        rows = np.flatnonzero(self._likely.take((short << 8) + data.take(start)))
        found[rows] = self._find(data, start.take(rows), lengths.take(rows))
        unsure = np.union1d(np.flatnonzero(found < 0), _escaped(data, start, stop))
        if len(unsure):
            texts = read(start[unsure], stop[unsure]).to_list()
            found[unsure] = [self._numbers.get(text, self._other) for text in texts]
        return found

    def _find(self, data: Bytes, start: Lengths, lengths: Lengths) -> NDArray[np.int32]:
        """The numbers of names; -1 for those that are too long to be sure."""
        padded = np.zeros((len(data) + 47) & ~7, dtype=np.uint8)
        padded[: len(data)] = data
        words = matrix(Packed(padded, start, lengths).cut(_WIDTH), _WIDTH).view(_WORD)
        place = np.searchsorted(self._mixed, _mixed(words, lengths)).clip(max=len(self._mixed) - 1)
        same = (
            (self._words[:, 0].take(place) == words[:, 0])
            & (self._words[:, 1].take(place) == words[:, 1])
            & (self._lengths.take(place) == lengths)
        )
        return np.where(same, self._number.take(place), np.int32(self._other))


def _mixed(words: Words, lengths: Lengths) -> Words:
    mixed: Words = words[:, 0] * _MIX[0] + words[:, 1] * _MIX[1] + lengths.astype(_WORD) * _MIX[2]
    return mixed


def _escaped(data: Bytes, start: Lengths, stop: Lengths) -> NDArray[np.intp]:
    """The names with a backslash in them."""
    slashes = np.flatnonzero(data == _BACKSLASH)
    before = np.searchsorted(start, slashes, side="right") - 1
    return np.unique(before[(before >= 0) & (slashes < stop.take(before))])
