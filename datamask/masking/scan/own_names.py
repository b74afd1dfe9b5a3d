"""The row's own names in its text: found by word, whatever their case, accents and order."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.scan.anchors import flags
from datamask.masking.scan.folding import Folded, fold
from datamask.masking.scan.scanner import Texts
from datamask.masking.scan.vocabulary import words as vocabulary
from datamask.masking.scan.words import SLOTS, HashIndex, Lookup, Words, mixed, split, without_s
from datamask.masking.text import Words as Hashes
from datamask.masking.text import pack

# Letters that are also written as two: Müller and Mueller are one name.
_SPELLED = {
    "ä": "ae",
    "ö": "oe",
    "ü": "ue",
    "Ä": "Ae",
    "Ö": "Oe",
    "Ü": "Ue",
    "ø": "oe",
    "å": "aa",
    "Ø": "Oe",
    "Å": "Aa",
}
_UNSPELLED = {"ae": "a", "oe": "o", "ue": "u", "Ae": "A", "Oe": "O", "Ue": "U"}
_PARTICLE, _COMMON = np.uint16(1), np.uint16(2)


class Hit(NamedTuple):
    """A word of the text that is one of its row's own names.

    :param start: its first byte.
    :param end: behind its last byte.
    :param column: the number of the column that it is from.
    :param word: which word of that column's value, counted from 0.
    :param words: how many words that value has.
    :param doubtful: written in small letters, it may as well be a common word.
    """

    start: int
    end: int
    row: int
    column: int
    word: int
    words: int
    doubtful: int


Hits = NDArray[np.int64]
"""One :class:`Hit` a row."""
NO_HITS: Final[Hits] = np.empty((0, len(Hit._fields)), dtype=np.int64)


class OwnNames:
    """The words of the rows' names, to be looked for in the rows' texts.

    :param columns: for each column the values, String, nulls allowed; as many as there are texts.
    """

    def __init__(self, columns: Sequence[pl.Series]) -> None:
        parts = [
            _Needles.of(variant, rows, number)
            for number, values in enumerate(columns)
            for variant, rows in _spellings(values)
        ]
        keys = np.concatenate([part.keys for part in parts])
        order = np.argsort(keys, kind="stable")
        self._index = HashIndex(keys[order])
        self._facts = np.concatenate([part.facts for part in parts])[order]
        self._table = np.zeros(SLOTS, dtype=np.bool_)
        self._table[np.concatenate([part.slots for part in parts])] = True

    def hits(self, folded: Folded, words: Words, texts: Texts, offset: int) -> Hits:
        """The own names among the words of a part of the texts.

        :param words: all words of the part.
        :param offset: where the part begins.
        """
        if not len(self._facts):
            return NO_HITS
        genitive = without_s(folded.data, words)
        found = [self._matches(folded, some, texts, offset) for some in (words, genitive)]
        return np.concatenate(found)

    def _matches(self, folded: Folded, words: Words, texts: Texts, offset: int) -> Hits:
        near = np.flatnonzero(self._table.take(words.slots))
        if not len(near):
            return NO_HITS
        starts = folded.original(words.starts[near]) + offset
        rows = texts.rows_between(starts)
        # The first of equal keys: the column that is named first.
        right, places = self._index.find(mixed(words.hashes[near], rows))
        near = near[right]
        hits = np.empty((len(right), len(Hit._fields)), dtype=np.int64)
        hits[:, 0] = starts[right]
        hits[:, 1] = folded.original(words.starts[near] + words.lengths[near]) + offset
        hits[:, 2] = rows[right]
        hits[:, 3:] = self._facts[places]
        hits[:, 6] &= _LOWER[texts.data[hits[:, 0]]]
        return hits


@dataclass(frozen=True, slots=True)
class _Needles:
    """What is looked for in a column's rows.

    :param keys: one number for a word in a row.
    :param facts: of each word its column, its place, the number of words, and whether it counts only with a capital.
    """

    keys: Hashes
    slots: NDArray[np.intp]
    facts: NDArray[np.int32]

    @classmethod
    def of(cls, values: pl.Series, numbers: NDArray[np.int64], column: int) -> _Needles:
        """The words of some values.

        :param numbers: the rows that the values are from.
        """
        packed = pack(values.fill_null("") + "\0")
        folded = fold(packed.data[: int(packed.lengths.sum())])
        words = split(folded.data, folded.size)
        ends = packed.starts + packed.lengths
        rows = np.searchsorted(ends, folded.original(words.starts), side="right")
        known = _vocabulary().bits(words.hashes)
        particle = (known & _PARTICLE) != 0
        # A name that is nothing but a particle is a name: Van, Le.
        real = np.bincount(rows, weights=~particle, minlength=len(ends))
        kept = np.flatnonzero((~particle | (real[rows] == 0)) & (words.lengths > 1))
        rows, words = rows[kept], words.take(kept)
        counts = np.bincount(rows, minlength=len(ends))
        firsts = np.cumsum(counts) - counts
        capital = (words.lengths <= 2) | particle[kept] | ((known[kept] & _COMMON) != 0)
        facts = np.empty((len(rows), 4), dtype=np.int32)
        facts[:, 0] = column
        facts[:, 1] = np.arange(len(rows)) - firsts[rows]
        facts[:, 2] = counts[rows]
        facts[:, 3] = capital
        return cls(mixed(words.hashes, numbers[rows]), words.slots, facts)


def _spellings(values: pl.Series) -> Iterator[tuple[pl.Series, NDArray[np.int64]]]:
    """The values, then as others would write those where that differs; each time with their rows."""
    yield values, np.arange(values.len(), dtype=np.int64)
    for pairs, candidates in (
        (_SPELLED, values.str.len_bytes() != values.str.len_chars()),
        (_UNSPELLED, values.str.contains("[aouAOU]e")),
    ):
        rows = candidates.arg_true()
        some = values.gather(rows)
        other = some.str.replace_many(list(pairs), list(pairs.values()))
        changed = other != some
        if changed.any():
            yield other.filter(changed), rows.filter(changed).to_numpy().astype(np.int64)


@cache
def _vocabulary() -> Lookup:
    return Lookup(vocabulary("particles"), vocabulary("common"))


_LOWER = flags(bytes(range(97, 123)))
_TOKEN = re.compile(r"[^\W\d_]+", re.UNICODE)


def name_words(name: str) -> list[str]:
    """The words of a name, the given name first: ``Weber, Anna`` is Anna Weber."""
    family, comma, given = name.partition(",")
    ordered = f"{given} {family}" if comma else name
    words = [word for word in _TOKEN.findall(ordered) if len(word) > 1 or not comma]
    real = [word for word in words if word.casefold() not in vocabulary("particles")]
    return real or words or [name]


def pseudonym_part(original: str, pseudonym: str, word: int, words: int) -> str:
    """What stands for one word of a name: the same part of its pseudonym.

    :param word: the word's place among the original's words as written, ``words`` of them.
    """
    if words == 1:
        return pseudonym
    # "Schneider, Maria": the family name is the first word.
    given_last = "," in original
    parts = name_words(pseudonym)
    is_family = word == 0 if given_last else word == words - 1
    if is_family:
        return parts[-1]
    return parts[0] if word == (1 if given_last else 0) else parts[-1]


def in_case_of(text: str, model: str) -> str:
    """A pseudonym in capitals or small letters where the name was so."""
    if len(model) > 1 and model.isupper():
        return text.upper()
    return text.lower() if model.islower() else text
