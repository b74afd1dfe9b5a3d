"""What CHECK constraints say of columns, as PostgreSQL prints them."""

from __future__ import annotations

import pytest

from datamask.catalog.model import Check
from datamask.synthetic.bounds import Bounds, Order, literals, partition_bounds, read_limits


def limits(definition: str, *columns: str):
    return read_limits([Check("c", columns, definition)])


@pytest.mark.parametrize(
    ("definition", "expected"),
    [
        ("CHECK ((price >= (0)::numeric))", Bounds(low="0")),
        ("CHECK (((price > (0)::numeric) AND (price <= 9.5)))", Bounds(low="0", low_open=True, high="9.5")),
        ("CHECK (((price >= '-40'::integer) AND (price <= 240)))", Bounds(low="-40", high="240")),
        ("CHECK ((price = ANY (ARRAY[1, 2])))", Bounds(values=("1", "2"))),
        ("CHECK ((upper((price)::text) = ANY (ARRAY['M'::text, 'F'::text])))", Bounds(values=("M", "F"))),
        ("CHECK (((price > 0) OR (price IS NULL)))", Bounds(low="0", low_open=True)),
        ("CHECK ((price <> 0))", Bounds(without=("0",))),
        ("CHECK ((length((price)::text) = 5))", Bounds(shortest=5, longest=5)),
        ("CHECK (((price)::text ~ '^[A-Z]{3}$'::text))", Bounds(pattern="^[A-Z]{3}$")),
        ("CHECK (((price >= '1930-01-01'::date) AND (price <= (now() - '18 years'::interval))))",
         Bounds(low="1930-01-01", high="2007-01-01")),
        ("CHECK (f(price))", Bounds()),
    ],
)  # fmt: skip
def test_a_check_of_one_column_bounds_it(definition: str, expected: Bounds) -> None:
    assert limits(definition, "price").bounds == {"price": expected}


def test_a_domain_speaks_of_its_value() -> None:
    assert limits("CHECK (((VALUE >= 1901) AND (VALUE <= 2155)))", "year").bounds == {
        "year": Bounds(low="1901", high="2155")
    }


@pytest.mark.parametrize(
    "definition",
    [
        "CHECK ((ends >= begins))",
        "CHECK (((ends >= begins) OR (ends IS NULL)))",
        "CHECK ((begins <= ends))",
        "CHECK (((ends >= begins) OR (ends IS NULL) OR (begins IS NULL)))",
    ],
)
def test_a_comparison_of_two_columns_orders_them(definition: str) -> None:
    assert limits(definition, "begins", "ends").orders == (Order("begins", "ends", strict=False),)


def test_conditions_about_several_columns_are_taken_apart() -> None:
    found = limits("CHECK (((a > 0) AND (b < 5) AND (a < b)))", "a", "b")
    assert found.bounds == {"a": Bounds(low="0", low_open=True), "b": Bounds(high="5", high_open=True)}
    assert found.orders == (Order("a", "b", strict=True),)


def test_partitions_leave_their_ranges() -> None:
    found = partition_bounds(
        [
            "((day IS NOT NULL) AND (day >= '2022-01-01'::date) AND (day < '2022-02-01'::date))",
            "((day IS NOT NULL) AND (day >= '2022-02-01'::date) AND (day < '2022-03-01'::date))",
        ],
        ("day",),
    )
    assert found == {
        "day": (
            Bounds(low="2022-01-01", high="2022-02-01", high_open=True),
            Bounds(low="2022-02-01", high="2022-03-01", high_open=True),
        )
    }


def test_constants_are_found_in_and_outside_of_quotes() -> None:
    assert literals("CHECK (((a = 'x''y'::text) OR (b = 1.50) OR (c1 > '-3'::integer)))") == (
        "x'y",
        "-3",
        "1.50",
    )
