"""What is particular to a store in a bucket: publication by one request, sweeps, broken networks, clear errors."""

from __future__ import annotations

import subprocess
import sys
import textwrap
import time
from datetime import timedelta

import pytest
from support.buckets import s3_server, wire_to
from support.manifests import publish

from datamask.errors import DatamaskError, UsageError, VerificationError
from datamask.load.worker import CopyTask, _frames
from datamask.snapshot.verify import Damage, find_damage, require_intact
from datamask.store import bucket as buckets
from datamask.store.bucket import Bucket
from datamask.store.location import open_store
from datamask.store.objects import ObjectStore

ID = "20260102-030405-abcdef"
DATA = "data/0000-public.t/00000-000.parquet"
NOW = timedelta(0)
HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def server():
    with s3_server() as running:
        yield running


@pytest.fixture
def wire(server):
    with wire_to(server) as relay:
        yield relay


@pytest.fixture
def name(server, monkeypatch):
    """A new bucket, and the environment to reach it."""
    for variable, value in server.environ.items():
        monkeypatch.setenv(variable, value)
    # A test that waits for a server that is gone must not wait long.
    monkeypatch.setattr(buckets, "_FIRST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(buckets, "_LONGEST_WAIT_SECONDS", 0.05)
    buckets._client.cache_clear()
    return server.new_bucket()


@pytest.fixture
def store(name):
    return ObjectStore(Bucket(f"s3://{name}/p"))


def test_the_layout_is_that_of_a_folder(server, store, name):
    publish(store, ID)
    assert server.keys(name) == [f"p/{ID}/{path}" for path in (DATA, "manifest.json", "schema.sql")]


def test_the_manifest_comes_last_and_alone_makes_a_snapshot(server, store, name):
    with store.draft(ID) as draft:
        sink = draft.sink
        sink.write(DATA, b"rows")
        sink.flush()
        assert f"p/{ID}/{DATA}" in server.keys(name)
        assert f"p/{ID}/manifest.json" not in server.keys(name)
        assert ObjectStore(Bucket(f"s3://{name}/p")).ids() == []
        draft.publish(b"{}")


def test_a_sweep_takes_a_dead_writers_parts_and_no_others(server, store, name):
    publish(store, "published")
    # What a killed writer leaves: parts, its sign of life, no manifest.
    for path in ("dead/.draft", "dead/data/1", "dead/data/2"):
        store.bucket.put(path, b"x")
    assert store.sweep(HOUR) == []
    assert "p/dead/data/1" in server.keys(name)
    assert store.sweep(NOW) == ["dead"]
    assert store.ids() == ["published"]
    # What stays is the word that it was given up.
    assert server.keys(name, "p/dead") == ["p/dead/manifest.json"]
    assert store.bucket.size("dead/manifest.json") == 0
    assert store.sweep(NOW) == []


def test_a_writer_that_was_taken_for_dead_publishes_nothing(server, store, name):
    with pytest.raises(DatamaskError, match="was given up"), store.draft(ID) as draft:  # noqa: PT012
        sink = draft.sink
        sink.write(DATA, b"rows")
        sink.flush()
        assert store.sweep(NOW) == [ID]
        draft.publish(b"{}")
    assert store.ids() == []


def test_a_published_snapshot_is_never_swept(store):
    made = publish(store, ID)
    assert store.sweep(timedelta(days=-1)) == []
    assert find_damage(store.folder(ID), made) == []


@pytest.mark.parametrize("moment", ["now", "objects"])
def test_a_snapshot_that_is_published_during_a_sweep_stays(store, moment):
    with store.draft(ID) as draft:
        sink = draft.sink
        sink.write("schema.sql", b"x")
        sink.flush()
        real = getattr(store.bucket, moment)

        def publish_meanwhile(*arguments):
            found = real(*arguments)
            vars(store.bucket).pop(moment)
            draft.publish(b"{}")
            return found

        setattr(store.bucket, moment, publish_meanwhile)
        assert store.sweep(timedelta(days=-1)) == []
    assert store.ids() == [ID]
    assert store.folder(ID).read("schema.sql") == b"x"


def test_what_was_given_up_is_forgotten_after_a_week(store, monkeypatch):
    store.bucket.put("dead/data/1", b"x")
    store.sweep(NOW)
    now = store.bucket.now()
    monkeypatch.setattr(store.bucket, "now", lambda: now + timedelta(days=8))
    assert store.sweep(NOW) == []
    assert store.bucket.objects("dead") == []


def test_a_deletion_that_was_cut_short_is_finished_by_a_sweep(server, store, name):
    publish(store, ID)
    store.bucket.delete([f"{ID}/manifest.json"])
    assert store.ids() == []
    assert store.sweep(NOW) == [ID]
    assert server.keys(name) == [f"p/{ID}/manifest.json"]


def test_a_changed_object_is_found(store):
    made = publish(store, ID)
    content = bytearray(store.folder(ID).read(DATA))
    content[-1] ^= 1
    store.bucket.put(f"{ID}/{DATA}", bytes(content))
    assert find_damage(store.folder(ID), made) == [Damage(DATA, "changed")]
    # Its size is right, so it is found when it is read.
    require_intact(store.folder(ID), made)
    store.bucket.put(f"{ID}/more", b"")
    with pytest.raises(VerificationError, match=r"more \(unknown\)"):
        require_intact(store.folder(ID), made)


KILLED = """
    import os, sys
    from datamask.store.bucket import Bucket
    from datamask.store.objects import ObjectStore

    url, point = sys.argv[1:]
    store = ObjectStore(Bucket(url))
    real = Bucket.put_new

    def die_at(self, path, data):
        if path.endswith("manifest.json") and point == "manifest":
            os.kill(os.getpid(), 9)
        done = real(self, path, data)
        if path.endswith(".draft") and point == "begun" or path.endswith("manifest.json") and point == "done":
            os.kill(os.getpid(), 9)
        return done

    Bucket.put_new = die_at
    with store.draft("killed") as draft:
        sink = draft.sink
        sink.write("data/1", b"x" * 1000)
        sink.flush()
        if point == "written":
            os.kill(os.getpid(), 9)
        draft.publish(b"{}")
"""


@pytest.mark.parametrize(
    ("point", "published"), [("begun", False), ("written", False), ("manifest", False), ("done", True)]
)
def test_a_writer_that_is_killed_leaves_all_or_nothing(store, name, point, published):
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(KILLED), f"s3://{name}/p", point], check=False
    )
    assert done.returncode == -9
    assert store.ids() == (["killed"] if published else [])
    assert store.sweep(HOUR) == []
    assert store.sweep(NOW) == ([] if published else ["killed"])
    if published:
        assert store.folder("killed").sizes() == {"data/1": 1000, "manifest.json": 2}
    publish(store, ID)
    assert ID in store.ids()


