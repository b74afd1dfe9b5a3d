"""The pytest plugin: fixtures that give tests databases of masked data.

Installed with datamask and found by pytest; it costs nothing until a test asks for one of its fixtures.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from datamask.testing.clones import Clones
    from datamask.testing.database import MaskedDatabase

_CONFIG, _ENVIRONMENT = "datamask_config", "datamask_environment"

# By worker: the branch that all of them share, which the controller drops at the end.
_SHARED = "datamask_shared"
_shared_branches = pytest.StashKey[set[str]]()
_run = pytest.StashKey[str]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """What a project says in its pytest configuration."""
    parser.addini(
        _CONFIG, "the datamask.yaml to use, relative to the root folder; by default as for `datamask`"
    )
    parser.addini(_ENVIRONMENT, "the environment whose baseline tests get", default="dev")


@pytest.fixture(scope="session")
def _datamask_clones(request: pytest.FixtureRequest) -> Iterator[Clones]:
    from datamask.testing.clones import Clones

    worker = getattr(request.config, "workerinput", {}).get("workerid", "main")
    with Clones(_project(request.config), _branch(request.config, worker)) as clones:
        yield clones


@pytest.fixture
def masked_database(_datamask_clones: Clones) -> Iterator[MaskedDatabase]:
    """A database of its own for one test: a fresh clone of what `datamask reset` would bring back."""
    database = _datamask_clones.take()
    yield database
    _datamask_clones.drop(database)


@pytest.fixture(scope="session")
def masked_database_of_worker(_datamask_clones: Clones) -> MaskedDatabase:
    """One database for all tests of a process; with pytest-xdist each worker has its own."""
    return _datamask_clones.base


@pytest.fixture(scope="session")
def masked_database_of_run(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> MaskedDatabase:
    """One database for all tests of a run, whichever worker they run in: for tests that only read."""
    from datamask.testing.run_database import shared_database

    config = request.config
    worker = getattr(config, "workerinput", None)
    # Workers have a folder each, side by side.
    base = tmp_path_factory.getbasetemp()
    folder = base if worker is None else base.parent
    branch = _branch(config, "shared")
    config.stash.setdefault(_shared_branches, set()).add(branch)
    return shared_database(_project(config), branch, folder / "datamask.lock")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """A worker tells the controller what to drop; whoever is none drops it."""
    config = session.config
    branches: set[str] = config.stash.get(_shared_branches, set())
    output: dict[str, Any] | None = getattr(config, "workeroutput", None)
    if output is not None:
        output[_SHARED] = sorted(branches)
    elif branches:
        from datamask.testing.run_database import drop_shared

        for branch in sorted(branches):
            drop_shared(_project(config), branch)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:  # noqa: ARG001 - pytest-xdist's names
    """Note what a worker has told."""
    told = getattr(node, "workeroutput", {}).get(_SHARED, ())
    node.config.stash.setdefault(_shared_branches, set()).update(told)


def _project(config: pytest.Config) -> Any:
    from datamask.commands.project import open_project

    named = config.getini(_CONFIG)
    return open_project(config.rootpath / named if named else _nearest(config.rootpath))


def _nearest(root: Path) -> Path | None:
    """The project's own file, wherever pytest was started; None to look as the command line does."""
    file = root / "datamask.yaml"
    return file if file.is_file() and "DATAMASK_CONFIG" not in os.environ else None


def _branch(config: pytest.Config, part: str) -> str:
    """A branch of the environment that no other run on the server has at the same time."""
    worker: dict[str, Any] = getattr(config, "workerinput", {})
    run = str(worker["testrunuid"])[:12] if worker else config.stash.setdefault(_run, os.urandom(6).hex())
    return f"{config.getini(_ENVIRONMENT)}/pytest-{run}-{part}"
