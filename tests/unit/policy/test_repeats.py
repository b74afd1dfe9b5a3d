from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from support.policies import compiled, table

from datamask.catalog.model import Table
from datamask.policy.repeats import Sampled, repeated_columns
from datamask.policy.trial import Repeated

SECRET = bytes(32)
EMAILS = [f"ada{number}@web.example" for number in range(20)]


def sampled(
    folder: Path, one: Table, classes: dict[str, str], rows: dict[str, list[str | None]], text: str = ""
) -> Sampled:
    plan = compiled(folder, [one], {one.name: classes}, text)
    return Sampled(one, plan.tables[0], pl.DataFrame(rows, schema=dict.fromkeys(rows, pl.String)))


def found(folder: Path, values: list[str | None], text: str = "", kind: str = "text") -> list[Repeated]:
    one = table("people", "email text", f"other {kind}")
    classes = {"email": "person.email", "other": "public"}
    return repeated_columns(
        [sampled(folder, one, classes, {"email": list(EMAILS), "other": values}, text)], SECRET
    )


def test_equal_values_and_values_inside_of_others(tmp_path: Path) -> None:
    [equal] = found(tmp_path, list(EMAILS))
    assert (equal.column, equal.source, equal.how, equal.share) == ("other", "email", "equal", 1.0)
    [inside] = found(tmp_path, [f'{{"to": "{email}"}}' for email in EMAILS], kind="jsonb")
    assert inside.how == "inside"
    half = [email if number % 2 else None for number, email in enumerate(EMAILS)]
    assert [item.share for item in found(tmp_path, half)] == [1.0]


@pytest.mark.parametrize(
    "values",
    [
        ["ada0@web.example"] * 20,
        [f"x{number}" for number in range(20)],
        [None] * 20,
        [*EMAILS[:5], *["nothing"] * 15],
    ],
)
def test_what_is_found_by_chance_is_none(tmp_path: Path, values: list[str | None]) -> None:
    assert found(tmp_path, values) == []


def test_somebody_has_said_keep(tmp_path: Path) -> None:
    assert found(tmp_path, list(EMAILS), "columns: {public.people.other: keep}") == []


def test_short_values_and_numbers_say_nothing(tmp_path: Path) -> None:
    one = table("t", "code text", "number int", "other text", "same int")
    classes = {"code": "person.username", "number": "public", "other": "public", "same": "public"}
    digits: list[str | None] = [str(number) for number in range(100, 120)]
    rows = {"code": list(digits), "number": list(digits), "other": list(digits), "same": list(digits)}
    text = "columns: {public.t.number: number_noise}"
    assert repeated_columns([sampled(tmp_path, one, classes, rows, text)], SECRET) == []


def test_another_table_but_not_another_partition(tmp_path: Path) -> None:
    people = sampled(
        tmp_path, table("people", "email text"), {"email": "person.email"}, {"email": list(EMAILS)}
    )
    letters = sampled(
        tmp_path, table("letters", "address text"), {"address": "public"}, {"address": EMAILS[::-1]}
    )
    [item] = repeated_columns([letters, people], SECRET)
    assert (item.table, item.column, item.source_table, item.how) == (
        "public.letters", "address", "public.people", "elsewhere",
    )  # fmt: skip
    part = table("people_1", "email text", parent="public.people", root="public.people")
    plan = compiled(
        tmp_path, [table("people", "email text", kind="partitioned"), part], {"people": {"email": "public"}}
    )
    same = Sampled(part, plan.tables[0], people.rows)
    assert repeated_columns([people, same], SECRET) == []
