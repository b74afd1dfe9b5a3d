"""Resets in every situation, hooks, dry runs and branches, as they are typed."""

from __future__ import annotations

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest
from support.command_line import CommandLine
from support.in_process import InProcess

from datamask.db.conninfo import build_conninfo, conninfo_parts, with_database
from datamask.load.server import open_server


@pytest.fixture
def quick(adopted: CommandLine) -> InProcess:
    """The same project without processes of its own."""
    return InProcess(adopted.folder, adopted.environ)


@pytest.fixture
def dev(adopted: CommandLine) -> str:
    return adopted.environ["DEV_URL"]


def own(run: CommandLine, text: str) -> None:
    """What the environment's own file says."""
    (run.folder / "datamask.dev.yaml").write_text(text, encoding="utf-8")


def script(run: CommandLine, text: str) -> None:
    (run.folder / "neutralize.sql").write_text(text, encoding="utf-8")


def emails(url: str) -> set[str]:
    with psycopg.connect(url) as connection:
        return {row[0] for row in connection.execute("select distinct email from customers")}


def names(url: str) -> set[str]:
    with open_server(url) as server:
        return set(server.databases())


def test_a_dry_run_says_what_would_happen_and_changes_nothing(quick, dev):
    before = names(dev)
    with psycopg.connect(dev):
        done = quick.ok("reset", "dev", "--dry-run", "--json").json
    assert names(dev) == before
    assert (done["strategy"], done["reason"]) in (
        ("build and clone", "the server has no golden of this snapshot yet"),
        # Another test's environment on this server may hold the same snapshot.
        ("clone", "the snapshot's golden is on the server"),
    )
    assert done["sessions"] == 1
    assert done["refused"] is False
    assert {rail["rail"] for rail in done["rails"]} >= {
        "tier",
        "confirmation",
        "adopted",
        "identity",
        "snapshot",
    }
    assert all(rail["passed"] for rail in done["rails"])
    with psycopg.connect(dev) as connection:
        assert connection.execute("select n from mine").fetchall() == [(1,)]
    quick.ok("reset", "dev")
    assert quick.ok("load", "latest", "dev", "--dry-run", "--json").json["strategy"] in {"spare", "clone"}


def test_a_dry_run_names_every_rail_that_refuses(quick):
    quick.edit("datamask.yaml", "tier: disposable", "tier: shared")
    with psycopg.connect(with_database(quick.environ["DEV_URL"], "postgres"), autocommit=True) as connection:
        name = conninfo_parts(quick.environ["DEV_URL"])["dbname"]
        connection.execute(f'comment on database "{name}" is null'.encode())
    done = quick("reset", "dev", "--dry-run", "--json")
    assert done.code == 3
    assert [rail["rail"] for rail in done.json["rails"] if not rail["passed"]] == ["confirmation", "adopted"]
    assert "nothing was changed" in quick("reset", "dev", "--dry-run").out


def test_a_strategy_can_be_asked_for(quick, dev):
    assert quick.ok("load", "latest", "dev", "--strategy", "build", "--json").json["strategy"] == "build"
    done = quick.ok("reset", "dev", "--strategy", "in-place", "--json").json
    assert (done["strategy"], done["reason"]) == ("in-place", "asked for")
    assert "in place, as asked for" in quick.ok("reset", "dev", "--strategy", "in-place").out
    wrong = quick("reset", "dev", "--strategy", "inplace")
    assert wrong.code == 2
    assert "there is no strategy 'inplace'" in wrong.message
    assert conninfo_parts(dev)["dbname"] + "__datamask_spare" not in names(dev)


def test_sql_after_a_load_runs_before_anyone_sees_the_database(quick, dev):
    script(quick, "update customers set email = 'nobody' || id || '@invalid.example';")
    own(quick, "after_load: neutralize.sql\n")
    first = quick.ok("reset", "dev", "--json").json
    assert first["strategy"] == "build and clone"
    assert all(email.endswith("@invalid.example") for email in emails(dev))
    # What it made is in the golden.
    again = quick.ok("reset", "dev", "--json").json
    assert again["strategy"] in {"spare", "clone"}
    assert all(email.endswith("@invalid.example") for email in emails(dev))
    # Another text is another golden.
    script(quick, "update customers set email = 'other' || id || '@invalid.example';")
    changed = quick.ok("reset", "dev", "--json").json
    assert changed["strategy"] == "build and clone"
    assert all(email.startswith("other") for email in emails(dev))


