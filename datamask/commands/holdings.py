"""Which snapshots environments hold: those must not go, as a reset goes back to them."""

from __future__ import annotations

from datamask.commands.env import status
from datamask.commands.project import LATEST, Project
from datamask.registry.audited import told_by


def snapshots_in_use(project: Project) -> frozenset[str]:
    """Ids of the snapshots that environments hold or go back to.

    What a database says of itself counts. Where none can be asked (its server is stopped, out of reach or unknown
    here) it is what was recorded as loaded last.
    """
    settings = project.settings
    held = {
        environment.baseline
        for environment in settings.environments.values()
        if environment.baseline and not environment.baseline.startswith(LATEST)
    }
    unknown = set()
    for found in status(project):
        if found.tier == "protected":
            continue
        if found.snapshot is not None:
            held.add(found.snapshot)
        elif found.state in ("stopped", "unreachable", "unknown"):
            unknown.add(found.name)
    if unknown:
        last = _last_loads(project)
        held |= {snapshot for name, snapshot in last.items() if name in unknown and snapshot is not None}
    return frozenset(held)


def _last_loads(project: Project) -> dict[str, str | None]:
    """What was loaded last by environment: as a team's registry knows it, else this machine's audit log."""
    if project.settings.registry.url is not None:
        # A database's driver that a project without a registry of its own does not need here.
        from datamask.commands.recording import registry_of

        registry = registry_of(project).registry
        if registry is not None:
            return {name: load.snapshot for name, load in registry.last_loads().items()}
    loads = told_by(project.audit().records(), project.settings.project).loads
    return {load.environment: load.snapshot for load in loads}
