"""How many rows: recipes in a line and in a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from datamask.config.document import parse_document
from datamask.errors import UsageError
from datamask.synthetic.recipe import ColumnRule, Recipe, Rows
from datamask.synthetic.recipe_file import parse_recipe, read_recipe


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (None, Recipe()),
        ("500", Recipe(default=500)),
        ("customers=1_000,orders=4/customers:zipf", Recipe(rows={
            "customers": Rows(count=1000), "orders": Rows(per="customers", mean=4.0, distribution="zipf")})),
        ("20,a.b=0", Recipe(rows={"a.b": Rows(count=0)}, default=20)),
    ],
)  # fmt: skip
def test_a_recipe_in_a_line(text: str | None, expected: Recipe) -> None:
    assert read_recipe(text) == expected


@pytest.mark.parametrize("text", ["customers=many", "orders=4/customers:normal", "a=1,b"])
def test_what_is_no_recipe_says_so(text: str) -> None:
    with pytest.raises(UsageError, match="--rows: "):
        read_recipe(text)


def test_a_recipe_in_a_file() -> None:
    text = """
default: 10
rows:
  customers: 1_000_000
  orders: {per: customers, mean: 4, distribution: geometric}
columns:
  orders:
    status: {values: [new, paid], weights: [1, 3], nulls: 0.5}
    total: {min: 1, max: 99.5}
"""
    found = parse_recipe(parse_document(text, Path("recipe.yaml")))
    assert found == Recipe(
        rows={
            "customers": Rows(count=1_000_000),
            "orders": Rows(per="customers", mean=4.0, distribution="geometric"),
        },
        default=10,
        columns={
            ("orders", "status"): ColumnRule(values=("new", "paid"), weights=(1.0, 3.0), nulls=0.5),
            ("orders", "total"): ColumnRule(low="1", high="99.5"),
        },
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("row: {}", "recipe.yaml:1: unknown key 'row' in a recipe"),
        ("rows: {a: {mean: 3}}", "recipe.yaml:1: rows.a does not say per which table"),
        ("rows: {a: {per: b, distribution: pareto}}", "recipe.yaml:1: rows.a.distribution must be one of "
         "poisson, fixed, geometric, zipf, not 'pareto'"),
        ("columns: {a: {b: {values: [1, 2], weights: [1]}}}", "recipe.yaml:1: columns.a.b has 2 values and 1 weights"),
    ],
)  # fmt: skip
def test_a_wrong_file_says_where(text: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_recipe(parse_document(text, Path("recipe.yaml")))
    assert caught.value.message == message
