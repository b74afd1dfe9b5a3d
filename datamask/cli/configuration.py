"""``config``."""

from __future__ import annotations

from typing import Annotated

import typer

from datamask.cli.verb import Call, Output, add_verb


def add_to(app: typer.Typer) -> None:
    """Add the verbs."""
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    add_verb(group, "explain", explain)
    add_verb(group, "validate", validate)
    add_verb(group, "schema", schema)
    app.add_typer(
        group,
        name="config",
        help="Show every effective setting and its origin; check the files.",
    )


def explain(
    call: Call,
    key: Annotated[
        str | None, typer.Argument(metavar="KEY", help="Only what begins so, such as environments.dev.")
    ] = None,
) -> Output:
    """Show every effective setting, its value, and the layer and line that it comes from.

    Secrets are shown as the references that they are.
    """
    from datamask.cli.views.configuration import explanation_json, explanation_text
    from datamask.commands.config import explain as command

    result = command(call.project.settings, key)
    return Output(explanation_json(result), explanation_text(result, call.style))


def validate(call: Call) -> Output:
    """Check datamask.yaml, the files over it and the variables; connect to nothing."""
    settings = call.project.settings
    names = list(settings.environments)
    text = f"{settings.file} is fine: {', '.join(names)}"
    return Output({"file": str(settings.file), "environments": names}, text)


def schema(
    call: Call,  # noqa: ARG001
    kind: Annotated[
        str, typer.Argument(metavar="KIND", help="configuration, policy or classification.")
    ] = "configuration",
) -> Output:
    """Print a JSON Schema, from which editors complete and check a file while it is typed.

    Put `# yaml-language-server: $schema=FILE` at the top of the YAML file.
    """
    from datamask.commands.config import json_schema
    from datamask.report.json_text import dumps

    found = json_schema(kind)
    return Output(found, dumps(found))