@pytest.mark.parametrize(
    ("strategy", "text", "says"),
    [
        ("auto", "update nowhere set n = 1", 'relation "nowhere" does not exist'),
        ("in-place", "select 1; commit", "cannot stand inside of a transaction"),
    ],
)
def test_a_hook_that_fails_leaves_the_environment_as_it_was(quick, dev, text, says, strategy):
    quick.ok("reset", "dev")
    before = emails(dev)
    script(quick, text)
    own(quick, "after_load: neutralize.sql\n")
    failed = quick("reset", "dev", "--strategy", strategy)
    assert failed.code == 1
    assert failed.message.startswith("error: hook neutralize.sql: ")
    assert says in failed.message
    assert emails(dev) == before


@pytest.mark.slow
def test_programs_get_the_new_databases_address(quick, dev):
    program = quick.folder / "migrate.py"
    program.write_text(
        "import os, psycopg\n"
        "with psycopg.connect(os.environ['DATABASE_URL']) as connection:\n"
        "    connection.execute('create table alembic_version (version_num text)')\n"
        "    connection.execute(\"insert into alembic_version values ('aaa')\")\n"
        "print('migrated', os.environ['DATAMASK_ENVIRONMENT'], os.environ['DATAMASK_SNAPSHOT'])\n",
        encoding="utf-8",
    )
    own(
        quick,
        "hooks:\n  after_load:\n    - command: [python, migrate.py]\n      inputs: migrate.py\n"
        "  code_version: echo bbb head\n",
    )
    done = quick.ok("reset", "dev", "--json", PATH=f"{Path(sys.executable).parent}:/usr/bin:/bin").json
    assert done["migrations"] == [{"tool": "Alembic", "table": "public.alembic_version", "versions": ["aaa"]}]
    assert len(done["warnings"]) == 1
    assert "the application's code knows migration bbb" in done["warnings"][0]
    assert "Alembic is at aaa" in done["warnings"][0]


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("{command: 'false'}", "hook false ended with status 1"),
        ("{command: sleep 30, timeout: 1s}", "hook sleep did not end within 1s"),
    ],
)
def test_a_program_that_fails_leaves_the_environment_as_it_was(quick, dev, command, says):
    own(quick, f"hooks:\n  before_swap: {command}\n")
    failed = quick("reset", "dev")
    assert failed.code == 1
    assert says in failed.message
    with psycopg.connect(dev) as connection:
        assert connection.execute("select n from mine").fetchall() == [(1,)]


@pytest.mark.slow
def test_what_fails_after_the_swap_is_a_warning(quick):
    own(quick, "hooks:\n  after_swap: {command: 'false'}\n")
    done = quick.ok("reset", "dev", "--json").json
    assert done["warnings"] == ["hook false ended with status 1; environment dev holds the new data"]


def test_programs_and_a_load_in_place_do_not_go_together(quick):
    own(quick, "hooks:\n  after_load: {command: 'true'}\n")
    refused = quick("reset", "dev", "--strategy", "in-place")
    assert refused.code == 3
    assert "hook true is a program, and a load in place is one transaction" in refused.message


@pytest.mark.slow
def test_declared_extensions_are_checked(quick):
    own(quick, "extensions: {plpgsql: '1.0', hstore: '99'}\n")
    refused = quick("reset", "dev")
    assert refused.code == 3
    assert "the environment declares extension hstore 99, and its server has " in refused.message


