"""``datamask snapshots``: what the store holds, whether it is whole, and what may go."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from datamask.commands.project import Project
from datamask.commands.selection import select_snapshot
from datamask.errors import DatamaskError, UsageError
from datamask.snapshot.manifest import Manifest
from datamask.snapshot.verify import Damage, find_damage, read_manifest


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A snapshot whose manifest tells nothing.

    :param reason: why.
    """

    id: str
    reason: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The store's snapshots, the newest first."""

    store: Path
    manifests: tuple[Manifest, ...]
    unreadable: tuple[Unreadable, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """One snapshot and where it is."""

    manifest: Manifest
    folder: Path


@dataclass(frozen=True, slots=True)
class Verification:
    """Every file of a snapshot compared with its manifest.

    :param files: how many were compared.
    """

    manifest: Manifest
    files: int
    damage: tuple[Damage, ...]


@dataclass(frozen=True, slots=True)
class Pruning:
    """What a prune removed, or would remove.

    :param removed: the oldest first.
    :param dry_run: True where nothing was done.
    """

    removed: tuple[Manifest, ...]
    kept: tuple[Manifest, ...]
    dry_run: bool


def list_snapshots(project: Project) -> Listing:
    """Every published snapshot; damaged ones are named as such."""
    store = project.store()
    manifests: list[Manifest] = []
    unreadable: list[Unreadable] = []
    for snapshot_id in reversed(store.ids()):
        try:
            manifests.append(read_manifest(store.folder(snapshot_id)))
        except DatamaskError as error:
            unreadable.append(Unreadable(snapshot_id, error.message))
    return Listing(store.root, tuple(manifests), tuple(unreadable))


def show_snapshot(project: Project, reference: str) -> Found:
    """One snapshot's manifest."""
    manifest = select_snapshot(project, reference)
    return Found(manifest, project.store().folder(manifest.id))


def verify_snapshot(project: Project, reference: str) -> Verification:
    """Compare every file of a snapshot with its manifest; damage is a result, not an exception.

    :raises VerificationError: where the manifest itself is damaged.
    """
    found = show_snapshot(project, reference)
    # The schema is a file too.
    return Verification(
        found.manifest, len(found.manifest.files) + 1, tuple(find_damage(found.folder, found.manifest))
    )


def find_id(project: Project, beginning: str) -> str:
    """The id that somebody means, also of a snapshot whose manifest is damaged.

    :param beginning: an id or a unique beginning of one; ``latest`` would be too easy to get wrong.
    :raises UsageError: where there is none, or more than one.
    """
    store = project.store()
    found = [name for name in store.ids() if name.startswith(beginning)]
    if beginning in found or not found:
        # The store says what is wrong with an id that does not exist.
        return store.folder(beginning).name
    if len(found) > 1:
        raise UsageError(
            f"{beginning!r} is the beginning of {len(found)} snapshots",
            hint="write more of the id; datamask snapshots list shows them",
        )
    return found[0]


def delete_snapshot(project: Project, snapshot_id: str) -> None:
    """Remove one snapshot.

    :raises UsageError: where there is none of that id.
    """
    with project.audit().action("snapshot delete", snapshot=snapshot_id):
        project.store().delete(snapshot_id)


def prune_snapshots(
    project: Project,
    *,
    keep: int | None = None,
    keep_days: float | None = None,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Pruning:
    """Remove old snapshots. The newest of each policy always stays, and damaged ones are left alone.

    :param keep: how many of each policy stay, the newest ones.
    :param keep_days: what is younger stays too.
    :raises UsageError: where neither is given.
    """
    if keep is None and keep_days is None:
        raise UsageError("how many snapshots are to stay?", hint="say --keep N, --keep-days D or both")
    oldest = (now or datetime.now(UTC)) - timedelta(days=keep_days) if keep_days is not None else None
    by_policy: dict[str, int] = defaultdict(int)
    kept: list[Manifest] = []
    removed: list[Manifest] = []
    for manifest in list_snapshots(project).manifests:
        by_policy[manifest.policy] += 1
        young = oldest is not None and datetime.fromisoformat(manifest.created) >= oldest
        stays = young or by_policy[manifest.policy] <= max(1, keep or 0)
        (kept if stays else removed).append(manifest)
    removed.reverse()
    if not dry_run:
        for manifest in removed:
            delete_snapshot(project, manifest.id)
    return Pruning(tuple(removed), tuple(kept), dry_run)
