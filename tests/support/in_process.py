"""The program without a process of its own: the same interface at a fraction of the time."""

from __future__ import annotations

import contextlib
import io
import os
from dataclasses import dataclass
from unittest.mock import patch

from .command_line import CommandLine, Done, clean_environ


@dataclass
class InProcess(CommandLine):
    """Runs ``datamask`` in a folder, inside of this process: for what is about results, not about processes."""

    def __call__(self, *arguments: object, **environ: str) -> Done:
        """Run it to its end, however it ends."""
        from datamask.cli.app import build_app

        out, err = io.StringIO(), io.StringIO()
        with (
            patch.dict(os.environ, {**clean_environ(), **self.environ, **environ}, clear=True),
            contextlib.chdir(self.folder),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = build_app()([*map(str, arguments)], prog_name="datamask", standalone_mode=False)
        return Done(int(code or 0), out.getvalue(), err.getvalue())
