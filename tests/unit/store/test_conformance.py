"""What every store has to do, whatever it is made of: a folder, memory, or a bucket of a real S3 server."""

from __future__ import annotations

import pickle
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from obstore.store import MemoryStore
from support.buckets import s3_server
from support.manifests import SCHEMA, publish

from datamask.errors import DatamaskError, UsageError, VerificationError
from datamask.snapshot import manifest as manifests
from datamask.snapshot.verify import Damage, find_damage, read_manifest, read_schema, require_intact
from datamask.store.bucket import Bucket
from datamask.store.local import LocalStore
from datamask.store.objects import ObjectStore

ID = "20260102-030405-abcdef"
DATA = "data/0000-public.t/00000-000.parquet"
NOW = timedelta(0)


@pytest.fixture(scope="module")
def server():
    with s3_server() as running:
        yield running


@pytest.fixture(params=["folder", "memory", "s3", "s3 with a prefix"])
def store(request, tmp_path, monkeypatch):
    if request.param == "folder":
        return LocalStore(tmp_path / "store")
    if request.param == "memory":
        return ObjectStore(Bucket("memory://", opened=MemoryStore()), cache=tmp_path / "cache")
    server = request.getfixturevalue("server")
    for name, value in server.environ.items():
        monkeypatch.setenv(name, value)
    prefix = "/some/prefix/" if request.param.endswith("prefix") else ""
    return ObjectStore(Bucket(f"s3://{server.new_bucket()}{prefix}"), cache=tmp_path / "cache")


def test_a_new_store_is_empty(store):
    assert store.ids() == []
    assert store.sweep(NOW) == []


def test_a_snapshot_comes_back_as_it_was_written(store):
    made = publish(store, ID)
    assert store.ids() == [ID]
    assert manifests.load(store.manifest(ID), where="x") == made
    folder = store.folder(ID)
    assert read_manifest(folder) == made
    assert read_schema(folder, made) == SCHEMA
    assert dict(folder.sizes()) == {
        DATA: made.files[0].bytes, "manifest.json": len(store.manifest(ID)), "schema.sql": len(SCHEMA),
    }  # fmt: skip
    content = folder.read(DATA)
    assert len(content) == made.files[0].bytes
    assert list(folder.contents([DATA, "schema.sql", DATA])) == [content, SCHEMA.encode(), content]
    assert b"".join(folder.blocks(DATA)) == content
    assert find_damage(folder, made) == []
    require_intact(folder, made)
    assert str(folder) == f"{store.location}/{ID}"


@pytest.mark.parametrize("size", [0, 1, (17 << 20) + 1])
def test_files_of_any_size_come_back(store, size):
    content = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    with store.draft(ID) as draft:
        sink = draft.sink
        sink.write("data/large", content)
        sink.write("data/view", memoryview(content))
        sink.flush()
        folder = draft.publish(b"{}")
    assert folder.read("data/large") == content
    assert b"".join(folder.blocks("data/large")) == content
    assert folder.sizes() == {"data/large": size, "data/view": size, "manifest.json": 2}


def test_a_draft_is_invisible_until_it_is_published(store):
    with store.draft(ID) as draft:
        draft.sink.write("schema.sql", b"one")
        assert store.ids() == []
        with pytest.raises(UsageError):
            store.manifest(ID)
        with pytest.raises(UsageError):
            store.delete(ID)
        draft.publish(b"{}")
        assert store.ids() == [ID]
    assert store.ids() == [ID]
    assert set(store.folder(ID).sizes()) == {"manifest.json", "schema.sql"}


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_draft_that_fails_is_gone(store, error):
    def fail():
        with store.draft(ID) as draft:
            sink = draft.sink
            sink.write("data/x", b"one")
            sink.flush()
            raise error

    with pytest.raises(error):
        fail()
    assert store.ids() == []
    assert store.sweep(NOW) == []
    publish(store, ID)
    assert store.ids() == [ID]


def test_a_draft_that_nobody_published_is_gone(store):
    with store.draft(ID) as draft:
        draft.sink.write("x", b"one")
    assert store.ids() == []
    assert store.sweep(NOW) == []


def test_a_snapshot_is_never_overwritten(store):
    made = publish(store, ID)
    with pytest.raises(DatamaskError):
        publish(store, ID, project="another")
    assert manifests.load(store.manifest(ID), where="x") == made
    assert find_damage(store.folder(ID), made) == []


def test_of_two_writers_of_one_id_at_most_one_publishes(store):
    begin = threading.Barrier(2)

    def write(number):
        begin.wait()
        try:
            return publish(store, ID, seconds=float(number))
        except DatamaskError:
            return None

    with ThreadPoolExecutor(2) as pool:
        made = [found for found in pool.map(write, range(2)) if found is not None]
    assert len(made) <= 1
    assert store.ids() == [found.id for found in made]
    for found in made:
        assert find_damage(store.folder(ID), found) == []


def test_published_snapshots_are_listed_in_order(store):
    names = ["20260103-000000-b", "20260102-000000-c", "20260103-000000-a"]
    for name in names:
        publish(store, name)
    assert store.ids() == sorted(names)


def test_what_is_no_snapshot_is_refused(store):
    publish(store, ID)
    for name in ("", ".", "..", ".drafts", "../store", "a/b", "missing", "x" * 200):
        for ask in (store.manifest, store.delete):
            with pytest.raises(UsageError) as caught:
                ask(name)
            assert caught.value.message == f"there is no snapshot {name!r} in {store.location}"
    assert store.ids() == [ID]


def test_a_deleted_snapshot_is_gone(store):
    made = publish(store, ID)
    publish(store, ID + "x")
    folder = store.folder(ID)
    store.delete(ID)
    assert store.ids() == [ID + "x"]
    with pytest.raises(UsageError):
        store.manifest(ID)
    with pytest.raises(UsageError):
        store.delete(ID)
    assert store.cached_manifest(ID) is None
    # Whoever was reading it is told so.
    with pytest.raises(VerificationError):
        folder.read(DATA)
    with pytest.raises(VerificationError):
        list(folder.blocks(DATA))
    with pytest.raises(VerificationError):
        list(folder.contents([DATA]))
    assert find_damage(folder, made) == [Damage("schema.sql", "missing"), Damage(DATA, "missing")]


def test_drafts_of_living_writers_are_let_alone(store):
    with store.draft("first") as first:
        sink = first.sink
        sink.write("x", b"one")
        sink.flush()
        assert store.sweep(timedelta(hours=1)) == []
        first.publish(b"{}")
    assert store.ids() == ["first"]
    assert store.folder("first").read("x") == b"one"


def test_workers_get_a_sink_and_a_folder_by_pickle(store):
    if "memory" in store.location:
        pytest.skip("what is in memory is in one process")
    with store.draft(ID) as draft:
        sink = pickle.loads(pickle.dumps(draft.sink))
        sink.write("x", b"one")
        sink.flush()
        folder = draft.publish(b"{}")
    again = pickle.loads(pickle.dumps(folder))
    assert again.read("x") == b"one"
    assert str(again) == str(folder)
