"""A project around a small shop, as its user has it: configured, with one snapshot, targets adopted."""

from __future__ import annotations

import itertools
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.command_line import KEY, CommandLine

from datamask.db.embedded import EmbeddedServer
from datamask.db.session import connect
from datamask.demo.shop import create_shop

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def shop(server: EmbeddedServer) -> str:
    """A production database that no test writes to."""
    url = server.ensure_database("acceptance_shop")
    with connect(url) as session:
        create_shop(session, megabytes=0.2)
    return url


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that the embedded server's user can enter too, which pytest's own are not."""
    path = Path(tempfile.mkdtemp(prefix="datamask-acceptance-"))
    path.chmod(0o755)
    yield path
    shutil.rmtree(path, ignore_errors=True)


@pytest.fixture
def new_folder(folder: Path, shop: str) -> CommandLine:
    """An empty folder, with production's address in a variable."""
    return CommandLine(folder, {"DATAMASK_KEY": KEY, "PRODUCTION_URL": shop})


@pytest.fixture(scope="session")
def prepared(shop: str) -> Iterator[Path]:
    """A project with one snapshot, to be copied."""
    path = Path(tempfile.mkdtemp(prefix="datamask-acceptance-"))
    run = CommandLine(path, {"DATAMASK_KEY": KEY, "PRODUCTION_URL": shop})
    run.ok("init", "--project", "shop")
    # Its own server would take seconds in each test; one test has it.
    run.edit("datamask.yaml", "url: embedded ", "url: env:DEV_URL ")
    run.ok("snapshot", "production", "--policy", "policies/staging.yaml")
    yield path
    shutil.rmtree(path)


@pytest.fixture
def project(prepared: Path, folder: Path, shop: str, server: EmbeddedServer) -> CommandLine:
    """A copy of that project, with targets of its own that do not exist yet."""
    shutil.copytree(prepared, folder, dirs_exist_ok=True)
    number = next(_numbers)
    postgres = server.ensure_running()
    targets = {
        f"{name.upper()}_URL": postgres.replace("dbname=postgres", f"dbname={name}_{number}")
        for name in ("staging", "dev")
    }
    return CommandLine(folder, {"DATAMASK_KEY": KEY, "PRODUCTION_URL": shop, **targets})


@pytest.fixture
def adopted(project: CommandLine) -> CommandLine:
    """The same with an adopted dev that holds one table of its own."""
    project.ok("env", "adopt", "dev", "--create")
    with connect(project.environ["DEV_URL"]) as session:
        session.script("create table public.mine (n int); insert into public.mine values (1)")
    return project
