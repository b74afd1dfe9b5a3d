"""A store in a folder.

A snapshot is written as a draft under ``.drafts`` and becomes visible by one rename, after every byte is
on disk. A process that dies leaves a draft whose lock is free; the next one that writes removes it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from datamask.errors import DatamaskError, VerificationError
from datamask.store.protocol import MANIFEST, is_id, no_such_snapshot

_DRAFTS = ".drafts"
_TRASH = ".trash"
_LOCK_SUFFIX = ".lock"

# fsync waits for the disk, not for a core: several at once let the disk sort them.
_SYNC_THREADS = 8

_BLOCK_BYTES = 1 << 20


class LocalStore:
    """Snapshots in a folder, one subfolder each.

    :param root: the folder; made when something is first written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def location(self) -> str:
        """The folder."""
        return str(self.root)

    def ids(self) -> list[str]:
        """The published snapshots' ids, sorted."""
        if not self.root.is_dir():
            return []
        return sorted(
            entry.name for entry in self.root.iterdir() if is_id(entry.name) and (entry / MANIFEST).is_file()
        )

    def folder(self, snapshot_id: str) -> LocalFolder:
        """Where a published snapshot's files are.

        :raises UsageError: where there is no such snapshot.
        """
        folder = self.root / snapshot_id
        if not is_id(snapshot_id) or not (folder / MANIFEST).is_file():
            raise no_such_snapshot(snapshot_id, self.location)
        return LocalFolder(folder)

    def manifest(self, snapshot_id: str) -> bytes:
        """The manifest of a published snapshot."""
        return self.folder(snapshot_id).read(MANIFEST)

    def cached_manifest(self, snapshot_id: str) -> bytes | None:
        """None: nothing is nearer than the store itself."""
        del snapshot_id
        return None

    @contextmanager
    def draft(self, snapshot_id: str) -> Iterator[LocalDraft]:
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
            yield LocalDraft(self.root, snapshot_id, folder)
        finally:
            shutil.rmtree(folder, ignore_errors=True)
            if not folder.exists():
                lock_file.unlink(missing_ok=True)
            os.close(lock)

    def delete(self, snapshot_id: str) -> None:
        """Remove a snapshot: out of sight by one rename, then file by file."""
        folder = self.folder(snapshot_id).path
        with writing(self.root):
            trash = self.root / _TRASH
            trash.mkdir(exist_ok=True, mode=0o700)
            folder.rename(trash / snapshot_id)
            _sync_folder(self.root)
            self._sweep()

    def sweep(self, grace: timedelta) -> list[str]:
        """Remove drafts whose writer is dead, however long it has been: a lock says whether it is."""
        del grace
        with writing(self.root):
            return self._sweep()

    def _sweep(self) -> list[str]:
        """Remove drafts whose writer is dead, and what a delete left behind."""
        for deleted in (self.root / _TRASH).glob("*"):
            shutil.rmtree(deleted, ignore_errors=True)
        swept = []
        for lock_file in (self.root / _DRAFTS).glob("*" + _LOCK_SUFFIX):
            with suppress(OSError):
                lock = os.open(lock_file, os.O_RDWR)
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    shutil.rmtree(lock_file.with_suffix(""), ignore_errors=True)
                    if not lock_file.with_suffix("").exists():
                        lock_file.unlink()
                        swept.append(lock_file.name.removesuffix(_LOCK_SUFFIX))
                finally:
                    os.close(lock)
        return sorted(swept)


@dataclass(frozen=True, slots=True)
class LocalFolder:
    """A snapshot's files in a folder of this machine."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)

    @property
    def remote(self) -> bool:
        """False: what was read once is in the system's cache."""
        return False

    def read(self, path: str) -> bytes:
        """A file's content."""
        file = self.path / path
        with _reading(file):
            return file.read_bytes()

    def contents(self, paths: Iterable[str]) -> Iterator[bytes]:
        """The contents of files one after the other."""
        return map(self.read, paths)

    def blocks(self, path: str) -> Iterator[bytes]:
        """A file's content in pieces of a megabyte."""
        with _reading(self.path / path), (self.path / path).open("rb", buffering=0) as file:
            while block := file.read(_BLOCK_BYTES):
                yield block

    def sizes(self) -> Mapping[str, int]:
        """Every file that is there, with its bytes."""
        return {
            path.relative_to(self.path).as_posix(): path.stat().st_size
            for path in sorted(self.path.rglob("*"))
            if path.is_file()
        }


@dataclass(frozen=True, slots=True)
class LocalSink:
    """The files of a draft; on disk for certain once it is published."""

    folder: Path

    def write(self, path: str, data: bytes | memoryview) -> None:
        """Write a new file."""
        write_file(self.folder / path, data)

    def flush(self) -> None:
        """Nothing to wait for: publishing forces all of it to disk."""


class LocalDraft:
    """A snapshot that is being written.

    :param folder: where its files go; workers write there, the manifest comes last.
    """

    def __init__(self, root: Path, snapshot_id: str, folder: Path) -> None:
        self.id = snapshot_id
        self.folder = folder
        self._root = root

    @property
    def sink(self) -> LocalSink:
        """Where its files go."""
        return LocalSink(self.folder)

    def publish(self, manifest: bytes) -> LocalFolder:
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
        return LocalFolder(target)


@contextmanager
def _reading(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise VerificationError(
            f"{file} cannot be read: {error.strerror}",
            hint="datamask snapshots verify says which files are damaged",
        ) from None


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
