"""Scenario files: what they mean, and what is said of those that mean nothing."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from datamask.errors import UsageError
from datamask.scenario.file import read_scenario, scenario_names
from datamask.scenario.model import Given, Reference, Relative


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text)
    return folder


def refusal(folder: Path, name: str = "it") -> UsageError:
    with pytest.raises(UsageError) as caught:
        read_scenario(folder, name, folder)
    return caught.value


SHOP = """\
version: 1
description: a shop that sells
tags: [smoke]
rows:
  customers:
    - {$name: alice, email: alice@example.com, active: true, tags: [a, b]}
  orders:
    $name: first
    customer_id: {ref: alice}
    placed_at: {ago: 2h}
    total: 12.50
expect:
  - {name: alice is there, sql: select count(*) from customers, is: 1}
"""


def test_a_scenario_is_read(tmp_path: Path) -> None:
    scenario = read_scenario(write(tmp_path, shop=SHOP), "shop", tmp_path)
    assert (scenario.base, scenario.tags, scenario.description) == (
        "baseline",
        ("smoke",),
        "a shop that sells",
    )
    alice, first = scenario.rows
    assert alice.values == {
        "email": Given("alice@example.com"),
        "active": Given(True),
        "tags": Given(["a", "b"]),
    }
    assert first.values["customer_id"] == Reference("alice")
    assert first.values["placed_at"] == Relative(timedelta(hours=-2))
    assert first.label == "row 'first' of orders"
    assert not scenario.lasting
    assert scenario.expectations[0].holds == "is"


def test_an_extension_overrides_rows_of_the_same_name_column_by_column(tmp_path: Path) -> None:
    above = """\
version: 1
extends: shop
base: empty
rows:
  customers:
    - {$name: alice, active: false}
    - {$name: bob, email: bob@example.com}
expect:
  - {name: two, sql: select 1, rows: 2}
"""
    scenario = read_scenario(write(tmp_path, shop=SHOP, above=above), "above", tmp_path)
    assert [row.name for row in scenario.rows] == ["alice", "first", "bob"]
    assert scenario.rows[0].values["active"] == Given(False)
    assert scenario.rows[0].values["email"] == Given("alice@example.com")
    assert scenario.base == "empty"
    assert [one.name for one in scenario.expectations] == ["alice is there", "two"]
    assert [file.name for file in scenario.files] == ["above.yaml", "shop.yaml"]


def test_rows_come_from_files_too(tmp_path: Path) -> None:
    (tmp_path / "products.csv").write_text('id,name,note\n1,"a, b",\n2,c,""\n')
    (tmp_path / "more.json").write_text('[{"id": 3, "tags": ["x"], "extra": {"a": null}}]')
    (tmp_path / "last.yaml").write_text("- {id: 4}\n")
    text = "version: 1\nrows: {products: [{file: products.csv}, {file: more.json}, {file: last.yaml}]}\n"
    scenario = read_scenario(write(tmp_path, it=text), "it", tmp_path)
    assert [row.values["id"] for row in scenario.rows] == [Given("1"), Given("2"), Given(3), Given(4)]
    assert scenario.rows[0].values["note"] == Given(None)
    assert scenario.rows[2].values["extra"] == Given({"a": None})
    assert scenario.rows[1].mark.line == 2
    assert scenario.lasting
    assert len(scenario.texts) == 4


def test_names_are_those_of_files(tmp_path: Path) -> None:
    assert scenario_names(write(tmp_path, b="", a="")) == ["a", "b"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rows: {}", "a scenario begins with `version: 1`"),
        ("version: 1\nrwos: {}", ":2: unknown key 'rwos' in a scenario"),
        ("version: 1\nextends: nothing", ":2: there is no scenario 'nothing'"),
        ("version: 1\nextends: it", "the scenario extends itself: it → it"),
        ("version: 1\nrows: {t: [{a: {ref: x}}]}", "t.a refers to a row 'x', which there is not"),
        ("version: 1\nrows: {t: [{$name: x, a: {ref: x}}]}", "t.a refers to its own row"),
        ("version: 1\nrows: {t: [{$name: x}, {$name: x}]}", "there is a row 'x' already"),
        ("version: 1\nrows: {t: [{a: {ago: yesterday}}]}", "t.a.ago must be a length of time"),
        ("version: 1\nrows: {t: [{file: gone.csv}]}", "there is no file"),
        ("version: 1\nrows: {t: [{file: it.txt}]}", "rows come from .csv, .json or .yaml files"),
        (
            "version: 1\nrows: {t: [{file: wide.csv}]}",
            "wide.csv:2: 3 fields where the first line names 2 columns",
        ),
        ("version: 1\nrows: {t: [{file: odd.json}]}", "odd.json:2: not valid JSON"),
        ("version: 1\nsql: gone.sql", "there is no file"),
        (
            "version: 1\nexpect: [{name: x, sql: select 1}]",
            "an expectation has one of is, rows, at_least, at_most",
        ),
        ("version: 1\nexpect: [{name: x, sql: select 1, rows: many}]", "rows must be a number"),
        ("version: 1\nrows: {t: [{a: {secret: hunter2}}]}", "t.a.secret"),
    ],
)
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "wide.csv").write_text("a,b\n1,2,3\n")
    (tmp_path / "odd.json").write_text("[\n{]")
    (tmp_path / "it.txt").write_text("")
    error = refusal(write(tmp_path, it=text))
    assert message in error.message
    assert str(tmp_path) in error.message
    assert "hunter2" not in error.message


def test_an_unknown_scenario_gets_the_nearest_name(tmp_path: Path) -> None:
    error = refusal(write(tmp_path, checkout="version: 1"), "chekcout")
    assert "there is no scenario 'chekcout'" in error.message
    assert "checkout" in (error.hint or "")
