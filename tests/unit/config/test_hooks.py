from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from datamask.config.document import parse_document
from datamask.config.hooks import CommandStep, Hooks, SqlStep
from datamask.config.reset import DEFAULT_RESET, ResetSettings
from datamask.config.settings import Environment, read_settings
from datamask.errors import UsageError

ROOT = Path("/project")


def environment(text: str) -> Environment:
    indented = "\n".join("    " + line for line in text.splitlines())
    whole = f"version: 1\nenvironments:\n  dev:\n    url: env:DEV_URL\n    tier: disposable\n{indented}\n"
    return read_settings(parse_document(whole, ROOT / "datamask.yaml")).environments["dev"]


def test_nothing_is_the_default():
    found = environment("policy: p.yaml")
    assert (found.hooks, found.reset, found.extensions) == (Hooks(), DEFAULT_RESET, {})


def test_the_short_and_the_long_way_say_the_same():
    expected = Hooks(after_load=(SqlStep(ROOT / "sql" / "a.sql"),))
    for text in (
        "after_load: sql/a.sql",
        "after_load: [sql/a.sql]",
        "hooks: {after_load: sql/a.sql}",
        "hooks: {after_load: [{sql: sql/a.sql}]}",
    ):
        assert environment(text).hooks == expected


def test_programs():
    found = environment(
        "hooks:\n"
        "  before_swap: {command: \"alembic -x 'a b' upgrade head\", timeout: 5m, inputs: [migrations/*.py]}\n"
        "  after_swap: [{command: [sh, -c, exit 0]}]\n"
        "  code_version: alembic heads\n"
    ).hooks
    assert found.before_swap == (
        CommandStep(
            ("alembic", "-x", "a b", "upgrade", "head"), ROOT, timedelta(minutes=5), ("migrations/*.py",)
        ),
    )
    assert found.after_swap == (CommandStep(("sh", "-c", "exit 0"), ROOT),)
    assert found.code_version == CommandStep(("alembic", "heads"), ROOT)


def test_how_to_reset():
    found = environment("reset: {strategy: in-place, clone: wal-log, lock_timeout: 2m}")
    assert found.reset == ResetSettings("in-place", "wal-log", 120.0)
    assert environment("extensions: {postgis: '3.4'}").extensions == {"postgis": "3.4"}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("after_load: alembic upgrade head", "must be the name of an SQL file"),
        ("after_load: a.sql\nhooks: {after_load: b.sql}", "has after_load twice"),
        ("hooks: {after_load: {sql: a.sql, command: b}}", "has either sql or command"),
        ("hooks: {after_load: {timeout: 5m}}", "has either sql or command"),
        ("hooks: {after_load: {sql: a.sql, timeout: 5m}}", "with sql takes no other key"),
        ('hooks: {after_load: {command: "it\'s"}}', "cannot be split into words"),
        ("hooks: {after_load: {command: []}}", "command is empty"),
        ("hooks: {after_load: {command: x, timeout: soon}}", "must be a length of time"),
        ("hooks: {after_lode: a.sql}", "unknown key 'after_lode' in environments.dev.hooks"),
        ("hooks: {code_version: {timeout: 5m}}", "has no command"),
        ("reset: {strategy: swap}", "must be one of auto, clone, build, in-place"),
        ("reset: {lock_timeout: 30}", "must be text"),
        ("extensions: {postgis: 3.4}", "must be text"),
    ],
)
def test_mistakes_are_named_with_their_place(text, says):
    with pytest.raises(UsageError) as caught:
        environment(text)
    assert says in caught.value.message
    assert caught.value.message.startswith("/project/datamask.yaml:")
