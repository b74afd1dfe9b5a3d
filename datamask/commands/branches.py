"""``datamask env create``, ``list``, ``extend``, ``expire`` and ``drop``: databases for one developer each."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from datamask.commands.admission import admit
from datamask.commands.branch import branch_of, split_name
from datamask.commands.load import LoadResult, baseline_of
from datamask.commands.project import Project
from datamask.commands.selection import select_snapshot
from datamask.config.durations import duration_text, parse_duration
from datamask.config.settings import Environment
from datamask.db.conninfo import described
from datamask.errors import DatamaskError, RefusedError, UsageError
from datamask.execution.processes import default_workers
from datamask.load import branches
from datamask.load.addresses import shown_url
from datamask.load.branches import Branch
from datamask.load.guards import check_marker, check_tier
from datamask.load.operation import load_snapshot
from datamask.load.server import Server, open_server
from datamask.progress import Progress
from datamask.snapshot.manifest import Manifest

# Longer than any piece of work, shorter than what nobody remembers.
MOST = timedelta(days=366)


@dataclass(frozen=True, slots=True)
class CreatedBranch:
    """A branch that is there now.

    :param url: its address without a password.
    :param expires: UTC, ISO 8601, None where it never does.
    """

    load: LoadResult
    database: str
    url: str
    expires: str | None


@dataclass(frozen=True, slots=True)
class BranchStatus:
    """A branch as it is.

    :param snapshot: what it holds.
    :param expired: its time is over.
    """

    name: str
    database: str
    url: str
    snapshot: str | None
    loaded: str | None
    expires: str | None
    expired: bool
    bytes: int | None


@dataclass(frozen=True, slots=True)
class BranchList:
    """The branches of the project's environments.

    :param unreachable: environments that could not be asked, and why.
    """

    branches: tuple[BranchStatus, ...]
    unreachable: dict[str, str]


@dataclass(frozen=True, slots=True)
class Expiry:
    """Branches whose time is over.

    :param dropped: or, in a dry run, what would be.
    :param kept: those that somebody works on right now.
    """

    dropped: tuple[str, ...]
    kept: dict[str, str]
    dry_run: bool


def create(
    project: Project,
    name: str,
    *,
    origin: str | None = None,
    ttl: str | None = None,
    workers: int | None = None,
    progress: Progress,
    output: bool = True,
) -> CreatedBranch:
    """Make a branch: a database beside its environment's own, cloned from the same golden.

    :param name: ``dev/my-branch``; with ``origin`` ``my-branch`` is enough.
    :param origin: the environment whose snapshot it gets, or a snapshot; by default its own environment's.
    :param ttl: how long it is needed, such as ``7d``.
    :raises UsageError: for a name or a time that cannot be one.
    :raises RefusedError: where there is such a branch already, or a guard rail refuses.
    """
    begun = time.monotonic()
    environment = project.environment(_full_name(project, name, origin))
    parent_name, _ = split_name(environment.name)
    parent = project.environment(parent_name)
    expires = _expiry(ttl)
    manifest = _origin(project, parent, origin)
    target = project.target(environment)
    admission = admit(project, environment, manifest, verb="load")
    with open_server(project.conninfo(parent)) as server:
        # It is made from what the environment's mark allows, beside the environment's database.
        check_marker(project.target(parent), server)
    about = {
        "environment": environment.name,
        "database": described(target.conninfo),
        "snapshot": manifest.id,
        "digest": manifest.digest,
        "expires": expires,
    }
    with project.audit().action("env create", **about) as known:
        outcome = load_snapshot(
            target,
            manifest,
            project.store().folder(manifest.id),
            confirm=None,
            pinned=True,
            trust_golden=True,
            workers=workers or project.settings.workers or default_workers(),
            progress=progress,
            admitted=admission.since,
            creating=True,
            expires=expires,
            output=output,
        )
        seconds = round(time.monotonic() - begun, 3)
        known["strategy"] = outcome.strategy
        known["seconds"] = seconds
    result = LoadResult(
        environment.name, manifest, outcome.strategy, outcome.phases, outcome.warnings, seconds,
        outcome.reason, outcome.migrations,
    )  # fmt: skip
    return CreatedBranch(result, branches.database_of(target.conninfo), shown_url(target.conninfo), expires)


def listed(project: Project, environment: str | None = None) -> BranchList:
    """The branches of an environment, or of all that may have some; starts nothing."""
    found: list[BranchStatus] = []
    unreachable: dict[str, str] = {}
    now = datetime.now(UTC)
    for parent in _parents(project, environment):
        try:
            with _server(project, parent) as server:
                found += [
                    _status(project, parent, branch, now) for branch in branches.branches(server, parent.name)
                ]
        except DatamaskError as error:
            if environment is not None:
                raise
            unreachable[parent.name] = error.message
    return BranchList(tuple(found), unreachable)


def extend(project: Project, name: str, ttl: str) -> BranchStatus:
    """Give a branch more time (or less), from now on."""
    parent, branch = _branch(project, name)
    expires = _expiry(ttl)
    with _server(project, parent) as server:
        about = {"environment": name, "database": described(project.conninfo(parent)), "expires": expires}
        with project.audit().action("env extend", **about):
            found = branches.extend(server, parent.name, branch, expires)
    return _status(project, parent, found, datetime.now(UTC))


def drop(project: Project, name: str) -> BranchStatus:
    """Drop a branch's database."""
    parent, branch = _branch(project, name)
    with (
        _server(project, parent) as server,
        project.audit().action("env drop", environment=name, database=described(project.conninfo(parent))),
    ):
        found = branches.drop(server, parent.name, branch)
    assert found is not None
    return _status(project, parent, found, datetime.now(UTC))


