"""Is a snapshot still what was written: every file there, every byte the same."""

from __future__ import annotations

import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from datamask.errors import VerificationError
from datamask.snapshot import manifest as manifests
from datamask.snapshot.manifest import DataFile, Manifest
from datamask.snapshot.schema import SCHEMA_FILE
from datamask.store.protocol import MANIFEST, Folder

# Transfers wait for a network, not for a core.
_REMOTE_THREADS = 16


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that is not what the manifest says.

    :param problem: ``missing``, ``changed`` or ``unknown``.
    """

    path: str
    problem: str


def read_manifest(folder: Folder) -> Manifest:
    """The manifest of a snapshot, its own digest checked.

    :raises VerificationError: where it is missing or damaged, or of a newer format.
    """
    return manifests.load(folder.read(MANIFEST), where=f"{folder}/{MANIFEST}")


def expected_files(manifest: Manifest) -> dict[str, DataFile]:
    """Every file of a snapshot but its manifest, by path."""
    schema = DataFile(SCHEMA_FILE, 0, manifest.schema_bytes, manifest.schema_sha256)
    return {file.path: file for file in (schema, *manifest.files)}


def find_damage(folder: Folder, manifest: Manifest, *, digests: bool = True) -> list[Damage]:
    """Every file that differs from the manifest, and every file that it does not know.

    :param digests: read all of them; otherwise only names and sizes are compared.
    """
    expected = expected_files(manifest)
    sizes = folder.sizes()

    def check(path: str) -> Damage | None:
        if path not in sizes:
            return Damage(path, "missing")
        if sizes[path] != expected[path].bytes:
            return Damage(path, "changed")
        return _compare(folder, expected[path]) if digests else None

    # Digests release the interpreter's lock, so threads use all cores.
    with ThreadPoolExecutor(_REMOTE_THREADS if folder.remote else os.cpu_count() or 1) as pool:
        found = [damage for damage in pool.map(check, expected) if damage is not None]
    return found + [
        Damage(path, "unknown") for path in sorted(sizes) if path not in expected and path != MANIFEST
    ]


def require_intact(folder: Folder, manifest: Manifest) -> None:
    """Refuse a snapshot with damage.

    Of a remote one, names and sizes are compared here: its digests are checked when its files are read, which
    happens once.

    :raises VerificationError: naming the first damaged files.
    """
    damage = find_damage(folder, manifest, digests=not folder.remote)
    if damage:
        shown = ", ".join(f"{item.path} ({item.problem})" for item in damage[:3])
        more = f" and {len(damage) - 3} more" if len(damage) > 3 else ""
        raise VerificationError(
            f"snapshot {manifest.id} is damaged: {shown}{more}",
            hint="restore the files from a backup, or take the snapshot again",
        )


def read_schema(folder: Folder, manifest: Manifest) -> str:
    """The schema's SQL, its digest checked.

    :raises VerificationError: where it is missing or not what was written.
    """
    content = folder.read(SCHEMA_FILE)
    require_same(DataFile(SCHEMA_FILE, 0, manifest.schema_bytes, manifest.schema_sha256), content)
    return content.decode()


def require_same(file: DataFile, content: bytes) -> None:
    """Refuse a file's content that is not what was written.

    :raises VerificationError: naming the file.
    """
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise VerificationError(
            f"{file.path} is not what was written: its checksum differs",
            hint="datamask snapshots verify says which files are damaged; take the snapshot again",
        )


def _compare(folder: Folder, file: DataFile) -> Damage | None:
    digest = hashlib.sha256()
    try:
        for block in folder.blocks(file.path):
            digest.update(block)
    except VerificationError:
        return Damage(file.path, "missing")
    return None if digest.hexdigest() == file.sha256 else Damage(file.path, "changed")
