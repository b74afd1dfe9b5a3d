"""``transform``: ``list``, ``show`` and ``test``."""

from __future__ import annotations

from typing import Annotated

import typer

from datamask.cli.verb import Call, Output, add_verb

BROKEN = 5


def add_to(app: typer.Typer) -> None:
    """Add the verbs."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    add_verb(group, "list", list_all)
    add_verb(group, "show", show)
    add_verb(group, "test", try_laws)
    app.add_typer(group, name="transform", help="What transforms there are, and whether their laws hold.")


def list_all(call: Call) -> Output:
    """List every transform: datamask's own, and those of installed packages."""
    from datamask.cli.views.transforms import list_json, list_text
    from datamask.commands.transforms import list_transforms

    result = list_transforms()
    return Output(list_json(result), list_text(result, call.style))


def show(
    call: Call,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The transform's name.")],
) -> Output:
    """Show what a transform does: parameters, laws, an example made with a key that is no secret."""
    from datamask.cli.views.transforms import show_json, show_text
    from datamask.commands.transforms import show_transform

    result = show_transform(name)
    return Output(show_json(result), show_text(result, call.style))


def try_laws(
    call: Call,
    target: Annotated[
        str | None,
        typer.Argument(
            metavar="[FILE|NAME]",
            help="A Python file with masking functions, or a transform; by default all of them.",
        ),
    ] = None,
    params: Annotated[
        str | None, typer.Option("--params", metavar="JSON", help="Parameters, as a JSON object.")
    ] = None,
    values: Annotated[
        int,
        typer.Option("--values", metavar="N", min=1, help="Different values that injectivity is tried on."),
    ] = 10_000,
) -> Output:
    """Try the laws of transforms on made-up values; exit code 5 where one is broken.

    No database is read. The same value must give the same result in any company, another key another one; NULL,
    lengths, uniqueness and characters must be as the transform declares.
    """
    from datamask.cli.views.transforms import trials_json, trials_text
    from datamask.commands.transforms import try_transforms

    result = try_transforms(target, params=params, values=values)
    return Output(
        trials_json(result),
        trials_text(result, call.style, verbose=call.verbose or target is not None),
        BROKEN if result.broken else 0,
    )
