"""Transforms of a project's own, conditions and exceptions: from the policy file to the snapshot's bytes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import polars as pl
import pytest
from support.command_line import CommandLine

from datamask.db.session import connect

DOCUMENT = Path(__file__).parents[2] / "docs/reference/json.md"

FUNCTIONS = '''\
import polars as pl

from datamask.masking.own_functions import Context, masking_function


@masking_function(max_length=20, copy_safe=True)
def loyal(values: pl.Series, context: Context) -> pl.Series:
    """A keyed token behind a prefix."""
    return context.params["prefix"] + context.token(values, 8)


@masking_function(injective=True)
def first_letter(values: pl.Series, context: Context) -> pl.Series:
    """Declares more than it does."""
    return values.str.head(1)
'''
POLICY = """
version: 1
name: own
extends: staging.yaml
columns:
  public.customers.first_name: {python: {file: own/functions.py, function: loyal, params: {prefix: P-}}}
  public.customers.last_name: {sql: {expression: "upper(left(last_name, 2))"}}
  public.customers.email: {email: {}, except: [%s]}
  public.customers.notes: {redact: {}, when: "id > 3 AND status <> 'no such'"}
  public.customers.national_id: [{hash: {length: 16}, when: no_such_column = 1}, {hash: {length: 16}}]
