"""What a transform declares holds: for every one in the registry, on every type that it takes."""

from __future__ import annotations

import ipaddress
import json
import re
import uuid
from datetime import date
from decimal import Decimal
from functools import cache

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from law_case import TEXT, Case, varchar
from masking_cases import CASES, ODD_TEXT, TEXT_TRANSFORMS, many, odd_values

from datamask.catalog.model import ColumnType
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.registry import get, names

KEY, OTHER_KEY = MaskingKey(b"k" * 32), MaskingKey(b"l" * 32)
MANY, VERY_MANY = 10_000, 100_000

WIDTHS = (1, 3, 8, 13, 20, 26, 36, 255)
MORE_WIDTHS = (2, 5, 15, 16, 24, 30, 40, 64)
NARROW_WIDTHS, MORE_NARROW_WIDTHS = (13, 20, 26), (16, 24, 30)


def some(quick: object, more: object) -> list[object]:
    return [quick, pytest.param(more, marks=pytest.mark.slow)]


@cache
def masker(case: str, key: MaskingKey, domain: str) -> Masker:
    """A masker for all tests of a case: what it masked before must not matter, which is tried by itself."""
    return Masker([BY_NAME[case].mask(domain)], key)


BY_NAME: dict[str, Case] = {}


def run(case: Case, values: list[str | None], key: MaskingKey = KEY, domain: str = "d") -> list[str | None]:
    BY_NAME[str(case)] = case
    frame = pl.DataFrame({"value": pl.Series(values, dtype=pl.String)})
    masked = masker(str(case), key, domain).mask(frame)
    assert masked.schema == {"value": pl.String}
    return masked["value"].to_list()


@cache
def odd_results(case: str) -> list[str | None]:
    """What becomes of the corner cases; several laws look at it."""
    return run(BY_NAME[case], list(odd_values(BY_NAME[case])))


@cache
def many_results(case: str) -> tuple[list[str], list[str | None]]:
    """A thousand values and what becomes of them."""
    values = many(BY_NAME[case], 1000)
    return values, run(BY_NAME[case], list(values))


BY_NAME.update((str(case), case) for case in CASES)
each_case = pytest.mark.parametrize("case", CASES, ids=str)


def masked_here() -> list[str]:
    """All transforms but those of the server that a table is read from."""
    return [name for name in names() if not get(name).source_side]


def test_every_transform_is_here():
    assert {case.transform for case in CASES} == set(masked_here())


def test_every_type_that_a_transform_takes_is_here():
    taken = {(case.transform, case.type.kind) for case in CASES}
    for name in masked_here():
        kinds = get(name).kinds
        if kinds is not None:
            missing = {kind for kind in kinds if (name, kind) not in taken}
            assert missing <= {"tsvector"}, name


@each_case
def test_it_accepts_the_type(case: Case):
    assert get(case.transform).accepts(case.type) is None


@each_case
def test_null_and_empty(case: Case):
    nothing = run(case, [None, None])
    if case.laws.nulls == "kept":
        assert nothing == [None, None]
    elif case.laws.nulls == "made":
        assert run(case, [*odd_values(case), None]) == [None] * (len(odd_values(case)) + 1)
    else:
        assert None not in nothing
    if case.laws.nulls in {"kept", "filled"}:
        assert None not in odd_results(str(case))
    if case.type.kind == "text" and not get(case.transform).replaces_empty:
        assert run(case, ["", None, ""]) == ["", None, ""]


@pytest.mark.parametrize("step", some(9, 1))
@each_case
def test_a_result_depends_on_nothing_but_the_value(case: Case, step: int):
    values: list[str | None] = [*odd_values(case), None]
    expected = run(case, values)
    assert run(case, values) == expected
    assert run(case, values[::-1]) == expected[::-1]
    # Alone, and in the company of a few.
    assert [run(case, [value])[0] for value in values[::step]] == expected[::step]
    assert [
        one for start in range(0, len(values), 8) for one in run(case, values[start : start + 8])
    ] == expected
    # One that has masked nothing before, over pieces.
    frame = pl.DataFrame({"value": pl.Series(values, dtype=pl.String)})
    pieces = pl.concat([frame[:3], frame[3:]], rechunk=False)
    assert Masker([case.mask()], KEY).mask(pieces)["value"].to_list() == expected


