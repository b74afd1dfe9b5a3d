"""The general transforms on anything: text, numbers of any size, dates of any century, columns of any width."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import polars as pl
import pytest
from general_cases import CASES
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from law_case import BIGINT, MONEY, NUMERIC, TEXT, Case, varchar
from masking_cases import ODD_TEXT
from test_laws import KEY, _is_valid

from datamask.errors import PolicyError
from datamask.masking.engine import Masker

TEXTS = [case for case in CASES if case.type == TEXT]
ANY_TEXT = st.lists(st.none() | st.text(alphabet=st.characters(exclude_characters="\0", codec="utf-8")))
FEW = settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def run(case: Case, values: list[str | None]) -> list[str | None]:
    frame = pl.DataFrame({"value": pl.Series(values, dtype=pl.String)})
    return Masker([case.mask()], KEY).mask(frame)["value"].to_list()


@pytest.mark.parametrize("case", TEXTS, ids=str)
@FEW
@given(values=ANY_TEXT)
def test_any_text(case: Case, values: list[str | None]):
    results = run(case, values)
    assert [result is None for result in results] == [value is None for value in values]
    assert [run(case, [value])[0] for value in values[:2]] == results[:2]
    if case.laws.copy_safe:
        assert not {"\t", "\n", "\r", "\\"} & set("".join(filter(None, results)))


@pytest.mark.parametrize("case", TEXTS, ids=str)
def test_results_fit_or_are_refused(case: Case):
    for length in (1, 2, 5, 9, 14, 22, 40):
        narrow = replace(case, type=varchar(length))
        try:
            longest = narrow.laws.max_length
        except PolicyError:
            continue
        if longest is None or longest > length:
            continue
        texts = [*ODD_TEXT, *(f"{number:07d}" for number in range(2000))]
        results = run(narrow, [value[-length:] for value in texts])
        assert max(len(result or "") for result in results) <= length
        if narrow.laws.injective and length >= 7:
            assert len(set(results[-2000:])) == 2000


NUMBERS = [case for case in CASES if case.type in (BIGINT, NUMERIC, MONEY)]
ANY_NUMBER = {
    BIGINT: st.integers(-(2**63), 2**63 - 1).map(str),
    MONEY: st.decimals(Decimal("-99999999.99"), Decimal("99999999.99"), places=2).map("{:f}".format),
    NUMERIC: st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**40), max_value=10**40).map(
        lambda number: f"{number:.50f}".rstrip("0").rstrip(".") or "0"
    ),
}


@pytest.mark.parametrize("case", NUMBERS, ids=str)
@FEW
@given(data=st.data())
def test_any_number(case: Case, data: st.DataObject):
    values = data.draw(st.lists(ANY_NUMBER[case.type], min_size=1, max_size=20))
    results = run(case, list(values))
    assert [run(case, [value])[0] for value in values[:3]] == results[:3]
    for result in results:
        assert result is not None
        assert _is_valid(result, case.type)
        assert "e" not in result.lower()


@pytest.mark.parametrize("case", [case for case in NUMBERS if case.transform == "clip"], ids=str)
@FEW
@given(data=st.data())
def test_what_is_within_bounds_stays_exactly(case: Case, data: st.DataObject):
    values = data.draw(st.lists(ANY_NUMBER[case.type], min_size=1, max_size=20))
    low, high = case.checked["min"], case.checked["max"]
    for value, result in zip(values, run(case, list(values)), strict=True):
        number = Decimal(value)
        if low is not None:
            number = max(number, Decimal(str(low)))
        if high is not None:
            number = min(number, Decimal(str(high)))
        assert Decimal(result or "") == number
