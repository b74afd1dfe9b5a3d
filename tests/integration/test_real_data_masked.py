"""Real databases with the policy that ``init`` writes: what is masked is new, all else is as it was."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from support.command_line import KEY, CommandLine
from support.digests import column_digests, row_counts
from support.sampledata import SAMPLES, load_sample, sample_data_dir
from support.schemas import broken_constraints, invalid_constraints, invalid_indexes

from datamask.db.conninfo import with_database
from datamask.snapshot.manifest import Manifest
from datamask.snapshot.verify import read_manifest
from datamask.store.local import LocalStore

needs_samples = pytest.mark.skipif(sample_data_dir() is None, reason="the sample databases are not here")


@pytest.fixture
def folder() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="datamask-real-"))
    yield path
    shutil.rmtree(path)


def columns(manifest: Manifest, *, masked: bool) -> set[tuple[str, str]]:
    return {
        (table.key, column.name)
        for table in manifest.tables
        if table.rows
        for column in table.columns
        if (column.transform != "keep") == masked
    }


def has_values(url: str, table: str, column: str) -> bool:
    """Whether a column holds anything but NULL and empty text, which stay what they are."""
    schema, name = table.split(".")
    query = sql.SQL("select exists (select from {} where {} ::text <> '')")
    with psycopg.connect(url) as connection:
        return connection.execute(
            query.format(sql.Identifier(schema, name), sql.Identifier(column))
        ).fetchone() == (True,)


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=[needs_samples] if name == "chinook" else [needs_samples, pytest.mark.slow])
        for name in SAMPLES
    ],
)
def test_a_real_database_goes_through_masked(server, folder, name):
    source = server.ensure_database(f"masked_{name}")
    load_sample(name, source)
    copy = with_database(source, f"masked_{name}_dev")
    run = CommandLine(folder, {"DATAMASK_KEY": KEY, "PRODUCTION_URL": source, "STAGING_URL": copy})
    run.ok("init", "--project", name)
    run.ok("check", "production", "--policy", "policies/staging.yaml")
    run.ok("snapshot", "production", "--policy", "policies/staging.yaml")
    run.ok("env", "adopt", "staging", "--create")
    run.ok("load", "latest", "staging", "--confirm", "staging")

    store = LocalStore(folder / "snapshots")
    (snapshot_id,) = store.ids()
    manifest = read_manifest(store.folder(snapshot_id))
    before, after = column_digests(source), column_digests(copy)
    tables = {table.key for table in manifest.tables}
    counts = row_counts(copy)
    assert {key: rows for key, rows in row_counts(source).items() if key in tables} == {
        key: counts[key] for key in tables
    }
    kept, masked = columns(manifest, masked=False), columns(manifest, masked=True)
    assert {key: before[key] for key in kept} == {key: after[key] for key in kept}
    assert not {key for key in masked if before[key] == after[key] and has_values(source, *key)}
    assert masked
    assert invalid_constraints(copy) == invalid_constraints(source)
    assert broken_constraints(copy) == []
    assert invalid_indexes(copy) == []
