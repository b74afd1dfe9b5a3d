"""``datamask env``: the environments' databases — where they are, whether they may be replaced."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from datamask.commands.branch import split_name
from datamask.commands.project import Project
from datamask.config.settings import Environment, Tier
from datamask.db.conninfo import described, with_database
from datamask.db.quoting import quote_identifier
from datamask.db.session import connect
from datamask.errors import DatamaskError, RefusedError, UsageError
from datamask.load.content import held
from datamask.load.guards import check_not_source, check_tier
from datamask.load.marks import NO_MARKS
from datamask.load.server import mark_statement, open_server


@dataclass(frozen=True, slots=True)
class EnvironmentStatus:
    """One environment as it is now.

    :param where: the address without a password; None where its reference gives none here.
    :param state: ``ready``; ``not adopted`` for a target without its marker; ``no database``; ``stopped``
        for an embedded server that does not run; ``unreachable``; ``unknown`` where the reference gives
        no address.
    :param problem: why it cannot be told, else None.
    :param snapshot: what it was loaded from.
    :param loaded: when, UTC, ISO 8601.
    """

    name: str
    tier: Tier
    embedded: bool
    where: str | None
    state: str
    problem: str | None = None
    snapshot: str | None = None
    loaded: str | None = None


@dataclass(frozen=True, slots=True)
class Started:
    """An embedded environment that is up.

    :param connect: the command that opens it in psql.
    :param url: for applications, password included; None unless asked for.
    """

    name: str
    database: str
    connect: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Adoption:
    """A database that says now which environment it is.

    :param created: True where it had to be made.
    :param already: True where it said so before.
    """

    environment: str
    database: str
    created: bool
    already: bool


def up(project: Project, name: str | None = None, *, show_url: bool = False) -> tuple[Started, ...]:
    """Start the embedded server, and make the databases of the environment named or of all embedded ones.

    :raises UsageError: where the environment is not embedded, or none is.
    """
    server = project.embedded_server()
    started = []
    for environment in _embedded(project, name):
        # Makes the database and marks it.
        project.conninfo(environment)
        database = project.embedded_database(environment)
        status = server.status()
        started.append(
            Started(
                environment.name,
                database,
                f"psql -h {status.socket_directory} -p {status.port} -U postgres {database}",
                server.application_url(database) if show_url else None,
            )
        )
    return tuple(started)


def down(project: Project) -> bool:
    """Stop the embedded server; its data stays. False where it did not run."""
    return project.embedded_server().stop()


def adopt(project: Project, name: str, *, create: bool = False) -> Adoption:
    """Let the environment's database say that it is this environment, so that loads may replace it.

    :param create: make an empty database where there is none.
    :raises RefusedError: for a protected environment, a database that is one, that belongs to another
        environment, or that does not exist.
    """
    environment = project.environment(name)
    check_tier(environment.name, environment.tier)
    if split_name(name)[1] is not None:
        raise UsageError(
            f"{name} is a branch, which is adopted where it is made", hint=f"datamask env create {name}"
        )
    target = project.target(environment)
    with open_server(target.conninfo) as server:
        check_not_source(target, server, None)
        database = server.target
        info = server.database(database)
        marks, comment = (info.marks, info.comment) if info else (NO_MARKS, None)
        marker = marks.environment
        if marker == name:
            return Adoption(name, database, created=False, already=True)
        if marker is not None:
            raise RefusedError(
                f"database {database} is marked as environment {marker}, not {name}",
                hint=f"check the url of {name} in datamask.yaml; to move the database, take the mark off it "
                f"first: {mark_statement(database, NO_MARKS, comment=comment)}",
            )
        if info is None and not create:
            raise RefusedError(
                f"there is no database {database} on the server of environment {name}",
                hint=f"datamask env adopt {name} --create makes an empty one",
            )
        about = {
            "environment": name,
            "database": described(target.conninfo),
            "server": server.system_identifier(),
        }
        with project.audit().action("env adopt", **about):
            if info is None:
                server.session.script(f"CREATE DATABASE {quote_identifier(database)}")
            server.mark(database, replace(marks, environment=name), comment=comment)
        return Adoption(name, database, created=info is None, already=False)


def status(project: Project, name: str | None = None) -> tuple[EnvironmentStatus, ...]:
    """Every environment, or the one named; starts and changes nothing."""
    chosen: Iterable[Environment] = (
        [project.environment(name)] if name is not None else project.settings.environments.values()
    )
    return tuple(_status(project, environment) for environment in chosen)


def _status(project: Project, environment: Environment) -> EnvironmentStatus:
    if environment.embedded and not project.embedded_server().status().running:
        return _state(environment, f"embedded/{project.embedded_database(environment)}", "stopped")
    try:
        conninfo = standing_conninfo(project, environment)
    except DatamaskError as error:
        return _state(environment, None, "unknown", problem=error.message)
    where = described(conninfo)
    try:
        if environment.tier == "protected":
            # Its role may have no right to any other database of the server.
            with connect(conninfo, read_only=True):
                return _state(environment, where, "ready")
        with open_server(conninfo) as server:
            info = server.database(server.target)
            marks = held(server)
    except DatamaskError as error:
        return _state(environment, where, "unreachable", problem=error.message)
    if info is None:
        return _state(environment, where, "no database")
    return _state(
        environment,
        where,
        "ready" if marks.environment == environment.name else "not adopted",
        snapshot=marks.snapshot,
        loaded=marks.loaded,
    )


def standing_conninfo(project: Project, environment: Environment) -> str:
    """Where an environment's database is or would be; of an embedded one, whose server must run, too.

    Unlike ``Project.conninfo`` it makes nothing.
    """
    if not environment.embedded:
        return project.conninfo(environment)
    return with_database(project.embedded_server().ensure_running(), project.embedded_database(environment))


def _state(
    environment: Environment,
    where: str | None,
    state: str,
    *,
    problem: str | None = None,
    snapshot: str | None = None,
    loaded: str | None = None,
) -> EnvironmentStatus:
    return EnvironmentStatus(
        environment.name, environment.tier, environment.embedded, where, state, problem, snapshot, loaded
    )


def _embedded(project: Project, name: str | None) -> list[Environment]:
    if name is not None:
        environment = project.environment(name)
        if not environment.embedded:
            raise UsageError(
                f"environment {name} is not embedded: datamask does not start its server",
                hint=f"write `url: embedded` for {name} in datamask.yaml, or start the server yourself",
            )
        return [environment]
    found = [item for item in project.settings.environments.values() if item.embedded]
    if not found:
        raise UsageError(
            f"{project.settings.file}: no environment is embedded",
            hint="write `url: embedded` for one, and datamask starts a private PostgreSQL for it",
        )
    return found
