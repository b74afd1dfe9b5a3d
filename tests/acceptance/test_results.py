"""What each verb answers: for people, and as the JSON that docs/reference/json.md promises."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from support.command_line import KEY, CommandLine

from datamask.db.session import connect
from datamask.load.server import open_server

POLICY = ("--policy", "policies/staging.yaml")
DOCUMENT = Path(__file__).parents[2] / "docs/reference/json.md"


def documented(heading: str) -> set[str]:
    """The words in code style under a heading: keys, and some values."""
    text = DOCUMENT.read_text(encoding="utf-8")
    section = re.search(rf"^## {re.escape(heading)}\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    assert section, heading
    return set(re.findall(r"`([a-z_]+)`", section[1]))


def first(entries: list[dict]) -> set[str]:
    return set(entries[0])


def test_check(project: CommandLine) -> None:
    done = project.ok("check", "production", *POLICY, "--json").json
    told = documented("`check`")
    assert set(done) | first(done["policies"]) | first(done["columns"]) | {"reason", "expires"} == told - {
        "keep"
    }
    assert first(done["findings"]) == documented("A finding") - {
        "error",
        "warning",
        "info",
        "init",
        "snapshot",
    } - {"check"} | {"policy"}
    email = [
        item for item in done["columns"] if (item["table"], item["column"]) == ("public.customers", "email")
    ]
    assert [(item["class"], item["transform"], item["partition_of"]) for item in email] == [
        ("person.email", "email", None)
    ]
    # Every column of every table once, partitioned tables and their partitions too.
    with connect(project.environ["PRODUCTION_URL"]) as session:
        columns = session.rows(
            "select nspname || '.' || relname, attname from pg_catalog.pg_attribute"
            " join pg_catalog.pg_class c on c.oid = attrelid join pg_catalog.pg_namespace n on n.oid = relnamespace"
            " where attnum > 0 and not attisdropped and relkind in ('r', 'p')"
            " and nspname !~ '^pg_' and nspname <> 'information_schema'"
        )
    assert sorted((item["table"], item["column"]) for item in done["columns"]) == sorted(columns)


def test_check_of_all_policies(project: CommandLine) -> None:
    done = project.ok("check")
    assert re.search(
        r"✓ policy staging: \d+ columns: \d+ masked, \d+ kept, 0 unclassified; 0 errors", done.out
    )
    assert "✓ policy dev: " in done.out
    policies = project.ok("check", "--json").json["policies"]
    assert [item["policy"] for item in policies] == ["staging", "dev"]
    assert all(item["columns"] == item["masked"] + item["kept"] for item in policies)


def test_check_says_what_is_wrong_and_what_to_do(project: CommandLine) -> None:
    project.append("policies/staging.yaml", "columns:\n  public.customers.emial: keep\n")
    done = project("check", *POLICY)
    assert done.code == 4
    assert "1 error\n  DM104  " in done.out
    assert "→ did you mean email?" in done.out
    assert "✗ policy staging: " in done.out


def test_discover(project: CommandLine) -> None:
    nothing = project.ok("discover", "--json").json
    assert set(nothing) == documented("`discover`") - first([{"table": 0, "column": 0}]) - {
        "class", "confidence", "reasons", "reason", "paths",
    }  # fmt: skip
    assert (nothing["proposals"], nothing["diff"], nothing["doubted"]) == ([], "", [])
    path = project.folder / "policies/classification.yaml"
    text = path.read_text()
    path.write_text(text.replace("    email: person.email\n", "", 1) + "  public.gone:\n    id: key\n")
    found = project.ok("discover", "production", "--json").json
    assert [(item["column"], item["class"]) for item in found["proposals"]] == [("email", "person.email")]
    assert found["gone"] == [{"table": "public.gone", "column": None}]
    shown = project.ok("discover")
    assert "\n+    email: person.email" in shown.out
    assert "--write adds them as shown" in shown.out
    patch = project.ok("discover", "--diff").out
    assert patch.startswith("--- a/policies/classification.yaml\n+++ b/policies/classification.yaml\n@@ ")
    assert patch.endswith("email: person.email\n")
    assert "the name email" in project.ok("discover", "-v").out
    assert "public.gone" in shown.out
    assert "email: person.email\n" not in path.read_text().split("public.customers:")[1].split("  public.")[0]
    assert project.ok("discover", "--write", "--json").json["written"]
    assert project.ok("discover", "--json").json["proposals"] == []


def test_preview_hides_originals(project: CommandLine) -> None:
    with connect(project.environ["PRODUCTION_URL"]) as session:
        values = {
            str(value)
            for row in session.rows("select email, first_name, last_name, phone from public.customers")
            for value in row
            if value
        }
    arguments = ("preview", "production", "customers", *POLICY, "--rows", "3")
    hidden = project.ok(*arguments)
    assert [value for value in values if len(value) > 4 and value in hidden.out] == []
    assert "--show-originals prints them" in hidden.out
    done = project.ok(*arguments, "--json").json
    assert set(done) | first(done["columns"]) | {"length", "after", "before", "stays"} == documented(
        "`preview`"
    )
    assert len(done["rows"]) == 3
    emails = [row["email"] for row in done["rows"]]
    assert all(set(cell) == {"length", "after"} for cell in emails)
    assert all(cell["after"] not in values for cell in emails)
    shown = project.ok(*arguments, "--show-originals", "--json").json
    assert all(row["email"]["before"] in values for row in shown["rows"])
    assert [row["email"]["after"] for row in shown["rows"]] == [cell["after"] for cell in emails]


def test_preview_is_what_a_snapshot_holds(project: CommandLine) -> None:
    import polars as pl

    shown = project.ok(
        "preview", "production", "customers", *POLICY, "--rows", "5", "--all-columns", "--json"
    ).json
    folder = next(path for path in (project.folder / "snapshots").iterdir() if path.name[0] != ".")
    stored = pl.read_parquet(next(folder.glob("data/*public.customers*/*.parquet")))
    by_id = {str(row["id"]): row for row in stored.iter_rows(named=True)}
    for row in shown["rows"]:
        kept = by_id[row["id"]["after"]]
        for column in ("email", "first_name", "last_name", "birth_date"):
            assert row[column]["after"] == kept[column]


@pytest.mark.parametrize(
    ("table", "hint"), [("custmers", "customers"), ("public.custmers", "public.customers")]
)
def test_preview_of_what_is_not_there(project: CommandLine, table: str, hint: str) -> None:
    done = project("preview", "production", table, *POLICY)
    assert done.code == 2
    assert done.message == (
        f"error: there is no table {table!r} in database acceptance_shop\nhint: did you mean {hint!r}?"
    )


def test_preview_takes_the_first_policy_and_says_so(project: CommandLine) -> None:
    assert project.ok("preview", "production", "customers", "--json").json["policy"] == "staging"


def test_snapshots(project: CommandLine) -> None:
    about = documented("A snapshot") - {"snapshot", "snapshots"}
    taken = project.ok("snapshot", "production", "--policy", "policies/dev.yaml", "--json").json
    assert set(taken) == about | {"folder", "findings", "trial"}
    listed = project.ok("snapshots", "list", "--json").json
    assert set(listed) == documented("`snapshots list`") - {"id", "reason"}
    assert [item["policy"] for item in listed["snapshots"]] == ["dev", "staging"]
    assert set(listed["snapshots"][0]) == about
    text = project.ok("snapshots", "list").out
    assert all(item["id"] in text for item in listed["snapshots"])
    shown = project.ok("snapshots", "show", "latest:staging", "--json").json
    assert shown["id"] == listed["snapshots"][1]["id"]
    assert set(shown) == about | {"folder", "source", "table_count"}
    assert len(shown["tables"]) == shown["table_count"]
    assert sum(table["rows"] for table in shown["tables"]) == shown["rows"]
    assert "public.customers" in project.ok("snapshots", "show", "latest").out
    verified = project.ok("snapshots", "verify", taken["id"], "--json").json
    assert set(verified) == documented("`snapshots verify`") - {
        "path",
        "problem",
        "missing",
        "changed",
        "unknown",
    }


def test_deleting_and_pruning(project: CommandLine) -> None:
    taken = [
        project.ok("snapshot", "production", "--policy", f"policies/{name}.yaml", "--json").json["id"]
        for name in ("staging", "dev")
    ]
    first_one = project.ok("snapshots", "list", "--json").json["snapshots"][-1]["id"]
    dry = project.ok("snapshots", "prune", "--keep", "1", "--dry-run", "--json").json
    assert (dry["removed"], sorted(dry["kept"])) == ([first_one], sorted(taken))
    assert set(dry) == documented("`snapshots prune`")
    assert len(project.ok("snapshots", "list", "--json").json["snapshots"]) == 3
    assert project.ok("snapshots", "prune", "--keep", "1", "--keep-days", "1", "--json").json["removed"] == []
    project.ok("snapshots", "prune", "--keep-days", "0")
    left = project.ok("snapshots", "list", "--json").json["snapshots"]
    assert sorted(item["id"] for item in left) == sorted(taken)
    refused = project("snapshots", "delete", taken[0])
    assert refused.code == 3
    assert refused.message == (
        f"error: delete snapshot {taken[0]} for good? nobody is there to ask\nhint: add --yes"
    )
    assert project.ok("snapshots", "delete", taken[0], "--yes", "--json").json == {"deleted": taken[0]}
    again = project("snapshots", "delete", taken[0], "--yes")
    assert again.code == 2
    assert again.message.startswith(f"error: there is no snapshot '{taken[0]}' in ")
    nothing = project("snapshots", "prune")
    assert nothing.code == 2


def test_load_and_reset(adopted: CommandLine) -> None:
    loaded = adopted.ok("load", "latest:staging", "dev", "--json").json
    told = documented("`load` and `reset`") - {"spare", "clone", "build"}
    assert set(loaded) == told
    reset = adopted.ok("reset", "dev", "--json").json
    assert set(reset) == told
    assert (reset["snapshot"], reset["rows"]) == (loaded["snapshot"], loaded["rows"])
    verbose = adopted.ok("reset", "dev", "-v").out
    assert re.search(r"^✓ dev holds snapshot \S+: 16 tables, [\d,]+ rows, by (spare|clone) in ", verbose)
    assert "  swap " in verbose


def test_environments(project: CommandLine) -> None:
    def state() -> dict[str, str]:
        found = project.ok("env", "status", "--json").json["environments"]
        assert first(found) <= documented("`env status`")
        return {item["environment"]: item["state"] for item in found}

    assert state() == {"production": "ready", "staging": "no database", "dev": "no database"}
    made = project.ok("env", "adopt", "dev", "--create", "--json").json
    assert set(made) == documented("`env adopt`")
    assert (made["created"], made["already"]) == (True, False)
    assert project.ok("env", "adopt", "dev", "--json").json["already"]
    with open_server(project.environ["STAGING_URL"]) as server:
        server.session.script(f'create database "{server.target}"')
    assert state() == {"production": "ready", "staging": "not adopted", "dev": "ready"}
    text = project.ok("env", "status").out
    assert "to let loads replace it: datamask env adopt staging" in text
    project.environ.pop("STAGING_URL")
    assert state()["staging"] == "unknown"
    not_embedded = project("env", "up", "dev")
    assert not_embedded.code == 2
    assert not_embedded.message.startswith(
        "error: environment dev is not embedded: datamask does not start its server\n"
    )


def test_doctor(adopted: CommandLine) -> None:
    adopted.environ.pop("STAGING_URL")
    done = adopted("doctor", "--json")
    assert done.code == 1
    told = documented("`doctor`") - {"ok", "warning", "problem", "project"}
    found = done.json
    assert set(found) | first(found["parts"]) | first(found["parts"][0]["observations"]) == told
    problems = [
        (part["subject"], item["topic"], item["message"])
        for part in found["parts"]
        for item in part["observations"]
        if item["status"] == "problem"
    ]
    assert problems == [("staging", "url", "the environment variable STAGING_URL is not set")]
    assert adopted.ok("doctor", "dev").out.endswith("✓ all is well\n")
    missing_key = adopted("doctor", "dev", DATAMASK_KEY="short")
    assert missing_key.code == 1
    assert "✗ masking key" in missing_key.out


def test_keys(project: CommandLine, new_folder: CommandLine) -> None:
    made = new_folder.ok("key", "new", "--json").json
    assert set(made) == documented("`key new`")
    assert new_folder.ok("key", "new").out.strip() != made["key"]
    assert KEY not in project.ok("key", "id").out
    used = project.ok("key", "id", "--json", DATAMASK_KEY=made["key"]).json
    assert used == {"key_id": made["key_id"], "reference": "env:DATAMASK_KEY"}


def test_init(new_folder: CommandLine) -> None:
    (new_folder.folder / ".gitignore").write_text("*.pyc")
    done = new_folder.ok(
        "init", "--source", "env:SHOP_URL", "--json", SHOP_URL=new_folder.environ["PRODUCTION_URL"]
    )
    told = documented("`init`") - {"datamask", "discover", "check"}
    assert set(done.json) == told
    assert done.json["files"] == [
        "datamask.yaml", "policies/classification.yaml", "policies/staging.yaml", "policies/dev.yaml", ".gitignore",
    ]  # fmt: skip
    assert (new_folder.folder / ".gitignore").read_text() == "*.pyc\n.datamask/\nsnapshots/\n"
    text = (new_folder.folder / "datamask.yaml").read_text()
    assert "url: env:SHOP_URL\n" in text
    again = new_folder.ok("init", "--force")
    assert (new_folder.folder / ".gitignore").read_text() == "*.pyc\n.datamask/\nsnapshots/\n"
    assert "review policies/classification.yaml" in again.out
    assert 'export DATAMASK_KEY="$(datamask key new)"' not in again.out
    new_folder.environ.pop("DATAMASK_KEY")
    assert 'export DATAMASK_KEY="$(datamask key new)"' in new_folder.ok("init", "--force").out
