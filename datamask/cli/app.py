"""The program: every verb in its place, and what happens around them."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Sequence
from types import FrameType
from typing import Annotated, Any

import typer

from datamask.cli import (
    accountability,
    begin,
    configuration,
    drift,
    environments,
    generate,
    jobs,
    policies,
    promotion,
    scenarios,
    snapshots,
    transforms,
)
from datamask.cli.groups import SectionedGroup
from datamask.cli.options import Config, Json, Options, Quiet, Verbose
from datamask.cli.verb import FAILED, USAGE, fail

PROGRAM = "datamask"

# A job that is told to stop cleans up as if Ctrl-C had been pressed.
_STOPS = (signal.SIGINT, signal.SIGTERM)

_ABOUT = """Masked snapshots of PostgreSQL databases, loads and resets.

Take a consistent snapshot of production, masked before a byte reaches a disk; load it into other
environments; reset them in a second. `datamask demo` shows it all on a private PostgreSQL.
"""

_EPILOG = (
    "Exit codes: 0 done, 1 failed, 2 usage, 3 refused, 4 policy incomplete or wrong, 5 verification failed, "
    "6 drift found."
)


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the program and give its exit code.

    :param arguments: by default those of the process.
    """
    given = list(sys.argv[1:] if arguments is None else arguments)
    for number in _STOPS:
        # What the parent has us ignore, as nohup does, stays ignored.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, _interrupt)
    try:
        ended = build_app()(given, prog_name=PROGRAM, standalone_mode=False)
    except typer.TyperException as error:
        return _usage(error, json="--json" in given)
    except typer.Abort:
        return fail("interrupted", "interrupted", None, FAILED, json="--json" in given)
    return int(ended or 0)


def build_app() -> typer.Typer:
    """The program with all its verbs."""
    app = typer.Typer(
        name=PROGRAM,
        cls=SectionedGroup,
        help=_ABOUT,
        epilog=_EPILOG,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        invoke_without_command=True,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
    )
    app.callback()(_common)
    parts = (
        begin,
        policies,
        transforms,
        snapshots,
        generate,
        environments,
        scenarios,
        promotion,
        drift,
        jobs,
        configuration,
        accountability,
    )
    for part in parts:
        part.add_to(app)
    return app


def _common(
    ctx: typer.Context,
    json: Json = False,
    config: Config = None,
    quiet: Quiet = False,
    verbose: Verbose = False,
    show_version: Annotated[
        bool, typer.Option("--version", is_eager=True, help="Print the version and end.")
    ] = False,
) -> None:
    ctx.params["options"] = Options(json, config, quiet, verbose)
    if show_version:
        # It takes longer to import than the rest of the program to start.
        from importlib.metadata import version

        typer.echo(f"{PROGRAM} {version(PROGRAM)}")
        raise typer.Exit
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())
        raise typer.Exit


def _usage(error: typer.TyperException, *, json: bool) -> int:
    """A command line that means nothing: the message, and where the help is."""
    context: Any = getattr(error, "ctx", None)
    path = context.command_path if context is not None else PROGRAM
    message = error.format_message().rstrip()
    if type(error).__name__ == "NoArgsIsHelpError":
        # Its message is the whole help text.
        print(message, file=sys.stderr)
        return USAGE
    return fail("usage", message[:1].lower() + message[1:].rstrip("."), f"{path} --help", USAGE, json=json)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """The first time, clean up; whoever asks twice does not want to wait, and nothing depends on it."""
    for number in _STOPS:
        signal.signal(number, _give_up)
    raise KeyboardInterrupt


def _give_up(_number: int, _frame: FrameType | None) -> None:
    os._exit(FAILED)