def test_a_request_that_breaks_is_tried_again(store, wire, name, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", wire.endpoint)
    content = bytes(range(256)) * 4096
    wire.cuts, wire.after = 2, 5000
    store.bucket.put("x", content)
    assert wire.cuts == 0
    buckets._client.cache_clear()
    wire.cuts, wire.after = 2, 200_000
    assert store.bucket.get("x") == content
    assert wire.cuts == 0
    buckets._client.cache_clear()
    wire.cuts = 2
    assert b"".join(store.bucket.blocks("x")) == content
    assert wire.cuts == 0


def test_a_network_that_is_gone_is_one_clear_error(store, wire, name, monkeypatch):
    made = publish(store, ID)
    monkeypatch.setenv("AWS_ENDPOINT_URL", wire.endpoint)
    wire.dead = True
    for work in (store.ids, lambda: publish(store, "other"), lambda: store.folder(ID).read(DATA)):
        with pytest.raises(DatamaskError) as caught:
            work()
        assert f"the store at s3://{name}/p: the server cannot be reached" in caught.value.message
        assert caught.value.exit_code == 1
    wire.dead = False
    assert store.ids() == [ID]
    assert find_damage(store.folder(ID), made) == []


def test_a_publication_whose_answer_was_lost_counts(store, monkeypatch):
    real = Bucket.put_new

    def lose_the_answer(self, path, data):
        done = real(self, path, data)
        if path.endswith("manifest.json"):
            raise DatamaskError("lost")
        return done

    monkeypatch.setattr(Bucket, "put_new", lose_the_answer)
    publish(store, ID)
    assert store.ids() == [ID]


@pytest.mark.parametrize(
    ("change", "bucket", "said"),
    [
        ({}, "no-such-bucket", "there is no such bucket"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "b", "the server cannot be reached"),
    ],
)
def test_what_is_wrong_is_said_without_secrets(name, monkeypatch, change, bucket, said):
    for variable, value in change.items():
        monkeypatch.setenv(variable, value)
    store = ObjectStore(Bucket(f"s3://{bucket}/p"))
    for work in (store.ids, lambda: publish(store, ID), lambda: store.sweep(NOW)):
        with pytest.raises(DatamaskError) as caught:
            work()
        assert said in caught.value.message
        assert caught.value.hint
        assert "datamask-tests" not in f"{caught.value.message} {caught.value.hint}"
        assert caught.value.__suppress_context__


def test_no_credentials_anywhere_is_said_at_once(name, monkeypatch, tmp_path):
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(variable)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("AWS_METADATA_ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(DatamaskError, match="there are no credentials for the store"):
        ObjectStore(Bucket(f"s3://{name}")).ids()


def test_a_profile_gives_credentials(server, name, monkeypatch, tmp_path):
    for variable in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(variable)
    file = tmp_path / "credentials"
    file.write_text("[shop]\naws_access_key_id = a\naws_secret_access_key = b\n")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(file))
    monkeypatch.setenv("AWS_PROFILE", "shop")
    assert ObjectStore(Bucket(f"s3://{name}")).ids() == []
    monkeypatch.setenv("AWS_PROFILE", "nobody")
    with pytest.raises(DatamaskError, match="the AWS profile nobody gives no credentials"):
        ObjectStore(Bucket(f"s3://{name}")).ids()


@pytest.mark.parametrize(
    "url", ["s3://", "ftp://host/x", "s3://key:secret@bucket/x", "s3://bucket/x?secret=1", "memory://x"]
)
def test_a_url_that_is_none_is_refused_without_repeating_it(url):
    with pytest.raises(UsageError) as caught:
        open_store(url)
    assert "secret" not in caught.value.message
    assert caught.value.hint


def test_without_the_package_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "obstore", None)
    with pytest.raises(DatamaskError) as caught:
        open_store("s3://bucket/x").ids()
    assert caught.value.hint == "pip install 'datamask[object-store]'"


