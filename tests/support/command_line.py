"""The program as a user types it: a process of its own, in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .forked import forked

# A hanging command must not hang the tests.
TIMEOUT = 120.0

KEY = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"


def clean_environ() -> dict[str, str]:
    """This process's environment without what would point datamask or PostgreSQL's programs elsewhere."""
    ours = ("DATAMASK_", "PG", "PRODUCTION_URL", "STAGING_URL", "DEV_URL", "NO_COLOR", "COLUMNS")
    return {name: value for name, value in os.environ.items() if not name.startswith(ours)}


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> dict[str, Any]:
        """What ``--json`` printed: one object and nothing else."""
        found = json.loads(self.out)
        assert isinstance(found, dict)
        return found

    @property
    def message(self) -> str:
        """The failure, ``error:`` and ``hint:`` lines and all, without what came before it."""
        return self.err[self.err.index("error: ") :].strip()


@dataclass
class CommandLine:
    """Runs ``datamask`` in a folder.

    :param environ: variables besides the process's own.
    """

    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: object, given: str = "", **environ: str) -> Done:
        """Run it to its end, however it ends.

        :param given: what it reads from its standard input.
        """
        given_environ = {**clean_environ(), **self.environ, **environ}
        if "PYTHONPATH" not in given_environ:
            words = list(map(str, arguments))
            return Done(
                *forked().run(words, folder=self.folder, environ=given_environ, given=given, timeout=TIMEOUT)
            )
        # Other modules than those that were imported before.
        process = self.start(*arguments, environ=environ)
        out, err = process.communicate(given, timeout=TIMEOUT)
        return Done(process.returncode, out, err)

    def ok(self, *arguments: object, given: str = "", **environ: str) -> Done:
        """Run it; it must succeed."""
        done = self(*arguments, given=given, **environ)
        assert done.code == 0, done.err + done.out
        return done

    def start(
        self, *arguments: object, environ: Mapping[str, str] | None = None, prefix: Sequence[str] = ()
    ) -> subprocess.Popen[str]:
        """Start it and come back at once.

        :param prefix: a program that starts it, such as ``prlimit``, with its options.
        """
        return subprocess.Popen(
            [*prefix, sys.executable, "-m", "datamask", *map(str, arguments)],
            cwd=self.folder,
            env={**clean_environ(), **self.environ, **(environ or {})},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace text in a file of the project; it must be there."""
        path = self.folder / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def append(self, file: str, text: str) -> None:
        """Add text to a file of the project."""
        with (self.folder / file).open("a", encoding="utf-8") as out:
            out.write(text)
