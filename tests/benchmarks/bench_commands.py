"""How long the commands take that people wait for: ``--help``, and ``check`` on a database of 500 tables.

    python tests/benchmarks/bench_commands.py

Whole processes, medians of five, beside a Python that does nothing.
"""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from datamask.db.embedded import EmbeddedServer
from datamask.db.session import connect

_RUNS = 5
_TABLES = 500


def main() -> None:
    """Run the benchmark."""
    folder = Path(tempfile.mkdtemp(prefix="datamask-bench-"))
    # The system user that runs the server for root must get in.
    folder.chmod(0o755)
    server = EmbeddedServer(folder / "server")
    try:
        source = server.ensure_database("wide")
        with connect(source) as session:
            for number in range(_TABLES):
                session.script(_table(number))
        project = folder / "project"
        project.mkdir()
        os.environ.update(PRODUCTION_URL=source, DATAMASK_KEY="benchmark" * 8)
        program = [sys.executable, "-m", "datamask"]
        rows = [
            ("python -c pass", [sys.executable, "-c", "pass"]),
            ("datamask --help", [*program, "--help"]),
            (
                f"datamask init, {_TABLES} tables",
                [*program, "init", "--force", "--source", "env:PRODUCTION_URL"],
            ),
            (f"datamask check, {_TABLES} tables", [*program, "check", "production"]),
        ]
        for name, command in rows:
            print(f"{name:34}{_median(command, project):8.2f} s", flush=True)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _table(number: int) -> str:
    columns = ", ".join(f"c{position} text" for position in range(12))
    return (
        f"create table public.t{number} (id bigint primary key, parent_id bigint references "
        f"public.t{number // 2}, email varchar(80) unique, full_name text not null, phone text, "
        f"created_at timestamptz not null, {columns})"
    )


def _median(command: list[str], folder: Path) -> float:
    seconds = []
    for _ in range(_RUNS):
        begun = time.perf_counter()
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        seconds.append(time.perf_counter() - begun)
    return statistics.median(seconds)


if __name__ == "__main__":
    main()
