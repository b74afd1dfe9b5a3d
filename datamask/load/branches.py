"""Databases of branches: made beside their environment's own, found by its name and by their own mark.

A database counts as a branch's only where its name follows from the environment's and its mark says the branch's:
neither alone is enough to be dropped.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from datamask.db.conninfo import conninfo_parts, with_database
from datamask.errors import RefusedError, UsageError
from datamask.load.clone import database_bytes
from datamask.load.golden import drop_unused
from datamask.load.marks import Marks
from datamask.load.names import branch_name, next_name, previous_name, spare_name
from datamask.load.server import DatabaseInfo, Server


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch's database as it is.

    :param name: ``dev/my-branch``.
    :param bytes: its size on disk, None where the role may not know.
    """

    name: str
    database: str
    marks: Marks
    bytes: int | None = None

    def expired(self, now: datetime) -> bool:
        """True where its time is over; one without a time never expires.

        A time that cannot be read is none: what is dropped has to say so clearly.
        """
        return self.expires is not None and self.expires <= now

    @property
    def expires(self) -> datetime | None:
        """When it may be dropped."""
        try:
            found = datetime.fromisoformat(self.marks.expires or "")
        except ValueError:
            return None
        return found if found.tzinfo is not None else None


def database_of(conninfo: str) -> str:
    """The database that an environment's address names.

    :raises UsageError: where it names none, and libpq would choose one.
    """
    parts = conninfo_parts(conninfo)
    name = parts.get("dbname") or parts.get("user")
    if not name:
        raise UsageError(
            "the environment's url names no database", hint="branches are named after it: add it"
        )
    return name


def branch_conninfo(conninfo: str, branch: str) -> str:
    """The address of a branch's database, from its environment's."""
    return with_database(conninfo, branch_name(database_of(conninfo), branch))


def branches(server: Server, environment: str) -> list[Branch]:
    """The branches of the environment whose database the server's address names, by name."""
    found = []
    for info in server.databases().values():
        name = info.marks.environment or ""
        if _is_branch(server.target, environment, info):
            found.append(Branch(name, info.name, info.marks, database_bytes(server, info.name)))
    return sorted(found, key=lambda branch: branch.name)


def extend(server: Server, environment: str, branch: str, expires: str | None) -> Branch:
    """Give a branch another time; None for no end.

    :raises RefusedError: where there is no such branch.
    """
    info = _require(server, environment, branch)
    with server.lock(
        f"datamask environment {info.name}", what=f"environment {info.marks.environment}", deadline=0
    ):
        marks = replace(info.marks, expires=expires)
        server.mark(info.name, marks, comment=info.comment)
    return Branch(marks.environment or "", info.name, marks)


def drop(
    server: Server, environment: str, branch: str, *, expired_at: datetime | None = None
) -> Branch | None:
    """Drop a branch's database, and what loads have left beside it.

    :param expired_at: drop it only if its time is over by then, which is looked at once more under its lock.
    :returns: None where it has been given more time meanwhile.
    :raises RefusedError: where there is no such branch, or somebody works on it.
    """
    name = branch_name(server.target, branch)
    with server.lock(f"datamask environment {name}", what=f"environment {environment}/{branch}", deadline=0):
        info = _require(server, environment, branch)
        found = Branch(f"{environment}/{branch}", info.name, info.marks)
        if expired_at is not None and not found.expired(expired_at):
            return None
        # The branch last: were this killed, it would still be there to be dropped.
        for derived in (spare_name, previous_name, next_name):
            server.drop(derived(name))
        server.drop(name)
        drop_unused(server)
    return found


def _require(server: Server, environment: str, branch: str) -> DatabaseInfo:
    name = branch_name(server.target, branch)
    info = server.database(name)
    if info is None:
        raise RefusedError(
            f"there is no branch {environment}/{branch}", hint="datamask env list shows those there are"
        )
    if info.marks.environment != f"{environment}/{branch}":
        raise RefusedError(
            f"database {name} does not say that it is {environment}/{branch}, so it is left alone",
            hint="another branch's name may give the same database name: datamask env list shows them",
        )
    return info


def _is_branch(database: str, environment: str, info: DatabaseInfo) -> bool:
    parent, slash, branch = (info.marks.environment or "").partition("/")
    return bool(slash) and parent == environment and info.name == branch_name(database, branch)
