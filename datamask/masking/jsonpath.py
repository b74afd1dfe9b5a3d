"""JSON paths, and the automaton that follows all paths of a mask at once.

Paths are those of RFC 9535 without filters, slices and negative indexes: ``$.a.b``, ``$['odd key']``,
``$.items[*].email``, ``$.a[0]``, ``$..email``; ``$."odd key"`` is read too, as SQL/JSON writes it. A path names a value
and all that is inside of it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from datamask.errors import PolicyError

OTHER_NAME, OTHER_INDEX = 0, 1
"""Symbols of members and elements that no path names; what the paths name follows from 2 on."""

# Paths with many `..` could need a state for every combination of them.
_MOST_STATES = 4096

_STEP = re.compile(
    r"""(?P<dots>\.\.?)?(?:
        (?P<name>[^\s.,:*$@()?"'\[\]]+) | (?P<star>\*) | "(?P<quoted>(?:[^"\\]|\\.)*)"
      | \[\s*(?:'(?P<single>(?:[^'\\]|\\.)*)' | "(?P<double>(?:[^"\\]|\\.)*)" | (?P<index>\d{1,9}) | (?P<every>\*))\s*\]
    )""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_PLAIN_NAME = re.compile(r"[^\W\d]\w*")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a path.

    :param key: a member's name, an element's index, or None for every member and element.
    :param anywhere: at any depth below (``..``).
    """

    key: str | int | None
    anywhere: bool = False


@dataclass(frozen=True, slots=True)
class Path:
    """A JSON path: its steps from the root."""

    steps: tuple[Step, ...]

    @classmethod
    def parse(cls, text: str) -> Path:
        """Read a path.

        :raises PolicyError: it is none, or of a kind that is not supported.
        """
        steps = []
        place = 1
        while text.startswith("$") and place < len(text):
            match = _STEP.match(text, place)
            step = _step(match) if match else None
            if match is None or step is None:
                break
            steps.append(step)
            place = match.end()
        if not text.startswith("$") or place < len(text):
            raise PolicyError(
                f"{text!r} is not a JSON path",
                hint="write $.contact.email, $['odd key'], $.items[*].email, $.items[0] or $..email",
            )
        return cls(tuple(steps))

    @property
    def rank(self) -> tuple[int, int, int]:
        """What decides between paths that name the same value: the larger one is the more exact."""
        named = sum(step.key is not None for step in self.steps)
        return named, len(self.steps), -sum(step.anywhere for step in self.steps)


def member(name: str) -> str:
    """The path of a member of the root."""
    if _PLAIN_NAME.fullmatch(name):
        return f"$.{name}"
    return "$['" + name.replace("\\", "\\\\").replace("'", "\\'") + "']"


def _step(match: re.Match[str]) -> Step | None:
    dots, found = match["dots"], match.lastgroup
    anywhere = dots == ".."
    in_brackets = found in {"single", "double", "index", "every"}
    # Brackets follow at once or behind "..", all else needs a dot.
    if (dots == ".") == in_brackets and not anywhere:
        return None
    if found in {"star", "every"}:
        return Step(None, anywhere)
    if found == "index":
        return Step(int(match["index"]), anywhere)
    text = next(match[group] for group in ("name", "quoted", "single", "double") if match[group] is not None)
    return Step(text if found == "name" else _ESCAPE.sub(r"\1", text), anywhere)


class Automaton:
    """Where all paths stand after a member's name or an element's index: a table of states by symbols.

    State 0 is the root's. Built from sets of positions inside the paths (the subset construction).

    :param values: paths whose values are masked; a value belongs to the most exact of them (:attr:`Path.rank`), of equal
        ones to the first.
    :param names: paths of objects whose members' names are masked.
    :raises PolicyError: the paths would need too many states.
    """

    def __init__(self, values: Sequence[Path], names: Sequence[Path] = ()) -> None:
        self._values, self._names = tuple(values), tuple(names)
        steps = [step for path in (*values, *names) for step in path.steps]
        keys = list(dict.fromkeys(step.key for step in steps if step.key is not None))
        self._symbols: dict[str | int, int] = {key: number for number, key in enumerate(keys, 2)}
        self.symbol_of_name = {key: number for key, number in self._symbols.items() if isinstance(key, str)}
        """Symbols by member name."""
        self.symbol_of_index = {key: number for key, number in self._symbols.items() if isinstance(key, int)}
        """Symbols by element index."""
        self.symbols = len(keys) + 2
        """How many symbols there are."""
        states, rows = self._build()
        self.table: NDArray[np.int32] = np.array(rows, dtype=np.int32)
        """The next state by state and symbol."""
        self.value_rule: NDArray[np.int32] = np.array(
            [self._value(state) for state in states], dtype=np.int32
        )
        """The place in ``values`` that a value in a state belongs to, -1 for none."""
        self.name_rule: NDArray[np.int32] = np.array([self._name(state) for state in states], dtype=np.int32)
        """The place in ``names`` that an object in a state belongs to, -1 for none."""
        self.alive: NDArray[np.bool_] = np.array([bool(state) for state in states])
        """Whether some path names a value in the state, or one inside of it."""

    def _build(self) -> tuple[list[frozenset[tuple[int, int]]], list[list[int]]]:
        first = frozenset((number, 0) for number in range(len(self._values) + len(self._names)))
        number_of = {first: 0}
        states, rows = [first], []
        for state in states:
            row = []
            for symbol in range(self.symbols):
                after = self._after(state, symbol)
                if after not in number_of:
                    if len(states) == _MOST_STATES:
                        raise PolicyError(
                            "the JSON paths are too many to be followed at once",
                            hint="write paths from the root instead of `..`",
                        )
                    number_of[after] = len(states)
                    states.append(after)
                row.append(number_of[after])
            rows.append(row)
        return states, rows

    def _after(self, state: frozenset[tuple[int, int]], symbol: int) -> frozenset[tuple[int, int]]:
        found = set()
        for number, position in state:
            is_value = number < len(self._values)
            path = self._values[number] if is_value else self._names[number - len(self._values)]
            if position == len(path.steps):
                # What is inside of a named value belongs to its path too.
                if is_value:
                    found.add((number, position))
                continue
            step = path.steps[position]
            if step.key is None or self._symbols[step.key] == symbol:
                found.add((number, position + 1))
            if step.anywhere:
                found.add((number, position))
        return frozenset(found)

    def _value(self, state: frozenset[tuple[int, int]]) -> int:
        ended = [
            number
            for number, position in state
            if number < len(self._values) and position == len(self._values[number].steps)
        ]
        return max(ended, key=lambda number: (self._values[number].rank, -number), default=-1)

    def _name(self, state: frozenset[tuple[int, int]]) -> int:
        ended = [
            number - len(self._values)
            for number, position in state
            if number >= len(self._values) and position == len(self._names[number - len(self._values)].steps)
        ]
        return max(ended, key=lambda number: (self._names[number].rank, -number), default=-1)
