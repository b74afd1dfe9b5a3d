"""A store in a bucket.

The layout is a folder's: ``ID/manifest.json``, ``ID/schema.sql``, ``ID/data/…``. Parts arrive as workers finish them, and
nobody sees them: a snapshot is there once its manifest is, and that is written last, by one request that only
succeeds where there is none of that name yet. Whether a draft is published or given up is decided by that one
object: who sweeps up after dead writers puts an *empty* manifest first, in the same way, and only whoever comes
first wins. A writer that was thought dead so finds its draft given up, never its parts gone.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from datamask.errors import DatamaskError
from datamask.store.bucket import Bucket
from datamask.store.protocol import MANIFEST, is_id, no_such_snapshot

# A writer says at this interval that it lives, by writing this object again.
_ALIVE = ".draft"
_BEAT_SECONDS = 60.0

# An empty manifest stays this long, for a writer that was asleep all the while.
_GIVEN_UP = timedelta(days=7)

# Requests wait for a network, not for a core.
_THREADS = 16

# Parts that one worker has under way beside the one it makes; each is a few megabytes in memory.
_WRITES_AHEAD = 2
_READS_AHEAD = 2


class ObjectStore:
    """Snapshots below one prefix of a bucket.

    :param bucket: the bucket and the prefix.
    :param cache: a folder for manifests that were read once: they never change, and with them at hand a reset from a
        golden need not ask the bucket for anything.
    """

    def __init__(self, bucket: Bucket, *, cache: Path | None = None) -> None:
        self.bucket = bucket
        self._cache = cache

    @property
    def location(self) -> str:
        """The URL."""
        return self.bucket.url

    def ids(self) -> list[str]:
        """The published snapshots' ids, sorted."""
        names = [name for name in self.bucket.folders() if is_id(name)]
        with ThreadPoolExecutor(_THREADS) as pool:
            return [
                name for name, there in zip(names, pool.map(self._published, names), strict=True) if there
            ]

    def folder(self, snapshot_id: str) -> ObjectFolder:
        """The files of a snapshot; no request is made.

        :raises UsageError: where the text cannot be an id.
        """
        if not is_id(snapshot_id):
            raise no_such_snapshot(snapshot_id, self.location)
        return ObjectFolder(self.bucket, snapshot_id)

    def manifest(self, snapshot_id: str) -> bytes:
        """The manifest of a published snapshot, and for the next time a copy of it here.

        :raises UsageError: where there is no such snapshot.
        """
        if not is_id(snapshot_id) or not self._published(snapshot_id):
            raise no_such_snapshot(snapshot_id, self.location)
        content = self.cached_manifest(snapshot_id)
        if content is None:
            content = self.bucket.get(f"{snapshot_id}/{MANIFEST}")
            self._keep(snapshot_id, content)
        return content

    def cached_manifest(self, snapshot_id: str) -> bytes | None:
        """A snapshot's manifest where it was read before; no request is made."""
        if self._cache is None:
            return None
        try:
            return self._cached(self._cache, snapshot_id).read_bytes()
        except OSError:
            return None

    @contextmanager
    def draft(self, snapshot_id: str) -> Iterator[ObjectDraft]:
        """A new snapshot in the making; removed at the end of the block unless it was published.

        :raises DatamaskError: where the store cannot be written, or has a snapshot or draft of that id.
        """
        if not is_id(snapshot_id):
            raise no_such_snapshot(snapshot_id, self.location)
        alive = f"{snapshot_id}/{_ALIVE}"
        # In this order: whoever had the id before leaves its manifest before it takes its sign away.
        if not self.bucket.put_new(alive, b""):
            raise self._taken(snapshot_id)
        if self.bucket.size(f"{snapshot_id}/{MANIFEST}") is not None:
            self.bucket.delete([alive])
            raise self._taken(snapshot_id)
        draft = ObjectDraft(self.bucket, snapshot_id)
        try:
            with _beating(self.bucket, alive):
                yield draft
        finally:
            # What cannot be removed now, a sweep removes later.
            with suppress(DatamaskError):
                if draft.published:
                    self.bucket.delete([alive])
                else:
                    draft.sink.give_up()
                    self._remove(snapshot_id)

    def probe(self) -> None:
        """Try whether the bucket can be listed, read, written and deleted from."""
        self.bucket.folders()
        self.bucket.now()

    def delete(self, snapshot_id: str) -> None:
        """Remove a snapshot: its manifest first, then the rest."""
        if not is_id(snapshot_id) or not self._published(snapshot_id):
            raise no_such_snapshot(snapshot_id, self.location)
        if self._cache is not None:
            self._cached(self._cache, snapshot_id).unlink(missing_ok=True)
        self._remove(snapshot_id)

    def sweep(self, grace: timedelta) -> list[str]:
        """Remove parts that no manifest names and no living writer will publish.

        A writer counts as dead when nothing of its draft, the sign that it lives included, is younger than ``grace``
        by the bucket's clock.

        :returns: the ids of the drafts that went.
        """
        names = [name for name in self.bucket.folders() if is_id(name)]
        with ThreadPoolExecutor(_THREADS) as pool:
            drafts = [
                name for name, there in zip(names, pool.map(self._published, names), strict=True) if not there
            ]
        if not drafts:
            return []
        now = self.bucket.now()
        return [name for name in drafts if self._sweep(name, now - grace, now - _GIVEN_UP)]

    def _sweep(self, snapshot_id: str, silent_since: datetime, forgotten_since: datetime) -> bool:
        manifest = f"{snapshot_id}/{MANIFEST}"
        objects = {item.path: item for item in self.bucket.objects(snapshot_id)}
        verdict = objects.pop(manifest, None)
        if verdict is not None and verdict.bytes:
            # It was published since it was looked for.
            return False
        if verdict is None:
            if any(item.modified > silent_since for item in objects.values()):
                return False
            if not self.bucket.put_new(manifest, b""):
                # Its writer lived after all, or another sweep came first.
                return False
        self.bucket.delete([*objects])
        if verdict is not None and verdict.modified < forgotten_since:
            self.bucket.delete([manifest])
        return bool(objects)

    def _taken(self, snapshot_id: str) -> DatamaskError:
        return DatamaskError(f"{self.location} has a snapshot {snapshot_id}, or somebody is writing one")

    def _published(self, snapshot_id: str) -> bool:
        # An empty one says that the draft was given up.
        return bool(self.bucket.size(f"{snapshot_id}/{MANIFEST}"))

    def _remove(self, snapshot_id: str) -> None:
        # First the one that makes it a snapshot.
        self.bucket.delete([f"{snapshot_id}/{MANIFEST}"])
        self.bucket.delete([item.path for item in self.bucket.objects(snapshot_id)])

    def _keep(self, snapshot_id: str, content: bytes) -> None:
        if self._cache is None:
            return
        # A cache that cannot be written is no cache.
        with suppress(OSError):
            self._cache.mkdir(parents=True, exist_ok=True, mode=0o700)
            file = self._cached(self._cache, snapshot_id)
            partial = file.with_suffix(f".{os.getpid()}")
            partial.write_bytes(content)
            partial.replace(file)

    def _cached(self, cache: Path, snapshot_id: str) -> Path:
        return cache / f"{snapshot_id}.json"


