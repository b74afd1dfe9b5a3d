"""Whole databases through the whole pipeline: what comes out is what went in."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from support.pipeline import adopt, assert_same, load, take
from support.programs import run_sql
from support.sampledata import SAMPLES, load_sample, load_torture, sample_data_dir, torture_extras
from support.schemas import schema_dump

from datamask.db.embedded import EmbeddedServer
from datamask.snapshot.take import SnapshotOptions
from datamask.store.local import LocalStore

needs_samples = pytest.mark.skipif(sample_data_dir() is None, reason="the sample databases are not here")

QUICK = "chinook"


def sample(server: EmbeddedServer, database: str, name: str, major: int) -> str:
    url = server.ensure_database(database)
    if name == "torture":
        load_torture(url, torture_extras(major))
    elif name == "adventureworks" and major < 17:
        # Its dump was made by a newer version, whose only trace is a setting.
        folder = sample_data_dir()
        assert folder is not None
        (script,) = (folder / name).glob("*.sql.gz")
        run_sql(url, gzip.decompress(script.read_bytes()).replace(b"SET transaction_timeout = 0;", b""))
    else:
        load_sample(name, url)
    return url


def carried_over(
    source: str,
    server: EmbeddedServer,
    root: Path,
    name: str,
    *,
    workers: int = 2,
    chunk_bytes: int = 48 << 20,
) -> str:
    """A snapshot of ``source``, loaded into a fresh database of ``server``."""
    manifest = take(source, root, workers=workers, options=SnapshotOptions(chunk_bytes=chunk_bytes))
    copy = adopt(server.ensure_database(name))
    load(copy, manifest, root, workers=workers)
    return copy


@pytest.fixture(scope="module")
def torture(server):
    """All that a load must carry over, and what it must leave behind."""
    url = server.ensure_database("torture")
    small = ("extension", "large_objects", "privileges", "secrets")
    load_torture(url, (*torture_extras(18), *small))
    yield url
    # Without this the database cannot be dropped.
    run_sql(
        url, b"alter subscription from_elsewhere set (slot_name = none); drop subscription from_elsewhere"
    )


def test_a_database_of_everything_comes_back_whole(torture, server, tmp_path):
    copy = carried_over(torture, server, tmp_path, "torture_copy")
    assert_same(torture, copy)
    (snapshot_id,) = LocalStore(tmp_path).ids()
    for file in LocalStore(tmp_path).folder(snapshot_id).path.rglob("*"):
        assert not file.is_file() or b"torture-password" not in file.read_bytes()
    assert "torture-password" in schema_dump(torture)
    assert "torture-password" not in schema_dump(copy)


@pytest.mark.parametrize(
    ("workers", "chunk_bytes"),
    [(1, 1 << 30), (4, 64 << 10), pytest.param(2, 8192, marks=pytest.mark.slow)],
)
def test_neither_workers_nor_chunks_show_in_the_data(torture, server, tmp_path, workers, chunk_bytes):
    copy = carried_over(
        torture, server, tmp_path, f"torture_copy_{workers}", workers=workers, chunk_bytes=chunk_bytes
    )
    assert_same(torture, copy, schema=False)


samples = [
    pytest.param(name, marks=[needs_samples] if name == QUICK else [needs_samples, pytest.mark.slow])
    for name in SAMPLES
]
everything = [pytest.param("torture"), *(pytest.param(name, marks=needs_samples) for name in SAMPLES)]


@pytest.mark.parametrize("name", samples)
def test_a_real_database_comes_back_whole(server, tmp_path, name):
    source = sample(server, f"real_{name}", name, 18)
    assert_same(source, carried_over(source, server, tmp_path, f"real_{name}_copy"))


@pytest.mark.slow
@pytest.mark.parametrize("name", everything)
def test_a_database_of_version_16_comes_back_whole(server16, tmp_path, name):
    source = sample(server16, f"real_{name}", name, 16)
    assert_same(source, carried_over(source, server16, tmp_path, f"real_{name}_copy"))


@pytest.mark.slow
@pytest.mark.parametrize("name", everything)
def test_a_database_moves_to_a_newer_version(server, server16, tmp_path, name):
    source = sample(server16, f"old_{name}", name, 16)
    copy = carried_over(source, server, tmp_path, f"new_{name}")
    # PostgreSQL 18 gives NOT NULL constraints names, and pg_dump writes one that is too long for its pattern.
    assert_same(source, copy, schema=name != "adventureworks")


@pytest.mark.slow
def test_a_row_of_100_megabytes(server, tmp_path):
    source = server.ensure_database("large")
    load_torture(source, ("large_row",))
    assert_same(source, carried_over(source, server, tmp_path, "large_copy"), schema=False)
