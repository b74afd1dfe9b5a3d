"""Whole databases through the whole pipeline: what comes out is what went in, but for what was masked."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from support.pipeline import adopt, assert_same, load, take
from support.programs import run_sql
from support.sampledata import SAMPLES, load_sample, load_torture, sample_data_dir, torture_extras

from datamask.db.embedded import EmbeddedServer
from datamask.snapshot.take import SnapshotOptions
from datamask.store.local import LocalStore

needs_samples = pytest.mark.skipif(sample_data_dir() is None, reason="the sample databases are not here")

QUICK = "chinook"


def fill(url: str, name: str, major: int, *extras: str) -> str:
    if name == "torture":
        load_torture(url, (*torture_extras(major), *extras))
    elif name == "adventureworks" and major < 17:
        # Its dump was made by a newer version, whose only trace is a setting.
        (script,) = (sample_data_dir() / name).glob("*.sql.gz")
        run_sql(url, gzip.decompress(script.read_bytes()).replace(b"SET transaction_timeout = 0;", b""))
    else:
        load_sample(name, url)
    return url


def carried_over(source: str, server: EmbeddedServer, root: Path, name: str, **options: object) -> str:
    """A snapshot of ``source``, loaded into a fresh database of ``server``."""
    workers = int(str(options.pop("workers", 2)))
    manifest = take(source, root, workers=workers, **options)
    copy = adopt(server.ensure_database(name))
    load(copy, manifest, root, workers=workers)
    return copy


databases = [
    pytest.param("torture"),
    *(
        pytest.param(name, marks=[needs_samples] if name == QUICK else [needs_samples, pytest.mark.slow])
        for name in SAMPLES
    ),
]


@pytest.mark.parametrize("name", databases)
def test_a_database_comes_back_whole(server, tmp_path, name):
    source = fill(server.ensure_database(f"real_{name}"), name, 18)
    copy = carried_over(source, server, tmp_path, f"real_{name}_copy")
    assert_same(source, copy)


@pytest.mark.slow
@pytest.mark.parametrize("name", databases)
def test_a_database_of_version_16_comes_back_whole(server16, tmp_path, name):
    source = fill(server16.ensure_database(f"real_{name}"), name, 16)
    copy = carried_over(source, server16, tmp_path, f"real_{name}_copy")
    assert_same(source, copy)


@pytest.mark.slow
@pytest.mark.parametrize("name", databases)
def test_a_database_moves_to_a_newer_version(server, server16, tmp_path, name):
    source = fill(server16.ensure_database(f"old_{name}"), name, 16)
    copy = carried_over(source, server, tmp_path, f"new_{name}")
    assert_same(source, copy)


@pytest.mark.parametrize(
    ("workers", "chunk_bytes"),
    [(1, 1 << 30), pytest.param(2, 8192, marks=pytest.mark.slow), (4, 64 << 10)],
)
def test_neither_workers_nor_chunks_show_in_the_data(server, tmp_path, workers, chunk_bytes):
    name = f"cut_{workers}"
    source = fill(server.ensure_database(name), "torture", 18)
    options = SnapshotOptions(chunk_bytes=chunk_bytes)
    copy = carried_over(source, server, tmp_path, f"{name}_copy", workers=workers, options=options)
    assert_same(source, copy, schema=False)


def test_extensions_and_large_objects(server, tmp_path):
    source = fill(server.ensure_database("extras"), "torture", 18, "extension", "large_objects", "privileges")
    manifest = take(source, tmp_path)
    assert manifest.warnings == ("3 large objects are not part of a snapshot",)
    copy = adopt(server.ensure_database("extras_copy"))
    load(copy, manifest, tmp_path)
    assert_same(source, copy)


@pytest.mark.slow
def test_a_row_of_100_megabytes(server, tmp_path):
    source = fill(server.ensure_database("large"), "torture", 18, "large_row")
    copy = carried_over(source, server, tmp_path, "large_copy")
    assert_same(source, copy, schema=False)


def test_no_password_of_another_server_gets_into_an_artifact(server, tmp_path):
    source = fill(server.ensure_database("secrets"), "torture", 18, "secrets")
    manifest = take(source, tmp_path)
    copy = adopt(server.ensure_database("secrets_copy"))
    load(copy, manifest, tmp_path)
    for file in LocalStore(tmp_path).folder(manifest.id).rglob("*"):
        assert not file.is_file() or b"torture-password" not in file.read_bytes()
    assert "torture-password" in dump_of(source)
    assert "torture-password" not in dump_of(copy)


def dump_of(url: str) -> str:
    from support.schemas import schema_dump

    return schema_dump(url)
