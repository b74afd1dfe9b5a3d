"""``load``, ``reset`` and ``env``."""

from __future__ import annotations

from typing import Annotated

import typer

from datamask.cli import branches
from datamask.cli.options import Confirm, SnapshotName, Workers
from datamask.cli.verb import Call, Output, add_verb
from datamask.config.reset import STRATEGIES, Strategy
from datamask.errors import RefusedError, UsageError
from datamask.suggest import did_you_mean

_INTERRUPTED = "interrupted; the environment is as it was before, or wholly replaced"

Target = Annotated[str, typer.Argument(metavar="ENV", help="The environment whose data is replaced.")]
HowToReplace = Annotated[
    str | None,
    typer.Option(
        "--strategy", metavar="HOW", help="auto, clone, build or in-place, instead of the configured one."
    ),
]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Say what would happen, and change nothing.")]
Embedded = Annotated[str | None, typer.Argument(metavar="ENV", help="By default all embedded ones.")]


def add_to(app: typer.Typer) -> None:
    """Add the verbs."""
    add_verb(app, "load", load, interrupted=_INTERRUPTED)
    add_verb(app, "reset", reset, interrupted=_INTERRUPTED)
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    add_verb(group, "status", status)
    add_verb(group, "up", up)
    add_verb(group, "down", down)
    add_verb(group, "adopt", adopt)
    branches.add_to(group)
    app.add_typer(
        group, name="env", help="Environments: where they are, embedded servers, branches for developers."
    )


def load(
    call: Call,
    snapshot: SnapshotName,
    environment: Target,
    confirm: Confirm = None,
    workers: Workers = None,
    strategy: HowToReplace = None,
    dry_run: DryRun = False,
) -> Output:
    """Load a snapshot into an environment, which then holds it wholly, or is as it was."""
    if dry_run:
        return _previewed(call, environment, snapshot, confirm, strategy)
    from datamask.commands.workers import expect_workers

    expect_workers()
    from datamask.cli.views.load import load_json, load_text
    from datamask.commands.load import load as command

    with call.progress() as progress:
        result = command(
            call.project,
            snapshot,
            environment,
            confirm=confirm,
            workers=workers,
            strategy=_strategy(strategy),
            progress=progress,
            output=not call.options.quiet,
        )
    return Output(load_json(result), load_text(result, call.style, verbose=call.verbose))


def reset(
    call: Call,
    environment: Target,
    confirm: Confirm = None,
    workers: Workers = None,
    undo: Annotated[
        bool,
        typer.Option("--undo", help="Bring back what the last load or reset replaced (keep_previous: true)."),
    ] = False,
    strategy: HowToReplace = None,
    dry_run: DryRun = False,
) -> Output:
    """Bring an environment back to its baseline: what was loaded last, else what is configured."""
    if dry_run and not undo:
        return _previewed(call, environment, None, confirm, strategy)
    from datamask.cli.views.load import load_json, load_text, undo_json, undo_text
    from datamask.commands.load import reset as command
    from datamask.commands.load import undo as undo_command

    if undo:
        if dry_run or strategy:
            raise UsageError("--undo takes neither --dry-run nor --strategy")
        undone = undo_command(call.project, environment, confirm=confirm)
        return Output(undo_json(undone), undo_text(undone, call.style))
    with call.progress() as progress:
        result = command(
            call.project,
            environment,
            confirm=confirm,
            workers=workers,
            strategy=_strategy(strategy),
            progress=progress,
            output=not call.options.quiet,
        )
    return Output(load_json(result), load_text(result, call.style, verbose=call.verbose))


def _strategy(given: str | None) -> Strategy | None:
    if given is None:
        return None
    if given not in STRATEGIES:
        raise UsageError(
            f"there is no strategy {given!r}", hint=did_you_mean(given, STRATEGIES) or ", ".join(STRATEGIES)
        )
    return given


def _previewed(
    call: Call, environment: str, snapshot: str | None, confirm: str | None, strategy: str | None
) -> Output:
    from datamask.cli.views.load_preview import preview_json, preview_text
    from datamask.commands.load_preview import preview_load

    result = preview_load(
        call.project, environment, reference=snapshot, confirm=confirm, strategy=_strategy(strategy)
    )
    exit_code = RefusedError.exit_code if result.found.refused else 0
    return Output(preview_json(result), preview_text(result, call.style), exit_code)


def status(
    call: Call,
    environment: Annotated[str | None, typer.Argument(metavar="ENV", help="By default all of them.")] = None,
) -> Output:
    """Show where environments are, what state they are in, and what they hold."""
    from datamask.cli.views.environments import status_json, status_text
    from datamask.commands.env import status as command

    result = command(call.project, environment)
    return Output(status_json(result), status_text(result, call.style))


def up(
    call: Call,
    environment: Embedded = None,
    show_url: Annotated[
        bool, typer.Option("--show-url", help="Print the address for applications, password included.")
    ] = False,
) -> Output:
    """Start the embedded PostgreSQL and make its environments' databases."""
    from datamask.cli.views.environments import up_json, up_text
    from datamask.commands.env import up as command

    result = command(call.project, environment, show_url=show_url)
    return Output(up_json(result), up_text(result, call.style))


def down(call: Call) -> Output:
    """Stop the embedded PostgreSQL; its data stays."""
    from datamask.cli.views.environments import down_text
    from datamask.commands.env import down as command

    stopped = command(call.project)
    return Output({"stopped": stopped}, down_text(stopped, call.style))


def adopt(
    call: Call,
    environment: Annotated[str, typer.Argument(metavar="ENV", help="The environment that the database is.")],
    create: Annotated[
        bool, typer.Option("--create", help="Make an empty database where there is none.")
    ] = False,
) -> Output:
    """Mark a database as an environment's, once: loads and resets may then replace it."""
    from datamask.cli.views.environments import adoption_json, adoption_text
    from datamask.commands.env import adopt as command

    result = command(call.project, environment, create=create)
    return Output(adoption_json(result), adoption_text(result, call.style))
