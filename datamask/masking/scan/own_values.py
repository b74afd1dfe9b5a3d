"""What the row's other columns hold, found in its text and replaced by what those columns become."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise, repeat

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.scan.anchors import flags
from datamask.masking.scan.finding import Finding
from datamask.masking.scan.folding import Folded
from datamask.masking.scan.kinds import NAMES
from datamask.masking.scan.own_names import NO_HITS, Hit, Hits, OwnNames, in_case_of, pseudonym_part
from datamask.masking.scan.scanner import Texts
from datamask.masking.scan.vocabulary import words as vocabulary
from datamask.masking.scan.words import Words
from datamask.masking.transform import MaskFunction

# Scripts without blanks between words: what stands around a name there says nothing.
_UNSPACED = r"[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]"
_SHORTEST_VALUE = 3
# Between two words of one name: blanks, points, hyphens, and particles such as "van der".
_BETWEEN = re.compile(
    r"[\s.,'’_-]*(?:(?:" + "|".join(sorted(vocabulary("particles"))) + r")[\s.'’-]+)*", re.IGNORECASE
)
_INITIAL = re.compile(r"(?<![^\W_])([^\W\d_])\.\s?\Z")
# Of O'Brien and d'Angelo the first letter belongs to the name.
_ELIDED = re.compile(r"(?<![^\W_])[A-Za-z]['’]\Z")
_APOSTROPHES = (b"'", "’".encode()[-1:])
_NEAR = 12
_START, _END, _ROW, _COLUMN, _WORDS, _DOUBTFUL = (
    Hit._fields.index(name) for name in ("start", "end", "row", "column", "words", "doubtful")
)
_CAPITAL, _SMALL = flags(bytes(range(65, 91))), flags(bytes(range(97, 123)))
_ALPHANUMERIC = _CAPITAL | _SMALL | flags(b"0123456789")
_APOSTROPHE = flags(b"'\x99")


@dataclass(frozen=True, slots=True)
class OwnColumn:
    """A column of the row that the text is searched for.

    :param words: for each of its words, and not only as a whole.
    :param function: what masks it; takes nulls.
    """

    name: str
    words: bool
    function: MaskFunction


class OwnFinder:
    """Looks for the values of some columns in the texts of their rows."""

    def __init__(self, columns: Sequence[OwnColumn]) -> None:
        self._columns = columns

    def search(self, row: Mapping[str, pl.Series], texts: Texts, values: pl.Series) -> OwnSearch:
        """A search of a slice's texts."""
        return OwnSearch(self._columns, row, texts, values)


@dataclass(frozen=True, slots=True)
class _NameColumn:
    """One column's names in the rows with hits.

    :param changed: which of them are masked.
    """

    originals: pl.Series
    made: pl.Series
    changed: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Names:
    """The names of the rows with hits.

    :param rows: these rows, ascending.
    """

    rows: NDArray[np.int64]
    columns: list[_NameColumn]

    def pair(self, column: int, row: int) -> tuple[str, str]:
        """An original and its pseudonym."""
        place = int(np.searchsorted(self.rows, row))
        names = self.columns[column]
        return str(names.originals[place]), str(names.made[place])


