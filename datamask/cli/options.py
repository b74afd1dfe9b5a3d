"""Options and arguments that several verbs share."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

PolicyFile = Annotated[
    Path | None,
    typer.Option("--policy", "-p", metavar="FILE", help="The policy file, instead of the environment's own."),
]
Confirm = Annotated[
    str | None,
    typer.Option("--confirm", metavar="NAME", help="Repeat the environment's name; a shared one needs it."),
]
Workers = Annotated[
    int | None,
    typer.Option("--workers", metavar="N", min=1, max=1024, help="Processes that work at once."),
]
SnapshotName = Annotated[
    str,
    typer.Argument(metavar="SNAPSHOT", help="An id, a unique beginning of one, latest or latest:ENV."),
]


@dataclass(frozen=True, slots=True)
class Options:
    """What every verb takes, before or after its name.

    :param json: print one JSON object instead of text.
    :param config: the configuration file, None to look for it.
    """

    json: bool = False
    config: Path | None = None
    quiet: bool = False
    verbose: bool = False

    def joined(self, other: Options) -> Options:
        """Both, where an option may stand in either place."""
        return Options(
            self.json or other.json,
            other.config or self.config,
            self.quiet or other.quiet,
            self.verbose or other.verbose,
        )


Json = Annotated[bool, typer.Option("--json", help="Print one JSON object, and nothing else on stdout.")]
Config = Annotated[
    Path | None,
    typer.Option(
        "--config",
        "-c",
        metavar="FILE",
        help="The configuration; by default datamask.yaml here or in a folder above.",
    ),
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress and no messages.")]
Verbose = Annotated[bool, typer.Option("--verbose", "-v", help="Details, such as the time of each phase.")]

COMMON: dict[str, Any] = {"json": Json, "config": Config, "quiet": Quiet, "verbose": Verbose}
"""Annotations of the fields of ``Options``, as parameters of a verb; ``Options()`` has the defaults."""
