"""``snapshot`` and ``snapshots``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from datamask.cli.options import PolicyFile, SnapshotName, Workers
from datamask.cli.verb import Call, Output, add_verb
from datamask.errors import RefusedError


def add_to(app: typer.Typer) -> None:
    """Add the verbs."""
    add_verb(app, "snapshot", snapshot, interrupted="interrupted; nothing was published")
    group = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    add_verb(group, "list", list_)
    add_verb(group, "show", show)
    add_verb(group, "verify", verify)
    add_verb(group, "diff", diff)
    add_verb(group, "export", export, interrupted="interrupted; nothing was written")
    add_verb(group, "import", import_, interrupted="interrupted; nothing was imported")
    add_verb(group, "delete", delete)
    add_verb(group, "prune", prune)
    app.add_typer(
        group, name="snapshots", help="List, show, verify, compare, carry, delete and prune snapshots."
    )


def snapshot(
    call: Call,
    environment: Annotated[str, typer.Argument(metavar="ENV", help="The source; it is only read.")],
    policy: PolicyFile = None,
    workers: Workers = None,
    max_rows: Annotated[
        float | None, typer.Option("--max-rows", metavar="N", min=1, help="Read at most N rows a second.")
    ] = None,
    max_megabytes: Annotated[
        float | None,
        typer.Option("--max-mb", metavar="N", min=0.1, help="Read at most N megabytes a second."),
    ] = None,
    try_samples: Annotated[
        bool | None,
        typer.Option(
            "--try/--no-try",
            show_default=False,
            help="First try the database's constraints on a few masked rows of each table.",
        ),
    ] = None,
) -> Output:
    """Take a masked snapshot and publish it in the store.

    All tables are read as of one instant. Whatever goes wrong, nothing is published.
    """
    from datamask.commands.workers import expect_workers

    expect_workers()
    from datamask.cli.views.snapshots import taken_json, taken_text
    from datamask.commands.snapshot import snapshot as command

    with call.progress() as progress:
        result = command(
            call.project,
            environment,
            policy=policy,
            workers=workers,
            max_rows_per_second=max_rows,
            max_megabytes_per_second=max_megabytes,
            try_samples=try_samples,
            progress=progress,
        )
    return Output(taken_json(result), taken_text(result, call.style, verbose=call.verbose))


def list_(call: Call) -> Output:
    """List the store's snapshots, the newest first."""
    from datamask.cli.views.snapshots import listing_json, listing_text
    from datamask.commands.snapshots import list_snapshots

    result = list_snapshots(call.project)
    return Output(listing_json(result), listing_text(result, call.style))


def show(call: Call, snapshot: SnapshotName) -> Output:
    """Show what a snapshot holds, table by table."""
    from datamask.cli.views.snapshots import shown_json, shown_text
    from datamask.commands.snapshots import show_snapshot

    result = show_snapshot(call.project, snapshot)
    return Output(shown_json(result), shown_text(result, call.style, verbose=call.verbose))


def verify(call: Call, snapshot: SnapshotName) -> Output:
    """Compare every file of a snapshot with its checksum. Exit code 5 where one is damaged."""
    from datamask.cli.views.snapshots import verification_json, verification_text
    from datamask.commands.snapshots import verify_snapshot

    result = verify_snapshot(call.project, snapshot)
    return Output(verification_json(result), verification_text(result, call.style), 5 if result.damage else 0)


def diff(
    call: Call,
    before: Annotated[str, typer.Argument(metavar="BEFORE", help="The first snapshot, as for `show`.")],
    after: Annotated[str, typer.Argument(metavar="AFTER", help="The second one.")],
) -> Output:
    """Show what differs between two snapshots: schema, masking and numbers of rows. No row is read."""
    from datamask.cli.views.transfer import difference_json, difference_text
    from datamask.commands.snapshots import diff_snapshots

    result = diff_snapshots(call.project, before, after)
    return Output(difference_json(result), difference_text(result, call.style))