def expire(project: Project, environment: str | None = None, *, dry_run: bool = False) -> Expiry:
    """Drop the branches whose time is over, and nothing else.

    :param environment: only this one's; by default those of all environments that can be reached.
    """
    dropped: list[str] = []
    kept: dict[str, str] = {}
    now = datetime.now(UTC)
    for item in listed(project, environment).branches:
        if not item.expired:
            continue
        if dry_run:
            dropped.append(item.name)
            continue
        parent, branch = _branch(project, item.name)
        about = {"environment": item.name, "database": item.database, "expires": item.expires}
        try:
            with _server(project, parent) as server, project.audit().action("env expire", **about):
                gone = branches.drop(server, parent.name, branch, expired_at=now)
        except RefusedError as refused:
            kept[item.name] = refused.message
        else:
            if gone is not None:
                dropped.append(item.name)
    return Expiry(tuple(dropped), kept, dry_run)


def _full_name(project: Project, name: str, origin: str | None) -> str:
    if "/" in name and split_name(name)[0] in project.settings.environments:
        return name
    if origin is not None and origin in project.settings.environments:
        return f"{origin}/{name}"
    raise UsageError(
        f"{name!r} does not say which environment it is a branch of",
        hint="write ENVIRONMENT/NAME, such as dev/my-branch",
    )


def _origin(project: Project, parent: Environment, origin: str | None) -> Manifest:
    """The snapshot that a new branch gets; its resets stay with it."""
    if origin is None or origin in project.settings.environments:
        source = project.environment(origin) if origin is not None else parent
        check_tier(source.name, source.tier)
        manifest, _ = baseline_of(project, source, project.conninfo(source))
        return manifest
    accepted = project.accepted_policies(parent)
    return select_snapshot(project, origin, accepts=lambda found: found.policy in accepted)


def _expiry(ttl: str | None) -> str | None:
    if ttl is None:
        return None
    length = parse_duration(ttl)
    if length is None or length > MOST:
        raise UsageError(
            f"{ttl!r} is no time that a branch can have",
            hint=f"write it like 7d; units: s, m, h, d, w; at most {duration_text(MOST)}",
        )
    return (datetime.now(UTC) + length).isoformat(timespec="seconds")


def _branch(project: Project, name: str) -> tuple[Environment, str]:
    parent, branch = split_name(name)
    if branch is None:
        raise UsageError(f"{name!r} is no branch", hint="write ENVIRONMENT/NAME, such as dev/my-branch")
    found = project.environment(parent)
    branch_of(found, branch)
    return found, branch


def _parents(project: Project, environment: str | None) -> list[Environment]:
    if environment is not None:
        found = project.settings.environment(environment)
        check_tier(found.name, found.tier)
        return [found]
    running = project.embedded_server().status().running
    return [
        found
        for found in project.settings.environments.values()
        if found.tier != "protected" and (running or not found.embedded)
    ]


@contextmanager
def _server(project: Project, parent: Environment) -> Iterator[Server]:
    with open_server(project.conninfo(parent)) as server:
        yield server


def _status(project: Project, parent: Environment, branch: Branch, now: datetime) -> BranchStatus:
    _, name = split_name(branch.name)
    return BranchStatus(
        branch.name,
        branch.database,
        shown_url(branches.branch_conninfo(project.conninfo(parent), name or "")),
        branch.marks.snapshot,
        branch.marks.loaded,
        branch.marks.expires,
        branch.expired(now),
        branch.bytes,
    )
