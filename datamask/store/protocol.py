"""What a store of snapshots is, wherever it is: a folder of this machine, or a bucket.

A snapshot is a draft until its manifest is there; from then on nothing in it changes. ``tests/unit/store`` holds
every kind of store to this.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Protocol

from datamask.errors import UsageError

MANIFEST = "manifest.json"

# The id becomes a folder's name and part of an object's key.
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,100}")


class Folder(Protocol):
    """The files of one published snapshot. Picklable: workers read them by themselves.

    As text it is where the files are, for people.
    """

    @property
    def remote(self) -> bool:
        """True where every read costs a transfer: then digests are checked while a load reads, not before."""

    def read(self, path: str) -> bytes:
        """A file's content.

        :raises VerificationError: where there is no such file.
        :raises DatamaskError: where the store cannot be reached.
        """

    def contents(self, paths: Iterable[str]) -> Iterator[bytes]:
        """The contents of files one after the other; a remote store fetches the next while one is in use."""

    def blocks(self, path: str) -> Iterator[bytes]:
        """A file's content in pieces of about a megabyte; errors as of ``read``."""

    def sizes(self) -> Mapping[str, int]:
        """Every file that is there, with its bytes."""


class Sink(Protocol):
    """Where the files of a draft are written. Picklable: workers write by themselves."""

    def write(self, path: str, data: bytes | memoryview) -> None:
        """Write a new file, or begin to: an error may show at a later call."""

    def flush(self) -> None:
        """Wait until all that this process wrote has arrived.

        :raises DatamaskError: where something has not.
        """


class Draft(Protocol):
    """A snapshot that is being written."""

    @property
    def id(self) -> str:
        """Its id, also once it is published."""

    @property
    def sink(self) -> Sink:
        """Where its files go; the manifest comes last, by ``publish``."""

    def publish(self, manifest: bytes) -> Folder:
        """Add the manifest and so make the snapshot visible, all of it or, on failure, nothing."""


class Store(Protocol):
    """Published snapshots, and drafts that nobody sees."""

    @property
    def location(self) -> str:
        """Where it is, for people: a folder or a URL."""

    def ids(self) -> list[str]:
        """The published snapshots' ids, sorted."""

    def folder(self, snapshot_id: str) -> Folder:
        """The files of a snapshot. A remote store is not asked whether it is there: reading tells.

        :raises UsageError: where there is certainly no such snapshot.
        """

    def manifest(self, snapshot_id: str) -> bytes:
        """The manifest of a published snapshot.

        :raises UsageError: where there is no such snapshot.
        """

    def cached_manifest(self, snapshot_id: str) -> bytes | None:
        """A manifest that was read before, where the store is far away and keeps copies here; it is not asked."""

    def draft(self, snapshot_id: str) -> AbstractContextManager[Draft]:
        """A new snapshot in the making; removed at the end of the block unless it was published.

        :raises DatamaskError: where the store cannot be written.
        """

    def delete(self, snapshot_id: str) -> None:
        """Remove a snapshot: out of sight at once, then file by file.

        :raises UsageError: where there is no such snapshot.
        """

    def sweep(self, grace: timedelta) -> list[str]:
        """Remove what dead writers and unfinished deletions left, never what a living writer works at.

        :param grace: how long a writer that cannot be asked must have been silent to count as dead.
        :returns: the ids of the drafts that went.
        """


def is_id(text: str) -> bool:
    """True where text can be a snapshot's id."""
    return _ID.fullmatch(text) is not None


def no_such_snapshot(snapshot_id: str, location: str) -> UsageError:
    """The error for a snapshot that a store does not have."""
    return UsageError(
        f"there is no snapshot {snapshot_id!r} in {location}",
        hint="datamask snapshots list shows those there are",
    )
