"""Constraints tried on masked samples: the queries by themselves, and on a database that has everything."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.sampledata import load_torture

from datamask.catalog.introspect import introspect
from datamask.catalog.model import Column, ColumnType
from datamask.classify.file import read_classification
from datamask.commands import trial_sql
from datamask.commands.init import init
from datamask.commands.trial import try_plan
from datamask.commands.trial_inputs import _by_trying, invalid_rows
from datamask.db.session import Session, connect
from datamask.errors import DatabaseError
from datamask.masking.keys import MaskingKey
from datamask.policy.compile import compile_policy
from datamask.policy.file import read_policy

KEY = MaskingKey(bytes(range(32)))


@pytest.fixture(scope="module")
def session(server) -> Iterator[Session]:
    url = server.ensure_database("trial_queries")
    with connect(url) as writer:
        writer.script(
            "drop domain if exists public.code; create domain public.code as text check (value <> '%');"
        )
    with connect(url, read_only=True) as reader:
        yield reader


def column(name: str, type_name: str) -> Column:
    return Column(name, ColumnType(type_name, "other", type_name), 1)


@pytest.mark.parametrize("server_version", [180000, 150000])
def test_breaches_are_counted(session: Session, server_version: int) -> None:
    columns = (column('odd "%s" name', "integer"), column("b", "text"))
    sql = trial_sql.breaches(
        "the % table",
        columns,
        """(("odd ""%s"" name" > 0) AND (b !~~ '100%'::text))""",
        server_version=server_version,
    )
    rows = (["1", "0", None, "5"], ["x", "x", None, "100 percent"])
    assert session.value(sql, rows) == 2


def test_texts_that_are_no_value_of_a_type_are_counted(session: Session) -> None:
    values = ["x", "%", "y", "%"]
    domain = column("c", "public.code")
    assert invalid_rows(session, domain, [None, *values]) == [2, 4]
    assert invalid_rows(session, column("c", "character varying(1)"), ["a", "ab"]) == [1]
    assert invalid_rows(session, domain, [None]) == []
    # Servers before 16 only say whether there is one.
    assert _by_trying(session, trial_sql.valid_inputs(domain), values, 0) == [1, 3]
    assert _by_trying(session, trial_sql.valid_inputs(domain), ["x", "y"], 0) == []


def test_rows_that_conflict_with_one_before_them_are_counted(session: Session) -> None:
    during = column("during", "int4range")
    sql = trial_sql.conflicts((during,), {"during": "&&"}, server_version=session.server_version)
    assert session.value(sql, (["[1,5)", "[4,6)", "[5,9)", None, "empty"],)) == 2


def test_everything_that_postgresql_has_can_be_tried(database: Callable[[], str], tmp_path: Path) -> None:
    url = database()
    load_torture(url)
    init(tmp_path, source=url, project="torture")
    with connect(url, read_only=True) as reader:
        catalog = introspect(reader)
        plan = compile_policy(
            read_policy(tmp_path / "policies/staging.yaml"),
            read_classification(tmp_path / "policies/classification.yaml"),
            catalog,
        )
        assert plan.errors == ()
        trial = try_plan(reader, catalog, plan, KEY)
    told = [f"{finding.code} {finding.message}" for finding in trial.plan.errors]
    assert told == []
    assert trial.skipped == {}
    assert trial.plan.digest == plan.digest
    assert (trial.tables > 40, trial.rows > 1000) == (True, True)


def test_what_cannot_be_tried_is_told(database: Callable[[], str], tmp_path: Path) -> None:
    url = database()
    with connect(url) as writer:
        writer.script(
            "create table public.t (id int primary key, v text check (v <> 'x'), g text generated always as (v) stored"
            " check (g <> 'y')); insert into public.t values (1, 'a');"
            "create table public.hidden (id int primary key, v text); insert into public.hidden values (1)"
        )
        catalog = introspect(writer)
        init(tmp_path, source=url, project="small")
        plan = compile_policy(
            read_policy(tmp_path / "policies/staging.yaml"),
            read_classification(tmp_path / "policies/classification.yaml"),
            catalog,
        )
        writer.script("drop table public.hidden")
    with connect(url, read_only=True) as reader:
        trial = try_plan(reader, catalog, plan, KEY)
    assert {name: reason.split(":")[0] for name, reason in trial.skipped.items()} == {
        "public.hidden": 'relation "public.hidden" does not exist',
        "public.t: t_g_check": "it names a column that PostgreSQL computes",
    }


def test_a_failure_does_not_quote_the_value(session: Session) -> None:
    sql = trial_sql.breaches("t", (column("n", "integer"),), "(n > 0)", server_version=150000)
    with pytest.raises(DatabaseError) as caught:
        session.value(sql, (["secret word"],))
    assert "secret" not in caught.value.message + str(caught.value.hint)
