from __future__ import annotations

import pytest
from support.manifests import publish

from datamask.errors import VerificationError
from datamask.snapshot.verify import Damage, find_damage, read_manifest, require_intact
from datamask.store.local import LocalFolder, LocalStore

DATA = "data/0000-public.t/00000-000.parquet"


@pytest.fixture
def snapshot(tmp_path):
    store = LocalStore(tmp_path / "store")
    made = publish(store, "20260102-030405-abcdef")
    return store.folder(made.id), made


def test_an_untouched_snapshot_is_whole(snapshot):
    folder, made = snapshot
    assert read_manifest(folder) == made
    assert find_damage(folder, made) == []
    require_intact(folder, made)


def flip(path, at):
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "damage"),
    [
        (lambda f: flip(f / DATA, 0), Damage(DATA, "changed")),
        (lambda f: flip(f / DATA, -1), Damage(DATA, "changed")),
        (lambda f: (f / DATA).write_bytes((f / DATA).read_bytes()[:-1]), Damage(DATA, "changed")),
        (lambda f: (f / DATA).write_bytes((f / DATA).read_bytes() + b"x"), Damage(DATA, "changed")),
        (lambda f: (f / DATA).write_bytes(b""), Damage(DATA, "changed")),
        (lambda f: (f / DATA).unlink(), Damage(DATA, "missing")),
        (lambda f: flip(f / "schema.sql", 3), Damage("schema.sql", "changed")),
        (lambda f: (f / "schema.sql").unlink(), Damage("schema.sql", "missing")),
        (lambda f: (f / "data" / "more.parquet").write_bytes(b"x"), Damage("data/more.parquet", "unknown")),
    ],
)
def test_every_kind_of_damage_is_found(snapshot, spoil, damage):
    folder, made = snapshot
    spoil(folder.path)
    assert find_damage(folder, made) == [damage]
    with pytest.raises(VerificationError) as caught:
        require_intact(folder, made)
    assert caught.value.message == f"snapshot {made.id} is damaged: {damage.path} ({damage.problem})"


def test_a_long_list_of_damage_is_cut(snapshot):
    folder, made = snapshot
    for number in range(5):
        (folder.path / f"more-{number}").write_bytes(b"")
    with pytest.raises(VerificationError, match=r"more-2 \(unknown\) and 2 more$"):
        require_intact(folder, made)


def test_a_missing_manifest_says_where(tmp_path):
    with pytest.raises(VerificationError) as caught:
        read_manifest(LocalFolder(tmp_path))
    assert str(caught.value) == f"{tmp_path}/manifest.json cannot be read: No such file or directory"
