"""``snapshot`` and ``snapshots``."""

from __future__ import annotations

import sys
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
    add_verb(group, "delete", delete)
    add_verb(group, "prune", prune)
    app.add_typer(group, name="snapshots", help="List, show, verify, delete and prune snapshots.")


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
) -> Output:
    """Take a masked snapshot and publish it in the store.

    All tables are read as of one instant. Whatever goes wrong, nothing is published.
    """
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
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only tell what would go.")] = False,
) -> Output:
    """Delete old snapshots; the newest of each policy always stays."""
    from datamask.cli.views.snapshots import pruning_json, pruning_text
    from datamask.commands.snapshots import prune_snapshots

    result = prune_snapshots(call.project, keep=keep, keep_days=keep_days, dry_run=dry_run)
    return Output(pruning_json(result), pruning_text(result, call.style))
