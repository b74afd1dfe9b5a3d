"""The project's registry, brought up to date."""

from __future__ import annotations

from dataclasses import dataclass

from datamask.commands.project import Project
from datamask.errors import DatamaskError
from datamask.registry.ingest import ingest, open_required
from datamask.registry.records import Registry, open_registry


@dataclass(frozen=True, slots=True)
class Opened:
    """The registry, brought up to date as far as it can be.

    :param registry: None where it cannot be used.
    :param warnings: what is to be said about it.
    """

    registry: Registry | None
    warnings: tuple[str, ...] = ()


def registry_of(project: Project) -> Opened:
    """The project's registry with everything that this machine's audit log knows.

    :raises RefusedError: it cannot be used, and ``registry.required`` is set.
    """
    settings = project.settings
    if settings.registry.required:
        registry = open_required(project.registry_place(), settings.project)
        return Opened(registry, ingest(registry, project.audit()))
    try:
        registry = open_registry(project.registry_place(), settings.project)
        return Opened(registry, ingest(registry, project.audit()))
    except DatamaskError as error:
        return Opened(None, (f"{error.message}; what is done stands in the audit log until it can be used",))
