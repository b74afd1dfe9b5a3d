"""A snapshot carried from place to place: whole, or not at all."""

from __future__ import annotations

import io
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.manifests import publish

from datamask.errors import DatamaskError, UsageError, VerificationError
from datamask.progress import Silent
from datamask.snapshot.transfer import from_archive, from_folder, snapshot_folder, to_archive, to_store
from datamask.snapshot.verify import find_damage, read_manifest
from datamask.store.local import LocalStore

ID = "20260102-030405-abcdef"
DATA = "data/0000-public.t/00000-000.parquet"


@pytest.fixture
def store(tmp_path):
    return LocalStore(tmp_path / "store")


@pytest.fixture
def archive(store, tmp_path):
    publish(store, ID)
    file = tmp_path / "x.tar"
    to_archive(from_folder(store.folder(ID)), file, "export", Silent())
    return file


def carry(file, target):
    with from_archive(file) as parcel:
        return to_store(parcel, target, "import", Silent())


def test_an_archive_brings_a_snapshot_as_it_was(archive, store, tmp_path):
    target = LocalStore(tmp_path / "target")
    folder = carry(archive, target)
    made = read_manifest(store.folder(ID))
    assert read_manifest(folder) == made
    assert find_damage(folder, made) == []
    assert target.manifest(ID) == store.manifest(ID)
    with tarfile.open(archive) as opened:
        assert opened.getnames()[0] == f"{ID}/manifest.json"
        assert {member.mode for member in opened} == {0o600}


def test_the_same_snapshot_gives_the_same_archive(archive, store, tmp_path):
    again = tmp_path / "again.tar"
    to_archive(from_folder(store.folder(ID)), again, "export", Silent())
    assert again.read_bytes() == archive.read_bytes()
    assert again.stat().st_mode & 0o077 == 0


def test_an_archive_is_never_overwritten(archive, store):
    with pytest.raises(UsageError, match="is there already"):
        to_archive(from_folder(store.folder(ID)), archive, "export", Silent())


def test_a_damaged_snapshot_is_not_exported(store, tmp_path):
    publish(store, ID)
    (store.folder(ID).path / DATA).write_bytes(b"x")
    with pytest.raises(VerificationError, match="its checksum differs"):
        to_archive(from_folder(store.folder(ID)), tmp_path / "x.tar", "export", Silent())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["store"]


def rewritten(archive, change):
    """The archive with its members changed: a list of name and content."""
    with tarfile.open(archive) as opened:
        members = [(member.name, opened.extractfile(member).read()) for member in opened]
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as made:
        for name, content in change(members):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            made.addfile(member, io.BytesIO(content))
    archive.write_bytes(out.getvalue())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda members: members[:-1], "is not whole"),
        (lambda members: [*members, (f"{ID}/more", b"x")], "not in its manifest"),
        (lambda members: [*members, ("../outside", b"x")], "not in its manifest"),
        (lambda members: [*members, ("/etc/passwd", b"x")], "not in its manifest"),
        (lambda members: [*members, members[-1]], "is not in the manifest"),
        (
            lambda members: [*members[:-1], (members[-1][0], b"x" * len(members[-1][1]))],
            "its checksum differs",
        ),
        (lambda members: [*members[:-1], (members[-1][0], b"x")], "not in its manifest"),
        (lambda members: [("other/manifest.json", members[0][1]), *members[1:]], "of another snapshot"),
        (lambda members: [(members[0][0], b"{}"), *members[1:]], "is damaged"),
        (lambda members: members[1:], "not the archive of a snapshot"),
        (lambda members: [], "not the archive of a snapshot"),
    ],
)
def test_nothing_but_the_snapshot_is_imported(archive, tmp_path, change, said):
    rewritten(archive, change)
    target = LocalStore(tmp_path / "target")
    with pytest.raises(DatamaskError, match=said):
        carry(archive, target)
    assert target.ids() == []
    assert not (tmp_path / "outside").exists()


@settings(max_examples=40)
@given(data=st.data())
def test_an_archive_that_was_cut_or_changed_never_becomes_another_snapshot(tmp_path_factory, data):
    folder = tmp_path_factory.mktemp("archive")
    store = LocalStore(folder / "store")
    made = publish(store, ID)
    file = folder / "x.tar"
    to_archive(from_folder(store.folder(ID)), file, "export", Silent())
    content = bytearray(file.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content = content[:at]
    else:
        content[at] ^= data.draw(st.integers(1, 255))
    file.write_bytes(content)
    target = LocalStore(folder / "target")
    try:
        carry(file, target)
    except DatamaskError:
        assert target.ids() == []
    else:
        # What was hit belongs to the archive's own fields and padding.
        assert find_damage(target.folder(ID), made) == []


def test_a_path_means_the_one_snapshot_in_it(store, tmp_path):
    with pytest.raises(UsageError, match="holds no snapshot"):
        snapshot_folder(tmp_path)
    publish(store, ID)
    assert snapshot_folder(store.root).path == snapshot_folder(store.root / ID).path == store.root / ID
    publish(store, ID + "x")
    with pytest.raises(UsageError, match="holds 2 snapshots"):
        snapshot_folder(store.root)


def test_a_file_that_is_no_archive_or_not_there_is_a_usage_error(tmp_path):
    (tmp_path / "x.tar").write_text("hello")
    for name in ("x.tar", "missing.tar"):
        with pytest.raises(UsageError), from_archive(tmp_path / name):
            pytest.fail("there is no archive")
