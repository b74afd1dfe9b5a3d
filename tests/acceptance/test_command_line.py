"""The command line itself: help, options, failures, what goes where, how fast it starts."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import time
from pathlib import Path

import pytest
from support.command_line import CommandLine, clean_environ

from datamask.cli.groups import SECTIONS

ROOT = Path(__file__).parents[2]
VERBS = [verb for verbs in SECTIONS.values() for verb in verbs]


@pytest.fixture
def anywhere(tmp_path: Path) -> CommandLine:
    return CommandLine(tmp_path)


def test_help_names_every_verb_and_the_exit_codes(anywhere: CommandLine) -> None:
    for done in (anywhere.ok("--help"), anywhere.ok()):
        assert [verb for verb in VERBS if f"\n  {verb} " not in done.out] == []
        assert "3 refused" in done.out
        assert done.err == ""


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help_and_the_common_options(anywhere: CommandLine, verb: str) -> None:
    done = anywhere.ok(verb, "--help")
    below = {
        "key": "id",
        "snapshots": "list",
        "runs": "list",
        "env": "status",
        "transform": "list",
        "config": "schema",
        "audit": "log",
        "approve": "sign",
        "reveal": "values",
    }.get(verb)
    if below:
        done = anywhere.ok(verb, below, "--help")
    for option in ("--json", "--config", "--quiet", "--verbose"):
        assert option in done.out


def test_help_starts_at_once(anywhere: CommandLine) -> None:
    def once() -> float:
        begun = time.perf_counter()
        anywhere.ok("--help")
        return time.perf_counter() - begun

    # The best of several, as other tests may have both cores right now.
    assert min(once() for _ in range(8)) <= 0.25


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from datamask.cli.app import run; run(['--help']);"
        "print([name for name in ('polars', 'numpy', 'faker', 'psycopg', 'rich', 'sqlalchemy', 'cryptography')"
        " if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.strip() == "[]"


def test_version(anywhere: CommandLine) -> None:
    assert anywhere.ok("--version").out == "datamask 0.1.0\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["snapsot"], "error: no such command 'snapsot'. Did you mean 'snapshot', 'snapshots'?\nhint: datamask --help"),
        (["load", "--rws"], "error: no such option: --rws\nhint: datamask load --help"),
        (["check", "--polcy"], "error: no such option: --polcy (Possible options: --policy)\n"
                               "hint: datamask check --help"),
        (["load", "latest"], "error: missing argument 'ENV'\nhint: datamask load --help"),
        (["snapshots", "lst"], "error: no such command 'lst'. Did you mean 'list'?\nhint: datamask snapshots --help"),
    ],
)  # fmt: skip
def test_usage(anywhere: CommandLine, arguments: list[str], message: str) -> None:
    done = anywhere(*arguments)
    assert (done.code, done.out, done.message) == (2, "", message)
    as_json = anywhere(*arguments, "--json")
    assert as_json.code == 2
    error = as_json.json["error"]
    assert f"error: {error['message']}\nhint: {error['hint']}" == message
    assert (error["code"], error["exit_code"]) == ("usage", 2)


def test_options_stand_before_or_after_the_verb(project: CommandLine) -> None:
    for arguments in (("--json", "key", "id"), ("key", "id", "--json")):
        assert set(project.ok(*arguments).json) == {"key_id", "reference"}
    elsewhere = CommandLine(Path("/"), project.environ)
    file = project.folder / "datamask.yaml"
    for arguments in (("--config", file, "key", "id"), ("key", "id", "-c", file)):
        assert elsewhere.ok(*arguments).out == project.ok("key", "id").out
    assert elsewhere.ok("key", "id", DATAMASK_CONFIG=str(file)).out == project.ok("key", "id").out


def test_results_and_messages_go_separate_ways(project: CommandLine) -> None:
    snapshot = ("snapshot", "production", "--policy", "policies/staging.yaml")
    loud = project.ok(*snapshot)
    assert loud.out.startswith("✓ snapshot ")
    assert "snapshot: 16 tables, about " in loud.err
    assert "\x1b" not in loud.out + loud.err
    quiet = project.ok(*snapshot, "--quiet", "--json")
    assert quiet.err == ""
    assert quiet.json["rows"] > 1000


def test_an_unexpected_error_says_where_and_quotes_nothing(project: CommandLine, tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import datamask.commands.key as key\n"
        "def broken(project):\n    raise TypeError('ann@example.org')\n"
        "key.key_in_use = broken\n"
    )
    done = project("key", "id", "--json", PYTHONPATH=str(tmp_path))
    assert done.code == 1
    assert done.err.startswith("error: internal error: TypeError in datamask/cli/begin.py:")
    assert "Traceback" not in done.err
    assert "ann@example.org" not in done.err + done.out
    assert done.json["error"]["code"] == "internal"
    debug = project("key", "id", PYTHONPATH=str(tmp_path), DATAMASK_DEBUG="1")
    assert "Traceback" in debug.err


def test_reader_that_goes_away(project: CommandLine) -> None:
    process = project.start("check", "production", "--json")
    assert process.stdout is not None
    process.stdout.close()
    process.stdout = None
    err = process.communicate(timeout=60)[1]
    assert "Traceback" not in err
    assert "Exception ignored" not in err


def on_a_terminal(run: CommandLine, *arguments: str, **environ: str) -> str:
    """What a terminal of 100 columns gets to see of both streams."""
    leader, follower = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "datamask", *arguments],
        cwd=run.folder,
        env={**clean_environ(), **run.environ, "COLUMNS": "100", "TERM": "xterm-256color", **environ},
        stdin=follower,
        stdout=follower,
        stderr=follower,
    )
    os.close(follower)
    seen = b""
    while True:
        try:
            block = os.read(leader, 65536)
        except OSError:
            break
        if not block:
            break
        seen += block
    os.close(leader)
    assert process.wait(timeout=60) == 0, seen
    return seen.decode()


def test_a_terminal_gets_a_bar_and_colours(project: CommandLine) -> None:
    snapshot = ("snapshot", "production", "--policy", "policies/staging.yaml")
    seen = on_a_terminal(project, *snapshot)
    assert "16/16 tables" in seen
    assert "\x1b[32m✓\x1b[0m snapshot: 16 tables" in seen
    assert "\x1b[32m✓\x1b[0m snapshot \x1b[36m" in seen
    plain = on_a_terminal(project, "snapshots", "list", NO_COLOR="1")
    assert "\x1b" not in plain
    assert "\x1b[36m" in on_a_terminal(project, "snapshots", "list")


def test_the_reference_is_what_help_says() -> None:
    page = subprocess.run(
        [sys.executable, "-m", "datamask.cli.reference"], capture_output=True, text=True, check=True
    ).stdout
    assert page == (ROOT / "docs/reference/cli.md").read_text(encoding="utf-8"), (
        "run: python -m datamask.cli.reference > docs/reference/cli.md"
    )


def test_every_exit_code_is_documented() -> None:
    from datamask.errors import DatamaskError

    page = (ROOT / "docs/reference/exit-codes.md").read_text(encoding="utf-8")
    codes = {DatamaskError.exit_code, *(kind.exit_code for kind in DatamaskError.__subclasses__())}
    assert [code for code in codes if f"\n| {code} | " not in page] == []
