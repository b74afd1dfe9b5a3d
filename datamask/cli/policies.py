"""``discover``, ``check`` and ``preview``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from datamask.cli.options import PolicyFile
from datamask.cli.verb import Call, Output, add_verb
from datamask.errors import UsageError
from datamask.report.json_text import dumps

_SOURCE = "By default the only protected environment."
_COVERAGE_ENDINGS = (".md", ".html")


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
    diff: Annotated[
        bool, typer.Option("--diff", help="Print the diff and nothing else, for `git apply` or a review.")
    ] = False,
) -> Output:
    """Propose a data class for every column that the classification does not name, as a diff.

    With -v it says why, and how sure it is. Values are looked at in memory and never shown.
    """
    from datamask.cli.views.check import discover_json, discover_text
    from datamask.commands.discover import discover_columns

    result = discover_columns(call.project, environment, write=write, sample=not no_values)
    text = result.diff if diff else discover_text(result, call.style, verbose=call.verbose)
    return Output(discover_json(result), text)


def check(
    call: Call,
    environment: Annotated[str | None, typer.Argument(metavar="ENV", help=_SOURCE)] = None,
    policy: PolicyFile = None,
    diff: Annotated[
        str | None,
        typer.Option(
            "--diff",
            metavar="OLD",
            help="Say what has changed since OLD: a policy file, or a git revision such as HEAD.",
        ),
    ] = None,
    try_samples: Annotated[
        bool,
        typer.Option(
            "--try",
            help="Also mask a few rows of each table and try the database's constraints on them, in a scratch database.",
        ),
    ] = False,
    coverage: Annotated[
        Path | None,
        typer.Option(
            "--coverage",
            metavar="FILE",
            help="Write what happens to every column to FILE, which ends in .md or .html.",
        ),
    ] = None,
    sarif: Annotated[bool, typer.Option("--sarif", help="Print SARIF 2.1.0, for code scanning.")] = False,
    github: Annotated[
        bool, typer.Option("--github", help="Print workflow commands, which annotate a pull request.")
    ] = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="End with 4 for warnings too, unless they are accepted.")
    ] = False,
) -> Output:
    """Compile the policy against the live catalog: every finding, no row read unless --try asks for it.

    Without --policy it is the environment's own, or every policy that other environments have. Exit code 4
    where a policy has errors.
    """
    from datamask.cli.views.check import check_json, check_text
    from datamask.cli.views.check_files import check_coverage, check_github, check_sarif
    from datamask.commands.check import check as command
    from datamask.commands.discover import write_text

    if sarif and github:
        raise UsageError("--sarif and --github cannot both be printed", hint="run check twice")
    if coverage is not None and coverage.suffix.lower() not in _COVERAGE_ENDINGS:
        raise UsageError(
            f"{coverage} must end in .md or .html", hint="its ending says how the coverage is written"
        )
    result = command(call.project, environment, policy=policy, compare_with=diff, try_samples=try_samples)
    if coverage is not None:
        write_text(coverage, check_coverage(result, coverage))
        call.message(f"coverage written to {coverage}")
    if try_samples and not result.complete:
        call.message("policies with errors are not tried")
    code = 0 if result.complete and not (strict and result.warnings) else 4
    if sarif:
        log = check_sarif(result)
        return Output(log, dumps(log), code)
    text = (
        check_github(result, notes=call.verbose)
        if github
        else check_text(result, call.style, verbose=call.verbose)
    )
    return Output(check_json(result), text, code)


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
