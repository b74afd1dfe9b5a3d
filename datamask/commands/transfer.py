"""``datamask snapshots export`` and ``import``: a snapshot carried to where no network leads."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from datamask.commands.project import Project
from datamask.commands.selection import read_stored, select_snapshot
from datamask.errors import DatamaskError, UsageError, VerificationError
from datamask.progress import Progress
from datamask.snapshot.manifest import Manifest
from datamask.snapshot.transfer import (
    Parcel,
    from_archive,
    from_folder,
    snapshot_folder,
    to_archive,
    to_store,
)
from datamask.store.local import LocalStore

# What such a path ends with is a file; everything else is a folder.
ARCHIVE_SUFFIX = ".tar"


@dataclass(frozen=True, slots=True)
class Transferred:
    """A snapshot that is now in one more place.

    :param place: the file or folder it was exported to, or the store that it was imported into.
    :param new: False where the store had it already.
    """

    manifest: Manifest
    place: str
    new: bool = True


def export_snapshot(project: Project, reference: str, path: Path, *, progress: Progress) -> Transferred:
    """Write a snapshot to one file, or into a folder that is then a store.

    :param path: a file where it ends with ``.tar``, else a folder.
    :raises UsageError: where the file, or the snapshot in the folder, is there already.
    :raises VerificationError: where the snapshot is damaged.
    """
    manifest = select_snapshot(project, reference)
    folder = project.store().folder(manifest.id)
    with project.audit().action(
        "snapshot export", snapshot=manifest.id, digest=manifest.digest, place=str(path.absolute())
    ):
        if path.suffix == ARCHIVE_SUFFIX:
            to_archive(from_folder(folder), path, "export", progress)
            return Transferred(manifest, str(path))
        target = LocalStore(path)
        if manifest.id in target.ids():
            raise UsageError(f"{path} already holds snapshot {manifest.id}")
        return Transferred(manifest, str(to_store(from_folder(folder), target, "export", progress)))


def import_snapshot(
    project: Project, path: Path, *, digest: str | None = None, progress: Progress
) -> Transferred:
    """Publish an exported snapshot in the project's store, under the id that it has.

    :param path: an exported file, a snapshot's folder, or a store with one snapshot.
    :param digest: what the snapshot's digest must be, as its sender said it.
    :raises UsageError: where there is no snapshot at the path.
    :raises VerificationError: where it is damaged or not the one that is expected.
    """
    store = project.store()
    with _opened(path) as parcel:
        manifest = parcel.manifest
        if digest is not None and digest.lower() != manifest.digest:
            raise VerificationError(
                f"{path} holds a snapshot with another digest: {manifest.digest}",
                hint="it is not the one that was sent; nothing was imported",
            )
        if manifest.id in store.ids():
            if read_stored(store, manifest.id).digest != manifest.digest:
                raise DatamaskError(f"{store.location} already has another snapshot {manifest.id}")
            return Transferred(manifest, store.location, new=False)
        with project.audit().action(
            "snapshot import", snapshot=manifest.id, digest=manifest.digest, place=str(path.absolute())
        ):
            to_store(parcel, store, "import", progress)
    return Transferred(manifest, store.location)


def _opened(path: Path) -> AbstractContextManager[Parcel]:
    return nullcontext(from_folder(snapshot_folder(path))) if path.is_dir() else from_archive(path)