def test_a_branch_lives_and_expires(quick, dev):
    made = quick.ok("env", "create", "dev/My-Branch", "--from", "dev", "--ttl", "7d", "--json").json
    url = with_database(dev, made["database"])
    assert made["database"] == conninfo_parts(dev)["dbname"] + "__my_branch"
    assert made["expires"]
    assert "password" not in made["url"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("delete from newsletter_subscriptions; drop table if exists nothing")
    again = quick("env", "create", "dev/my_branch")
    assert again.code == 3
    quick.ok("reset", "dev/My-Branch")
    with psycopg.connect(url) as connection:
        (rows,) = connection.execute("select count(*) from newsletter_subscriptions").fetchone() or (0,)
        assert rows
    (listed,) = quick.ok("env", "list", "dev", "--json").json["branches"]
    assert (listed["environment"], listed["expired"], listed["expires"]) == (
        "dev/My-Branch",
        False,
        made["expires"],
    )
    assert quick.ok("env", "expire", "--json").json == {"dropped": [], "kept": {}, "dry_run": False}
    # Its time is over: nobody has to wait for that here.
    with open_server(url) as server:
        info = server.database(made["database"])
        assert info is not None
        server.mark(made["database"], replace(info.marks, expires="2020-01-01T00:00:00+00:00"), comment=None)
    assert quick.ok("env", "expire", "--dry-run", "--json").json["dropped"] == ["dev/My-Branch"]
    assert quick.ok("env", "expire", "--json").json["dropped"] == ["dev/My-Branch"]
    assert made["database"] not in names(dev)
    assert conninfo_parts(dev)["dbname"] in names(dev)


def test_what_is_no_branch_is_never_dropped(quick, dev):
    quick.ok("env", "create", "dev/one")
    name = conninfo_parts(dev)["dbname"] + "__one"
    expired = "2020-01-01T00:00:00+00:00"
    with psycopg.connect(with_database(dev, "postgres"), autocommit=True) as connection:
        for comment in (
            "somebody's own",
            "datamask: " + json.dumps({"environment": "dev", "expires": expired}),
            "datamask: " + json.dumps({"environment": "dev/other", "expires": expired}),
            "datamask: " + json.dumps({"environment": "staging/one", "expires": expired}),
            "datamask: " + json.dumps({"environment": "dev/one", "expires": "soon"}),
            "datamask: " + json.dumps({"environment": "dev/one", "expires": "2020-01-01"}),
        ):
            connection.execute(
                f"comment on database \"{name}\" is '{comment.replace(chr(39), chr(39) * 2)}'".encode()
            )
            assert quick.ok("env", "expire", "--json").json["dropped"] == []
            assert name in names(dev)
    quick.ok("env", "drop", "dev/one")
    assert name not in names(dev)
    assert quick("env", "drop", "dev/one").code == 3
    assert quick("env", "drop", "dev").code == 2


@pytest.mark.slow
def test_names_that_branches_cannot_have(quick):
    for name in ("dev/", "dev/datamask-spare", "dev/a b", "dev/;drop", "production/x", "nowhere/x", "alone"):
        assert quick("env", "create", name).code in {2, 3}, name
    assert quick("env", "create", "dev/x", "--ttl", "soon").code == 2
    assert quick("env", "create", "dev/x", "--ttl", "9000d").code == 2


@pytest.mark.slow
def test_eight_developers_at_once(quick, adopted, dev):
    quick.ok("reset", "dev")
    with ThreadPoolExecutor(8) as threads:
        done = list(threads.map(lambda n: adopted("env", "create", f"dev/developer-{n}", "--json"), range(8)))
        assert [item.code for item in done] == [0] * 8, [item.err for item in done]
        done = list(threads.map(lambda n: adopted("reset", f"dev/developer-{n}", "--json"), range(8)))
    assert [item.code for item in done] == [0] * 8, [item.err for item in done]
    assert {item.json["strategy"] for item in done} == {"clone"}
    assert len({item.json["digest"] for item in done}) == 1
    mine = emails(dev)
    database = conninfo_parts(dev)["dbname"]
    for number in range(8):
        assert emails(with_database(dev, f"{database}__developer_{number}")) == mine


OWNED_BY_APP_ONLY = """
    select format('grant usage, create on schema %s to app_only', n.oid::regnamespace) from pg_namespace n
    where nspname !~ '^pg_' and nspname <> 'information_schema'
    union all
    select format('alter %s %s owner to app_only', case relkind when 'S' then 'sequence'
        when 'm' then 'materialized view' when 'v' then 'view' else 'table' end, c.oid::regclass)
    from pg_class c join pg_namespace n on n.oid = relnamespace
    where nspname !~ '^pg_' and nspname <> 'information_schema' and relkind in ('r', 'p', 'v', 'm', 'S')
        and not exists (select from pg_depend d where d.objid = c.oid and deptype in ('a', 'i') and refobjsubid > 0)
"""


@pytest.mark.slow
def test_without_the_right_to_create_databases_it_is_in_place(quick, dev):
    """What a database that somebody else runs allows: tables of one's own, and nothing more."""
    quick.ok("load", "latest", "dev")
    with psycopg.connect(dev, autocommit=True) as connection:
        connection.execute("create role app_only login")
        for (statement,) in connection.execute(OWNED_BY_APP_ONLY).fetchall():
            connection.execute(statement.encode())
        connection.execute("delete from newsletter_subscriptions")
    url = build_conninfo({**conninfo_parts(dev), "user": "app_only"})
    previewed = quick.ok("reset", "dev", "--dry-run", "--json", DEV_URL=url).json
    assert previewed["strategy"] == "in-place"
    done = quick.ok("reset", "dev", "--json", DEV_URL=url).json
    assert done["strategy"] == "in-place"
    assert "role app_only may not create databases" in done["reason"]
    status = quick.ok("env", "status", "dev", "--json", DEV_URL=url).json["environments"][0]
    assert (status["state"], status["snapshot"]) == ("ready", done["snapshot"])
    with psycopg.connect(dev) as connection:
        assert connection.execute("select count(*) > 0 from newsletter_subscriptions").fetchone() == (True,)
