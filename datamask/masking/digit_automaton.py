"""Finite automata over decimal digits: which digit strings a set of regular expressions takes.

The expressions are those of telephone numbering plans: digits, ``\\d``, classes, groups, alternatives, and the
repetitions ``?``, ``*``, ``+`` and ``{n,m}``. They are turned into one deterministic automaton (Thompson's construction,
then subsets), so that a column of numbers is matched against hundreds of expressions with one table look-up a digit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datamask.masking.text import Bytes

DEAD = 0
"""The state that no accepted string passes through."""

_BITS = tuple(1 << digit for digit in range(10))
_ALL = sum(_BITS)
# A repetition without an upper end.
_FOREVER = -1


@dataclass(frozen=True, slots=True)
class _Set:
    """One digit out of a set, as a mask of ten bits."""

    mask: int


@dataclass(frozen=True, slots=True)
class _Chain:
    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Choice:
    parts: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Repeat:
    part: _Node
    least: int
    most: int


_Node = _Set | _Chain | _Choice | _Repeat


@dataclass(frozen=True, slots=True)
class DigitAutomaton:
    """A deterministic automaton whose states know which expressions a string that ends there matches.

    :param follow: the next state by 10 · state + digit; state 0 is the dead one.
    :param start: the state before the first digit.
    :param matched: by state, the tags of the expressions.
    """

    follow: NDArray[np.int32]
    start: int
    matched: tuple[frozenset[str], ...]

    @classmethod
    def of(cls, expressions: Mapping[str, Iterable[str]]) -> DigitAutomaton:
        """The automaton of regular expressions by tag; each must match a string as a whole.

        :raises ValueError: an expression uses more than the module knows.
        """
        states = _States()
        starts = [
            states.before(_Parser(expression).whole(), states.end(tag))
            for tag, listed in expressions.items()
            for expression in listed
        ]
        return states.determined(starts)

    def run(self, numerals: Bytes, state: int | None = None) -> NDArray[np.int32]:
        """The state after each row of digits (0…9), from the start or another state."""
        states = np.full(len(numerals), self.start if state is None else state, dtype=np.int32)
        for place in range(numerals.shape[1]):
            states = self.follow.take(states * np.int32(10) + numerals[:, place])
        return states


def first_group_length(expression: str) -> int | None:
    """How many digits the group has that an expression begins with; None where that varies or there is none."""
    # One group alone is the whole number.
    if not expression.startswith("(") or expression.startswith("(?") or expression.count("(") < 2:
        return None
    return _length(_Parser(expression).first())


def _length(node: _Node) -> int | None:
    match node:
        case _Set():
            return 1
        case _Chain(parts):
            lengths = [_length(part) for part in parts]
            known = [length for length in lengths if length is not None]
            return sum(known) if len(known) == len(lengths) else None
        case _Choice(parts):
            options = {_length(part) for part in parts}
            return options.pop() if len(options) == 1 else None
        case _Repeat(part, least, most):
            length = _length(part)
            return length * least if length is not None and least == most else None


class _Parser:
    def __init__(self, expression: str) -> None:
        self._text = "".join(expression.split())
        self._at = 0

    def whole(self) -> _Node:
        node = self._choice()
        if self._at != len(self._text):
            raise self._error()
        return node

    def first(self) -> _Node:
        """The first atom, without what repeats it."""
        return self._atom()

    def _choice(self) -> _Node:
        parts = [self._chain()]
        while self._take("|"):
            parts.append(self._chain())
        return parts[0] if len(parts) == 1 else _Choice(tuple(parts))

    def _chain(self) -> _Node:
        parts: list[_Node] = []
        while self._at < len(self._text) and self._text[self._at] not in "|)":
            parts.append(self._repeated(self._atom()))
        return parts[0] if len(parts) == 1 else _Chain(tuple(parts))

    def _atom(self) -> _Node:
        if self._take("(?:") or (self._text[self._at : self._at + 2] != "(?" and self._take("(")):
            node = self._choice()
            if not self._take(")"):
                raise self._error()
            return node
        if self._take("["):
            return self._class()
        if self._take("\\d"):
            return _Set(_ALL)
        return _Set(1 << self._digit())

    def _class(self) -> _Node:
        mask = 0
        while not self._take("]"):
            if self._take("\\d"):
                mask |= _ALL
                continue
            low = high = self._digit()
            if self._take("-"):
                high = self._digit()
            mask |= (1 << (high + 1)) - (1 << low)
        return _Set(mask)

    def _repeated(self, node: _Node) -> _Node:
        if self._take("?"):
            return _Repeat(node, 0, 1)
        if self._take("*"):
            return _Repeat(node, 0, _FOREVER)
        if self._take("+"):
            return _Repeat(node, 1, _FOREVER)
        if not self._take("{"):
            return node
        least = most = self._number()
        if self._take(","):
            most = _FOREVER if self._text[self._at : self._at + 1] == "}" else self._number()
        if not self._take("}"):
            raise self._error()
        return _Repeat(node, least, most)

    def _number(self) -> int:
        number = self._digit()
        while self._text[self._at : self._at + 1].isdigit():
            number = 10 * number + self._digit()
        return number

    def _digit(self) -> int:
        found = self._text[self._at : self._at + 1]
        if not found.isdigit():
            raise self._error()
        self._at += 1
        return int(found)

    def _take(self, text: str) -> bool:
        if not self._text.startswith(text, self._at):
            return False
        self._at += len(text)
        return True

    def _error(self) -> ValueError:
        return ValueError(f"not an expression over digits: {self._text!r}, at {self._at}")


class _States:
    """A nondeterministic automaton that is built from its ends to its starts."""

    def __init__(self) -> None:
        # By state: a set of digits and where it leads, or states that are reached without a digit.
        self._steps: list[tuple[int, int] | None] = []
        self._free: list[list[int]] = []
        self._tags: dict[int, str] = {}
        self._reached: dict[int, frozenset[int]] = {}

    def end(self, tag: str) -> int:
        state = self._new(None, [])
        self._tags[state] = tag
        return state

    def before(self, node: _Node, after: int) -> int:
        """The state from which what ``node`` matches leads to ``after``."""
        match node:
            case _Set(mask):
                return self._new((mask, after), [])
            case _Chain(parts):
                for part in reversed(parts):
                    after = self.before(part, after)
                return after
            case _Choice(parts):
                return self._new(None, [self.before(part, after) for part in parts])
            case _Repeat(part, least, most):
                if most == _FOREVER:
                    loop = self._new(None, [after])
                    self._free[loop].append(self.before(part, loop))
                    after = loop
                for _ in range(most - least if most != _FOREVER else 0):
                    after = self._new(None, [after, self.before(part, after)])
                for _ in range(least):
                    after = self.before(part, after)
                return after

    def determined(self, starts: list[int]) -> DigitAutomaton:
        """The deterministic automaton: its states are sets of these."""
        first = frozenset[int]().union(*(self._closure(start) for start in starts))
        numbers = {frozenset[int](): DEAD}
        numbers.setdefault(first, 1)
        queue = [first] if first else []
        follow = [[DEAD] * 10]
        for states in queue:
            # Most states tell few sets of digits apart: digits that stand in the same ones lead to the same state.
            steps: dict[int, set[int]] = {}
            for state in states:
                step = self._steps[state]
                if step is not None:
                    steps.setdefault(step[0], set()).update(self._closure(step[1]))
            alike: dict[tuple[int, ...], int] = {}
            row = []
            for bit in _BITS:
                taken = tuple(mask for mask in steps if mask & bit)
                if taken not in alike:
                    target = frozenset[int]().union(*(steps[mask] for mask in taken))
                    if target not in numbers:
                        numbers[target] = len(numbers)
                        queue.append(target)
                    alike[taken] = numbers[target]
                row.append(alike[taken])
            follow.append(row)
        matched = [frozenset[str]()]
        matched += [frozenset(self._tags[one] for one in states if one in self._tags) for states in queue]
        return DigitAutomaton(np.array(follow, dtype=np.int32).reshape(-1), numbers[first], tuple(matched))

    def _new(self, step: tuple[int, int] | None, free: list[int]) -> int:
        self._steps.append(step)
        self._free.append(free)
        return len(self._steps) - 1

    def _closure(self, state: int) -> frozenset[int]:
        """What is reached without a digit; only states that take one or that end count."""
        if state not in self._reached:
            seen, open_states = {state}, [state]
            for one in open_states:
                for other in self._free[one]:
                    if other not in seen:
                        seen.add(other)
                        open_states.append(other)
            self._reached[state] = frozenset(
                one for one in seen if self._steps[one] is not None or one in self._tags
            )
        return self._reached[state]
