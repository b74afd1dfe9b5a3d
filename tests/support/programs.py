"""PostgreSQL's client programs, as the installed package brings them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from datamask.db.binaries import server_programs


def program(name: str, major: int | None = None) -> Path:
    """The path of a client program, of the newest version by default."""
    return server_programs(major)[1] / name


def run(name: str, *arguments: str, stdin: bytes | None = None, major: int | None = None) -> str:
    """Run a client program and give its output; its messages are in the error where it fails."""
    done = subprocess.run(
        [program(name, major), *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        env={**os.environ, "PGOPTIONS": "-c client_min_messages=warning"},
    )
    if done.returncode != 0:
        raise RuntimeError(f"{name} ended with {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode()


def run_sql(url: str, *scripts: bytes) -> None:
    """Run SQL scripts by psql, one session each; the first error ends it."""
    for script in scripts:
        run("psql", "-qX", "-v", "ON_ERROR_STOP=1", "-o", os.devnull, "-d", url, stdin=script)