def test_a_folder_does_not_import_obstore():
    code = (
        "import sys; from datamask.store.location import open_store;"
        " open_store('/nowhere').ids(); print('obstore' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_load_that_loses_a_file_or_gets_another_one_ends(store):
    made = publish(store, ID)
    [table] = made.tables
    task = CopyTask("", store.folder(ID), table.schema, table.name, ("id",), table.files)
    assert [frame.height for frame in _frames(task)] == [3]
    content = store.folder(ID).read(DATA)
    store.bucket.put(f"{ID}/{DATA}", content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(VerificationError, match="its checksum differs"):
        list(_frames(task))
    store.delete(ID)
    with pytest.raises(VerificationError, match="is not there"):
        list(_frames(task))


def test_what_is_still_under_way_is_waited_for_before_the_manifest(server, store, name, monkeypatch):
    real = Bucket.put

    def late(self, path, data):
        time.sleep(0.2)
        real(self, path, data)

    with store.draft(ID) as draft:
        monkeypatch.setattr(Bucket, "put", late)
        draft.sink.write("schema.sql", b"x")
        folder = draft.publish(b"{}")
        assert folder.read("schema.sql") == b"x"


def test_a_part_that_could_not_be_written_is_never_published(store, monkeypatch):
    def refuse(self, path, data):
        raise DatamaskError("no space")

    with pytest.raises(DatamaskError, match="no space"), store.draft(ID) as draft:  # noqa: PT012
        monkeypatch.setattr(Bucket, "put", refuse)
        draft.sink.write("schema.sql", b"x")
        draft.publish(b"{}")
    assert store.ids() == []