@dataclass(frozen=True, slots=True)
class ObjectFolder:
    """A snapshot's files below one prefix."""

    bucket: Bucket
    id: str

    def __str__(self) -> str:
        return f"{self.bucket.url}/{self.id}"

    @property
    def remote(self) -> bool:
        """True: digests are checked as files arrive, so that they travel once."""
        return True

    def read(self, path: str) -> bytes:
        """A file's content."""
        return self.bucket.get(f"{self.id}/{path}")

    def contents(self, paths: Iterable[str]) -> Iterator[bytes]:
        """The contents of files one after the other; the next ones travel while one is in use."""
        with ThreadPoolExecutor(_READS_AHEAD) as pool:
            ahead: deque[Future[bytes]] = deque()
            try:
                for path in paths:
                    ahead.append(pool.submit(self.read, path))
                    if len(ahead) > _READS_AHEAD:
                        yield ahead.popleft().result()
                while ahead:
                    yield ahead.popleft().result()
            finally:
                for future in ahead:
                    future.cancel()

    def blocks(self, path: str) -> Iterator[bytes]:
        """A file's content in pieces of about a megabyte."""
        return self.bucket.blocks(f"{self.id}/{path}")

    def sizes(self) -> Mapping[str, int]:
        """Every file that is there, with its bytes."""
        prefix = f"{self.id}/"
        found = {item.path.removeprefix(prefix): item.bytes for item in self.bucket.objects(self.id)}
        found.pop(_ALIVE, None)
        return found


