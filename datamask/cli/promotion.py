"""``promote`` and ``approve``: a snapshot one stage further, and whose yes that takes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from datamask.cli.options import Confirm, PolicyFile, SnapshotName, Workers
from datamask.cli.people import Name, Reason, SigningKey
from datamask.cli.verb import Call, Output, add_verb

REFUSED = 3

RequestName = Annotated[
    str, typer.Argument(metavar="REQUEST", help="A request's file, or the beginning of its id.")
]


def add_to(app: typer.Typer) -> None:
    """Add the verbs."""
    add_verb(
        app,
        "promote",
        promote,
        interrupted="interrupted; the environment is as it was before, or wholly replaced",
    )
    approve = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    add_verb(approve, "request", request)
    add_verb(approve, "policy", policy)
    add_verb(approve, "sign", sign)
    add_verb(approve, "revoke", revoke)
    add_verb(approve, "list", list_requests)
    add_verb(approve, "show", show)
    add_verb(approve, "new-key", new_key)
    app.add_typer(approve, name="approve", help="Ask for another person's approval, give it, take it back.")


def promote(
    call: Call,
    snapshot: SnapshotName,
    environment: Annotated[str, typer.Argument(metavar="ENV", help="The stage that it goes to.")],
    confirm: Confirm = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only ask the gates; write nothing.")] = False,
    workers: Workers = None,
) -> Output:
    """Load a snapshot into the next stage, if all gates of that stage pass.

    Every gate is listed with its verdict; exit code 3 where one refuses, and nothing was written. `load`
    goes through the same gates. SNAPSHOT may also be loaded:ENV, what that environment holds.
    """
    from datamask.cli.views.promotion import promotion_json, promotion_text
    from datamask.commands.promote import promote as command

    with call.progress() as progress:
        result = command(
            call.project,
            snapshot,
            environment,
            confirm=confirm,
            dry_run=dry_run,
            workers=workers,
            progress=progress,
        )
    text = promotion_text(result, call.style, verbose=call.verbose)
    return Output(promotion_json(result), text, REFUSED if result.refused else 0)


def request(
    call: Call,
    snapshot: SnapshotName,
    environment: Annotated[str, typer.Argument(metavar="ENV", help="The stage that it is to go to.")],
    name: Name,
    key: SigningKey,
    reason: Reason,
    days: Annotated[
        int, typer.Option("--days", metavar="N", min=1, max=90, help="How long request and approvals hold.")
    ] = 7,
) -> Output:
    """Ask that a snapshot may go into an environment, where its gates want approvals.

    The request holds for this snapshot, this environment and this plan alone.
    """
    from datamask.cli.views.approvals import asked_json, asked_text
    from datamask.commands.approve import ask_to_promote
    from datamask.config.secrets import parse_secret

    result = ask_to_promote(
        call.project,
        snapshot,
        environment,
        requester=name,
        reason=reason,
        valid=timedelta(days=days),
        signing_key=parse_secret(key, Path.cwd()),
    )
    return Output(asked_json(result), asked_text(result))


def policy(
    call: Call,
    environment: Annotated[str, typer.Argument(metavar="ENV", help="The source whose catalog counts.")],
    name: Name,
    key: SigningKey,
    reason: Reason,
    policy: PolicyFile = None,
    days: Annotated[
        int, typer.Option("--days", metavar="N", min=1, max=730, help="How long the approval holds.")
    ] = 365,
) -> Output:
    """Ask that a policy, as it compiles now, may mask an environment's data.

    Once enough people have signed, the plan stands in policies/approved.lock. Where the environment has
    `policy_approved: true` among its gates, a snapshot by any other plan is refused.
    """
    from datamask.cli.views.approvals import proposed_json, proposed_text
    from datamask.commands.approve_policy import ask_for_plan
    from datamask.config.secrets import parse_secret

    result = ask_for_plan(
        call.project,
        environment,
        policy=policy,
        requester=name,
        reason=reason,
        valid=timedelta(days=days),
        signing_key=parse_secret(key, Path.cwd()),
    )
    return Output(proposed_json(result), proposed_text(result, call.style))


def sign(
    call: Call,
    request: RequestName,
    name: Name,
    key: SigningKey,
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="By default beside the request.")
    ] = None,
) -> Output:
    """Approve another person's request, after you have read it (`approve show`).

    The approval holds for exactly this request and ends with it.
    """
    from datamask.cli.views.approvals import approved_json, approved_text
    from datamask.commands.approve import approve
    from datamask.config.secrets import parse_secret

    result = approve(call.project, request, approver=name, signing_key=parse_secret(key, Path.cwd()), out=out)
    return Output(approved_json(result), approved_text(result))


def revoke(call: Call, request: RequestName, name: Name, key: SigningKey, reason: Reason) -> Output:
    """End a request and all approvals of it; any of the approvers may."""
    from datamask.cli.views.approvals import revoked_json, revoked_text
    from datamask.commands.approve import revoke as command
    from datamask.config.secrets import parse_secret

    result = command(
        call.project, request, revoker=name, reason=reason, signing_key=parse_secret(key, Path.cwd())
    )
    return Output(revoked_json(result), revoked_text(result))


def list_requests(call: Call) -> Output:
    """List the project's requests, and where each stands."""
    from datamask.cli.views.approvals import list_json, list_text
    from datamask.commands.approvals import list_cases

    result = list_cases(call.project)
    return Output(list_json(result), list_text(result, call.style))


def show(call: Call, request: RequestName) -> Output:
    """Show a request: all that an approval of it is about."""
    from datamask.cli.views.approvals import show_json, show_text
    from datamask.commands.approvals import show_case

    result = show_case(call.project, request)
    return Output(show_json(result), show_text(result, call.style, verbose=call.verbose))


def new_key(
    call: Call,
    out: Annotated[
        Path, typer.Argument(metavar="FILE", help="Where the private half goes; it must not exist.")
    ],
) -> Output:
    """Make your signing key, and print its public half for `approvers:` in datamask.yaml."""
    from datamask.commands.approve import new_key as command

    result = command(out)
    call.message(f"the private half is in {result.path}: keep it to yourself")
    return Output({"public": result.public, "path": str(result.path)}, result.public)
