"""Which snapshot somebody means: an id, a unique prefix, ``latest`` or ``latest:ENV``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

from datamask.commands.project import LATEST, Project
from datamask.errors import UsageError, VerificationError
from datamask.snapshot import manifest as manifests
from datamask.snapshot.manifest import Manifest
from datamask.store.protocol import MANIFEST, Store
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
    found = match_id(reference, ids)
    if found is not None:
        return read_stored(store, found)
    raise UsageError(
        f"there is no snapshot {reference!r} in {store.location}",
        hint=did_you_mean(reference, ids) or "datamask snapshots list shows those there are",
    )


def loaded_snapshot(project: Project, snapshot_id: str) -> Manifest:
    """The snapshot that an environment was loaded from.

    A store that is far away is not asked where its manifest was read before: a golden has the rest.

    :raises UsageError: where there is none of that id any more.
    """
    store = project.store()
    cached = store.cached_manifest(snapshot_id)
    if cached is not None:
        # A damaged copy is as good as none.
        with suppress(VerificationError):
            return manifests.load(cached, where=snapshot_id)
    return read_stored(store, snapshot_id)


def match_id(beginning: str, ids: Sequence[str]) -> str | None:
    """The one id that is, or else begins with, what somebody wrote; None where there is none.

    :raises UsageError: where there is more than one.
    """
    found = [beginning] if beginning in ids else [name for name in ids if name.startswith(beginning)]
    if len(found) > 1:
        raise UsageError(
            f"{beginning!r} is the beginning of {len(found)} snapshots",
            hint="write more of the id; datamask snapshots list shows them",
        )
    return found[0] if found else None


def read_stored(store: Store, snapshot_id: str) -> Manifest:
    """The manifest of a snapshot of the store, its own digest checked.

    :raises UsageError: where there is no such snapshot.
    :raises VerificationError: where it is damaged, or of a newer format.
    """
    content = store.manifest(snapshot_id)
    return manifests.load(content, where=f"{store.folder(snapshot_id)}/{MANIFEST}")


def readable_manifests(project: Project) -> Iterator[Manifest]:
    """The manifests of the store's snapshots, the newest first; damaged ones are left out."""
    store = project.store()
    for snapshot_id in reversed(store.ids()):
        # A damaged one says so when it is named or verified; one that is gone by now says nothing.
        with suppress(UsageError, VerificationError):
            yield read_stored(store, snapshot_id)


def _latest(project: Project, accepts: Callable[[Manifest], bool], what: str) -> Manifest:
    # The latest is the latest good one.
    for manifest in readable_manifests(project):
        if accepts(manifest):
            return manifest
    raise UsageError(
        f"there is no snapshot{what} in {project.store().location}",
        hint="take one: datamask snapshot ENV --policy FILE",
    )
