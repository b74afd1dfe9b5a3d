"""What a load made has no drift against the snapshot that it was made from, whatever the database holds."""

from __future__ import annotations

import psycopg
import pytest
from support.pipeline import adopt, load, take
from support.sampledata import SAMPLES, load_sample, load_torture, sample_data_dir, torture_extras
from support.wide_schema import make_wide_schema

from datamask.catalog.schema_reader import read_schema_state
from datamask.catalog.schema_state import SchemaState
from datamask.commands import drift_data
from datamask.config.drift import DataThresholds
from datamask.db.embedded import EmbeddedServer
from datamask.db.session import connect
from datamask.drift.compare import compare
from datamask.drift.scope import Scope
from datamask.errors import UsageError
from datamask.progress import Silent
from datamask.snapshot import schema_file
from datamask.snapshot.schema_file import snapshot_state
from datamask.snapshot.take import SnapshotOptions
from datamask.store.local import LocalStore

pytestmark = pytest.mark.slow

NAMES = ("torture", *(SAMPLES if sample_data_dir() else ()))


def state_of(url: str) -> SchemaState:
    with connect(url, read_only=True) as session:
        return read_schema_state(session)


def fill(name: str, url: str, major: int) -> None:
    if name == "torture":
        load_torture(url, torture_extras(major))
    else:
        load_sample(name, url)


@pytest.mark.parametrize("name", NAMES)
def test_a_load_is_as_its_snapshot(name: str, server: EmbeddedServer, tmp_path) -> None:
    source = server.ensure_database(f"drift_from_{name}")
    fill(name, source, 18)
    manifest = take(source, tmp_path)
    assert manifest.warnings == () or all("drift" not in warning for warning in manifest.warnings)
    baseline = snapshot_state(LocalStore(tmp_path).folder(manifest.id), manifest)
    assert compare(baseline, state_of(source)) == ()
    copy = adopt(server.ensure_database(f"drift_to_{name}"))
    load(copy, manifest, tmp_path)
    found = compare(baseline, state_of(copy), Scope(carried=True))
    assert found == ()
    with psycopg.connect(copy, autocommit=True) as connection:
        connection.execute("create table public.drift_later (n int)")
    assert [item.key for item in compare(baseline, state_of(copy), Scope(carried=True))] == [
        "table public.drift_later"
    ]


def test_two_versions_of_the_server(server: EmbeddedServer, server16: EmbeddedServer) -> None:
    """The same schema on the oldest and the newest server differs in what the versions differ in, and no more."""
    states = []
    for each in (server16, server):
        url = each.ensure_database("drift_version")
        load_torture(url)
        states.append(state_of(url))
    found = {
        (item.kind, item.name, tuple(aspect.name for aspect in item.aspects)) for item in compare(*states)
    }
    assert found == {
        ("server", "", ("major version", "minor version")),
        # The embedded server's own: version 18 has a provider of locales that 16 lacks.
        ("database", "", ("collation version", "locale", "locale provider")),
    }


def test_a_thousand_tables(server: EmbeddedServer) -> None:
    """One change among twenty thousand objects is found, and nothing else; bench_drift.py says how fast."""
    url = server.ensure_database("drift_wide")
    with psycopg.connect(url, autocommit=True) as connection:
        make_wide_schema(connection, 1000)
        before = state_of(url)
        assert len(before.objects) > 20_000
        connection.execute("alter table wide.t500 alter column name type varchar(90)")
    (found,) = compare(before, state_of(url))
    assert (found.key, [aspect.name for aspect in found.aspects]) == ("column wide.t500.name", ["type"])


def test_a_state_that_cannot_be_read_costs_no_snapshot(server: EmbeddedServer, tmp_path, monkeypatch) -> None:
    url = server.ensure_database("drift_unreadable")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("create table public.t as select n from generate_series(1, 10) as n")
    monkeypatch.setitem(vars(schema_file), "read_schema_state", lambda session: session.value("select 1 / 0"))
    manifest = take(url, tmp_path)
    assert (manifest.rows, manifest.state) == (10, None)
    assert [
        warning for warning in manifest.warnings if warning.startswith("the schema's state could not be read")
    ]
    folder = LocalStore(tmp_path).folder(manifest.id)
    with pytest.raises(UsageError, match="holds no schema state"):
        snapshot_state(folder, manifest)
    copy = adopt(server.ensure_database("drift_unreadable_copy"))
    load(copy, manifest, tmp_path)


def test_what_stands_in_order_is_sampled_from_all_of_it(server: EmbeddedServer, tmp_path) -> None:
    """Rows stand by age in table and files: a sample of a part of either would look like drift."""
    source = server.ensure_database("drift_ordered")
    with psycopg.connect(source, autocommit=True) as connection:
        connection.execute(
            "create table public.log as select n as id, now() - n * interval '1 minute' as at, n % 7 as kind"
            " from generate_series(1, 200000) as n; analyze"
        )
    manifest = take(source, tmp_path, options=SnapshotOptions(chunk_bytes=1 << 18))
    assert len(manifest.tables[0].files) > 20
    copy = adopt(server.ensure_database("drift_ordered_copy"))
    load(copy, manifest, tmp_path)
    stored = drift_data._Stored(LocalStore(tmp_path).folder(manifest.id), manifest.tables)

    def look(exact: bool) -> drift_data.TableDrift:
        with connect(copy, read_only=True) as session:
            thresholds = drift_data._Look(DataThresholds(sample=2000), exact)
            (found,) = drift_data._compare(
                drift_data._Live(session), stored, thresholds, True, set(), Silent()
            ).tables
            return found

    assert not look(exact=False).drifted
    assert (look(exact=True).same_content, look(exact=True).changed) == (True, 0)
    with psycopg.connect(copy, autocommit=True) as connection:
        connection.execute("update public.log set kind = kind + 1 where id = 77")
    changed = look(exact=True)
    assert (changed.same_content, changed.exceeded, changed.rows) == (False, ("content",), (200_000, 200_000))
    with psycopg.connect(copy, autocommit=True) as connection:
        connection.execute("delete from public.log where id <= 100000; analyze")
    halved = look(exact=False)
    assert halved.exceeded == ("rows",)
    assert [column.column for column in halved.columns if column.exceeded] == ["id", "at"]
