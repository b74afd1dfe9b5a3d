"""``generate``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datamask.cli.options import Confirm, Workers
from datamask.cli.verb import Call, Output, add_verb


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    add_verb(app, "generate", generate, interrupted="interrupted; nothing was published")


def generate(
    call: Call,
    environment: Annotated[
        str | None, typer.Argument(metavar="ENV", help="Whose schema to fill; no row of it is read.")
    ] = None,
    schema: Annotated[
        str | None, typer.Option("--schema", metavar="SNAPSHOT", help="The schema of a snapshot instead.")
    ] = None,
    rows: Annotated[
        str | None,
        typer.Option(
            "--rows",
            metavar="ROWS",
            help="A number for all tables, TABLE=ROWS,TABLE=4/PARENT, or a recipe file.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Equal seeds give equal rows.")] = 0,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Write typed Parquet files there.")
    ] = None,
    into: Annotated[
        str | None, typer.Option("--into", metavar="ENV", help="Load the rows into this environment.")
    ] = None,
    profile: Annotated[
        str | None,
        typer.Option(
            "--profile", metavar="SNAPSHOT", help="Rows like those of a snapshot, or of a profile's file."
        ),
    ] = None,
    save_profile: Annotated[
        Path | None, typer.Option("--save-profile", metavar="FILE", help="Write the profile there, as .json.")
    ] = None,
    scale: Annotated[
        float,
        typer.Option("--scale", metavar="X", min=0, help="With --profile: rows for each row there was."),
    ] = 1.0,
    confirm: Confirm = None,
    workers: Workers = None,
) -> Output:
    """Make synthetic rows for every table that keep every constraint.

    They become a snapshot of policy `synthetic` in the store, which `load` puts into environments that accept it.
    """
    from datamask.cli.views.generate import generation_json, generation_text
    from datamask.commands.generate import generate as command

    with call.progress() as progress:
        result = command(
            call.project,
            environment,
            schema=schema,
            rows=rows,
            seed=seed,
            out=out,
            into=into,
            confirm=confirm,
            profile=profile,
            save_profile=save_profile,
            scale=scale,
            workers=workers,
            progress=progress,
        )
    return Output(generation_json(result), generation_text(result, call.style, verbose=call.verbose))
