"""``datamask snapshots``: what the store holds, whether it is whole, and what may go."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from datamask.commands.holdings import snapshots_in_use
from datamask.commands.project import Project
from datamask.commands.selection import match_id, read_stored, select_snapshot
from datamask.errors import UsageError, VerificationError
from datamask.jobs.retention import NO_RULES, Candidate, Keep, staying
from datamask.snapshot.compare import Comparison, compare
from datamask.snapshot.manifest import Manifest
from datamask.snapshot.verify import Damage, find_damage, read_schema
from datamask.store.protocol import Folder, no_such_snapshot

# A writer in a bucket says every minute that it lives.
GRACE_HOURS = 24.0


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

    store: str
    manifests: tuple[Manifest, ...]
    unreadable: tuple[Unreadable, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """One snapshot and where it is."""

    manifest: Manifest
    folder: Folder


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
    :param swept: ids of drafts that nobody will ever publish, of which parts were left.
    :param dry_run: True where nothing was done.
    """

    removed: tuple[Manifest, ...]
    kept: tuple[Manifest, ...]
    swept: tuple[str, ...]
    dry_run: bool


def list_snapshots(project: Project) -> Listing:
    """Every published snapshot; damaged ones are named as such."""
    store = project.store()
    manifests: list[Manifest] = []
    unreadable: list[Unreadable] = []
    for snapshot_id in reversed(store.ids()):
        try:
            manifests.append(read_stored(store, snapshot_id))
        except UsageError:
            # Somebody deleted it between the two questions.
            continue
        except VerificationError as error:
            unreadable.append(Unreadable(snapshot_id, error.message))
    return Listing(store.location, tuple(manifests), tuple(unreadable))


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
    found = match_id(beginning, store.ids())
    if found is None:
        raise no_such_snapshot(beginning, store.location)
    return found


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
    rules: Keep = NO_RULES,
    policies: Collection[str] | None = None,
    grace_hours: float = GRACE_HOURS,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Pruning:
    """Remove old snapshots, and what killed snapshots left. The newest of each policy always stays, as does what an
    environment holds; damaged ones are left alone.

    :param keep: how many of each policy stay, the newest ones.
    :param keep_days: what is younger stays too.
    :param rules: what stays besides, such as the newest of each of the last seven days.
    :param policies: only their snapshots are looked at, by default all.
    :param grace_hours: how long the writer of a snapshot must have been silent to count as dead.
    :raises UsageError: where nothing says what stays.
    """
    if keep is None and keep_days is None and rules == NO_RULES:
        raise UsageError(
            "how many snapshots are to stay?",
            hint="say --keep N, --keep-days D, --keep-daily N or several of them",
        )
    oldest = (now or datetime.now(UTC)) - timedelta(days=keep_days) if keep_days is not None else None
    considered = [
        manifest
        for manifest in list_snapshots(project).manifests
        if policies is None or manifest.policy in policies
    ]
    stay = staying(
        [Candidate(item.id, item.policy, datetime.fromisoformat(item.created)) for item in considered],
        replace(rules, last=max(rules.last, keep or 0)),
        in_use=snapshots_in_use(project),
    )
    kept: list[Manifest] = []
    removed: list[Manifest] = []
    for manifest in considered:
        young = oldest is not None and datetime.fromisoformat(manifest.created) >= oldest
        (kept if young or manifest.id in stay else removed).append(manifest)
    removed.reverse()
    swept: list[str] = []
    if not dry_run:
        for manifest in removed:
            delete_snapshot(project, manifest.id)
        swept = project.store().sweep(timedelta(hours=grace_hours))
    return Pruning(tuple(removed), tuple(kept), tuple(swept), dry_run)


@dataclass(frozen=True, slots=True)
class Difference:
    """Two snapshots and what is different in the second."""

    before: Manifest
    after: Manifest
    comparison: Comparison


def diff_snapshots(project: Project, first: str, second: str) -> Difference:
    """Compare two snapshots: schema, columns and their masking, numbers of rows; no data file is read."""
    store = project.store()
    before, after = select_snapshot(project, first), select_snapshot(project, second)
    schemas = (read_schema(store.folder(manifest.id), manifest) for manifest in (before, after))
    return Difference(before, after, compare(before, after, *schemas))
