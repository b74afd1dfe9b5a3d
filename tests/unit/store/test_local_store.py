"""The store: nothing is visible before it is whole, and nothing that a crash left stays."""

from __future__ import annotations

import errno
import fcntl
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from support.manifests import publish

from datamask.errors import DatamaskError, UsageError
from datamask.store import local
from datamask.store.local import LocalStore, write_file

ID = "20260102-030405-abcdef"


@pytest.fixture
def store(tmp_path):
    return LocalStore(tmp_path / "store")


def everything(store: LocalStore) -> list[str]:
    """All that is in the store, but for its own two folders."""
    found = (path.relative_to(store.root).as_posix() for path in store.root.rglob("*"))
    return sorted(path for path in found if path not in {".drafts", ".trash"})


def test_a_store_that_nobody_wrote_to_is_empty(store):
    assert store.ids() == []
    assert not store.root.exists()


def test_a_draft_is_invisible_until_it_is_published(store):
    with store.draft(ID) as draft:
        write_file(draft.folder / "data" / "x" / "1.parquet", b"one")
        assert store.ids() == []
        with pytest.raises(UsageError):
            store.folder(ID)
        folder = draft.publish(b"{}")
        assert store.ids() == [ID]
    assert store.ids() == [ID]
    assert folder == store.folder(ID)
    assert folder.path == store.root / ID
    assert everything(store) == [
        ID, f"{ID}/data", f"{ID}/data/x", f"{ID}/data/x/1.parquet", f"{ID}/manifest.json",
    ]  # fmt: skip


def test_only_the_owner_can_read_a_snapshot(store):
    publish(store, ID)
    assert {path.stat().st_mode & 0o077 for path in store.folder(ID).path.rglob("*.json")} == {0}
    with store.draft(ID + "x") as draft:
        assert draft.folder.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_draft_that_fails_is_gone(store, error):
    def fail() -> None:
        with store.draft(ID) as draft:
            write_file(draft.folder / "data" / "x", b"one")
            raise error

    with pytest.raises(error):
        fail()
    assert everything(store) == []


def test_a_draft_that_nobody_published_is_gone(store):
    with store.draft(ID) as draft:
        write_file(draft.folder / "x", b"one")
    assert everything(store) == []


def test_published_snapshots_are_listed_in_order(store):
    for name in ("20260103-000000-b", "20260102-000000-c", "20260103-000000-a"):
        publish(store, name)
    (store.root / "notes").mkdir()
    (store.root / "file").write_text("x")
    assert store.ids() == ["20260102-000000-c", "20260103-000000-a", "20260103-000000-b"]


@pytest.mark.parametrize("name", ["", ".", "..", ".drafts", "../store", "a/b", "missing", "x" * 200])
def test_what_is_no_snapshot_has_no_folder(store, name):
    publish(store, ID)
    with pytest.raises(UsageError) as caught:
        store.folder(name)
    assert caught.value.message == f"there is no snapshot {name!r} in {store.root}"


def test_a_snapshot_is_never_overwritten(store):
    publish(store, ID)
    before = everything(store)
    with pytest.raises(DatamaskError):
        publish(store, ID)
    assert everything(store) == before


def test_a_deleted_snapshot_is_gone(store):
    publish(store, ID)
    store.delete(ID)
    assert store.ids() == []
    assert everything(store) == []
    with pytest.raises(UsageError):
        store.delete(ID)


def test_what_a_killed_delete_left_is_swept(store):
    publish(store, ID)
    (store.root / ".trash").mkdir()
    (store.root / ID).rename(store.root / ".trash" / ID)
    publish(store, ID + "2")
    assert not list((store.root / ".trash").iterdir())


