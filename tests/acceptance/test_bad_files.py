"""Configuration, classification, policy and key that are wrong: one message each, with its place."""

from __future__ import annotations

import pytest
from support.command_line import CommandLine

POLICY = "policies/staging.yaml"


def check(run: CommandLine, **environ: str):
    return run("check", "production", "--policy", POLICY, **environ)


def test_no_configuration(new_folder: CommandLine) -> None:
    done = new_folder("check")
    assert done.code == 2
    assert done.message == (
        f"error: there is no datamask.yaml in {new_folder.folder} or any folder above it\n"
        "hint: make one with `datamask init`, or name it with --config FILE"
    )


def test_named_configuration_is_missing(new_folder: CommandLine) -> None:
    done = new_folder("check", "--config", "other.yaml")
    assert done.code == 2
    assert done.message == f"error: {new_folder.folder / 'other.yaml'}: there is no such file"


def test_unknown_environment(project: CommandLine) -> None:
    done = project("check", "prodction", "--json")
    assert done.code == 2
    assert done.json == {
        "error": {
            "code": "usage",
            "message": f"{project.folder / 'datamask.yaml'}: there is no environment 'prodction'",
            "hint": "did you mean 'production'?",
            "exit_code": 2,
        }
    }


def test_tab_in_the_configuration(project: CommandLine) -> None:
    project.edit("datamask.yaml", "  staging:", "\tstaging:")
    done = check(project)
    assert done.code == 2
    assert done.message == (
        f"error: {project.folder / 'datamask.yaml'}:11: a tab is used for indentation, which YAML does not allow\n"
        "hint: indent with spaces"
    )


def test_key_that_stands_twice_in_a_policy(project: CommandLine) -> None:
    project.append(POLICY, "name: other\n")
    done = check(project)
    line = (project.folder / POLICY).read_text().count("\n")
    assert done.code == 4
    assert done.message == (
        f"error: {POLICY}:{line}: the key 'name' stands twice: here and on line 3\nhint: remove one of them"
    )


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        ("classes: {person.emial: keep}", "unknown data class 'person.emial'"),
        ("classes: {person.email: emial}", "unknown transform 'emial'"),
        ("classes: {person.email: {email: {domian: example.org}}}", "email: there is no parameter 'domian'"),
    ],
    ids=["class", "transform", "parameter"],
)
def test_unknown_word_in_a_policy(project: CommandLine, rule: str, message: str) -> None:
    project.append(POLICY, rule + "\n")
    line = (project.folder / POLICY).read_text().count("\n")
    done = check(project)
    assert done.code == 4
    assert done.message.startswith(f"error: {POLICY}:{line}: ")
    assert message in done.message
    assert "did you mean" in done.message


@pytest.mark.parametrize(
    ("rule", "place", "hint"),
    [
        ("public.custmers.email: keep", ("public.custmers", None), "did you mean public.customers?"),
        ("public.customers.emial: keep", ("public.customers", "emial"), "did you mean email?"),
    ],
    ids=["table", "column"],
)
def test_rule_for_what_does_not_exist(project: CommandLine, rule: str, place: tuple, hint: str) -> None:
    project.append(POLICY, f"columns: {{{rule}}}\n")
    done = project("check", "production", "--policy", POLICY, "--json")
    errors = [item for item in done.json["findings"] if item["severity"] == "error"]
    assert done.code == 4
    assert [(item["code"], item["table"], item["column"], item["hint"]) for item in errors] == [
        ("DM104", *place, hint)
    ]


def test_policy_about_a_table_that_is_gone(project: CommandLine) -> None:
    project.append(POLICY, "tables:\n  public.old_orders: {rows: none}\n")
    done = project("snapshot", "production", "--policy", POLICY)
    assert done.code == 4
    assert "DM104" in done.message
    assert "public.old_orders names a table that the database does not have" in done.message


def test_column_that_nobody_classified_stops_a_snapshot_and_names_itself(project: CommandLine) -> None:
    path = project.folder / "policies/classification.yaml"
    lines = path.read_text().splitlines(keepends=True)
    at = next(number for number, line in enumerate(lines) if line.strip() == "phone: person.phone")
    del lines[at]
    path.write_text("".join(lines))
    before = project.ok("snapshots", "list", "--json").json["snapshots"]
    done = project("snapshot", "production", "--policy", POLICY)
    assert done.code == 4
    assert "DM100 public.customers.phone is not classified" in done.message
    assert project.ok("snapshots", "list", "--json").json["snapshots"] == before
    found = project("check", "production", "--policy", POLICY, "--json").json
    open_columns = [item for item in found["columns"] if item["transform"] is None]
    assert [(item["table"], item["column"], item["class"]) for item in open_columns] == [
        ("public.customers", "phone", None)
    ]


def test_missing_key(project: CommandLine) -> None:
    project.edit("datamask.yaml", "env:DATAMASK_KEY ", "env:NO_SUCH_KEY ")
    done = project("snapshot", "production", "--policy", POLICY)
    assert done.code == 4
    assert done.message == (
        "error: the masking key is missing: the environment variable NO_SUCH_KEY is not set\n"
        "hint: export NO_SUCH_KEY=…; `datamask key new` prints a new key"
    )


def test_short_key(project: CommandLine) -> None:
    done = project("snapshot", "production", "--policy", POLICY, DATAMASK_KEY="secret-but-short")
    assert done.code == 4
    assert done.message.startswith("error: the masking key has 16 bytes, at least 32 are needed\nhint: ")
    assert "secret-but-short" not in done.err


def test_password_in_clear_text(project: CommandLine) -> None:
    project.edit("datamask.yaml", "env:STAGING_URL", "postgresql://me:hunter2@db/staging")
    done = check(project)
    assert done.code == 2
    assert "environments.staging.url holds a password in clear text" in done.message
    assert "hunter2" not in done.err


def test_unset_variable(project: CommandLine) -> None:
    project.environ.pop("PRODUCTION_URL")
    done = check(project)
    assert done.code == 2
    assert done.message == (
        "error: the environment variable PRODUCTION_URL is not set\nhint: export PRODUCTION_URL=…"
    )


def test_init_overwrites_nothing(project: CommandLine) -> None:
    (project.folder / "policies/dev.yaml").unlink()
    before = (project.folder / "datamask.yaml").read_text()
    done = project("init")
    assert done.code == 3
    assert done.message == (
        f"error: {project.folder} already has datamask.yaml, policies/classification.yaml, policies/staging.yaml\n"
        "hint: --force replaces it; datamask discover --write only adds what a classification is missing"
    )
    assert (project.folder / "datamask.yaml").read_text() == before
    assert not (project.folder / "policies/dev.yaml").exists()
    project.ok("init", "--force")
    assert (project.folder / "policies/dev.yaml").exists()


def test_init_from_a_password_in_clear_text(new_folder: CommandLine) -> None:
    done = new_folder("init", "--source", "postgresql://me:hunter2@db/shop")
    assert done.code == 2
    assert done.message == (
        "error: --source holds a password in clear text\n"
        "hint: put the whole url into an environment variable and write env:NAME here"
    )
    assert list(new_folder.folder.iterdir()) == []
