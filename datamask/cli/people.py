"""Options of verbs that a person signs."""

from __future__ import annotations

from typing import Annotated

import typer

Name = Annotated[
    str, typer.Option("--as", metavar="NAME", help="Who you are among the approvers of datamask.yaml.")
]
SigningKey = Annotated[
    str,
    typer.Option("--key", metavar="REF", help="Your signing key: file:PATH, env:NAME, keyring:SERVICE/NAME."),
]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it stays in the audit log.")]
