"""``audit`` and ``reveal``: who did what, and what takes two people to be seen."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from datamask.cli.options import PolicyFile
from datamask.cli.people import Name, Reason, SigningKey
from datamask.cli.verb import Call, Output, add_verb

RequestFile = Annotated[Path, typer.Argument(metavar="REQUEST", help="The request's file.")]


def add_to(app: typer.Typer) -> None:
    """Add the verbs."""
    audit = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    add_verb(audit, "log", audit_log)
    add_verb(audit, "verify", audit_verify)
    add_verb(audit, "rotate", audit_rotate)
    app.add_typer(audit, name="audit", help="Show the audit log; prove that it is whole.")
    reveal = typer.Typer(no_args_is_help=True, rich_markup_mode=None)
    add_verb(reveal, "request", reveal_request)
    add_verb(reveal, "values", reveal_values)
    app.add_typer(reveal, name="reveal", help="Turn pseudonyms back, with a second person's approval.")


def audit_log(
    call: Call,
    count: Annotated[int, typer.Option("--last", metavar="N", min=1, help="How many records.")] = 20,
) -> Output:
    """Show the newest records of the audit log."""
    from datamask.cli.views.accountability import log_json, log_text
    from datamask.commands.audit import last_records

    records = last_records(call.project, count)
    return Output(log_json(records), log_text(records))


def audit_verify(
    call: Call,
    head: Annotated[
        str | None,
        typer.Option(
            "--head", metavar="HASH", help="The hash of a record that must be there, noted earlier."
        ),
    ] = None,
    anchor: Annotated[
        Path | None,
        typer.Option(
            "--anchor",
            metavar="FILE",
            help="Where hashes were noted; by default audit.anchor of datamask.yaml.",
        ),
    ] = None,
    after: Annotated[
        str | None,
        typer.Option(
            "--after", metavar="HASH", help="The hash of the last record that was taken away on purpose."
        ),
    ] = None,
) -> Output:
    """Check that no record of the audit log was changed, removed or moved.

    Exit code 5 where one was. Note the hash that it prints in another place: with --head a later check
    also finds a log that was cut off or written anew. An anchor does that by itself.
    """
    from datamask.cli.views.accountability import check_json, check_text
    from datamask.commands.audit import verify_audit

    result = verify_audit(call.project, head, anchor=anchor, after=after)
    return Output(check_json(result), check_text(result, call.style), 5 if result.breach else 0)


def audit_rotate(call: Call) -> Output:
    """Let the audit log go on in a new file; the chain goes on with it."""
    from datamask.cli.views.accountability import rotated_json, rotated_text
    from datamask.commands.audit import rotate_audit

    result = rotate_audit(call.project)
    return Output(rotated_json(result), rotated_text(result))


def reveal_request(
    call: Call,
    environment: Annotated[str, typer.Argument(metavar="ENV", help="The source whose catalog counts.")],
    column: Annotated[str, typer.Argument(metavar="COLUMN", help="schema.table.column")],
    name: Name,
    key: SigningKey,
    reason: Reason,
    policy: PolicyFile = None,
    days: Annotated[
        int, typer.Option("--days", metavar="N", min=1, max=30, help="How long the request holds.")
    ] = 1,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="Where the request goes.")] = Path(
        "reveal-request.json"
    ),
) -> Output:
    """Ask to turn pseudonyms of one column back. Somebody else has to approve it."""
    from datamask.cli.views.accountability import request_json, request_text
    from datamask.commands.reveal import ask
    from datamask.config.secrets import parse_secret

    result = ask(
        call.project,
        environment,
        column,
        policy=policy,
        requester=name,
        reason=reason,
        valid=timedelta(days=days),
        signing_key=parse_secret(key, Path.cwd()),
        out=out,
    )
    return Output(request_json(result), request_text(result))


def reveal_values(
    call: Call,
    request: RequestFile,
    approval: Annotated[Path, typer.Option("--approval", metavar="FILE", help="The approval's file.")],
    masking_key: Annotated[
        str | None,
        typer.Option(
            "--masking-key", metavar="REF", help="The key that they were made with, after a rotation."
        ),
    ] = None,
) -> Output:
    """Read pseudonyms from stdin, a line each, and print the originals.

    Each call is written into the audit log before it begins: who asked, who approved, why, how many values.
    """
    from datamask.commands.reveal import reveal
    from datamask.config.secrets import parse_secret

    result = reveal(
        call.project,
        request,
        approval,
        sys.stdin,
        key=parse_secret(masking_key, Path.cwd()) if masking_key else None,
    )
    data = {"request": result.request.id, "approver": result.approver, "originals": list(result.originals)}
    return Output(data, "\n".join(result.originals))
