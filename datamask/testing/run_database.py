"""One database for several worker processes: whoever comes first makes it."""

from __future__ import annotations

import fcntl
from pathlib import Path

from datamask.commands import branches
from datamask.commands.project import Project
from datamask.load.branches import database_of
from datamask.load.server import open_server
from datamask.progress import Silent
from datamask.testing.clones import TIME_TO_LIVE
from datamask.testing.database import MaskedDatabase


def shared_database(project: Project, name: str, lock: Path) -> MaskedDatabase:
    """The branch of that name; made by one process while the others wait.

    :param lock: a file in a folder that all of them see.
    """
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        conninfo = project.conninfo(project.environment(name))
        with open_server(conninfo) as server:
            there = server.database(server.target)
        if there is None:
            created = branches.create(project, name, ttl=TIME_TO_LIVE, progress=Silent(), output=False)
            snapshot = created.load.manifest.id
        else:
            snapshot = there.marks.snapshot or ""
    return MaskedDatabase(conninfo, database_of(conninfo), snapshot)


def drop_shared(project: Project, name: str) -> None:
    """Drop it, once no worker is left."""
    branches.drop(project, name)
