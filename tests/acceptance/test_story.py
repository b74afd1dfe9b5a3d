"""The main job through the command line: init, check, snapshot, verify, load, reset; and the data compared."""

from __future__ import annotations

import difflib

import pytest
from support.command_line import KEY, CommandLine
from support.digests import column_digests, row_counts
from support.sampledata import SAMPLES, load_sample, sample_data_dir
from support.schemas import broken_constraints, carried_schema, invalid_constraints, invalid_indexes

from datamask.catalog.model import table_key
from datamask.db.quoting import qualified, quote_identifier
from datamask.db.session import connect
from datamask.demo.shop import spoil

# Every path of these is public: the mask passes what it knows, and would redact what it does not.
PUBLIC_DOCUMENTS = {("public.products", "attributes")}


def masked_columns(run: CommandLine) -> set[tuple[str, str]]:
    columns = run.ok("check", "production", "--policy", "policies/staging.yaml", "--json").json["columns"]
    return {(item["table"], item["column"]) for item in columns if item["transform"] != "keep"}


def require_copy(source: str, copy: str, masked: set[tuple[str, str]]) -> None:
    """Same schema, same number of rows, constraints in force, and what is not masked is identical."""
    assert row_counts(copy) == row_counts(source)
    assert invalid_constraints(copy) == invalid_constraints(source)
    assert broken_constraints(copy) == []
    assert invalid_indexes(copy) == []
    before, after = column_digests(source), column_digests(copy)
    unmasked = before.keys() - masked - computed_columns(source)
    assert {place for place in unmasked if before[place] != after[place]} == set()
    unchanged = {place for place in masked if place in before and before[place] == after[place]}
    assert unchanged - PUBLIC_DOCUMENTS == {
        place for place in masked if place in before and is_empty(source, *place)
    }
    dumps = [carried_schema(url, "--no-owner", "--no-privileges").splitlines() for url in (source, copy)]
    assert "\n".join(difflib.unified_diff(*dumps, lineterm="", n=0)) == ""


def computed_columns(url: str) -> set[tuple[str, str]]:
    """What the server computes itself, from masked columns perhaps."""
    with connect(url) as session:
        rows = session.rows(
            "select nspname, relname, attname from pg_catalog.pg_attribute"
            " join pg_catalog.pg_class c on c.oid = attrelid join pg_catalog.pg_namespace n on n.oid = relnamespace"
            " where attnum > 0 and (attgenerated <> '' or relkind = 'm')"
        )
    return {(table_key(schema, table), column) for schema, table, column in rows}


def is_empty(url: str, table: str, column: str) -> bool:
    """True where there is nothing to mask: no row, NULL, or the empty text."""
    with connect(url) as session:
        relation = qualified(*table.split("."))
        text = quote_identifier(column) + "::text"
        return not session.value(f"select exists (select from {relation} where {text} <> '')")


def test_from_init_to_reset(project: CommandLine, shop: str) -> None:
    taken = project.ok("snapshot", "production", "--policy", "policies/staging.yaml", "--json").json
    assert taken["rows"] > 1000
    assert taken["masked_columns"] > 10
    assert project.ok("snapshots", "verify", taken["id"], "--json").json["intact"]

    project.ok("env", "adopt", "staging", "--create")
    loaded = project.ok("load", taken["id"][:-2], "staging", "--confirm", "staging", "--json").json
    assert (loaded["snapshot"], loaded["rows"]) == (taken["id"], taken["rows"])
    masked = masked_columns(project)
    require_copy(shop, project.environ["STAGING_URL"], masked)

    project.ok("env", "adopt", "dev", "--create")
    assert project.ok("reset", "dev", "--json").json["snapshot"] == taken["id"]
    fresh = column_digests(project.environ["DEV_URL"])
    assert fresh == column_digests(project.environ["STAGING_URL"])
    with connect(project.environ["DEV_URL"]) as session:
        spoil(session)
    assert column_digests(project.environ["DEV_URL"]) != fresh
    again = project.ok("reset", "dev", "--json").json
    assert again["strategy"] in {"spare", "clone"}
    assert column_digests(project.environ["DEV_URL"]) == fresh


@pytest.mark.skipif(sample_data_dir() is None, reason="the sample databases are not here")
@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.slow] if name != "chinook" else []) for name in SAMPLES],
)
def test_real_database_comes_through_whole(name: str, folder, server) -> None:
    source = server.ensure_database(f"sample_{name}")
    load_sample(name, source)
    target = source.replace(f"sample_{name}", f"sample_{name}_copy")
    run = CommandLine(folder, {"DATAMASK_KEY": KEY, "PRODUCTION_URL": source, "STAGING_URL": target})
    made = run.ok("init", "--json").json
    assert [policy["errors"] for policy in made["policies"]] == [0, 0]
    checked = run.ok("check", "--json").json
    assert [policy["unclassified"] for policy in checked["policies"]] == [0, 0]
    run.ok("snapshot", "production", "--policy", "policies/staging.yaml")
    run.ok("snapshots", "verify", "latest")
    run.ok("env", "adopt", "staging", "--create")
    run.ok("load", "latest", "staging", "--confirm", "staging")
    require_copy(source, target, masked_columns(run))


def test_an_environment_without_a_server_of_its_own(new_folder: CommandLine, shop: str) -> None:
    run = new_folder
    run.ok("init")
    try:
        run.ok("snapshot", "production", "--policy", "policies/staging.yaml")
        started = run.ok("env", "up", "--json", "--show-url").json["environments"][0]
        assert started["environment"] == "dev"
        assert "psql -h " in started["connect"]
        run.ok("reset", "dev")
        assert row_counts(started["url"]) == row_counts(shop)
        state = {item["environment"]: item for item in run.ok("env", "status", "--json").json["environments"]}
        assert state["dev"]["state"] == "ready"
        assert state["dev"]["snapshot"]
        assert state["staging"]["state"] == "unknown"
        assert run.ok("doctor", "dev", "--json").json["healthy"]
    finally:
        assert run.ok("env", "down", "--json").json == {"stopped": True}
    assert run.ok("env", "down", "--json").json == {"stopped": False}
    assert "stopped" in run.ok("env", "status", "dev").out