def export(
    call: Call,
    snapshot: SnapshotName,
    target: Annotated[
        Path,
        typer.Argument(metavar="TARGET", help="A new file that ends with .tar, or a folder: then a store."),
    ],
) -> Output:
    """Write a snapshot to one file, or into a folder, to carry it elsewhere. Every checksum is compared."""
    from datamask.cli.views.transfer import exported_text, transferred_json
    from datamask.commands.transfer import export_snapshot

    with call.progress() as progress:
        result = export_snapshot(call.project, snapshot, target, progress=progress)
    return Output(transferred_json(result), exported_text(result, call.style))


def import_(
    call: Call,
    path: Annotated[
        Path, typer.Argument(metavar="PATH", help="An exported file, or the folder of a snapshot.")
    ],
    digest: Annotated[
        str | None,
        typer.Option("--digest", metavar="SHA256", help="Refuse any snapshot but the one of this digest."),
    ] = None,
) -> Output:
    """Publish an exported snapshot in this project's store. Every checksum is compared before it is visible."""
    from datamask.cli.views.transfer import imported_text, transferred_json
    from datamask.commands.transfer import import_snapshot

    with call.progress() as progress:
        result = import_snapshot(call.project, path, digest=digest, progress=progress)
    return Output(transferred_json(result), imported_text(result, call.style))


def delete(
    call: Call,
    snapshot: Annotated[str, typer.Argument(metavar="SNAPSHOT", help="An id, or a unique beginning of one.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
) -> Output:
    """Delete a snapshot. It asks on a terminal, and wants --yes elsewhere."""
    from datamask.commands.snapshots import delete_snapshot, find_id

    found = find_id(call.project, snapshot)
    if not yes:
        _ask(found)
    delete_snapshot(call.project, found)
    return Output({"deleted": found}, f"snapshot {found} is deleted")


def _ask(snapshot_id: str) -> None:
    question = f"delete snapshot {snapshot_id} for good?"
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise RefusedError(f"{question} nobody is there to ask", hint="add --yes")
    if not typer.confirm(question, err=True):
        raise RefusedError("nothing was deleted")


def prune(
    call: Call,
    keep: Annotated[
        int | None, typer.Option("--keep", metavar="N", min=1, help="Keep the newest N of each policy.")
    ] = None,
    keep_days: Annotated[
        float | None,
        typer.Option("--keep-days", metavar="D", min=0, help="Keep what is younger than D days."),
    ] = None,
    keep_daily: Annotated[
        int, typer.Option("--keep-daily", metavar="N", min=0, help="Keep the newest of each of N days.")
    ] = 0,
    keep_weekly: Annotated[
        int, typer.Option("--keep-weekly", metavar="N", min=0, help="Keep the newest of each of N weeks.")
    ] = 0,
    keep_monthly: Annotated[
        int, typer.Option("--keep-monthly", metavar="N", min=0, help="Keep the newest of each of N months.")
    ] = 0,
    grace: Annotated[
        float,
        typer.Option(
            "--grace",
            metavar="H",
            min=0.1,
            help="Hours of silence after which an unfinished snapshot is dead.",
        ),
    ] = 24.0,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would go.")] = False,
) -> Output:
    """Delete old snapshots, and what killed ones left; the newest of each policy always stays.

    So does what an environment holds. Rules add up: a snapshot stays where any of them keeps it.
    """
    from datamask.cli.views.snapshots import pruning_json, pruning_text
    from datamask.commands.snapshots import prune_snapshots
    from datamask.jobs.retention import Keep

    result = prune_snapshots(
        call.project,
        keep=keep,
        keep_days=keep_days,
        rules=Keep(daily=keep_daily, weekly=keep_weekly, monthly=keep_monthly),
        grace_hours=grace,
        dry_run=dry_run,
    )
    return Output(pruning_json(result), pruning_text(result, call.style))
