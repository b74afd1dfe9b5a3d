"""Is a snapshot still what was written: every file there, every byte the same."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from datamask.errors import VerificationError
from datamask.snapshot import manifest as manifests
from datamask.snapshot.manifest import Manifest
from datamask.snapshot.schema import SCHEMA_FILE
from datamask.store.local import MANIFEST

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Damage:
    """A file that is not what the manifest says.

    :param problem: ``missing``, ``changed`` or ``unknown``.
    """

    path: str
    problem: str


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a snapshot, its own digest checked.

    :raises VerificationError: where it is missing or damaged, or of a newer format.
    """
    path = folder / MANIFEST
    try:
        return manifests.load(path.read_bytes(), where=str(path))
    except OSError as error:
        raise VerificationError(f"{path} cannot be read: {error.strerror}") from None


def find_damage(folder: Path, manifest: Manifest) -> list[Damage]:
    """Every file that differs from the manifest, and every file that it does not know."""
    expected = {SCHEMA_FILE: (manifest.schema_bytes, manifest.schema_sha256)}
    expected |= {file.path: (file.bytes, file.sha256) for file in manifest.files}
    # Digests release the interpreter's lock, so threads use all cores.
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        found = pool.map(lambda item: _check(folder, item[0], *item[1]), expected.items())
    unknown = [
        Damage(path, "unknown") for path in _files(folder) if path not in expected and path != MANIFEST
    ]
    return [damage for damage in found if damage is not None] + unknown


def require_intact(folder: Path, manifest: Manifest) -> None:
    """Refuse a snapshot with damage.

    :raises VerificationError: naming the first damaged files.
    """
    damage = find_damage(folder, manifest)
    if damage:
        shown = ", ".join(f"{item.path} ({item.problem})" for item in damage[:3])
        more = f" and {len(damage) - 3} more" if len(damage) > 3 else ""
        raise VerificationError(
            f"snapshot {manifest.id} is damaged: {shown}{more}",
            hint="restore the files from a backup, or take the snapshot again",
        )


def _check(folder: Path, path: str, size: int, sha256: str) -> Damage | None:
    digest = hashlib.sha256()
    try:
        with (folder / path).open("rb") as file:
            if os.fstat(file.fileno()).st_size != size:
                return Damage(path, "changed")
            while block := file.read(_BLOCK_BYTES):
                digest.update(block)
    except OSError:
        return Damage(path, "missing")
    return None if digest.hexdigest() == sha256 else Damage(path, "changed")


def _files(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix()
