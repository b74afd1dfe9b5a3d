"""What a fresh database costs a test: ``python tests/benchmarks/bench_clones.py [--megabytes 50] [--tests 20]``.

Makes a shop of that size on a private PostgreSQL, masks it, and takes one clone after the other as the plugin does:
once with nothing to do in between, and once with tests of 0.2 s, while which the next clone is made.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from datamask.commands.project import open_project
from datamask.db.embedded import EmbeddedServer
from datamask.db.session import connect
from datamask.demo.shop import create_shop
from datamask.testing.clones import Clones


def main() -> None:
    """Print the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=50)
    parser.add_argument("--tests", type=int, default=20)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="datamask-clones-") as name:
        folder = Path(name)
        # The server's user must get in.
        folder.chmod(0o755)
        server = EmbeddedServer(folder / "server")
        try:
            production = server.ensure_database("production")
            with connect(production) as session:
                create_shop(session, megabytes=options.megabytes / 2)
            os.environ |= {"PRODUCTION_URL": production, "DEV_URL": server.ensure_database("dev")}
            os.environ["DATAMASK_KEY"] = "benchmark" * 8
            project = folder / "project"
            project.mkdir()
            run(project, "init")
            text = (project / "datamask.yaml").read_text()
            (project / "datamask.yaml").write_text(text.replace("url: embedded ", "url: env:DEV_URL "))
            run(project, "snapshot", "production", "--policy", "policies/staging.yaml")
            run(project, "env", "adopt", "dev")
            run(project, "load", "latest:staging", "dev")
            measure(project, options.tests)
        finally:
            server.stop()


def measure(project: Path, tests: int) -> None:
    """Take clones, and time it."""
    with Clones(open_project(project / "datamask.yaml"), f"dev/bench-{os.getpid()}") as clones:
        with connect(clones.base.conninfo) as session:
            size = session.value("select pg_database_size(current_database())")
        print(f"database: {size / 1e6:.0f} MB")
        for what, pause in (("one after the other", 0.0), ("tests of 0.2 s", 0.2)):
            seconds = []
            for _ in range(tests):
                begun = time.perf_counter()
                database = clones.take()
                seconds.append(time.perf_counter() - begun)
                time.sleep(pause)
                clones.drop(database)
            print(
                f"{what:20} median {statistics.median(seconds) * 1e3:6.1f} ms, most {max(seconds) * 1e3:6.1f} ms"
            )


def run(project: Path, *arguments: str) -> None:
    """Run a command of datamask's in the project."""
    subprocess.run([sys.executable, "-m", "datamask", *arguments, "--quiet"], cwd=project, check=True)


if __name__ == "__main__":
    main()