@dataclass
class OwnSearch:
    """One search: gathers the words part by part, then says what is found."""

    columns: Sequence[OwnColumn]
    row: Mapping[str, pl.Series]
    texts: Texts
    values: pl.Series
    _hits: list[Hits] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._named = [column for column in self.columns if column.words]
        self._names = OwnNames([self.row[column.name] for column in self._named]) if self._named else None

    def look(self, folded: Folded, words: Words, offset: int) -> None:
        """Look at a part of the texts that begins at ``offset``."""
        if self._names:
            self._hits.append(self._names.hits(folded, words, self.texts, offset))

    def findings(self, others: Sequence[Finding]) -> list[Finding]:
        """What was found, with what takes its place.

        :param others: what is found anyway; a name inside of an e-mail address goes with the address.
        """
        return [*self._words(self._certain(self._outside(others))), *self._wholes()]

    def _outside(self, others: Sequence[Finding]) -> Hits:
        """The hits in their order without those that a longer finding covers."""
        hits = np.concatenate([NO_HITS, *self._hits])
        hits = hits[np.argsort(hits[:, _START], kind="stable")]
        longer = [other for other in others if other.kind not in NAMES]
        if not longer:
            return hits
        starts = np.array([other.start for other in longer])
        order = np.argsort(starts)
        starts, ends = starts[order], np.array([other.end for other in longer])[order]
        reach = np.maximum.accumulate(ends)
        before = np.searchsorted(starts, hits[:, _START], side="right")
        outside: Hits = hits[(before == 0) | (reach[before - 1] < hits[:, _END])]
        return outside

    def _certain(self, hits: Hits) -> Hits:
        """The hits without common words in small letters, unless these stand beside another name of the row."""
        sure = hits[:, _DOUBTFUL] == 0
        beside = (hits[1:, _START] - hits[:-1, _END] <= 2) & (hits[1:, _ROW] == hits[:-1, _ROW])
        while not sure.all():
            surer = sure.copy()
            surer[1:] |= sure[:-1] & beside
            surer[:-1] |= sure[1:] & beside
            if (surer == sure).all():
                break
            sure = surer
        certain: Hits = hits[sure]
        return certain

    def _words(self, hits: Hits) -> list[Finding]:
        names = self._masked(hits)
        plain = self._plain(hits)
        found: list[Finding] = []
        for number, column in enumerate(names.columns):
            rows = np.flatnonzero(plain & (hits[:, _COLUMN] == number))
            places = np.searchsorted(names.rows, hits[rows, _ROW])
            # What the column keeps, stays as it is written.
            changed = column.changed[places]
            plain[rows[~changed]] = False
            rows, places = rows[changed], places[changed]
            made = column.made.gather(places).to_list()
            found += map(
                Finding, hits[rows, _START].tolist(), hits[rows, _END].tolist(), repeat("full_name"), made
            )
        return [*found, *self._one_by_one([Hit(*hit) for hit in hits[~plain].tolist()], names)]

    def _plain(self, hits: Hits) -> NDArray[np.bool_]:
        """Which hits are names of one word, written with a capital and small letters, without an initial before."""
        data, start = self.texts.data, hits[:, _START]
        before, earlier = data[np.maximum(start - 1, 0)], data[np.maximum(start - 2, 0)]
        plain: NDArray[np.bool_] = (hits[:, _WORDS] == 1) & _CAPITAL[data[start]] & _SMALL[data[start + 1]]
        # A point is that of an initial where but one letter stands before it.
        point = start - np.where(before == ord("."), 1, 2)
        initial = (before == ord(".")) | (earlier == ord("."))
        initial &= (point < 2) | ~_ALPHANUMERIC[data[np.maximum(point - 2, 0)]]
        plain &= ~_APOSTROPHE[before] & ~initial
        return plain

    def _one_by_one(self, hits: list[Hit], names: _Names) -> list[Finding]:
        whole, found = self.texts.whole, list[Finding]()
        place = 0
        while place < len(hits):
            hit = hits[place]
            taken = 1 if hit.word or hit.words == 1 else self._whole_name(hits, place)
            original, pseudonym = names.pair(hit.column, hit.row)
            made = pseudonym if taken > 1 else pseudonym_part(original, pseudonym, hit.word, hit.words)
            start, end = hit.start, hits[place + taken - 1].end
            before = whole[max(0, start - 2) : start]
            written = whole[start:end].decode(errors="ignore")
            # What the column keeps by an exception stays here too, and as it is written.
            made = written if pseudonym == original else in_case_of(made, written)
            if before[-1:] in _APOSTROPHES and pseudonym != original:
                start -= self._elided(hit)
            elif b"." in before:
                found += self._initial(hit, names)
            found.append(Finding(start, end, "full_name", made))
            place += taken
        return found

    def _whole_name(self, hits: list[Hit], place: int) -> int:
        """How many hits from one on are all the words of a name in their order; 1 where they are not."""
        first = hits[place]
        if place + first.words > len(hits):
            return 1
        run = hits[place : place + first.words]
        for number, (one, two) in enumerate(pairwise(run), 1):
            near = (two.row, two.column, two.word) == (
                first.row,
                first.column,
                number,
            ) and two.start - one.end < 24
            if not near or not _BETWEEN.fullmatch(self._text(one.end, two.start)):
                return 1
        return first.words

    def _initial(self, hit: Hit, names: _Names) -> list[Finding]:
        """The initial before a family name, where it is that of the row's own given name."""
        before = self._text(max(0, hit.start - _NEAR), hit.start)
        match = _INITIAL.search(before)
        if match is None:
            return []
        for column in range(len(self._named)):
            original, pseudonym = names.pair(column, hit.row)
            if original and pseudonym and original[0].casefold() == match[1].casefold():
                start = hit.start - len(before[match.start(1) :].encode())
                return [Finding(start, start + len(match[1].encode()), "full_name", pseudonym[0].upper())]
        return []

    def _elided(self, hit: Hit) -> int:
        match = _ELIDED.search(self._text(max(0, hit.start - _NEAR), hit.start))
        return len(match[0].encode()) if match else 0

    def _text(self, start: int, end: int) -> str:
        return self.texts.whole[start:end].decode(errors="ignore")

    def _masked(self, hits: Hits) -> _Names:
        """Originals and pseudonyms of the rows with hits: by column, all rows at once."""
        rows = np.unique(hits[:, _ROW])
        if not len(rows):
            return _Names(rows, [])
        columns = []
        for column in self._named:
            originals, made = self._pairs(column, rows)
            columns.append(_NameColumn(originals, made, (originals != made).to_numpy()))
        return _Names(rows, columns)

    def _pairs(self, column: OwnColumn, rows: NDArray[np.int64]) -> tuple[pl.Series, pl.Series]:
        """The values of some rows, and what they become; the empty text for NULL."""
        taken = {name: series.gather(rows) for name, series in self.row.items()}
        originals = taken[column.name]
        return originals.fill_null(""), column.function(originals, taken).fill_null("")

    def _wholes(self) -> list[Finding]:
        found: list[Finding] = []
        for column in self.columns:
            values = self.row[column.name]
            if column.words:
                # Names in such scripts, whose characters take three bytes, are not told apart as words.
                if not (values.str.len_bytes() >= values.str.len_chars() + 2).any():
                    continue
                values = pl.select(pl.when(values.str.contains(_UNSPACED)).then(values)).to_series()
            if values.null_count() < values.len():
                found += self._whole_values(column, values)
        return found

    def _whole_values(self, column: OwnColumn, values: pl.Series) -> list[Finding]:
        frame = pl.DataFrame({"text": self.values, "value": values})
        value = pl.col("value").str.strip_chars().str.to_lowercase()
        long = value.str.len_bytes() >= _SHORTEST_VALUE
        rows = (
            frame.select(
                (pl.col("text").str.to_lowercase().str.contains(value, literal=True) & long).fill_null(
                    value=False
                )
            )
            .to_series()
            .arg_true()
            .to_list()
        )
        found = []
        if not rows:
            return []
        originals, made = self._pairs(column, np.array(rows, dtype=np.int64))
        for row, original, pseudonym in zip(rows, originals.to_list(), made.to_list(), strict=True):
            text, begin = self.values[row], int(self.texts.ends[row - 1]) if row else 0
            for match in _exactly(original.strip()).finditer(text):
                start = begin + len(text[: match.start()].encode())
                end = start + len(match[0].encode())
                found.append(
                    Finding(start, end, "full_name", match[0] if pseudonym == original else pseudonym)
                )
        return found


def _exactly(value: str) -> re.Pattern[str]:
    """A value as a word of its own, in whatever case."""
    unspaced = re.compile("[\u0e00-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
    before = r"(?<!\w)" if re.match(r"\w", value[0]) and not unspaced.match(value[0]) else ""
    behind = r"(?!\w)" if re.match(r"\w", value[-1]) and not unspaced.match(value[-1]) else ""
    return re.compile(before + re.escape(value) + behind, re.IGNORECASE)
