"""Which path each value of JSON documents belongs to, and which values a path cannot reach."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datamask.masking.jsonnames import NameTable
from datamask.masking.jsonpath import OTHER_INDEX, OTHER_NAME, Automaton
from datamask.masking.jsontokens import (
    ARRAY,
    ELEMENT_COMMA,
    NAME,
    OBJECT,
    STRING,
    Positions,
    Tokens,
)
from datamask.masking.splice import Cut
from datamask.masking.text import Bytes, Lengths

States = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Values:
    """Scalars of documents, strings first, and where they belong.

    :param strings: how many of them are strings.
    :param token: the token of a string; of another scalar, the token behind it.
    :param start: the first byte; of a string, behind the quote.
    :param stop: the byte behind it; of a string, the closing quote.
    :param state: where the automaton's paths stand at the value.
    :param is_root: it is a whole document.
    """

    strings: int
    token: Positions
    start: Lengths
    stop: Lengths
    state: States
    is_root: NDArray[np.bool_]


class Walk:
    """The automaton's way through documents.

    :param tokens: of valid documents.
    :param data: the bytes that they are about.
    :param read: gives what stands between the quotes of strings as the texts that it means.
    """

    def __init__(self, tokens: Tokens, data: Bytes, read: Cut, automaton: Automaton) -> None:
        self.tokens = tokens
        self._automaton = automaton
        self._table = automaton.table.reshape(-1)
        self.names: Positions = np.flatnonzero(tokens.kind == NAME)
        """The tokens of members' names."""
        # The step to a value, by the token in front of it: a name, or a bracket or comma in an array.
        self._symbol = np.full(len(tokens.kind), OTHER_INDEX, dtype=np.int32)
        self._symbol[self.names] = NameTable(automaton.symbol_of_name, OTHER_NAME).find(
            data, tokens.start.take(self.names) + 1, tokens.stop.take(self.names) - 1, read
        )
        if automaton.symbol_of_index:
            self._number_elements()
        self.inside: States = self._containers()
        """The state of each container; at -1, of the root."""

    def _number_elements(self) -> None:
        """Give the bracket or comma in front of an element the symbol of the element's index."""
        tokens = self.tokens
        comma = tokens.kind.take(tokens.in_container) == ELEMENT_COMMA
        count = comma.cumsum()
        opens = np.flatnonzero(
            tokens.opening.take(tokens.container.take(tokens.in_container)) == tokens.in_container
        )
        index = count - count.take(opens).take(tokens.container.take(tokens.in_container))
        symbols = np.full(max(self._automaton.symbol_of_index) + 2, OTHER_INDEX, dtype=np.int32)
        for number, symbol in self._automaton.symbol_of_index.items():
            symbols[number] = symbol
        self._symbol[tokens.in_container] = symbols.take(index, mode="clip")

    def _containers(self) -> States:
        tokens = self.tokens
        states = np.zeros(len(tokens.opening) + 1, dtype=np.int32)
        parent, symbol = self._above(tokens.opening)
        deepest = int(tokens.depth[-1]) if len(tokens.depth) else 0
        bounds = np.searchsorted(tokens.depth, np.arange(1, deepest + 2))
        for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            states[first:last] = self._next(states.take(parent[first:last]), symbol[first:last])
        return states

    def _above(self, tokens: Positions) -> tuple[Positions, States]:
        """Of values, the container that they stand in and the symbol that leads to them; -1 for a root."""
        before = tokens - 1
        symbol = self._symbol.take(before)
        parent = self.tokens.container.take(before)
        # No step leads to a root.
        symbol[parent < 0] = -1
        return parent, symbol

    def _next(self, states: States, symbols: States) -> States:
        after = self._table.take(states * np.int32(self._automaton.symbols) + symbols, mode="clip")
        return np.where(symbols < 0, states, after)

    def values(self) -> Values:
        """The scalars of the documents."""
        tokens = self.tokens
        strings = np.flatnonzero(tokens.kind == STRING)
        token = np.concatenate([strings, tokens.bare])
        parent, symbol = self._above(token)
        return Values(
            len(strings),
            token,
            np.concatenate([tokens.start.take(strings) + 1, tokens.bare_start]),
            np.concatenate([tokens.stop.take(strings) - 1, tokens.bare_stop]),
            self._next(self.inside.take(parent), symbol),
            parent < 0,
        )

    def unreachable(self, values: Values) -> tuple[Lengths, Lengths]:
        """The parts of the documents to remove so that no member or element is left that no path names or leads to.

        :returns: starts and stops, ascending; a removed member's comma goes with it.
        """
        tokens = self.tokens
        if not len(tokens.opening):
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.int64)
        alive = self._automaton.alive
        reached = np.concatenate(
            [alive.take(self.inside[:-1]), self._automaton.value_rule.take(values.state) >= 0]
        )
        parent, _ = self._above(np.concatenate([tokens.opening, values.token]))
        member = np.concatenate([tokens.opening, values.token])
        # The bracket or comma in front of a member stands for it: in an object, in front of its name.
        in_object = (parent >= 0) & (tokens.kind.take(tokens.opening.take(parent, mode="clip")) == OBJECT)
        mark = member - np.where(in_object, 2, 1)
        # What is inside of something removed goes with it; a root itself is never removed.
        stays = alive.take(self.inside.take(parent)) | (tokens.depth.take(parent, mode="clip") == 1)
        judged = np.flatnonzero((parent >= 0) & stays)
        kept = np.zeros(len(tokens.kind), dtype=np.bool_)
        removed = np.zeros(len(tokens.kind), dtype=np.bool_)
        kept[mark[judged[reached[judged]]]] = True
        removed[mark[judged[~reached[judged]]]] = True
        # Brackets and commas of each container in order: what stands for a member ends where the next one begins.
        order = tokens.in_container
        is_kept = kept.take(order)
        count = is_kept.cumsum()
        opens = np.flatnonzero(tokens.opening.take(tokens.container.take(order)) == order)
        earlier = count - is_kept - (count - is_kept).take(opens).take(tokens.container.take(order))
        is_bracket = (tokens.kind.take(order) == OBJECT) | (tokens.kind.take(order) == ARRAY)
        gone = np.flatnonzero(removed.take(order))
        first = np.flatnonzero(is_kept & (earlier == 0) & ~is_bracket)
        starts = tokens.start.take(order.take(gone)) + is_bracket.take(gone)
        stops = tokens.start.take(order.take(gone + 1))
        comma = tokens.start.take(order.take(first))
        all_starts = np.concatenate([starts, comma])
        ascending = np.argsort(all_starts, kind="stable")
        return all_starts[ascending], np.concatenate([stops, comma + 1])[ascending]
