"""``drift``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast

import typer

from datamask.cli.verb import Call, Output, add_verb
from datamask.errors import UsageError

if TYPE_CHECKING:
    # For annotations only: what these import would slow the other verbs down.
    from datamask.config.drift import LeastSeverity, OnDrift

DRIFT = 6


def add_to(app: typer.Typer) -> None:
    """Add the verb."""
    add_verb(app, "drift", drift)


def drift(
    call: Call,
    environment: Annotated[str, typer.Argument(metavar="ENV", help="What is compared; it is only read.")],
    against: Annotated[
        str | None,
        typer.Option(
            "--against",
            metavar="WHAT",
            help="An environment, a snapshot, a saved file, or baseline: what was loaded. That is the default, too.",
        ),
    ] = None,
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FILE", help="Write the environment's state as a baseline, and end."),
    ] = None,
    exclude: Annotated[
        list[str] | None,
        typer.Option(
            "--exclude", metavar="PATTERN", help="Leave objects out: public.tmp_*, function:audit.*."
        ),
    ] = None,
    ignore: Annotated[
        list[str] | None,
        typer.Option("--ignore", metavar="PATTERN", help="Leave attributes out: owner, comment."),
    ] = None,
    severity: Annotated[
        str | None,
        typer.Option("--severity", metavar="LEAST", help="The least that counts: error, warning or info."),
    ] = None,
    on_drift: Annotated[
        str | None,
        typer.Option("--on-drift", metavar="WHAT", help="fail: end with exit code 6. warn: only say so."),
    ] = None,
    ddl: Annotated[
        bool,
        typer.Option(
            "--ddl", help="Also print the SQL that would undo it, as comments: never to be run as it is."
        ),
    ] = False,
    data: Annotated[
        bool,
        typer.Option(
            "--data", help="Also compare rows: how many, shares of nulls and distinct values, distributions."
        ),
    ] = False,
    exact: Annotated[
        bool,
        typer.Option(
            "--exact", help="As --data, with rows counted, and compared one by one with what was loaded."
        ),
    ] = False,
) -> Output:
    """Compare an environment with its baseline, object by object.

    Exit code 6 where there is drift. Nothing is changed. Rows are read with --data and --exact alone, and none of
    their values is told.
    """
    from datamask.cli.views.drift import drift_json, drift_text, saved_json, saved_text
    from datamask.commands.drift import DriftRequest, save_baseline
    from datamask.commands.drift import drift as command
    from datamask.config.drift import LEAST_SEVERITIES, ON_DRIFT

    if save is not None:
        saved = save_baseline(call.project, environment, save)
        return Output(saved_json(saved), saved_text(saved, call.style))
    request = DriftRequest(
        against=against,
        exclude=tuple(exclude or ()),
        ignore=tuple(ignore or ()),
        severity=cast("LeastSeverity | None", _one_of("--severity", severity, LEAST_SEVERITIES)),
        on_drift=cast("OnDrift | None", _one_of("--on-drift", on_drift, ON_DRIFT)),
        ddl=ddl,
        data=data,
        exact=exact,
    )
    with call.progress() as progress:
        result = command(call.project, environment, request, progress=progress)
    text = drift_text(result, call.style, verbose=call.verbose)
    return Output(drift_json(result), text, DRIFT if result.failed else 0)


def _one_of(option: str, given: str | None, allowed: tuple[str, ...]) -> str | None:
    if given is not None and given not in allowed:
        raise UsageError(f"{option} must be one of {', '.join(allowed)}, not {given!r}")
    return given
