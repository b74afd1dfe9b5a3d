"""What of the hooks is kept in a golden, and what decides it."""

from __future__ import annotations

from pathlib import Path

import pytest

from datamask.config.hooks import CommandStep, Hooks, SqlStep, Step
from datamask.errors import UsageError
from datamask.load.recipe import NO_RECIPE, Recipe, SqlScript, read_recipe, task_name


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "one.sql").write_text("select 1", encoding="utf-8")
    (tmp_path / "two.sql").write_text("select 2", encoding="utf-8")
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "1.py").write_text("one", encoding="utf-8")
    return tmp_path


def read(*steps: Step, environment: str = "dev") -> Recipe:
    return read_recipe(Hooks(after_load=steps), environment=environment)


def test_no_hooks_are_no_recipe():
    assert read_recipe(Hooks(), environment="dev") == NO_RECIPE


def test_sql_is_decided_by_its_text(folder):
    first = read(SqlStep(folder / "one.sql"))
    assert first.kept == (SqlScript("one.sql", "select 1"),)
    (folder / "copy.sql").write_text("select 1", encoding="utf-8")
    assert read(SqlStep(folder / "copy.sql"), environment="other").digest == first.digest
    (folder / "one.sql").write_text("select 3", encoding="utf-8")
    assert read(SqlStep(folder / "one.sql")).digest != first.digest


def test_a_program_is_kept_where_its_inputs_are_known(folder):
    known = CommandStep(("migrate", "up"), folder, inputs=("migrations/*.py",))
    first = read(known)
    assert (first.kept, first.always) == ((known,), ())
    (folder / "migrations" / "2.py").write_text("two", encoding="utf-8")
    second = read(known)
    (folder / "migrations" / "2.py").write_text("three", encoding="utf-8")
    assert (
        len({first.digest, second.digest, read(known).digest, read(known, environment="other").digest}) == 4
    )


def test_what_stands_behind_an_unknown_program_runs_every_time(folder):
    one, two = SqlStep(folder / "one.sql"), SqlStep(folder / "two.sql")
    unknown = CommandStep(("migrate",), folder)
    recipe = read(one, unknown, two)
    assert recipe.kept == (SqlScript("one.sql", "select 1"),)
    assert recipe.always == (unknown, SqlScript("two.sql", "select 2"))
    assert recipe.digest == read(one).digest
    assert read(unknown).digest == ""


def test_before_the_swap_comes_behind_what_is_after_the_load(folder):
    unknown = CommandStep(("migrate",), folder)
    recipe = read_recipe(
        Hooks(after_load=(unknown,), before_swap=(SqlStep(folder / "one.sql"),), after_swap=(unknown,)),
        environment="dev",
    )
    assert recipe.always == (unknown, SqlScript("one.sql", "select 1"))
    assert recipe.afterwards == (unknown,)


def test_the_order_of_steps_counts(folder):
    one, two = SqlStep(folder / "one.sql"), SqlStep(folder / "two.sql")
    assert read(one, two).digest != read(two, one).digest


def test_files_that_are_not_there_are_named(folder):
    with pytest.raises(UsageError, match=r"none\.sql: there is no such file, and a hook runs it"):
        read(SqlStep(folder / "none.sql"))
    with pytest.raises(UsageError, match=r"no file in .* is none/\*, which a hook's inputs name"):
        read(CommandStep(("x",), folder, inputs=("none/*",)))


def test_a_program_is_named_without_its_arguments(folder):
    assert task_name(CommandStep(("/usr/bin/psql", "--password=x"), folder)) == "psql"
