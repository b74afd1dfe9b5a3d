"""What is left of the laws with conditions, exceptions and likenesses around them: for every transform there is."""

from __future__ import annotations

import re
from dataclasses import replace

import polars as pl
import pytest
from law_case import TEXT, Case
from masking_cases import CASES, many, odd_values

from datamask.masking.condition import condition_for
from datamask.masking.effective import effective_laws
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.registry import get

KEY = MaskingKey(b"k" * 32)
WHEN = condition_for("chosen = 'yes'", {"chosen": TEXT})

# What stands around a transform knows nothing of its parameters: one case of each; of each kind of type, slow ones.
BY_KIND = {(case.transform, case.type.kind): case for case in reversed(CASES)}
QUICK = {case.transform: case for case in BY_KIND.values()}
each_case = pytest.mark.parametrize(
    "case",
    [
        pytest.param(
            case,
            id=f"{name}-{kind}",
            marks=() if QUICK[name] is case else pytest.mark.slow,
        )
        for (name, kind), case in BY_KIND.items()
    ],
)


def masked(mask: ColumnMask, values: list[str | None], chosen: list[str] | None = None) -> list[str | None]:
    transform = get(mask.transform)
    needed = (*transform.needs(mask.params), *transform.reads_masked(mask.params))
    frame = pl.DataFrame(
        {
            "value": values,
            **({"chosen": chosen} if chosen else {}),
            **{name: values for name in needed if name != "value"},
        },
        schema_overrides={"value": pl.String},
    )
    return Masker([mask], KEY).mask(frame)["value"].to_list()


def some_values(case: Case) -> list[str | None]:
    return [*odd_values(case), None, "", *many(case, 60)]


def plain(case: Case, values: list[str | None]) -> list[str | None]:
    """Values as the engine sees them: without the padding of char(n)."""
    return [
        value.rstrip(" ") if value is not None and case.type.base == "bpchar" else value for value in values
    ]


def assert_laws(mask: ColumnMask, values: list[str | None], results: list[str | None]) -> None:
    """What is declared for a mask holds for its results."""
    laws = effective_laws(mask)
    if laws.nulls == "kept":
        assert [result is None for result in results] == [value is None for value in values]
    elif laws.nulls == "made":
        assert set(results) == {None}
    elif laws.nulls == "filled":
        assert None not in results
    if laws.max_length is not None and mask.type.kind == "text":
        assert max(len(result or "") for result in results) <= laws.max_length
    if laws.copy_safe:
        assert not [result for result in results if result is not None and re.search(r"[\t\n\r\\]", result)]


@each_case
def test_a_condition_chooses_between_the_value_and_its_result(case: Case) -> None:
    values = some_values(case)
    chosen = ["yes", "no", "maybe"] * len(values)
    mask = replace(case.mask(), when=WHEN)
    results = masked(mask, values, chosen[: len(values)])
    expected = [
        result if there == "yes" else value
        for value, result, there in zip(
            plain(case, values), masked(case.mask(), values), chosen, strict=False
        )
    ]
    assert results == expected
    assert_laws(mask, values, results)


@each_case
def test_exceptions_stay_and_nothing_else_changes(case: Case) -> None:
    if case.type.kind == "array":
        # There they are about elements.
        return
    values = some_values(case)
    stays = [
        value for value in plain(case, values) if value and not re.search(r"[*?]", value) and value[0] != "@"
    ]
    mask = replace(case.mask(), exceptions=tuple(stays[::3]))
    results = masked(mask, values)
    assert results == [
        value if value in stays[::3] else result
        for value, result in zip(plain(case, values), masked(case.mask(), values), strict=True)
    ]
    assert_laws(mask, values, results)


@pytest.mark.parametrize(
    "case", [case for (_, kind), case in BY_KIND.items() if kind == "text"], ids=lambda case: case.transform
)
def test_likeness(case: Case) -> None:
    values = some_values(case)
    before = masked(case.mask(), values)
    cased = replace(case.mask(), preserve=("case",))
    results = masked(cased, values)
    assert [(one or "").casefold() for one in results] == [(one or "").casefold() for one in before]
    assert_laws(cased, values, results)
    for kept in (("length",), ("case", "length"), ("null", "empty", "case", "length")):
        mask = replace(case.mask(), preserve=kept)
        results = masked(mask, values)
        assert_laws(mask, values, results)
        told = [
            (value, result)
            for value, result in zip(plain(case, values), results, strict=True)
            if value and result is not None
        ]
        assert [len(result) for _, result in told] == [len(value) for value, _ in told]
        assert masked(mask, values[::-1]) == results[::-1]
        if "null" in kept:
            assert results[values.index(None)] is None
            assert results[values.index("")] == ""


@each_case
def test_injectivity_is_declared_only_where_it_holds(case: Case) -> None:
    laws = case.laws
    for more in ({"when": WHEN}, {"exceptions": ("x",)}):
        assert effective_laws(replace(case.mask(), **more)).injective == (
            laws.injective and laws.collision_bits is not None
        )
    if effective_laws(replace(case.mask(), when=WHEN)).injective:
        values = many(case, 500)
        chosen = ["yes", "no"] * len(values)
        results = masked(replace(case.mask(), when=WHEN), list(values), chosen[: len(values)])
        assert len(set(results)) == len(set(values))