class ObjectSink:
    """The files of a draft. Each worker has its own, which sends a few at a time while the next is made.

    :param bucket: the bucket.
    :param id: the draft's id.
    """

    def __init__(self, bucket: Bucket, id: str) -> None:  # noqa: A002
        self._bucket = bucket
        self._id = id
        self._pool: ThreadPoolExecutor | None = None
        self._under_way: deque[Future[None]] = deque()

    def __reduce__(self) -> tuple[type[ObjectSink], tuple[Bucket, str]]:
        return (ObjectSink, (self._bucket, self._id))

    def write(self, path: str, data: bytes | memoryview) -> None:
        """Begin to write a file; waits where enough are under way already.

        :raises DatamaskError: where an earlier one could not be written.
        """
        if self._pool is None:
            self._pool = ThreadPoolExecutor(_WRITES_AHEAD)
        while len(self._under_way) >= _WRITES_AHEAD:
            self._under_way.popleft().result()
        self._under_way.append(self._pool.submit(self._bucket.put, f"{self._id}/{path}", data))

    def flush(self) -> None:
        """Wait until all files have arrived.

        :raises DatamaskError: where one has not.
        """
        while self._under_way:
            self._under_way.popleft().result()

    def give_up(self) -> None:
        """Wait until nothing is on its way any more, whatever became of it: what arrives later would stay."""
        for future in self._under_way:
            future.cancel()
        wait(self._under_way)
        self._under_way.clear()


class ObjectDraft:
    """A snapshot that is being written.

    :param id: its id.
    """

    def __init__(self, bucket: Bucket, id: str) -> None:  # noqa: A002
        self.id = id
        self.sink = ObjectSink(bucket, id)
        self.published = False
        self._bucket = bucket

    def publish(self, manifest: bytes) -> ObjectFolder:
        """Write the manifest, and so make the snapshot visible.

        :raises DatamaskError: where the draft was given up by a sweep, or the store cannot be written.
        """
        self.sink.flush()
        path = f"{self.id}/{MANIFEST}"
        try:
            won = self._bucket.put_new(path, manifest)
        except DatamaskError:
            # The request may have arrived, and only its answer got lost.
            if not self._arrived(path, manifest):
                raise
            won = True
        if not won and not self._arrived(path, manifest):
            raise DatamaskError(
                f"snapshot {self.id} was given up: nothing was heard of this writer for so long that a prune "
                "took it for dead",
                hint="take the snapshot again, and prune with a longer --grace",
            )
        self.published = True
        return ObjectFolder(self._bucket, self.id)

    def _arrived(self, path: str, manifest: bytes) -> bool:
        try:
            return self._bucket.get(path) == manifest
        except DatamaskError:
            return False


@contextmanager
def _beating(bucket: Bucket, path: str) -> Iterator[None]:
    """Write an object again and again, so that its age says that this process lives."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(_BEAT_SECONDS):
            # Where it cannot be written now, the next one will do: a sweep waits far longer.
            with suppress(DatamaskError):
                bucket.put(path, b"")

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
