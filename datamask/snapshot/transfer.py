"""A published snapshot carried from one place to another: to a store, to one file, and back.

Every file's size and digest are compared with the manifest on the way, so nothing that is damaged arrives anywhere.
"""

from __future__ import annotations

import io
import os
import tarfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from datamask.errors import DatamaskError, UsageError, VerificationError
from datamask.progress import Progress
from datamask.snapshot import manifest as manifests
from datamask.snapshot.manifest import Manifest
from datamask.snapshot.verify import expected_files, require_same
from datamask.store.local import LocalFolder, writing
from datamask.store.protocol import MANIFEST, Folder, Store

# A manifest of a hundred thousand files is a tenth of this.
_MANIFEST_BYTES = 256 << 20

_SCHEMA = "schema"


@dataclass(frozen=True, slots=True)
class Parcel:
    """A snapshot on its way.

    :param content: the manifest's bytes.
    :param files: the other files with their contents, in any order; can be gone through once.
    """

    manifest: Manifest
    content: bytes
    files: Iterable[tuple[str, bytes]]


def from_folder(folder: Folder) -> Parcel:
    """The snapshot in a folder, or below the prefix of a bucket."""
    content = folder.read(MANIFEST)
    manifest = manifests.load(content, where=f"{folder}/{MANIFEST}")
    paths = [*expected_files(manifest)]
    return Parcel(manifest, content, zip(paths, folder.contents(paths), strict=True))


@contextmanager
def from_archive(file: Path) -> Iterator[Parcel]:
    """The snapshot in an archive that ``to_archive`` wrote.

    :raises UsageError: where there is no such file, or it is no such archive.
    :raises VerificationError: where it is damaged.
    """
    opened = False
    try:
        with tarfile.open(file, "r:") as archive:
            first = archive.next()
            if first is None or not first.isreg() or not first.name.endswith(f"/{MANIFEST}"):
                raise _no_archive(file)
            opened = True
            if first.size > _MANIFEST_BYTES:
                raise VerificationError(f"{file} is damaged: its manifest is too large")
            content = _content(archive, first, file)
            manifest = manifests.load(content, where=f"{file}: {first.name}")
            if first.name != f"{manifest.id}/{MANIFEST}":
                raise VerificationError(f"{file} is damaged: its manifest is that of another snapshot")
            yield Parcel(manifest, content, _members(archive, manifest, file))
    except tarfile.TarError:
        raise (_cut_off(file) if opened else _no_archive(file)) from None
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}") from None


def to_store(parcel: Parcel, store: Store, what: str, progress: Progress) -> Folder:
    """Publish a snapshot in a store under its own id; on failure nothing of it is there.

    :param what: the verb, for the progress.
    :raises VerificationError: where a file is missing, or is not what the manifest says.
    """
    with store.draft(parcel.manifest.id) as draft:
        sink = draft.sink
        for path, content in _checked(parcel, what, progress):
            sink.write(path, content)
        sink.flush()
        return draft.publish(parcel.content)


def to_archive(parcel: Parcel, file: Path, what: str, progress: Progress) -> None:
    """Write a snapshot as one file, a tar archive with the manifest first; on failure there is no such file.

    The same snapshot gives the same bytes each time.

    :param what: the verb, for the progress.
    :raises UsageError: where the file is there already.
    """
    if file.exists():
        raise UsageError(f"{file} is there already", hint="choose another name, or delete it first")
    taken = int(datetime.fromisoformat(parcel.manifest.created).timestamp())
    partial = file.with_name(f"{file.name}.partial-{os.getpid()}")
    try:
        with writing(file):
            descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as out:
                with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
                    _add(archive, f"{parcel.manifest.id}/{MANIFEST}", parcel.content, taken)
                    for path, content in _checked(parcel, what, progress):
                        _add(archive, f"{parcel.manifest.id}/{path}", content, taken)
                out.flush()
                os.fsync(out.fileno())
            # Unlike a rename, this never replaces what somebody else has put there meanwhile.
            os.link(partial, file)
    finally:
        partial.unlink(missing_ok=True)


def snapshot_folder(path: Path) -> LocalFolder:
    """The snapshot that a path means: a snapshot's own folder, or a store that holds one.

    :raises UsageError: where there is none, or more than one.
    """
    if (path / MANIFEST).is_file():
        return LocalFolder(path)
    found = sorted(entry.parent for entry in path.glob(f"*/{MANIFEST}"))
    if len(found) == 1:
        return LocalFolder(found[0])
    if found:
        raise UsageError(
            f"{path} holds {len(found)} snapshots", hint=f"name the folder of one, such as {found[-1]}"
        )
    raise UsageError(
        f"{path} holds no snapshot", hint="`datamask snapshots export` writes what can be imported"
    )


def _checked(parcel: Parcel, what: str, progress: Progress) -> Iterator[tuple[str, bytes]]:
    """The files, each compared with the manifest, all of them and no others."""
    manifest = parcel.manifest
    expected = expected_files(manifest)
    tables = {file.path: table.key for table in manifest.tables for file in table.files}
    left = defaultdict[str, int](int)
    for table in tables.values():
        left[table] += 1
    progress.start(what, total_bytes=manifest.bytes, tables=len(left))
    for path, content in parcel.files:
        file = expected.pop(path, None)
        if file is None:
            raise VerificationError(f"{path} is not in the manifest of snapshot {manifest.id}")
        require_same(file, content)
        yield path, content
        table = tables.get(path, _SCHEMA)
        left[table] -= 1
        progress.advance(table, rows=file.rows, bytes_done=file.bytes, table_done=left[table] == 0)
    if expected:
        raise VerificationError(
            f"snapshot {manifest.id} is not whole: {min(expected)} is missing",
            hint="export it again, and carry all of it",
        )
    progress.finish()


def _members(archive: tarfile.TarFile, manifest: Manifest, file: Path) -> Iterator[tuple[str, bytes]]:
    sizes = {path: item.bytes for path, item in expected_files(manifest).items()}
    prefix = f"{manifest.id}/"
    while (member := archive.next()) is not None:
        path = member.name.removeprefix(prefix)
        # Before it is read: what is not as large as it should be may be larger than memory.
        if not member.isreg() or not member.name.startswith(prefix) or sizes.get(path) != member.size:
            raise VerificationError(f"{file} is damaged: it holds what is not in its manifest")
        yield path, _content(archive, member, file)


def _content(archive: tarfile.TarFile, member: tarfile.TarInfo, file: Path) -> bytes:
    stream = archive.extractfile(member)
    content = stream.read() if stream is not None else b""
    if len(content) != member.size:
        raise _cut_off(file)
    return content


def _add(archive: tarfile.TarFile, name: str, content: bytes, modified: int) -> None:
    member = tarfile.TarInfo(name)
    member.size, member.mtime, member.mode = len(content), modified, 0o600
    archive.addfile(member, io.BytesIO(content))


def _cut_off(file: Path) -> VerificationError:
    return VerificationError(f"{file} is damaged: it is cut off", hint="carry all of it once more")


def _no_archive(file: Path) -> DatamaskError:
    return UsageError(
        f"{file} is not the archive of a snapshot", hint="`datamask snapshots export ID FILE.tar` writes one"
    )
