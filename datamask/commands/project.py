"""A project, opened: its settings, and what they refer to."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from datamask.audit.log import AuditLog
from datamask.commands.branch import branch_of, split_name
from datamask.config.secrets import SecretRef
from datamask.config.settings import Environment, Settings, load_settings
from datamask.db.conninfo import resolved
from datamask.db.embedded import EmbeddedServer
from datamask.errors import DatamaskError, PolicyError, UsageError
from datamask.load.branches import branch_conninfo, database_of
from datamask.load.guards import Target
from datamask.load.names import branch_name
from datamask.load.recipe import read_recipe
from datamask.load.server import open_server
from datamask.masking.keys import MaskingKey
from datamask.policy.name import policy_name
from datamask.store.location import open_store
from datamask.store.protocol import Store

if TYPE_CHECKING:
    from datamask.policy.model import Policy

# What datamask keeps for itself beside the configuration: the embedded server, nothing to commit.
STATE_FOLDER = ".datamask"

LATEST = "latest"


@dataclass(frozen=True)
class Project:
    """The settings with everything that they refer to within reach."""

    settings: Settings

    def environment(self, name: str) -> Environment:
        """The environment of that name, or the branch: ``dev/my-branch``."""
        parent, branch = split_name(name)
        found = self.settings.environment(parent)
        return found if branch is None else branch_of(found, branch)

    def store(self) -> Store:
        """The store of snapshots.

        :raises UsageError: where the store is of no kind that there is.
        """
        return open_store(self.settings.store, cache=self.settings.root / STATE_FOLDER / "manifests")

    def embedded_server(self) -> EmbeddedServer:
        """The project's embedded PostgreSQL, shared by its embedded environments."""
        return EmbeddedServer(self.settings.root / STATE_FOLDER / "postgres")

    def embedded_database(self, environment: Environment) -> str:
        """The database of an embedded environment."""
        parent, branch = split_name(environment.name)
        name = f"{self.settings.project}_{parent}".replace("-", "_").lower()
        return name if branch is None else branch_name(name, branch)

    def conninfo(self, environment: Environment) -> str:
        """Where an environment's database is; an embedded server is started for it.

        :raises UsageError: where the reference gives nothing.
        """
        parent, branch = split_name(environment.name)
        if branch is not None:
            return branch_conninfo(self.conninfo(self.settings.environment(parent)), branch)
        if environment.embedded:
            return self._embedded(environment)
        return resolved(_address(environment))

    def _embedded(self, environment: Environment) -> str:
        """An embedded database is datamask's own from the start, so it is adopted where it is made."""
        name = self.embedded_database(environment)
        conninfo = self.embedded_server().ensure_database(name)
        with open_server(conninfo) as server:
            info = server.database(name)
            if info is not None and info.marks.environment is None:
                server.mark(name, replace(info.marks, environment=environment.name), comment=info.comment)
        return conninfo

    @property
    def scenarios(self) -> Path:
        """The folder of the project's scenarios."""
        return self.settings.scenarios or self.settings.root / "fixtures" / "scenarios"

    def audit(self) -> AuditLog:
        """The project's audit log."""
        where = self.settings.audit
        file = where.file or self.settings.root / STATE_FOLDER / "audit.jsonl"
        if not self.settings.registry.required:
            return AuditLog(file, anchor=where.anchor, syslog=where.syslog)
        # A database's driver takes longer to import than a reset to run: only who asks for it pays.
        from datamask.registry.ingest import RecordedLog

        return RecordedLog(
            file, self.registry_place(), self.settings.project, anchor=where.anchor, syslog=where.syslog
        )

    def registry_place(self) -> Path | str:
        """Where the registry is: a file of the project, or a connection string.

        :raises UsageError: the reference gives nothing.
        """
        url = self.settings.registry.url
        if url is None:
            return self.settings.root / STATE_FOLDER / "registry.db"
        return url.resolve_text().strip() if isinstance(url, SecretRef) else url

    def key(self) -> MaskingKey:
        """The masking key.

        :raises PolicyError: where none is configured, or it is too short.
        """
        reference = self.settings.masking_key
        if reference is None:
            raise PolicyError(
                f"{self.settings.file} names no masking key",
                hint="add masking_key: env:DATAMASK_KEY; `datamask key new` makes one",
            )
        try:
            secret = reference.resolve_text()
        except UsageError as error:
            advice = "; ".join(filter(None, (error.hint, "`datamask key new` prints a new key")))
            raise PolicyError(f"the masking key is missing: {error.message}", hint=advice) from None
        return MaskingKey.parse(secret)

    def policy(self, environment: Environment, path: Path | None = None) -> Policy:
        """The policy to use: the file named, else the environment's own.

        :raises UsageError: where neither names one.
        """
        file = path or environment.policy
        if file is None:
            raise UsageError(
                f"environment {environment.name} has no policy of its own",
                hint="say which with --policy, for example --policy policies/staging.yaml",
            )
        # Its transforms bring Polars along, which a reset has no use for.
        from datamask.policy.file import read_policy

        return read_policy(file)

    def policy_name(self, environment: Environment) -> str:
        """The name of an environment's own policy.

        :raises UsageError: where it has none.
        """
        if environment.policy is None:
            raise UsageError(f"environment {environment.name} has no policy of its own")
        return policy_name(environment.policy)

    def target(self, environment: Environment, *, conninfo: str | None = None) -> Target:
        """The environment as a load sees it.

        :param conninfo: where its database is, where the caller knows; else it is made there if it is embedded.
        :raises UsageError: where a file that a hook runs cannot be read.
        """
        parent, branch = split_name(environment.name)
        origin = None
        if branch is not None:
            origin = database_of(self.conninfo(self.settings.environment(parent)))
        return Target(
            environment=environment.name,
            conninfo=conninfo or self.conninfo(environment),
            tier=environment.tier,
            accepts=frozenset(self.accepted_policies(environment)),
            protected={
                other.name: self._reachable(other)
                for other in self.settings.environments.values()
                if other.tier == "protected"
            },
            golden=environment.golden,
            keep_previous=environment.keep_previous,
            spare=environment.spare and environment.golden,
            reset=environment.reset,
            recipe=read_recipe(environment.hooks, environment=parent),
            code_version=environment.hooks.code_version,
            extensions=environment.extensions,
            origin=origin,
        )

    def accepted_policies(self, environment: Environment) -> set[str]:
        """Names of the policies whose snapshots an environment takes.

        Its own, those that it lists, and that of the environment that its baseline follows.
        """
        names = set(environment.accepts)
        files = [environment.policy]
        if environment.baseline and environment.baseline.startswith(f"{LATEST}:"):
            followed = self.settings.environments.get(environment.baseline.removeprefix(f"{LATEST}:"))
            files.append(followed.policy if followed else None)
        return names | {policy_name(file) for file in files if file is not None}

    def _reachable(self, environment: Environment) -> str | None:
        try:
            address = _address(environment)
        except DatamaskError:
            # Who loads dev need not know where production is.
            return None
        return resolved(address)


def _address(environment: Environment) -> str:
    """What an environment's url says, its reference looked up.

    :raises UsageError: where the reference gives nothing.
    """
    if isinstance(environment.url, SecretRef):
        return environment.url.resolve_text().strip()
    return environment.url


def open_project(config: Path | None = None) -> Project:
    """Read the configuration of the project in the current folder, or of the file named."""
    return Project(load_settings(config))
