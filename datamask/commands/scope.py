"""What a command is about where the user named only a part of it."""

from __future__ import annotations

from pathlib import Path

from datamask.catalog.model import Catalog, Table
from datamask.classify.names import parse_table
from datamask.commands.project import Project
from datamask.config.settings import Environment
from datamask.errors import UsageError
from datamask.policy.file import read_policy
from datamask.policy.model import Policy
from datamask.suggest import did_you_mean


def source_environment(project: Project, name: str | None) -> Environment:
    """The environment of that name, by default the only protected one.

    :raises UsageError: where there is none, or the choice is not clear.
    """
    if name is not None:
        return project.environment(name)
    protected = [item for item in project.settings.environments.values() if item.tier == "protected"]
    if len(protected) == 1:
        return protected[0]
    names = ", ".join(item.name for item in protected) or "none"
    raise UsageError(
        f"which environment? the configuration has {len(protected)} protected ones ({names})",
        hint=f"name it: {', '.join(project.settings.environments)}",
    )


def policies_about(project: Project, environment: Environment, path: Path | None) -> tuple[Policy, ...]:
    """The policy named, else the environment's own, else every one that other environments have.

    :raises UsageError: where there is none at all.
    """
    if path is not None or environment.policy is not None:
        return (project.policy(environment, path),)
    files = dict.fromkeys(
        item.policy for item in project.settings.environments.values() if item.policy is not None
    )
    # Asking for the environment's own says what is missing.
    return tuple(read_policy(file) for file in files) or (project.policy(environment),)


def find_table(catalog: Catalog, name: str) -> Table:
    """The table that somebody means by ``schema.table``, or by ``table`` where only one schema has it.

    :raises UsageError: where there is none, or more than one.
    """
    key = parse_table(name)
    if key is not None and (table := catalog.table(key)) is not None:
        return table
    found = [table for table in catalog.tables if table.name == name]
    if len(found) == 1:
        return found[0]
    if found:
        raise UsageError(
            f"{len(found)} tables are called {name!r}",
            hint=f"write one of {', '.join(sorted(table.key for table in found))}",
        )
    names = [table.key for table in catalog.tables]
    if key is None:
        names += [table.name for table in catalog.tables]
    raise UsageError(
        f"there is no table {name!r} in database {catalog.database}",
        hint=did_you_mean(name, names) if names else "the database has no tables",
    )
