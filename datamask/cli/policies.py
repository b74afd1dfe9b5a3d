"""``discover``, ``check`` and ``preview``."""

from __future__ import annotations

from typing import Annotated

import typer

from datamask.cli.options import PolicyFile
from datamask.cli.verb import Call, Output, add_verb

_SOURCE = "By default the only protected environment."


def add_to(app: typer.Typer) -> None:
    """Add the verbs."""
    add_verb(app, "discover", discover)
    add_verb(app, "check", check)
    add_verb(app, "preview", preview)


def discover(
    call: Call,
    environment: Annotated[str | None, typer.Argument(metavar="ENV", help=_SOURCE)] = None,
    write: Annotated[
        bool, typer.Option("--write", help="Add the proposals to the classification file.")
    ] = False,
    no_values: Annotated[
        bool, typer.Option("--no-values", help="Judge by names and types alone; read no row.")
    ] = False,
) -> Output:
    """Propose a data class for every column that the classification does not name, as a diff."""
    from datamask.cli.views.check import discover_json, discover_text
    from datamask.commands.discover import discover_columns

    result = discover_columns(call.project, environment, write=write, sample=not no_values)
    return Output(discover_json(result), discover_text(result, call.style))


def check(
    call: Call,
    environment: Annotated[str | None, typer.Argument(metavar="ENV", help=_SOURCE)] = None,
    policy: PolicyFile = None,
) -> Output:
    """Compile the policy against the live catalog: every finding, no row read.

    Without --policy it is the environment's own, or every policy that other environments have. Exit code 4
    where a policy has errors.
    """
    from datamask.cli.views.check import check_json, check_text
    from datamask.commands.check import check as command

    result = command(call.project, environment, policy=policy)
    return Output(
        check_json(result),
        check_text(result, call.style, verbose=call.verbose),
        0 if result.complete else 4,
    )


def preview(
    call: Call,
    environment: Annotated[str, typer.Argument(metavar="ENV", help="Where the rows are read.")],
    table: Annotated[
        str, typer.Argument(metavar="TABLE", help="schema.table, or table where that is clear.")
    ],
    policy: PolicyFile = None,
    rows: Annotated[int, typer.Option("--rows", metavar="N", min=1, max=100, help="How many.")] = 5,
    show_originals: Annotated[
        bool, typer.Option("--show-originals", help="Print what the masked columns hold in the source.")
    ] = False,
    all_columns: Annotated[
        bool, typer.Option("--all-columns", help="Columns that pass unchanged, too.")
    ] = False,
) -> Output:
    """Show a few rows before and after masking; nothing is stored."""
    from datamask.cli.views.preview import preview_json, preview_text
    from datamask.commands.preview import preview as command

    result = command(
        call.project,
        environment,
        table,
        policy=policy,
        rows=rows,
        show_originals=show_originals,
        all_columns=all_columns,
    )
    return Output(preview_json(result), preview_text(result, call.style))
