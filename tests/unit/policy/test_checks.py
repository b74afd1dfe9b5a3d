from __future__ import annotations

import pytest

from datamask.catalog.model import Check
from datamask.policy.checks import (
    a_passing_value,
    conditions,
    fails,
    null_passes,
    passes,
    sign_passes,
    truncation_passes,
)


def a_check(definition: str, *columns: str) -> Check:
    return Check("c", columns or ("x",), definition)


SEX = a_check("CHECK ((upper((x)::text) = ANY (ARRAY['M'::text, 'F'::text])))")
SCORE = a_check("CHECK (((x >= 1) AND (x <= 5)))")
CODE = a_check(
    "CHECK (((x)::text = ANY ((ARRAY['a b'::character varying, 'it''s'::character varying])::text[])))"
)
AGE = a_check("CHECK (((x >= '1930-01-01'::date) AND (x <= (now() - '18 years'::interval))))")
FLOOR = a_check("CHECK ((x > '-40'::integer))")
LENGTH = a_check("CHECK ((length(x) >= 2))")
OPTIONAL = a_check("CHECK (((x IS NULL) OR (x = 'on'::text)))")
NOT_EMPTY = a_check("CHECK ((x <> ''::text))")


@pytest.mark.parametrize(
    ("check", "good", "bad"),
    [
        (SEX, ["M", "f"], ["X", ""]),
        (SCORE, ["1", "3.5", "5"], ["0", "6"]),
        (CODE, ["a b", "it's"], ["a"]),
        (FLOOR, ["-39", "0"], ["-40", "-41"]),
        (LENGTH, ["ab"], ["a", ""]),
        (OPTIONAL, ["on"], ["off"]),
    ],
)
def test_constants_are_compared(check: Check, good: list[str], bad: list[str]) -> None:
    for value in good:
        assert passes(value, check)
        assert not fails(value, check)
    for value in bad:
        assert fails(value, check)
        assert not passes(value, check)


def test_what_only_the_server_knows_is_neither() -> None:
    assert not passes("2010-01-01", AGE)
    assert not fails("2010-01-01", AGE)
    assert fails("1929-12-31", AGE)
    # The order of text is its collation's.
    text = a_check("CHECK ((x > 'a'::text))")
    assert not passes("b", text)
    assert not fails("b", text)


@pytest.mark.parametrize(
    "definition",
    [
        "CHECK ((x ~ '^[a-z]+$'::text))",
        "CHECK ((x > (x * 2)))",
        "CHECK (((x = 1) OR (x = 2)))",
        "CHECK ((NOT (x = 1)))",
        "CHECK (is_fine(x))",
        "CHECK ((x = ANY (other())))",
        "CHECK (((x = 1) AND is_fine(x)))",
        "CHECK ((x IS NOT NULL))",
    ],
)
def test_everything_else_is_not_understood(definition: str) -> None:
    check = a_check(definition)
    assert conditions(check) is None
    assert not passes("1", check)
    assert not fails("1", check)
    assert not truncation_passes(check, "year")
    assert not sign_passes(check)


def test_two_columns_are_not_understood() -> None:
    assert conditions(a_check("CHECK ((x >= 1))", "x", "y")) is None


def test_null_passes_comparisons_only() -> None:
    assert null_passes(SCORE)
    assert null_passes(OPTIONAL)
    assert null_passes(a_check("CHECK ((ends >= starts))", "ends", "starts"))
    assert not null_passes(a_check("CHECK ((x IS NOT NULL))"))
    assert not null_passes(a_check("CHECK ((num_nonnulls(x, y) = 1))", "x", "y"))
    assert not null_passes(a_check("CHECK ((COALESCE(x, '' ) <> ''))"))
    assert null_passes(a_check("CHECK ((x ~ 'is null'::text))"))


def test_truncation_keeps_upper_bounds_and_first_days() -> None:
    assert truncation_passes(AGE, "year")
    assert truncation_passes(AGE, "month")
    assert not truncation_passes(a_check("CHECK ((x >= '1930-06-01'::date))"), "year")
    assert truncation_passes(a_check("CHECK ((x >= '1930-06-01'::date))"), "month")
    assert not truncation_passes(a_check("CHECK ((x >= '1930-06-02'::date))"), "month")
    assert not truncation_passes(a_check("CHECK ((x > '1930-01-01'::date))"), "year")
    assert not truncation_passes(a_check("CHECK ((x >= (now() - '99 years'::interval)))"), "year")


def test_signs() -> None:
    assert sign_passes(a_check("CHECK ((x >= 0.00))"))
    assert sign_passes(a_check("CHECK ((x >= (0)::numeric))"))
    assert not sign_passes(a_check("CHECK ((x > 0))"))
    assert not sign_passes(SCORE)


def test_a_value_that_passes() -> None:
    assert a_passing_value(SEX) == "M"
    assert a_passing_value(SCORE) == "1"
    assert a_passing_value(FLOOR) is None
    assert a_passing_value(NOT_EMPTY) is None
