"""What all transforms of structured values share: rules by place, and what happens to what no rule names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from datamask.errors import PolicyError
from datamask.masking.jsonmask import Unknown
from datamask.masking.leaves import REDACTED, Leaf, check_leaf
from datamask.masking.model import JSONValue
from datamask.masking.nested import rule_needs
from datamask.masking.params import Param
from datamask.masking.transform import Binding

UNKNOWN = Param(
    "unknown",
    "text",
    "redact",
    "what happens to values that are not named: blotted out, left out, or left as they are",
    choices=("redact", "drop", "keep"),
)


def rules(params: Mapping[str, JSONValue], name: str) -> dict[str, JSONValue]:
    """A parameter of the kind ``rules``; empty where it was left out."""
    value = params[name]
    return value if isinstance(value, dict) else {}


def unknown(params: Mapping[str, JSONValue]) -> Unknown:
    """The parameter ``unknown``."""
    match params["unknown"]:
        case "keep":
            return "keep"
        case "drop":
            return "drop"
        case _:
            return "redact"


def needed(params: Mapping[str, JSONValue], names: Sequence[str]) -> tuple[str, ...]:
    """The row's columns that the rules of some parameters depend on."""
    return tuple(dict.fromkeys(column for rule in _all(params, names) for column in rule_needs(rule)))


def check_rules(transform: str, params: Mapping[str, JSONValue], names: Sequence[str]) -> None:
    """Refuse rules that cannot be used inside of a value.

    :raises PolicyError: naming the place and the reason.
    """
    for name in names:
        for place, rule in rules(params, name).items():
            try:
                check_leaf(rule)
            except PolicyError as error:
                raise PolicyError(f"{transform}: {name} {place}: {error.message}", hint=error.hint) from None


def _all(params: Mapping[str, JSONValue], names: Sequence[str]) -> Iterator[JSONValue]:
    for name in names:
        yield from rules(params, name).values()


class Leaves:
    """The rules for the texts inside of values, bound.

    :param rules: rules in normal form; texts refer to them by their place.
    """

    def __init__(self, binding: Binding, rules: Sequence[JSONValue], unknown: Unknown) -> None:
        self._leaves = [Leaf(rule, binding) for rule in rules]
        self._changes = np.array([not leaf.keeps for leaf in self._leaves] + [unknown != "keep"])

    def changes(self, rule: NDArray[np.int32]) -> NDArray[np.bool_]:
        """Which texts do not just stay as they are, by their rules."""
        changed: NDArray[np.bool_] = self._changes.take(rule)
        return changed

    def masked(
        self, texts: pl.Series, rule: NDArray[np.int32], row: Mapping[str, pl.Series], rows: NDArray[np.intp]
    ) -> pl.Series:
        """The texts, masked; null where a transform makes NULL.

        :param texts: String without nulls.
        :param rule: the rule of each, -1 for none: it stays, or is blotted out unless it is empty.
        :param row: the row's columns that the rules need.
        :param rows: the row of each text.
        """
        result = texts
        for number in np.unique(rule).tolist():
            places = np.flatnonzero(rule == number)
            part = texts.gather(places)
            if not self._changes[number]:
                continue
            if number >= 0:
                leaf = self._leaves[number]
                own = {name: row[name].gather(rows[places]) for name in leaf.needs}
                part = leaf.texts(part, own)
            else:
                blotted = pl.Series(values=[REDACTED], dtype=pl.String).new_from_index(0, part.len())
                part = blotted.zip_with(part.str.len_bytes() > 0, part)
            result = part if len(places) == texts.len() else result.scatter(places, part)
        return result
