"""Clones of one golden, for one test after the other: while one test runs, the next one's is made."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import replace
from itertools import count

from datamask.commands import branches
from datamask.commands.branch import split_name
from datamask.commands.project import Project
from datamask.db.conninfo import with_database
from datamask.errors import DatamaskError, RefusedError
from datamask.load.branches import database_of
from datamask.load.clone import clone
from datamask.load.marks import NO_MARKS
from datamask.load.names import branch_name, golden_name
from datamask.load.server import open_server
from datamask.progress import Silent
from datamask.testing.database import MaskedDatabase

# Should the tests be killed, `datamask env expire` drops their databases after this.
TIME_TO_LIVE = "6h"


class Clones:
    """Databases for the tests of one process. A context manager: at its end all of them are gone.

    They are branches of the environment, so that `datamask env list` shows what a killed run has left and
    `datamask env expire` drops it.

    :param base: the branch of all tests of the process together, such as ``dev/pytest-1``; unique among those that
        use the server at a time. A golden that is missing is built first.
    :raises RefusedError: where a guard rail refuses, or the environment keeps no golden.
    """

    def __init__(self, project: Project, base: str) -> None:
        self._name = base
        created = branches.create(project, base, ttl=TIME_TO_LIVE, progress=Silent(), output=False)
        self._snapshot = created.load.manifest.id
        self._conninfo = project.conninfo(project.environment(base))
        self._database = database_of(project.conninfo(project.environment(split_name(base)[0])))
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="datamask clones")
        self._numbers = count(1)
        self._next: Future[str] | None = None
        with ExitStack() as stack:
            stack.callback(branches.drop, project, base)
            self._server = stack.enter_context(open_server(self._conninfo))
            stack.callback(self._thread.shutdown)
            stack.callback(self._drop_next)
            info = self._server.database(created.database)
            self._marks = info.marks if info is not None else NO_MARKS
            # The base holds the same, so that nobody drops the golden meanwhile.
            self._template = golden_name(self._snapshot, self._marks.recipe or "")
            if self._server.database(self._template) is None:
                raise RefusedError(
                    f"environment {split_name(base)[0]} keeps no golden that tests could have clones of",
                    hint="it takes `golden: true`, and a role that may create databases",
                )
            self._next = self._thread.submit(self._make)
            self._closing = stack.pop_all()

    @property
    def base(self) -> MaskedDatabase:
        """A database for all tests of the process together."""
        return self._described(self._conninfo)

    def take(self) -> MaskedDatabase:
        """A fresh clone; give it back by :meth:`drop`."""
        assert self._next is not None
        name = self._next.result()
        self._next = self._thread.submit(self._make)
        return self._described(with_database(self._conninfo, name))

    def drop(self, database: MaskedDatabase) -> None:
        """Drop a clone, whoever is still connected to it; nothing waits for that."""
        self._thread.submit(self._drop, database.name)

    def close(self) -> None:
        """Drop all that is left."""
        self._closing.close()

    def __enter__(self) -> Clones:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _drop_next(self) -> None:
        if self._next is not None:
            with suppress(DatamaskError):
                self._drop(self._next.result())

    def _make(self) -> str:
        branch = f"{self._name}-{next(self._numbers)}"
        name = branch_name(self._database, split_name(branch)[1] or "")
        clone(self._server, self._template, name)
        self._server.mark(name, replace(self._marks, environment=branch), comment=None)
        return name

    def _drop(self, name: str) -> None:
        with suppress(DatamaskError):
            self._server.drop(name)

    def _described(self, conninfo: str) -> MaskedDatabase:
        return MaskedDatabase(conninfo, database_of(conninfo), self._snapshot)
