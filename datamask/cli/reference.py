"""The reference page of all commands, from their own help: ``python -m datamask.cli.reference``."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import typer
from typer.main import get_command

from datamask.cli.app import PROGRAM, build_app
from datamask.cli.groups import SECTIONS

# Fixed, so that the page does not depend on the terminal that it is made in.
_WIDTH = 100

_HEAD = """\
# Commands

This page is what `--help` prints; `python -m datamask.cli.reference > docs/reference/cli.md` writes it.

Results go to stdout, progress and messages to stderr. Common options may stand before or after the verb.
With `--json` a command prints [one documented object](json.md), and a failure is an object too. How a command
ends is told by its [exit code](exit-codes.md). Colours and bars appear on a terminal only; `NO_COLOR` turns
colours off. `DATAMASK_CONFIG` names the configuration as `--config` does.
"""


def reference() -> str:
    """The whole page as Markdown."""
    root = get_command(build_app())
    parts = [_HEAD, _help(root, PROGRAM)]
    for heading, verbs in SECTIONS.items():
        parts.append(f"## {heading}\n")
        for verb in verbs:
            parts += _verb(root.commands[verb], f"{PROGRAM} {verb}")  # type: ignore[attr-defined]
    return "\n".join(parts)


def _verb(command: Any, path: str) -> Iterator[str]:
    yield f"### `{path}`\n"
    yield _help(command, path)
    for name, below in getattr(command, "commands", {}).items():
        yield from _verb(below, f"{path} {name}")


def _help(command: Any, path: str) -> str:
    context = typer.Context(
        command,
        info_name=path,
        terminal_width=_WIDTH,
        max_content_width=_WIDTH,
        help_option_names=["-h", "--help"],
    )
    lines = [line.rstrip() for line in str(command.get_help(context)).splitlines()]
    return "```text\n" + "\n".join(lines) + "\n```\n"


if __name__ == "__main__":
    print(reference(), end="")
