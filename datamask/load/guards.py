"""The guard rails of a load: all before any write, each on its own, no flag that skips them together."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from datamask.config.hooks import CommandStep
from datamask.config.reset import DEFAULT_RESET, ResetSettings
from datamask.config.settings import Tier
from datamask.errors import RefusedError, UsageError
from datamask.load.identity import (
    Identity,
    address_identities,
    same_database,
    source_identity,
    target_identity,
)
from datamask.load.recipe import NO_RECIPE, Recipe
from datamask.load.server import Server
from datamask.snapshot.manifest import Manifest
from datamask.snapshot.verify import require_intact
from datamask.store.protocol import Folder


@dataclass(frozen=True, slots=True)
class Target:
    """An environment as a load sees it.

    :param accepts: names of the policies whose snapshots it takes.
    :param protected: connection strings of the project's protected environments by name, None where one's
        reference cannot be resolved here.
    :param golden: keep a template database, so that resets are clones.
    :param keep_previous: keep the replaced database.
    :param spare: make the next reset's clone in advance, in the background.
    :param reset: how its data is replaced.
    :param recipe: its hooks, read.
    :param code_version: a program that prints the newest migration that the application's code knows.
    :param extensions: extensions that it must have, with the version or its beginning.
    :param origin: of a branch alone, the database of the environment that it is a branch of.
    """

    environment: str
    conninfo: str
    tier: Tier
    accepts: frozenset[str]
    protected: Mapping[str, str | None]
    golden: bool = True
    keep_previous: bool = False
    spare: bool = False
    reset: ResetSettings = DEFAULT_RESET
    recipe: Recipe = NO_RECIPE
    code_version: CommandStep | None = None
    extensions: Mapping[str, str] = field(default_factory=dict)
    origin: str | None = None


def check_tier(environment: str, tier: Tier) -> None:
    """First rail: a protected environment is only ever read."""
    if tier == "protected":
        raise RefusedError(
            f"environment {environment} is protected: it is only ever read",
            hint="load into another environment; a tier is changed in datamask.yaml alone",
        )


def check_confirmed(environment: str, tier: Tier, confirm: str | None) -> None:
    """Fifth rail: other people's environment takes its name said twice."""
    if confirm is not None and confirm != environment:
        raise UsageError(
            f"--confirm says {confirm!r}, but the environment is {environment!r}",
            hint="name the environment that is to be replaced",
        )
    if tier == "shared" and confirm is None:
        raise RefusedError(
            f"environment {environment} is shared: replacing its data needs a confirmation",
            hint=f"add --confirm {environment}",
        )


def check_marker(target: Target, server: Server) -> None:
    """Second rail: the database says itself that it is this environment."""
    info = server.database(server.target)
    if info is None:
        name = target.environment
        how = f"create {name} makes one" if target.origin else f"adopt {name} --create makes an empty one"
        raise RefusedError(
            f"there is no database {server.target} on the server of environment {target.environment}",
            hint=f"datamask env {how}",
        )
    marker = info.marks.environment
    if marker is None:
        raise RefusedError(
            f"database {info.name} has not been adopted as environment {target.environment}",
            hint=f"if its data may be replaced, say so once: datamask env adopt {target.environment}",
        )
    if marker != target.environment:
        raise RefusedError(
            f"database {info.name} is marked as environment {marker}, not {target.environment}",
            hint=f"check the url of {target.environment} in datamask.yaml",
        )


def check_not_source(target: Target, server: Server, manifest: Manifest | None) -> None:
    """Third rail: the target is neither the snapshot's source nor any protected environment."""
    mine = target_identity(server)
    others: dict[str, list[Identity]] = {
        f"protected environment {name}": address_identities(conninfo)
        for name, conninfo in target.protected.items()
        if conninfo is not None
    }
    if manifest is not None:
        others["source of the snapshot"] = [source_identity(manifest.source)]
    for what, identities in others.items():
        if any(same_database(mine, identity) for identity in identities):
            raise RefusedError(
                f"the database of environment {target.environment} is the {what}",
                hint=f"check the url of {target.environment}; nothing was written",
            )


def check_snapshot(target: Target, manifest: Manifest, folder: Folder) -> None:
    """Fourth rail: masked, whole, and by a policy that this environment accepts."""
    if not manifest.masked:
        raise RefusedError(f"snapshot {manifest.id} is not masked")
    check_policy(target, manifest.policy, manifest.id)
    require_intact(folder, manifest)


def check_policy(target: Target, policy: str, snapshot_id: str) -> None:
    """The part of the fourth rail that a golden needs too."""
    if policy not in target.accepts:
        raise RefusedError(
            f"snapshot {snapshot_id} was masked by policy {policy!r}, and environment {target.environment} "
            f"accepts {_list(target.accepts)}",
            hint=f"take a snapshot with its policy, or add {policy!r} to environments.{target.environment}.accepts",
        )


def _list(names: Collection[str]) -> str:
    return ", ".join(repr(name) for name in sorted(names)) or "none, as it names no policy"
