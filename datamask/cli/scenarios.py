"""``seed``."""

from __future__ import annotations

from typing import Annotated

import typer

from datamask.cli.options import Confirm, Workers
from datamask.cli.verb import Call, Output, add_verb
from datamask.errors import UsageError


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    add_verb(
        app, "seed", seed, interrupted="interrupted; the environment is as it was before, or wholly seeded"
    )


def seed(
    call: Call,
    environment: Annotated[
        str | None, typer.Argument(metavar="ENV", help="The environment whose data is replaced.")
    ] = None,
    scenario: Annotated[
        str | None, typer.Argument(metavar="SCENARIO", help="A file of fixtures/scenarios, without .yaml.")
    ] = None,
    check: Annotated[
        bool,
        typer.Option("--check", help="Only see whether it fits the environment, and ask its expectations."),
    ] = False,
    show: Annotated[bool, typer.Option("--list", help="List the project's scenarios.")] = False,
    tag: Annotated[
        str | None, typer.Option("--tag", metavar="TAG", help="With --list: only those with this tag.")
    ] = None,
    confirm: Confirm = None,
    workers: Workers = None,
) -> Output:
    """Put a scenario's data into an environment: masked rows, generated ones, and those that tests name.

    Seeding it again brings the same data back, as fast as a reset. `datamask reset` goes back to the snapshot alone.
    """
    from datamask.cli.views import seed as views
    from datamask.commands import seed as commands

    if show:
        found = commands.listed(call.project, tag)
        return Output(views.list_json(found), views.list_text(found, call.style))
    if environment is None or scenario is None:
        raise UsageError(
            "seed what, with which scenario?",
            hint="datamask seed ENV SCENARIO; datamask seed --list shows them",
        )
    if check:
        checked = commands.check(call.project, environment, scenario)
        return Output(views.check_json(checked), views.check_text(checked, call.style))
    with call.progress() as progress:
        result = commands.seed(
            call.project,
            environment,
            scenario,
            confirm=confirm,
            workers=workers,
            progress=progress,
            output=not call.options.quiet,
        )
    return Output(views.seed_json(result), views.seed_text(result, call.style))
