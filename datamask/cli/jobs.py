"""``run``, ``runs``, ``schedule`` and ``status``."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from datamask.cli.verb import Call, Output, add_verb
from datamask.errors import UsageError
from datamask.report.problem import problem_text
from datamask.report.style import style_for

if TYPE_CHECKING:
    from datamask.monitoring.events import Listener
    from datamask.progress import Progress

_INTERRUPTED = "interrupted; the run is recorded as such"

JobName = Annotated[str, typer.Argument(metavar="JOB", help="A job of datamask.yaml.")]


class RunsGroup(TyperGroup):
    """``runs`` alone lists: ``runs nightly`` is ``runs list nightly``."""

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Put the missing word in."""
        if not args or args[0] not in (*self.commands, *ctx.help_option_names):
            args = ["list", *args]
        return super().parse_args(ctx, args)


def add_to(app: typer.Typer) -> None:
    """Add the verbs."""
    add_verb(app, "run", run, interrupted=_INTERRUPTED)
    group = typer.Typer(cls=RunsGroup, rich_markup_mode=None)
    add_verb(group, "list", list_)
    add_verb(group, "show", show)
    app.add_typer(group, name="runs", help="List what jobs did (runs [JOB]); show one run step by step.")
    add_verb(app, "status", status)
    add_verb(app, "schedule", schedule)


def run(
    call: Call,
    job: JobName,
    start_from: Annotated[
        str | None,
        typer.Option("--from", metavar="STEP", help="Begin with this step: its number, or its verb."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would be done.")] = False,
    due: Annotated[
        bool, typer.Option("--due", help="Only where its last time was missed (catch_up: once).")
    ] = False,
    any_time: Annotated[bool, typer.Option("--any-time", help="Also outside of the job's window.")] = False,
    log_format: Annotated[
        str | None,
        typer.Option("--log-format", metavar="FORMAT", help="text, or json for one JSON object a line."),
    ] = None,
) -> Output:
    """Run a job's steps, one after the other, until one fails.

    The exit code is that of the step that failed. One run of a job goes on at a time. Each run is recorded:
    datamask runs shows them.
    """
    from datamask.cli.views.jobs import failure, not_due_json, plan_json, plan_text, result_json, result_text
    from datamask.commands.run import NotDue, plan_run, run_job

    if dry_run:
        plan = plan_run(call.project, job, start_from=start_from)
        return Output(plan_json(plan), plan_text(plan, call.style))
    with _listening(call, log_format) as (progress, listen):
        result = run_job(
            call.project,
            job,
            start_from=start_from,
            due=due,
            any_time=any_time,
            progress=progress,
            listen=listen,
        )
    if isinstance(result, NotDue):
        return Output(not_due_json(result), f"job {result.job} was not run: {result.reason}")
    ended = result.run
    if ended.state != "succeeded":
        message = f"job {ended.job} {failure(ended)}"
        print(problem_text(message, result.hint, style_for(sys.stderr)), file=sys.stderr, flush=True)
    code = 1 if ended.exit_code is None else ended.exit_code
    return Output(result_json(result), result_text(result, call.style), code)


@contextmanager
def _listening(call: Call, log_format: str | None) -> Iterator[tuple[Progress, Listener]]:
    """Where a run tells what it does."""
    from datamask.config.settings import LOG_FORMATS
    from datamask.monitoring.events import JsonLines
    from datamask.report.run_lines import RunLines

    if log_format is not None and log_format not in LOG_FORMATS:
        raise UsageError(
            f"there is no log format {log_format!r}", hint=f"it is one of {', '.join(LOG_FORMATS)}"
        )
    # Who asks for a format wants the log, also of a job that is else quiet.
    if log_format == "json" or (
        log_format is None and call.project.settings.log == "json" and not call.options.quiet
    ):
        lines = JsonLines(sys.stderr)
        yield lines, lines
        return
    with call.progress() as progress:
        yield progress, RunLines(progress)


def list_(
    call: Call,
    job: Annotated[str | None, typer.Argument(metavar="JOB", help="By default all jobs.")] = None,
    count: Annotated[int, typer.Option("--last", metavar="N", min=1, help="How many runs.")] = 20,
) -> Output:
    """List the newest runs."""
    from datamask.cli.views.jobs import history_json, history_text
    from datamask.commands.runs import list_runs

    result = list_runs(call.project, job, limit=count)
    for warning in result.warnings:
        call.message(f"warning: {warning}")
    return Output(history_json(result), history_text(result, call.style))


def show(
    call: Call,
    run: Annotated[
        str, typer.Argument(metavar="RUN", help="A run's id, a unique beginning of one, or latest.")
    ],
) -> Output:
    """Show a run step by step."""
    from datamask.cli.views.jobs import run_json, run_text
    from datamask.commands.runs import show_run

    result = show_run(call.project, run)
    return Output(run_json(result), run_text(result, call.style))


def status(
    call: Call,
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="A job or an environment; by default all jobs.")
    ] = None,
    max_age: Annotated[
        str | None,
        typer.Option("--max-age", metavar="TIME", help="How old the last success may be: 26h, 7d."),
    ] = None,
) -> Output:
    """Tell whether jobs and environments are fresh. Exit code 1 where one is not.

    A job is fresh where its last run succeeded, and that was not too long ago; an environment, where it was loaded not
    too long ago. Only the registry is asked.
    """
    from datamask.cli.views.jobs import status_json, status_text
    from datamask.commands.status import status as command
    from datamask.config.durations import parse_duration

    length = parse_duration(max_age) if max_age is not None else None
    if max_age is not None and length is None:
        raise UsageError(
            f"--max-age must be a length of time, not {max_age!r}",
            hint="write it like 26h; units: s, m, h, d, w",
        )
    result = command(call.project, name, max_age=length.total_seconds() if length else None)
    for warning in result.warnings:
        call.message(f"warning: {warning}")
    return Output(status_json(result), status_text(result, call.style), 0 if result.healthy else 1)


def schedule(
    call: Call,
    job: JobName,
    scheduler: Annotated[
        str, typer.Option("--as", metavar="SCHEDULER", help="cron, systemd, kubernetes, github or airflow.")
    ],
    user: Annotated[
        str | None, typer.Option("--user", metavar="NAME", help="Who runs it; by default you.")
    ] = None,
    image: Annotated[
        str | None, typer.Option("--image", metavar="IMAGE", help="A container image with datamask in it.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FOLDER", help="Write the files there, besides.")
    ] = None,
) -> Output:
    """Print the files that make a scheduler run a job when it is due."""
    from datamask.cli.views.jobs import units_json, units_text
    from datamask.commands.schedule import schedule as command

    result = command(call.project, job, scheduler, user=user, image=image, out=out)
    return Output(units_json(result), units_text(result))
