"""Where a scratch database can be made for a trial, and that it is gone afterwards."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from datamask.commands.project import Project
from datamask.config.settings import Environment
from datamask.db.conninfo import build_conninfo, conninfo_parts, with_database
from datamask.db.embedded import EmbeddedServer
from datamask.db.quoting import quote_identifier
from datamask.db.session import Session, connect
from datamask.errors import DatabaseError, DatamaskError
from datamask.load.server import open_server

# In front of the time when it was made, in hexadecimal, and random letters.
_PREFIX = "datamask_trial_"

# Trials take seconds. What is older was left behind by one that was killed.
_STALE_SECONDS = 3600

# Who owns scratch databases on the embedded server: what a schema brings along runs without a superuser's rights.
_ROLE = "datamask_trial"

_STATEMENT_SECONDS = 30


@dataclass(frozen=True, slots=True)
class ScratchDatabase:
    """An empty database that is gone when the trial is over.

    :param place: as it is told: ``a scratch database of the embedded PostgreSQL 18``.
    :param session: of the role that owns it.
    :param extender: of a role that may create extensions, where there is another one.
    """

    place: str
    session: Session
    extender: Session


Place = Callable[[int], AbstractContextManager[ScratchDatabase]]
"""Makes a scratch database for a source of that major version.

Raises a DatamaskError where that cannot be: not installed, too old, out of reach, without the right to.
"""


def scratch_places(project: Project, policy: Path) -> tuple[Place, ...]:
    """Where a policy's results can be tried, the best first.

    The embedded PostgreSQL, then the servers of the environments that the policy is for.
    """
    targets = [
        environment
        for environment in project.settings.environments.values()
        if environment.tier != "protected"
        and not environment.embedded
        and environment.policy is not None
        and environment.policy.resolve() == policy.resolve()
    ]
    embedded = any(environment.embedded for environment in project.settings.environments.values())
    return (
        partial(on_embedded, project.embedded_server(), embedded),
        *(partial(_on_target, project, environment) for environment in targets),
    )


@contextmanager
def on_embedded(server: EmbeddedServer, keep_running: bool, source_major: int) -> Iterator[ScratchDatabase]:
    """A scratch database on an embedded server, which is started for it; a ``Place`` once server and flag are given.

    :param keep_running: leave the server running that was started.
    """
    ran = server.status().running
    conninfo = server.ensure_running()
    try:
        with connect(conninfo) as keeper:
            _require(keeper, source_major, "the embedded PostgreSQL")
            _ensure_role(keeper)
            with _database(keeper, owner=_ROLE) as name:
                as_owner = build_conninfo({**conninfo_parts(conninfo), "dbname": name, "user": _ROLE})
                with _session(as_owner) as session, connect(with_database(conninfo, name)) as extender:
                    place = f"a scratch database of the embedded PostgreSQL {keeper.major}"
                    yield ScratchDatabase(place, session, extender)
    finally:
        if not ran and not keep_running:
            _stop_unused(server, conninfo)


@contextmanager
def _on_target(project: Project, environment: Environment, source_major: int) -> Iterator[ScratchDatabase]:
    conninfo = project.conninfo(environment)
    with open_server(conninfo) as server:
        keeper = server.session
        _require(keeper, source_major, f"{environment.name}'s server")
        with _database(keeper) as name, _session(with_database(conninfo, name)) as session:
            place = f"a scratch database beside {environment.name} (PostgreSQL {keeper.major})"
            yield ScratchDatabase(place, session, session)


def _require(session: Session, source_major: int, server: str) -> None:
    if session.major < source_major:
        raise DatabaseError(
            f"{server} has version {session.major}, older than the source's {source_major}",
            hint="what the source's schema says may mean nothing to it",
        )


def _ensure_role(session: Session) -> None:
    if session.value("SELECT 1 FROM pg_catalog.pg_roles WHERE rolname = %s", (_ROLE,)) is None:
        # 42710 duplicate_object, 23505: another trial made it in between.
        try:
            session.script(f"CREATE ROLE {quote_identifier(_ROLE)} LOGIN")
        except DatabaseError as error:
            if error.sqlstate not in {"42710", "23505"}:
                raise


@contextmanager
def _database(keeper: Session, owner: str | None = None) -> Iterator[str]:
    _drop_stale(keeper)
    name = f"{_PREFIX}{int(time.time()):x}_{secrets.token_hex(4)}"
    owned = f" OWNER {quote_identifier(owner)}" if owner else ""
    keeper.script(f"CREATE DATABASE {quote_identifier(name)}{owned} TEMPLATE template0")
    try:
        yield name
    finally:
        # What cannot be dropped now, a later trial drops; the error at hand is the one that matters.
        with suppress(DatamaskError):
            keeper.script(f"DROP DATABASE IF EXISTS {quote_identifier(name)} WITH (FORCE)")


def _drop_stale(keeper: Session) -> None:
    rows = keeper.rows(
        "SELECT datname FROM pg_catalog.pg_database WHERE pg_catalog.starts_with(datname::text, %s)",
        (_PREFIX,),
    )
    for (name,) in rows:
        made = name.removeprefix(_PREFIX).partition("_")[0]
        with suppress(ValueError, DatamaskError):
            if time.time() - int(made, 16) > _STALE_SECONDS:
                # Without FORCE: one that somebody is connected to stays.
                keeper.script(f"DROP DATABASE IF EXISTS {quote_identifier(name)}")


def _session(conninfo: str) -> Session:
    session = connect(conninfo, application_name="datamask trial")
    session.script(f"SET statement_timeout = '{_STATEMENT_SECONDS}s'")
    return session


def _stop_unused(server: EmbeddedServer, conninfo: str) -> None:
    """Stop a server that was started for a trial alone, unless somebody else has come to it since."""
    with suppress(DatamaskError):
        with connect(conninfo) as session:
            others = session.value(
                "SELECT pg_catalog.count(*) FROM pg_catalog.pg_stat_activity"
                " WHERE backend_type = 'client backend' AND pid <> pg_catalog.pg_backend_pid()"
            )
        if not others:
            server.stop()
