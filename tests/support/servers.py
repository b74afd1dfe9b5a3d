"""PostgreSQL servers that tests start for themselves."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from datamask.db.embedded import EmbeddedServer


def temporary_server(major: int | None = None) -> Iterator[EmbeddedServer]:
    """A running server of its own, gone afterwards."""
    # Not pytest's tmp_path: those folders are closed to the system user that runs the server for root.
    folder = Path(tempfile.mkdtemp(prefix="datamask-test-"))
    folder.chmod(0o755)
    server = EmbeddedServer(folder / "server", major=major)
    try:
        server.ensure_running()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder)
