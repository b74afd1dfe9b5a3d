"""A PostgreSQL server for the whole test session, and a fresh database for whoever asks."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from datamask.db.embedded import EmbeddedServer

DatabaseFactory = Callable[[], str]


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


@pytest.fixture(scope="session")
def server() -> Iterator[EmbeddedServer]:
    """One server a test process, the newest version that is installed."""
    yield from temporary_server()


@pytest.fixture(scope="session")
def server16() -> Iterator[EmbeddedServer]:
    """The oldest installed version, for what differs between versions."""
    yield from temporary_server(16)


_numbers = itertools.count(1)


@pytest.fixture
def database(server: EmbeddedServer) -> DatabaseFactory:
    """Call it for the connection string of a fresh empty database."""
    return lambda: server.ensure_database(f"test_{next(_numbers)}")
