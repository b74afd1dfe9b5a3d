"""Trying what a transform declares on made-up values: the laws that every plan is proved from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

import polars as pl

from datamask.catalog.model import ColumnType
from datamask.errors import PolicyError
from datamask.masking.effective import effective_laws
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask, JSONValue
from datamask.masking.registry import get
from datamask.masking.sample_values import many_values, odd_values, sample_types

Verdict = Literal["holds", "broken", "not declared"]

# Fixed, so that a trial gives the same today and tomorrow; no secret.
_KEY, _OTHER_KEY = (
    MaskingKey(b"a key to try laws with: 32 bytes"),
    MaskingKey(b"another key to try laws: 32 byte"),
)
_UNSAFE = re.compile(r"[\t\n\r\\]")
_SOME = 1000
# Pieces of a few rows each, of so many rows.
_PIECE, _PIECED = 7, 70
# Of what chance leaves, so much may be the same under two keys: values in the nature of a transform to stay.
_MOST_EQUAL = 0.3


@dataclass(frozen=True, slots=True)
class LawTrial:
    """What came of one law.

    :param detail: figures; no value.
    """

    law: str
    verdict: Verdict
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TransformTrial:
    """What came of a transform on one type.

    :param problem: why it could not be tried, else None.
    """

    transform: str
    type: str
    laws: tuple[LawTrial, ...]
    problem: str | None = None

    @property
    def broken(self) -> int:
        """How many laws did not hold, counting a transform that fails as one."""
        return sum(law.verdict == "broken" for law in self.laws) + (self.problem is not None)


def types_for(transform: str, params: Mapping[str, JSONValue]) -> tuple[ColumnType, ...]:
    """The types that a transform is tried on: all that it takes with these parameters and that have sample values."""
    chosen = get(transform)
    found = []
    for column_type in sample_types(chosen.kinds):
        if chosen.accepts(column_type) is None:
            try:
                chosen.laws(params, column_type, unique=False)
            except PolicyError:
                continue
            found.append(column_type)
    return tuple(found)


def try_transform(
    transform: str, params: Mapping[str, JSONValue], column_type: ColumnType, *, count: int
) -> TransformTrial:
    """Try all laws of a transform on one type.

    :param params: in normal form.
    :param count: how many different values injectivity is tried on.
    """
    mask = ColumnMask("value", transform, column_type, "trial", params)
    try:
        laws = tuple(_Trial(mask).laws(count))
    except PolicyError as error:
        return TransformTrial(transform, column_type.name, (), error.message)
    except Exception as error:
        # Whatever it is, a snapshot would end with it: no transform may fail on a value.
        return TransformTrial(transform, column_type.name, (), f"it fails: {type(error).__name__}")
    return TransformTrial(transform, column_type.name, laws)


class _Trial:
    """A mask of the column ``value``, and what it is tried on."""

    def __init__(self, mask: ColumnMask) -> None:
        self._mask = mask
        self._laws = effective_laws(mask)
        self._masker = Masker([mask], _KEY)
        transform = get(mask.transform)
        needed = (*transform.needs(mask.params), *transform.reads_masked(mask.params))
        # Of other columns that it reads, each row's own value stands for their values.
        self._needed = [name for name in needed if name != "value"]

    def laws(self, count: int) -> Iterator[LawTrial]:
        """What came of each law."""
        values: list[str | None] = [
            *odd_values(self._mask.type),
            None,
            *many_values(self._mask.type, _SOME),
        ]
        expected = self._masked(values)
        fresh = self._masked(values, Masker([self._mask], _KEY))
        yield _law("same value, same result", self._masked(values) == expected == fresh)
        backwards = self._masked(values[::-1])[::-1]
        first = values[:_PIECED]
        pieces = [
            result
            for start in range(0, len(first), _PIECE)
            for result in self._masked(first[start : start + _PIECE])
        ]
        yield _law(
            "no matter which rows are near", backwards == expected and pieces == expected[: len(first)]
        )
        yield self._keyed(values, expected)
        yield from self._nulls(values, expected)
        yield self._length(expected)
        yield self._injective(count)
        yield self._copy_safe(expected)

    def _masked(self, values: list[str | None], masker: Masker | None = None) -> list[str | None]:
        frame = pl.DataFrame({"value": values}, schema={"value": pl.String})
        frame = frame.with_columns(pl.col("value").alias(name) for name in self._needed)
        return (masker or self._masker).mask(frame)["value"].to_list()

    def _keyed(self, values: list[str | None], expected: list[str | None]) -> LawTrial:
        law = "another key, another result"
        other = self._masked(values, Masker([self._mask], _OTHER_KEY))
        told = [(one, two) for value, one, two in zip(values, expected, other, strict=True) if value]
        equal = sum(one == two for one, two in told)
        if equal == len(told):
            # A constant, or something blotted out, has no need of a key.
            return LawTrial(law, "not declared", "no key has a part in it")
        detail = f"{equal} of {len(told)} results are the same" if equal else ""
        # Of two possible results, the same one comes again half of the time.
        shares = [number / len(told) for number in Counter(one for one, _ in told).values()]
        chance = sum(share**2 for share in shares)
        return _law(law, equal <= (chance + _MOST_EQUAL * (1 - chance)) * len(told), detail)

    def _nulls(self, values: list[str | None], expected: list[str | None]) -> Iterator[LawTrial]:
        of_null = expected[values.index(None)]
        made = expected.count(None) - (of_null is None)
        match self._laws.nulls:
            case "kept":
                detail = f"{made} values became NULL" if made else ""
                yield _law("NULL stays NULL", of_null is None and not made, detail)
            case "made":
                yield _law("everything becomes NULL", expected.count(None) == len(expected))
            case "filled":
                yield _law("nothing is NULL", None not in expected)
            case "mixed":
                yield LawTrial("NULL stays NULL", "not declared")
        if self._mask.type.kind == "text" and not get(self._mask.transform).replaces_empty:
            yield _law("'' stays ''", self._masked([""]) == [""])

    def _length(self, expected: list[str | None]) -> LawTrial:
        law, limit = "as short as declared", self._laws.max_length
        longest = max((len(result) for result in expected if result is not None), default=0)
        if limit is None or self._mask.type.kind != "text":
            return LawTrial(law, "not declared", f"up to {longest} characters seen")
        return _law(law, longest <= limit, f"{longest} of {limit} characters")

    def _injective(self, count: int) -> LawTrial:
        law = "different values, different results"
        if not self._laws.injective:
            return LawTrial(law, "not declared")
        distinct = many_values(self._mask.type, count)
        results = len(set(self._masked(list(distinct))))
        return _law(law, results == len(distinct), f"{results:,} of {len(distinct):,} values")

    def _copy_safe(self, expected: list[str | None]) -> LawTrial:
        law = "nothing that COPY escapes"
        if not self._laws.copy_safe:
            return LawTrial(law, "not declared")
        unsafe = sum(result is not None and _UNSAFE.search(result) is not None for result in expected)
        return _law(law, not unsafe, f"{unsafe} results" if unsafe else "")


def _law(law: str, held: bool, detail: str = "") -> LawTrial:
    return LawTrial(law, "holds" if held else "broken", detail)
