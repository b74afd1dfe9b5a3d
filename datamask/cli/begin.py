"""``demo``, ``init``, ``doctor`` and ``key``."""

from __future__ import annotations

import sys
from contextlib import nullcontext, redirect_stdout
from pathlib import Path
from typing import Annotated

import typer

from datamask.cli.verb import Call, Output, add_verb


def add_to(app: typer.Typer) -> None:
    """Add the verbs."""
    add_verb(app, "demo", demo)
    add_verb(app, "init", init)
    add_verb(app, "doctor", doctor)
    keys = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    add_verb(keys, "new", key_new)
    add_verb(keys, "id", key_id)
    add_verb(keys, "rotate", key_rotate)
    app.add_typer(keys, name="key", help="Make a masking key; tell which one is in use; rotate it.")


def demo(
    call: Call,
    folder: Annotated[
        Path, typer.Option("--folder", metavar="FOLDER", help="Where the demo's project is made.")
    ] = Path("datamask-demo"),
) -> Output:
    """Show the whole story on a private PostgreSQL."""
    from datamask.demo.story import run_demo

    # With --json the story is a message, and the result is all that stdout gets.
    with redirect_stdout(sys.stderr) if call.options.json else nullcontext():
        run_demo(folder, quiet=call.options.quiet)
    return Output({"folder": str(folder.absolute())}, "")


def init(
    call: Call,
    source: Annotated[
        str,
        typer.Option(
            "--source",
            metavar="REF",
            help="The database to begin with: env:NAME, or an address without password.",
        ),
    ] = "env:PRODUCTION_URL",
    project: Annotated[
        str | None,
        typer.Option("--project", metavar="NAME", help="The project's name, by default the folder's."),
    ] = None,
    folder: Annotated[
        Path, typer.Option("--folder", metavar="FOLDER", help="Where the project is made.")
    ] = Path(),
    force: Annotated[bool, typer.Option("--force", help="Replace files that are there.")] = False,
) -> Output:
    """Set a project up from a live database: configuration, classification, policies.

    The database is only read: its catalog, and a few hundred values of each text column to tell what they
    are. No value is printed or kept.
    """
    from datamask.cli.views.check import init_json, init_text
    from datamask.commands.init import init as command

    call.message(f"looking at {source} …")
    result = command(folder, source=source, project=project, force=force)
    exit_code = 4 if any(policy.errors for policy in result.policies) else 0
    return Output(init_json(result), init_text(result, call.style, verbose=call.verbose), exit_code)


def doctor(
    call: Call,
    environment: Annotated[str | None, typer.Argument(metavar="ENV", help="By default all of them.")] = None,
) -> Output:
    """See whether everything works: environments, rights, tools, key, store.

    Exit code 1 where something keeps datamask from working.
    """
    from datamask.cli.views.environments import examination_json, examination_text
    from datamask.commands.doctor import examine

    result = examine(call.project, environment)
    return Output(examination_json(result), examination_text(result, call.style), 0 if result.healthy else 1)


def key_new(call: Call) -> Output:
    """Print a new random masking key. It is kept nowhere: put it into a secret store."""
    from datamask.cli.views.environments import new_key_json
    from datamask.commands.key import make_key

    result = make_key()
    call.message(f"key id {result.key_id}; without this key no snapshot can use the same pseudonyms again")
    return Output(new_key_json(result), result.key)


def key_id(call: Call) -> Output:
    """Print the id of the masking key in use, a fingerprint that says nothing about the key."""
    from datamask.cli.views.environments import key_id_json
    from datamask.commands.key import key_in_use

    result = key_in_use(call.project)
    return Output(key_id_json(result), result.key_id)


def key_rotate(call: Call) -> Output:
    """Put a new masking key in the place of the one in use, and keep the old one beside it.

    From the next snapshot on every pseudonym is another. With a file: or keyring: reference the key is
    stored; else it is printed, to be put where the configuration looks for it.
    """
    from datamask.cli.views.accountability import rotation_json, rotation_text
    from datamask.commands.key import rotate_key

    result = rotate_key(call.project)
    if result.key is not None:
        call.message(
            f"nothing was stored: put this key, {result.new_id}, where {result.reference} finds it, "
            f"and keep the old one, {result.old_id}"
        )
    return Output(rotation_json(result), rotation_text(result))