"""


@pytest.fixture
def own(project: CommandLine) -> CommandLine:
    """The project with a policy and functions of its own."""
    with connect(project.environ["PRODUCTION_URL"]) as session:
        address = session.value("select email from public.customers where id = 5")
    folder = project.folder / "policies" / "own"
    folder.mkdir()
    (folder / "functions.py").write_text(FUNCTIONS, encoding="utf-8")
    (folder.parent / "own.yaml").write_text(POLICY % json.dumps(address), encoding="utf-8")
    return project


def documented(heading: str) -> set[str]:
    text = DOCUMENT.read_text(encoding="utf-8")
    return set(re.findall(r"`([a-z_]+)`", text.split(f"\n## {heading}\n")[1].split("\n## ")[0]))


def originals(project: CommandLine) -> pl.DataFrame:
    with connect(project.environ["PRODUCTION_URL"]) as session:
        rows = session.rows(
            "select id, first_name, last_name, email, notes from public.customers order by id"
        )
    return pl.DataFrame(rows, schema=["id", "first_name", "last_name", "email", "notes"], orient="row")


def test_a_snapshot_holds_what_they_make(own: CommandLine) -> None:
    told = own.ok("check", "production", "--policy", "policies/own.yaml", "--json").json
    found = [
        (item["code"], item["column"]) for item in told["findings"] if item["code"] in {"DM164", "DM165"}
    ]
    assert set(found) == {("DM164", "notes"), ("DM165", "email")}
    taken = own.ok("snapshot", "production", "--policy", "policies/own.yaml", "--workers", "2", "--json").json
    files = Path(taken["folder"]).glob("data/*public.customers*/*.parquet")
    masked = pl.concat([pl.read_parquet(file) for file in files]).sort(pl.col("id").cast(pl.Int64))
    before = originals(own)
    assert masked["first_name"].str.starts_with("P-").all()
    assert masked["last_name"].to_list() == before["last_name"].str.head(2).str.to_uppercase().to_list()
    assert before.filter(before["email"] == masked["email"])["id"].to_list() == [5]
    assert masked["notes"][:3].str.head(12).to_list() == before["notes"][:3].str.head(12).to_list()
    assert set(masked["notes"][3:].drop_nulls()) == {"", "[redacted]"}


def test_what_the_source_masks_is_never_shown(own: CommandLine) -> None:
    asked = ("preview", "production", "customers", "--policy", "policies/own.yaml", "--show-originals")
    done = own.ok(*asked, "--json").json
    cells = [row["last_name"] for row in done["rows"]]
    assert all(cell.get("before") is None and cell["length"] is None for cell in cells)
    assert all(len(cell["after"]) == 2 for cell in cells)
    assert "masked by the source" in own.ok(*asked).out


def test_values_that_stay_are_not_shown_without_being_asked_for(own: CommandLine) -> None:
    asked = ("preview", "production", "customers", "--policy", "policies/own.yaml")
    note = originals(own)["notes"][0]
    hidden = own.ok(*asked, "--json").json["rows"][0]["notes"]
    assert hidden == {"length": len(note), "after": None, "stays": True}
    shown = own.ok(*asked, "--show-originals", "--json").json["rows"][0]["notes"]
    assert shown == {"length": len(note), "after": note, "before": note, "stays": True}
    assert "stays as it is" in own.ok(*asked).out


def test_the_server_is_asked_about_expressions(own: CommandLine) -> None:
    expressions = {
        "first_name": ("random()::text", "the function random is volatile"),
        "last_name": ("max(last_name)", "the function max looks at more than the row"),
        "national_id": (
            "regexp_split_to_table(last_name, 'a')",
            "the function regexp_split_to_table gives more than one row",
        ),
        "notes": ("lower(no_such_column)", 'column "no_such_column" does not exist'),
        "phone": ("id > 3 and", "syntax error at or near"),
    }
    rules = "".join(
        f"  public.customers.{column}: {{sql: {{expression: {json.dumps(sql)}, injective: true}}}}\n"
        for column, (sql, _) in expressions.items()
    )
    (own.folder / "policies/own.yaml").write_text(f"version: 1\nextends: staging.yaml\ncolumns:\n{rules}")
    done = own("check", "production", "--policy", "policies/own.yaml", "--json")
    assert done.code == 4
    errors = {item["column"]: item for item in done.json["findings"] if item["severity"] == "error"}
    assert {(item["code"], item["table"]) for item in errors.values()} == {("DM145", "public.customers")}
    assert errors.keys() == expressions.keys()
    assert all(reason in errors[column]["message"] for column, (_, reason) in expressions.items())
    taken = own("snapshot", "production", "--policy", "policies/own.yaml")
    assert taken.code == 4
    assert "DM145" in taken.err


def test_a_function_that_is_not_there(own: CommandLine) -> None:
    own.edit("policies/own.yaml", "function: loyal", "function: loyall")
    done = own("check", "production", "--policy", "policies/own.yaml")
    assert done.code == 4
    assert (
        "own.yaml:6: the rule for public.customers.first_name: own/functions.py: there is no function"
        in done.err
    )
    assert "did you mean 'loyal'?" in done.err


def test_a_function_that_fails_tells_its_line_and_no_value(own: CommandLine) -> None:
    with (own.folder / "policies/own/functions.py").open("a", encoding="utf-8") as out:
        out.write(
            "\n\n@masking_function(max_length=5)\ndef broken(values, context):\n    raise ValueError(values[0])\n"
        )
    own.edit("policies/own.yaml", "function: loyal,", "function: broken,")
    done = own("snapshot", "production", "--policy", "policies/own.yaml", "--workers", "1")
    assert done.code == 4
    assert "table public.customers: own/functions.py: broken failed: ValueError in line 20" in done.err
    values = [value for value in originals(own)["first_name"].to_list() if value and len(value) > 3]
    assert not [value for value in values if value in done.err]


def test_the_plan_knows_the_content_of_the_file(own: CommandLine) -> None:
    asked = ("check", "production", "--policy", "policies/own.yaml", "--json")
    first = own.ok(*asked).json["policies"][0]["plan"]
    own.edit("policies/own/functions.py", "values, 8", "values, 9")
    assert own.ok(*asked).json["policies"][0]["plan"] != first


def test_the_laws_of_a_file(own: CommandLine) -> None:
    asked = ("transform", "test", "policies/own/functions.py", "--params", '{"prefix": "P-"}')
    done = own(*asked, "--json")
    assert done.code == 5
    assert set(done.json) | set(done.json["trials"][0]) | set(
        done.json["trials"][0]["laws"][0]
    ) <= documented("`transform test`")
    broken = {
        (trial["transform"], law["law"])
        for trial in done.json["trials"]
        for law in trial["laws"]
        if law["verdict"] == "broken"
    }
    assert broken == {("first_letter", "different values, different results")}


@pytest.mark.slow
def test_every_transform_keeps_its_laws(own: CommandLine) -> None:
    done = own.ok("transform", "test", "--values", "2000", "--json").json
    assert done["broken"] == 0
    assert {"email", "key", "hash"} <= {trial["transform"] for trial in done["trials"]}
    assert {"python", "sql", "fixed"} <= {item["transform"] for item in done["skipped"]}


def test_transforms_are_listed_and_shown(own: CommandLine) -> None:
    listed = own.ok("transform", "list", "--json").json["transforms"]
    assert set(listed[0]) <= documented("`transform list`")
    email = next(item for item in listed if item["transform"] == "email")
    assert (email["kinds"], email["built_in"]) == (["text"], True)
    shown = own.ok("transform", "show", "hash", "--json").json
    assert set(shown) - set(listed[0]) | set(shown["params"][0]) | set(shown["example"][0]) <= documented(
        "`transform show`"
    )
    assert shown["example"][0]["after"]
    assert own("transform", "show", "hsh").message.endswith("did you mean 'hash'?")
