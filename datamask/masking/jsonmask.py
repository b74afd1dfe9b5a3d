"""Masking JSON documents: the values of a path from all documents in one call, put back where they stood.

Nothing is parsed into objects and printed again: bytes that no rule is about stay as they were, numbers keep their digits
and objects their order and their repeated names.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.masking.jsonpath import Automaton, Path
from datamask.masking.jsontext import JSON_NOTATION, Notation
from datamask.masking.jsontokens import Positions, tokenize
from datamask.masking.jsonvalues import Walk
from datamask.masking.leaves import REDACTED, Leaf, is_number
from datamask.masking.model import JSONValue
from datamask.masking.nested import TEXT
from datamask.masking.splice import Documents
from datamask.masking.stand_in import StandIn
from datamask.masking.text import Bytes, Lengths
from datamask.masking.transform import Binding

Unknown = Literal["keep", "drop", "redact"]
"""What happens to values that no path names."""

Row = Mapping[str, pl.Series]

# Documents masked at a time: few enough for the pieces that they are put together from to stay in the cache.
_SLICE_BYTES = 4 << 20
# Some 2,000 documents at a time, so that the arrays of their tokens stay in a core's cache.
_BLOCK_BYTES = 1 << 19
_NO_RULE = -1


@dataclass(frozen=True, slots=True)
class _Parts:
    """Parts of documents that change.

    :param start: the first byte of each.
    :param stop: the byte behind each.
    :param rule: the number of its rule, -1 for none.
    """

    start: Lengths
    stop: Lengths
    rule: NDArray[np.int32]

    @classmethod
    def joined(cls, parts: Sequence[_Parts]) -> _Parts:
        return cls(
            np.concatenate([part.start for part in parts]),
            np.concatenate([part.stop for part in parts]),
            np.concatenate([part.rule for part in parts]),
        )

    def take(self, rows: Positions | NDArray[np.bool_] | slice) -> _Parts:
        return _Parts(self.start[rows], self.stop[rows], self.rule[rows])


@dataclass(frozen=True, slots=True)
class _Found:
    """What changes in a block of documents.

    :param malformed: numbers of documents that are none.
    """

    strings: _Parts
    scalars: _Parts
    names: _Parts
    removed: _Parts
    malformed: Positions


@dataclass(frozen=True, slots=True)
class _Pieces:
    """Texts for parts of documents."""

    start: Lengths
    stop: Lengths
    text: pl.Series


class JsonMask:
    """The masks of a document's paths, bound.

    :param paths: rules in normal form by JSON path.
    :param names: rules for members' names, by the path of their object.
    :param unknown: what happens to values that no path names: they stay, their members and elements are removed, or texts
        become ``[redacted]``, numbers 0 and true false.
    :param stand_in: replaces documents that are malformed, or become too long.
    """

    def __init__(
        self,
        binding: Binding,
        paths: Mapping[str, JSONValue],
        names: Mapping[str, JSONValue],
        unknown: Unknown,
        stand_in: StandIn,
        notation: Notation = JSON_NOTATION,
    ) -> None:
        self._automaton = Automaton(
            [Path.parse(path) for path in paths], [Path.parse(path) for path in names]
        )
        self._values = [Leaf(rule, binding) for rule in paths.values()]
        self._names = [Leaf(rule, binding) for rule in names.values()]
        self._unknown = unknown
        self._stand_in = stand_in
        self._hidden_name = StandIn(replace(binding, mask=replace(binding.mask, type=TEXT)))
        self._notation = notation
        # By rule, the last one for none: whether values change.
        self._changes = np.array([not leaf.keeps for leaf in self._values] + [unknown == "redact"])

    def __call__(self, values: pl.Series, row: Row) -> pl.Series:
        """The documents, masked; as many as there were."""
        rows = max(1, _SLICE_BYTES * values.len() // max(1, int(values.estimated_size())))
        if values.len() <= rows:
            return self._masked(values, row) if values.len() else values
        parts = [
            self._masked(
                values.slice(start, rows), {name: other.slice(start, rows) for name, other in row.items()}
            )
            for start in range(0, values.len(), rows)
        ]
        return pl.concat(parts, rechunk=True)

    def _masked(self, values: pl.Series, row: Row) -> pl.Series:
        documents = Documents(values)
        found = [self._scan(documents, *block) for block in _blocks(documents)]
        pieces = [
            *self._masked_strings(documents, _Parts.joined([one.strings for one in found]), row),
            *self._masked_scalars(documents, _Parts.joined([one.scalars for one in found]), row),
            *self._masked_names(documents, _Parts.joined([one.names for one in found]), row),
            _removed(_Parts.joined([one.removed for one in found])),
        ]
        starts = np.concatenate([piece.start for piece in pieces])
        stops = np.concatenate([piece.stop for piece in pieces])
        texts = pl.concat([piece.text for piece in pieces])
        order = np.argsort(starts, kind="stable")
        results = (
            documents.spliced(starts[order], stops[order], texts.gather(order)) if len(order) else values
        )
        malformed = documents.unreadable.copy()
        malformed[np.concatenate([one.malformed for one in found])] = True
        return self._stand_in.replace(results, pl.Series(malformed), values)

    def _scan(self, documents: Documents, first: int, start: int, stop: int) -> _Found:
        """What changes in a block of documents.

        :param first: the number of its first document.
        :param start: the block's first byte.
        :param stop: the byte behind it.
        """
        cut = documents.block(start, stop)

        def read(starts: Lengths, stops: Lengths) -> pl.Series:
            return self._decoded(documents, cut(starts, stops))

        data = documents.data[start:stop]
        tokens, malformed = tokenize(data, self._notation.dialect)
        walk = Walk(tokens, data, read, self._automaton)
        values = walk.values()
        rules = self._automaton.value_rule.take(values.state)
        changes = self._changes.take(rules, mode="wrap")
        removed = _Parts(*_none(), np.empty(0, dtype=np.int32))
        if self._unknown == "drop":
            starts, stops = walk.unreachable(values)
            removed = _Parts(starts + start, stops + start, np.full(len(starts), _NO_RULE, dtype=np.int32))
            # A document that is a single value has nothing around it that it could be removed from.
            changes |= (rules == _NO_RULE) & values.is_root
        parts = _Parts(values.start + start, values.stop + start, rules)
        strings, others = slice(0, values.strings), slice(values.strings, None)
        names = self._named(walk, data, removed, start)
        return _Found(
            parts.take(strings).take(changes[strings]),
            parts.take(others).take(changes[others]),
            names,
            removed,
            malformed + first,
        )

    def _named(self, walk: Walk, data: Bytes, removed: _Parts, start: int) -> _Parts:
        """The members' names that change, but for those that are removed."""
        tokens, names = walk.tokens, walk.names
        rules = self._automaton.name_rule.take(walk.inside.take(tokens.container.take(names)))
        first, last = tokens.start.take(names), tokens.stop.take(names)
        chosen = rules != _NO_RULE
        if self._unknown != "keep" and len(names):
            # No schema has an @ in a name: this one is somebody's address.
            at = np.flatnonzero(data == ord("@"))
            name = np.searchsorted(first, at, side="right") - 1
            chosen[name[(name >= 0) & (at < last.take(name, mode="clip"))]] = True
        if len(removed.start):
            before = np.searchsorted(removed.start, first + start, side="right") - 1
            chosen &= (before < 0) | (first + start >= removed.stop.take(before))
        return _Parts(first + 1 + start, last - 1 + start, rules).take(chosen)

    def _masked_strings(self, documents: Documents, parts: _Parts, row: Row) -> Iterator[_Pieces]:
        ruled = parts.rule != _NO_RULE
        yield self._hidden_strings(parts.take(~ruled))
        parts = parts.take(ruled)
        texts = self._decoded(documents, documents.texts(parts.start, parts.stop))
        for rule in np.unique(parts.rule).tolist():
            places = np.flatnonzero(parts.rule == rule)
            part, leaf = parts.take(places), self._values[rule]
            own = _rows_of(leaf, documents, part, row)
            masked = self._notation.encode(leaf.texts(texts.gather(places), own))
            # Null takes the place of the quotes too.
            null = masked.is_null()
            wider = null.to_numpy().astype(np.int64)
            yield _Pieces(
                part.start - wider,
                part.stop + wider,
                masked.fill_null(self._notation.null) if null.any() else masked,
            )

    def _hidden_strings(self, parts: _Parts) -> _Pieces:
        """What stands for strings that no path names."""
        if self._unknown == "drop":
            return _Pieces(parts.start - 1, parts.stop + 1, _constant(self._notation.null, len(parts.start)))
        # The empty text has nothing to hide.
        parts = parts.take(parts.start < parts.stop)
        return _Pieces(parts.start, parts.stop, _constant(REDACTED, len(parts.start)))

    def _masked_scalars(self, documents: Documents, parts: _Parts, row: Row) -> Iterator[_Pieces]:
        character = documents.data.take(parts.start)
        is_true_or_false = (character == ord("t")) | (character == ord("f"))
        is_number = (character == ord("-")) | ((character - np.uint8(ord("0"))) < 10)
        yield from self._masked_literals(documents, parts.take(is_number), row, "0", numbers=True)
        yield from self._masked_literals(documents, parts.take(is_true_or_false), row, "false", numbers=False)

    def _masked_literals(
        self, documents: Documents, parts: _Parts, row: Row, redacted: str, *, numbers: bool
    ) -> Iterator[_Pieces]:
        for rule, part in _by_rule(parts):
            if rule == _NO_RULE:
                text = self._notation.null if self._unknown == "drop" else redacted
                yield _Pieces(part.start, part.stop, _constant(text, len(part.start)))
                continue
            leaf = self._values[rule]
            texts, own = documents.texts(part.start, part.stop), _rows_of(leaf, documents, part, row)
            masked = leaf.numbers(texts, own) if numbers else leaf.booleans(texts, own)
            literal = is_number(masked) if numbers else masked.is_in(["true", "false"])
            quoted = '"' + self._notation.encode(masked) + '"'
            yield _Pieces(
                part.start,
                part.stop,
                masked.zip_with(literal.fill_null(False), quoted).fill_null(self._notation.null),
            )

    def _masked_names(self, documents: Documents, parts: _Parts, row: Row) -> Iterator[_Pieces]:
        for rule, part in _by_rule(parts):
            texts = self._decoded(documents, documents.texts(part.start, part.stop))
            if rule == _NO_RULE:
                yield _Pieces(part.start, part.stop, self._hidden_name(texts))
            elif not self._names[rule].keeps:
                leaf = self._names[rule]
                masked = leaf.texts(texts, _rows_of(leaf, documents, part, row))
                yield _Pieces(part.start, part.stop, self._notation.encode(masked.fill_null("")))

    def _decoded(self, documents: Documents, texts: pl.Series) -> pl.Series:
        return self._notation.decode(texts) if documents.has_backslash else texts


def _blocks(documents: Documents) -> Iterator[tuple[int, int, int]]:
    """Runs of whole documents: the first one's number, the first byte, and the byte behind the last."""
    first = start = 0
    while first < documents.count:
        last = int(np.searchsorted(documents.ends, start + _BLOCK_BYTES, side="right"))
        last = max(last, first + 1)
        stop = int(documents.ends[last - 1])
        yield first, start, stop
        first, start = last, stop


def _by_rule(parts: _Parts) -> Iterator[tuple[int, _Parts]]:
    for rule in np.unique(parts.rule).tolist():
        yield rule, parts.take(parts.rule == rule)


def _rows_of(leaf: Leaf, documents: Documents, part: _Parts, row: Row) -> Row:
    """The row's columns that the rule needs, one value for each part."""
    if not leaf.needs:
        return {}
    rows = documents.rows(part.start)
    return {name: row[name].gather(rows) for name in leaf.needs}


def _removed(parts: _Parts) -> _Pieces:
    return _Pieces(parts.start, parts.stop, _constant("", len(parts.start)))


def _none() -> tuple[Lengths, Lengths]:
    return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)


def _constant(text: str, count: int) -> pl.Series:
    return pl.Series(values=[text], dtype=pl.String).new_from_index(0, count)
