"""A store in a folder.

A snapshot is written as a draft under ``.drafts`` and becomes visible by one rename, after every byte is
on disk. A process that dies leaves a draft whose lock is free; the next one that writes removes it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from datamask.errors import DatamaskError, UsageError

MANIFEST = "manifest.json"

_DRAFTS = ".drafts"
_TRASH = ".trash"
_LOCK_SUFFIX = ".lock"
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")

# fsync waits for the disk, not for a core: several at once let the disk sort them.
_SYNC_THREADS = 8


class LocalStore:
    """Snapshots in a folder, one subfolder each.

    :param root: the folder; made when something is first written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def ids(self) -> list[str]:
        """The published snapshots' ids, sorted."""
        if not self.root.is_dir():
            return []
        return sorted(
            entry.name
            for entry in self.root.iterdir()
            if _ID.fullmatch(entry.name) and (entry / MANIFEST).is_file()
        )

    def folder(self, snapshot_id: str) -> Path:
        """Where a published snapshot's files are.

        :raises UsageError: where there is no such snapshot.
        """
        folder = self.root / snapshot_id
        if not _ID.fullmatch(snapshot_id) or not (folder / MANIFEST).is_file():
            raise UsageError(
                f"there is no snapshot {snapshot_id!r} in {self.root}",
                hint="datamask snapshots list shows those there are",
            )
        return folder

    @contextmanager
    def draft(self, snapshot_id: str) -> Iterator[Draft]:
        """A new snapshot in the making; removed at the end of the block unless it was published.

        :raises DatamaskError: where the store cannot be written.
        """
        folder = self.root / _DRAFTS / snapshot_id
        # Beside the folder, so that there is no instant at which a folder has no lock.
        lock_file = folder.with_name(snapshot_id + _LOCK_SUFFIX)
        with writing(self.root):
            self._sweep()
            folder.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            lock = _lock(lock_file)
        try:
            with writing(self.root):
                folder.mkdir(mode=0o700)
            yield Draft(self.root, snapshot_id, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                lock_file.unlink(missing_ok=True)
            os.close(lock)

    def delete(self, snapshot_id: str) -> None:
        """Remove a snapshot: out of sight by one rename, then file by file."""
        folder = self.folder(snapshot_id)
        with writing(self.root):
            trash = self.root / _TRASH
            trash.mkdir(exist_ok=True, mode=0o700)
            folder.rename(trash / snapshot_id)
            _sync_folder(self.root)
            self._sweep()

    def _sweep(self) -> None:
        """Remove drafts whose writer is dead, and what a delete left behind."""
        for deleted in (self.root / _TRASH).glob("*"):
            shutil.rmtree(deleted, ignore_errors=True)
        for lock_file in (self.root / _DRAFTS).glob("*" + _LOCK_SUFFIX):
            with suppress(OSError):
                lock = os.open(lock_file, os.O_RDWR)
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(lock_file.with_suffix(""), ignore_errors=True)
                    if not lock_file.with_suffix("").exists():
                        lock_file.unlink()
                finally:
                    os.close(lock)


class Draft:
    """A snapshot that is being written.

    :param folder: where its files go; workers write there, the manifest comes last.
    """

    def __init__(self, root: Path, snapshot_id: str, folder: Path) -> None:
        self.id = snapshot_id
        self.folder = folder
        self._root = root

    def publish(self, manifest: bytes) -> Path:
        """Write the manifest, bring everything to disk, and make the snapshot visible.

        :returns: the published folder.
        """
        target = self._root / self.id
        with writing(self._root):
            write_file(self.folder / MANIFEST, manifest)
            files = [path for path in self.folder.rglob("*") if path.is_file()]
            with ThreadPoolExecutor(_SYNC_THREADS) as pool:
                list(pool.map(_sync_file, files))
            for folder in [path for path in self.folder.rglob("*") if path.is_dir()]:
                _sync_folder(folder)
            _sync_folder(self.folder)
            self.folder.rename(target)
            _sync_folder(self._root)
        return target


def write_file(path: Path, data: bytes | memoryview) -> None:
    """Write a new file, making its folder where needed; not yet forced to disk."""
    with writing(path):
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb", buffering=0) as file:
            view = memoryview(data)
            while view:
                view = view[file.write(view) :]


@contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn the errors of a file system into datamask's, with what to do."""
    try:
        yield
    except OSError as error:
        hints = {
            errno.ENOSPC: "free space, or point `store` in datamask.yaml at another disk",
            errno.EDQUOT: "the user's disk quota is used up",
            errno.EACCES: "give the user that runs datamask the right to write there",
            errno.EROFS: "the file system is mounted read-only",
        }
        raise DatamaskError(
            f"cannot write to the store at {path}: {error.strerror}",
            hint=hints.get(error.errno or 0),
        ) from None


def _lock(path: Path) -> int:
    """Create and lock a file.

    :returns: its descriptor; the lock ends when it is closed, also by the end of the process.
    """
    while True:
        descriptor = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor
        # Between the two calls another process swept it away as a dead writer's.
        os.close(descriptor)


def _sync_file(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sync_folder(path: Path) -> None:
    _sync_file(path)