@each_case
def test_dictionaries_and_rows_give_the_same(case: Case):
    distinct: list[str | None] = [*odd_values(case), None]
    values = distinct * (20_000 // len(distinct))
    expected = run(case, distinct)
    assert run(case, values) == expected * (20_000 // len(distinct))


@each_case
def test_another_key_or_domain_gives_another_result(case: Case):
    values, first = many_results(str(case))
    key, domain = run(case, list(values), OTHER_KEY), run(case, list(values), domain="e")
    same_key = sum(map(str.__eq__, map(str, first), map(str, key)))
    same_domain = sum(map(str.__eq__, map(str, first), map(str, domain)))
    if case.keyed:
        assert same_key < 300
        assert same_domain < 300
    else:
        assert first == key == domain


@each_case
def test_values_do_not_stay(case: Case):
    if case.stays or case.transform in {"truncate_date", "redact_json", "empty"}:
        return
    values, results = many_results(str(case))
    same = sum(one == other for one, other in zip(values, results, strict=True))
    assert same < 300


@pytest.mark.parametrize("count", some(MANY, VERY_MANY))
@pytest.mark.parametrize("case", [case for case in CASES if case.laws.injective], ids=str)
def test_distinct_values_give_distinct_results(case: Case, count: int):
    values = many(case, count)
    results = run(case, list(values))
    assert len(set(results)) == len(set(values)) > 900


@each_case
def test_no_result_breaks_copy_text_where_none_may(case: Case):
    results = odd_results(str(case))
    if case.laws.copy_safe:
        assert not [result for result in results if result is not None and re.search(r"[\t\n\r\\]", result)]


@pytest.mark.parametrize("lengths", some(WIDTHS, MORE_WIDTHS), ids=str)
@pytest.mark.parametrize(("name", "params"), TEXT_TRANSFORMS, ids=str)
def test_results_are_as_short_as_declared(name: str, params: dict[str, object], lengths: tuple[int, ...]):
    texts = [*ODD_TEXT, *many(Case("email", TEXT), 500)]
    for length in lengths:
        case = Case(name, varchar(length), params)
        results = run(case, [value[:length] for value in texts])
        if case.laws.max_length is not None:
            longest = max(len(result or "") for result in results)
            assert longest <= case.laws.max_length, case.type.name


@pytest.mark.parametrize("lengths", some(NARROW_WIDTHS, MORE_NARROW_WIDTHS), ids=str)
@pytest.mark.parametrize(("name", "params"), TEXT_TRANSFORMS, ids=str)
def test_distinct_values_give_distinct_results_in_narrow_columns(
    name: str, params: dict[str, object], lengths: tuple[int, ...]
):
    values = [f"{number:07d}" for number in range(MANY)]
    for length in lengths:
        case = Case(name, varchar(length), params)
        if case.laws.injective and name != "uuid":
            assert len(set(run(case, list(values)))) == MANY, case.type.name


@pytest.mark.parametrize(("name", "params"), TEXT_TRANSFORMS, ids=str)
@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    values=st.lists(
        st.one_of(st.none(), st.text(alphabet=st.characters(exclude_characters="\0", codec="utf-8")))
    )
)
def test_any_text(name: str, params: dict[str, object], values: list[str | None]):
    case = Case(name, TEXT, params)
    results = run(case, values)
    assert len(results) == len(values)
    assert [run(case, [value])[0] for value in values[:3]] == results[:3]
    if case.laws.nulls == "kept":
        assert [result is None for result in results] == [value is None for value in values]
    if case.laws.copy_safe:
        assert not [result for result in results if result is not None and re.search(r"[\t\n\r\\]", result)]


def _is_date(text: str, base: str) -> bool:
    if text in {"infinity", "-infinity"}:
        return True
    zone = r"[+-]\d\d(:\d\d)?" if base == "timestamptz" else ""
    time = "" if base == "date" else rf" \d\d:\d\d:\d\d(\.\d+)?{zone}"
    match = re.fullmatch(rf"(\d{{4,6}})-(\d\d)-(\d\d){time}( BC)?", text)
    if not match:
        return False
    year = 1 - int(match[1]) if text.endswith(" BC") else int(match[1])
    # The calendar repeats every 400 years.
    date(year % 400 + 400, int(match[2]), int(match[3]))
    return True


def _is_valid(text: str, kind: ColumnType) -> bool:
    """Whether PostgreSQL would read a text as that type."""
    match kind.kind:
        case "integer":
            limit = {"int2": 2**15, "int4": 2**31, "int8": 2**63}[kind.base]
            return re.fullmatch(r"-?(0|[1-9]\d*)", text) is not None and -limit <= int(text) < limit
        case "numeric":
            number = Decimal(text)
            if kind.scale is None or not number.is_finite():
                return True
            return (
                abs(number) < 10 ** (kind.precision - kind.scale)
                and -number.as_tuple().exponent == kind.scale
            )
        case "float":
            number = float(text)
            return kind.base == "float8" or np.isinf(number) or not np.isinf(np.float32(number))
        case "date" | "timestamp":
            return _is_date(text, kind.base)
        case "uuid":
            return str(uuid.UUID(text)) == text
        case "inet":
            ipaddress.ip_interface(text)
            return kind.base == "inet" or bool(ipaddress.ip_network(text))
        case "json":
            json.loads(text)
            return True
        case _:
            return True


@each_case
def test_results_are_valid_for_the_type(case: Case):
    results = [*odd_results(str(case)), *many_results(str(case))[1][:300]]
    assert not [result for result in results if result is not None and not _is_valid(result, case.type)]
