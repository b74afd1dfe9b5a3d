"""A PostgreSQL server for the whole test session, and a fresh database for whoever asks."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator

import pytest
from hypothesis import settings
from support.servers import temporary_server

from datamask.db.embedded import EmbeddedServer

# A deadline for one example says more about the machine than about the code.
# Each run draws others, so that fewer a run find the same in the end.
settings.register_profile("quick", deadline=None, max_examples=50)
settings.register_profile("all", deadline=None)
settings.load_profile(os.environ.get("TEST_EXAMPLES", "quick"))

DatabaseFactory = Callable[[], str]


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
