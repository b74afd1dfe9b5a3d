"""``env create``, ``list``, ``extend``, ``expire`` and ``drop``: branches of an environment."""

from __future__ import annotations

from typing import Annotated

import typer

from datamask.cli.options import Workers
from datamask.cli.verb import Call, Output, add_verb

Name = Annotated[str, typer.Argument(metavar="ENV/NAME", help="The branch, such as dev/my-branch.")]
Parent = Annotated[
    str | None, typer.Argument(metavar="ENV", help="Whose branches; by default those of all environments.")
]


def add_to(group: typer.Typer) -> None:
    """Add the verbs to ``env``."""
    add_verb(group, "create", create, interrupted="interrupted; there is no such branch, or it is whole")
    add_verb(group, "list", listed)
    add_verb(group, "extend", extend)
    add_verb(group, "expire", expire)
    add_verb(group, "drop", drop)


def create(
    call: Call,
    name: Name,
    origin: Annotated[
        str | None,
        typer.Option(
            "--from",
            metavar="ENV",
            help="Whose snapshot it gets, or which one; by default its environment's.",
        ),
    ] = None,
    ttl: Annotated[
        str | None, typer.Option("--ttl", metavar="TIME", help="How long it is needed: 12h, 7d, 2w.")
    ] = None,
    workers: Workers = None,
) -> Output:
    """Make a database of one's own beside an environment's: a branch, with the same masked data."""
    from datamask.cli.views.branches import created_json, created_text
    from datamask.commands.branches import create as command

    with call.progress() as progress:
        result = command(
            call.project,
            name,
            origin=origin,
            ttl=ttl,
            workers=workers,
            progress=progress,
            output=not call.options.quiet,
        )
    return Output(created_json(result), created_text(result, call.style))


def listed(call: Call, environment: Parent = None) -> Output:
    """List branches: what they hold, how large they are, and when they may be dropped."""
    from datamask.cli.views.branches import list_json, list_text
    from datamask.commands.branches import listed as command

    result = command(call.project, environment)
    return Output(list_json(result), list_text(result, call.style))


def extend(
    call: Call,
    name: Name,
    ttl: Annotated[str, typer.Option("--ttl", metavar="TIME", help="From now on: 12h, 7d, 2w.")],
) -> Output:
    """Give a branch another time, counted from now."""
    from datamask.cli.views.branches import branch_json, extended_text
    from datamask.commands.branches import extend as command

    result = command(call.project, name, ttl)
    return Output(branch_json(result), extended_text(result, call.style))


def expire(
    call: Call,
    environment: Parent = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say which ones would be dropped, and drop none.")
    ] = False,
) -> Output:
    """Drop the branches whose time is over, and nothing else."""
    from datamask.cli.views.branches import expiry_json, expiry_text
    from datamask.commands.branches import expire as command

    result = command(call.project, environment, dry_run=dry_run)
    return Output(expiry_json(result), expiry_text(result, call.style))


def drop(call: Call, name: Name) -> Output:
    """Drop a branch's database."""
    from datamask.cli.views.branches import branch_json, dropped_text
    from datamask.commands.branches import drop as command

    result = command(call.project, name)
    return Output(branch_json(result), dropped_text(result, call.style))
