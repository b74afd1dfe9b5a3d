"""Everything that is found in a column's texts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import polars as pl

from datamask.masking.scan.finding import Finding, settled
from datamask.masking.scan.folding import fold
from datamask.masking.scan.kinds import LIKELY_NAMES
from datamask.masking.scan.likely_names import likely_names
from datamask.masking.scan.marks import Marks
from datamask.masking.scan.own_values import OwnFinder, OwnSearch
from datamask.masking.scan.presidio import Presidio
from datamask.masking.scan.scanner import CODES, NUMBERS, PART_BYTES, WORD_BYTES, Texts, patterns
from datamask.masking.scan.words import split

# Kinds that are told by the words around them.
_TOLD: Final = NUMBERS | CODES | {"url", LIKELY_NAMES}


class Search:
    """What is looked for in a column.

    :param find: of :data:`datamask.masking.scan.kinds.FINDABLE`.
    :param own: looks for the values of other columns.
    :param presidio: is asked too.
    """

    def __init__(
        self, find: frozenset[str], own: OwnFinder | None = None, presidio: Presidio | None = None
    ) -> None:
        self._find = find
        self._own = own
        self._presidio = presidio

    def findings(self, texts: Texts, values: pl.Series, row: Mapping[str, pl.Series]) -> list[Finding]:
        """All findings, none touching another.

        :param values: what ``texts`` was made of.
        :param row: the columns that are looked for.
        """
        find, own = self._find, self._own.search(row, texts, values) if self._own else None
        others = self._presidio.findings(values, texts) if self._presidio else []
        marks = self._words(texts, own) if own or find & _TOLD else None
        for start, end in texts.parts(PART_BYTES):
            others += patterns(texts, start, end, find, marks)
        if marks and LIKELY_NAMES in find:
            others += likely_names(marks, texts.whole)
        # What is the row's own comes first: of two findings in one place the first one counts.
        return settled([*own.findings(others), *others] if own else others)

    def _words(self, texts: Texts, own: OwnSearch | None) -> Marks | None:
        """The telling words of all texts; the row's own search looks at every word."""
        marks = []
        for start, end in texts.word_parts(WORD_BYTES):
            part = texts.data[start:end]
            folded = fold(part)
            words = split(folded.data, folded.size)
            if own:
                own.look(folded, words, start)
            if self._find & _TOLD:
                marks.append(Marks.of(part, start, folded, words))
        return Marks.joined(marks) if marks else None
