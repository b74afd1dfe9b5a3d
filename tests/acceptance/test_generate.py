"""`generate` as a user types it."""

from __future__ import annotations

import polars as pl
import pytest
from support.command_line import CommandLine

from datamask.db.session import connect


def test_rows_for_a_schema_go_into_an_environment_that_accepts_them(adopted: CommandLine) -> None:
    refused = adopted("generate", "production", "--rows", "20", "--into", "dev")
    assert refused.code == 3
    assert refused.message == (
        "error: environment dev does not accept rows of policy 'synthetic'\n"
        "hint: add 'synthetic' to environments.dev.accepts in datamask.yaml"
    )
    adopted.edit("datamask.yaml", "url: env:DEV_URL ", "accepts: [synthetic]\n    url: env:DEV_URL ")
    made = adopted.ok("generate", "production", "--rows", "20,customers=30", "--into", "dev", "--json").json
    assert made["policy"] == "synthetic"
    assert {table["table"]: table["rows"] for table in made["tables"]}["public.customers"] == 30
    assert made["rows"] == sum(table["rows"] for table in made["tables"]) == made["loaded"]["rows"]
    assert made["loaded"]["snapshot"] == made["snapshot"]
    assert made["notes"] == []
    with connect(adopted.environ["DEV_URL"]) as session:
        assert session.value("select count(*) from public.customers") == 30
    shown = adopted.ok("audit", "log", "--json").json
    assert "generate" in [record["action"] for record in shown["records"]]


@pytest.mark.slow
def test_rows_like_a_snapshot_s_have_a_policy_of_their_own(project: CommandLine) -> None:
    made = project.ok(
        "generate",
        "production",
        "--profile",
        "latest",
        "--scale",
        "0.2",
        "--save-profile",
        "p.json",
        "--json",
    ).json
    assert made["policy"] == "synthetic-staging"
    assert (project.folder / "p.json").stat().st_size > 1000
    out = project.ok(
        "generate", "production", "--profile", "p.json", "--scale", "0.2", "--out", "rows", "--json"
    ).json
    assert out["snapshot"] is None
    assert {table["table"]: table["rows"] for table in out["tables"]} == {
        table["table"]: table["rows"] for table in made["tables"]
    }
    frame = pl.read_parquet(project.folder / "rows" / "public.customers-*.parquet")
    assert frame.schema["birth_date"] == pl.Date
    assert frame.height == next(
        table["rows"] for table in out["tables"] if table["table"] == "public.customers"
    )


def test_what_is_asked_for_in_a_way_that_means_nothing(project: CommandLine) -> None:
    assert project("generate").code == 2
    done = project("generate", "production", "--rows", "nowhere=3")
    assert done.code == 2
    assert done.message.startswith("error: there is no table 'nowhere'")
