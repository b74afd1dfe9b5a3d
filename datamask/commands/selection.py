"""Which snapshot somebody means: an id, a unique prefix, ``latest`` or ``latest:ENV``."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from datamask.commands.project import LATEST, Project
from datamask.errors import DatamaskError, UsageError
from datamask.snapshot.manifest import Manifest
from datamask.snapshot.verify import read_manifest
from datamask.suggest import did_you_mean


def select_snapshot(
    project: Project, reference: str, *, accepts: Callable[[Manifest], bool] = lambda _: True
) -> Manifest:
    """The snapshot that a reference means.

    :param accepts: limits ``latest`` to snapshots that can be used where it is asked for.
    :raises UsageError: where there is none, or more than one.
    """
    store = project.store()
    if reference == LATEST:
        return _latest(project, accepts, "")
    if reference.startswith(f"{LATEST}:"):
        environment = project.environment(reference.removeprefix(f"{LATEST}:"))
        policy = project.policy_name(environment)
        return _latest(project, lambda manifest: manifest.policy == policy, f" of policy {policy!r}")
    ids = store.ids()
    found = [reference] if reference in ids else [name for name in ids if name.startswith(reference)]
    if len(found) == 1:
        return read_manifest(store.folder(found[0]))
    if found:
        raise UsageError(
            f"{reference!r} is the beginning of {len(found)} snapshots",
            hint="write more of the id; datamask snapshots list shows them",
        )
    raise UsageError(
        f"there is no snapshot {reference!r} in {store.root}",
        hint=did_you_mean(reference, ids) or "datamask snapshots list shows those there are",
    )


def readable_manifests(project: Project) -> Iterator[Manifest]:
    """The manifests of the store's snapshots, the newest first; damaged ones are left out."""
    store = project.store()
    for snapshot_id in reversed(store.ids()):
        # A damaged one says so when it is named or verified.
        with suppress(DatamaskError):
            yield read_manifest(store.folder(snapshot_id))


def _latest(project: Project, accepts: Callable[[Manifest], bool], what: str) -> Manifest:
    # The latest is the latest good one.
    for manifest in readable_manifests(project):
        if accepts(manifest):
            return manifest
    raise UsageError(
        f"there is no snapshot{what} in {project.store().root}",
        hint="take one: datamask snapshot ENV --policy FILE",
    )