WRITER = """
    import os, sys
    from pathlib import Path
    from datamask.store import local
    from datamask.store.local import LocalStore, write_file

    point, root = sys.argv[1], Path(sys.argv[2])

    def die(*_, **__):
        os.kill(os.getpid(), 9)

    if point == "lock":
        local._lock = die
    elif point == "folder":
        real = Path.mkdir
        Path.mkdir = lambda self, *a, **k: die() if self.name == "dead" else real(self, *a, **k)
    elif point == "manifest":
        real_write = write_file
        local.write_file = lambda path, data: die() if path.name == "manifest.json" else real_write(path, data)
    elif point == "sync":
        local._sync_file = die
    elif point == "rename":
        Path.rename = die
    elif point == "renamed":
        real_sync = local._sync_folder
        local._sync_folder = lambda path: die() if path == root else real_sync(path)
    with LocalStore(root).draft("dead") as draft:
        local.write_file(draft.folder / "data" / "x.parquet", b"x" * 1000)
        if point == "written":
            die()
        draft.publish(b"{}")
        if point == "published":
            die()
"""


@pytest.mark.parametrize(
    ("point", "published"),
    [
        ("lock", False), ("folder", False), ("written", False), ("manifest", False), ("sync", False),
        ("rename", False), ("renamed", True), ("published", True),
    ],
)  # fmt: skip
def test_a_writer_that_is_killed_leaves_all_or_nothing(store, point, published):
    done = subprocess.run([sys.executable, "-c", textwrap.dedent(WRITER), point, store.root], check=False)
    assert done.returncode == -9
    assert store.ids() == (["dead"] if published else [])
    publish(store, ID)
    assert store.ids() == [ID, "dead"] if published else [ID]
    assert not list((store.root / ".drafts").iterdir())
    if published:
        assert (store.folder("dead").path / "data" / "x.parquet").stat().st_size == 1000


def test_drafts_of_living_writers_are_let_alone(store):
    with store.draft("first") as first:
        write_file(first.folder / "x", b"one")
        with store.draft("second") as second:
            second.publish(b"{}")
        assert (first.folder / "x").read_bytes() == b"one"
        first.publish(b"{}")
    assert store.ids() == ["first", "second"]


def test_a_lock_that_a_sweep_took_away_is_taken_again(tmp_path, monkeypatch):
    path = tmp_path / "x.lock"
    real, swept = fcntl.flock, []

    def flock(descriptor: int, operation: int) -> None:
        if not swept:
            swept.append(descriptor)
            path.unlink()
        real(descriptor, operation)

    monkeypatch.setattr(local.fcntl, "flock", flock)
    descriptor = local._lock(path)
    try:
        assert os.fstat(descriptor).st_ino == path.stat().st_ino
    finally:
        os.close(descriptor)


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.ENOSPC, "free space, or point `store` in datamask.yaml at another disk"),
        (errno.EDQUOT, "the user's disk quota is used up"),
        (errno.EACCES, "give the user that runs datamask the right to write there"),
        (errno.EROFS, "the file system is mounted read-only"),
        (errno.EIO, None),
    ],
)
def test_a_disk_that_refuses_is_one_clear_error(store, monkeypatch, number, hint):
    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(local.os, "fsync", refuse)
    with pytest.raises(DatamaskError) as caught:
        publish(store, ID)
    assert caught.value.message == f"cannot write to the store at {store.root}: {os.strerror(number)}"
    assert caught.value.hint == hint
    assert caught.value.__suppress_context__
    assert everything(store) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_noticed_while_writing(tmp_path, monkeypatch):
    real = os.open
    monkeypatch.setattr(local.os, "open", lambda path, flags, mode=0: real("/dev/full", os.O_WRONLY))
    with pytest.raises(DatamaskError, match="No space left on device"):
        write_file(tmp_path / "x", b"data")


def test_a_store_that_is_a_file_is_one_clear_error(tmp_path):
    (tmp_path / "store").write_text("x")
    store = LocalStore(tmp_path / "store")
    assert store.ids() == []
    with (
        pytest.raises(DatamaskError, match=r"cannot write to the store at .*: Not a directory"),
        store.draft(ID),
    ):
        pytest.fail("there is no draft")


def test_a_file_is_written_once(tmp_path):
    write_file(tmp_path / "a" / "b", b"one")
    with pytest.raises(DatamaskError, match="File exists"):
        write_file(tmp_path / "a" / "b", b"two")
    assert (tmp_path / "a" / "b").read_bytes() == b"one"


def test_an_empty_file_is_a_file(tmp_path):
    write_file(tmp_path / "x", b"")
    assert (tmp_path / "x").read_bytes() == b""
