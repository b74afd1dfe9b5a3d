"""The guard rails of a load: each on its own, before anything is written, and none that a flag skips."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg
import pytest
from support.pipeline import POLICY, adopt, load, take
from support.programs import run_sql

from datamask.db.conninfo import build_conninfo, conninfo_parts, with_database
from datamask.errors import DatamaskError, RefusedError, UsageError, VerificationError
from datamask.snapshot.manifest import Manifest
from datamask.store.local import LocalStore

SHOP = b"""
    create table customers (id integer generated always as identity primary key, email text not null unique);
    insert into customers (email) select 'user' || n || '@example.com' from generate_series(1, 50) as n;
    create table orders (id integer primary key, customer integer not null references customers);
    insert into orders select n, 1 + n % 50 from generate_series(1, 200) as n;
"""


@pytest.fixture(scope="module")
def shop(server) -> str:
    url = server.ensure_database("guards_source")
    run_sql(url, SHOP)
    return url


@pytest.fixture(scope="module")
def root(shop, tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("store")


@pytest.fixture(scope="module")
def manifest(shop, root) -> Manifest:
    return take(shop, root)


def state(url: str) -> tuple[object, ...]:
    """All that a load could change on a server: databases with their settings, and how much was written."""
    with psycopg.connect(with_database(url, "postgres")) as connection:
        return tuple(
            connection.execute(
                "select d.datname, d.oid, d.datistemplate, d.datallowconn, s.setconfig"
                " from pg_database d left join pg_db_role_setting s on s.setdatabase = d.oid"
                # What the load before has the server drop at its leisure.
                " where datname !~ '__datamask_previous$' order by 1"
            ).fetchall()
        )


def refused(url: str, manifest: Manifest, root: Path, **how: object) -> DatamaskError:
    """The error of a load; nothing may have changed."""
    before = state(url)
    with pytest.raises(DatamaskError) as caught:
        load(url, manifest, root, **how)
    assert state(url) == before
    return caught.value


@pytest.fixture
def dev(server, request) -> str:
    url = server.ensure_database("guards_dev")
    return adopt(url)


def test_a_protected_environment_is_never_written(dev, manifest, root):
    error = refused(dev, manifest, root, tier="protected", confirm="dev")
    assert isinstance(error, RefusedError)
    assert error.message == "environment dev is protected: it is only ever read"


def test_a_database_must_have_been_adopted(server, manifest, root):
    url = server.ensure_database("guards_not_adopted")
    error = refused(url, manifest, root)
    assert isinstance(error, RefusedError)
    assert error.message == "database guards_not_adopted has not been adopted as environment dev"
    assert error.hint == "if its data may be replaced, say so once: datamask env adopt dev"


def test_a_database_must_be_the_environments_own(server, manifest, root):
    url = adopt(server.ensure_database("guards_other"), "staging")
    error = refused(url, manifest, root)
    assert isinstance(error, RefusedError)
    assert error.message == "database guards_other is marked as environment staging, not dev"


@pytest.mark.parametrize(
    "comment",
    [
        "dev",
        "datamask: dev",
        'datamask: {"environment": "dev"',
        'datamask: {"environment": true}',
        'datamask: ["environment", "dev"]',
        'datamask: {"environment": "dev"}\nand more below',
    ],
)
def test_a_marker_that_is_not_whole_is_no_marker(server, manifest, root, comment):
    url = server.ensure_database("guards_no_marker")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"comment on database guards_no_marker is '{comment}'".encode())
    error = refused(url, manifest, root)
    assert error.message == "database guards_no_marker has not been adopted as environment dev"


def test_a_database_that_is_not_there_is_refused(dev, manifest, root):
    error = refused(with_database(dev, "guards_nowhere"), manifest, root)
    assert isinstance(error, RefusedError)
    assert "there is no database guards_nowhere" in error.message


@pytest.mark.parametrize("name", ["postgres", "template1", "template0"])
def test_a_maintenance_database_is_no_environment(dev, manifest, root, name):
    error = refused(with_database(dev, name), manifest, root)
    assert isinstance(error, UsageError)


def test_the_source_is_never_the_target(shop, manifest, root):
    adopt(shop)
    try:
        error = refused(shop, manifest, root)
    finally:
        with psycopg.connect(shop, autocommit=True) as connection:
            connection.execute("comment on database guards_source is null")
    assert isinstance(error, RefusedError)
    assert error.message == "the database of environment dev is the source of the snapshot"


def by_tcp(server, name: str) -> str:
    return server.application_url(name)


def test_the_source_is_known_by_another_address(server, shop, manifest, root):
    adopt(shop)
    try:
        error = refused(by_tcp(server, "guards_source"), manifest, root)
    finally:
        with psycopg.connect(shop, autocommit=True) as connection:
            connection.execute("comment on database guards_source is null")
    assert error.message == "the database of environment dev is the source of the snapshot"


def test_a_protected_environment_is_known_by_another_address(server, dev, manifest, root):
    protected = {"production": by_tcp(server, "guards_dev"), "unknown": None}
    error = refused(dev, manifest, root, protected=protected)
    assert isinstance(error, RefusedError)
    assert error.message == "the database of environment dev is the protected environment production"


def test_a_protected_environment_that_is_down_is_compared_by_its_address(dev, manifest, root):
    parts = conninfo_parts(dev)
    # The right place and a user that cannot get in: there is nothing to ask.
    protected = {"production": build_conninfo({**parts, "user": "nobody_at_all"})}
    error = refused(dev, manifest, root, protected=protected)
    assert error.message == "the database of environment dev is the protected environment production"


def test_another_database_of_a_protected_server_is_allowed(dev, shop, manifest, root):
    load(dev, manifest, root, protected={"production": shop})


def test_an_unmasked_snapshot_is_refused(dev, manifest, root):
    from dataclasses import replace

    error = refused(dev, replace(manifest, masked=False), root)
    assert isinstance(error, RefusedError)
    assert error.message == f"snapshot {manifest.id} is not masked"


def test_a_policy_that_the_environment_does_not_accept_is_refused(dev, manifest, root):
    error = refused(dev, manifest, root, accepts=frozenset({"staging", "dev"}))
    assert isinstance(error, RefusedError)
    assert error.message == (
        f"snapshot {manifest.id} was masked by policy '{POLICY}', and environment dev accepts 'dev', 'staging'"
    )


def test_a_snapshot_with_a_flipped_byte_is_refused(dev, manifest, root, tmp_path):
    subprocess.run(["cp", "-r", root / manifest.id, tmp_path], check=True)
    file = next((tmp_path / manifest.id / "data").rglob("*.parquet"))
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    error = refused(dev, manifest, tmp_path)
    assert isinstance(error, VerificationError)
    assert error.message == (
        f"snapshot {manifest.id} is damaged: {file.relative_to(tmp_path / manifest.id)} (changed)"
    )


def test_a_snapshot_with_a_missing_file_is_refused(dev, manifest, root, tmp_path):
    subprocess.run(["cp", "-r", root / manifest.id, tmp_path], check=True)
    (tmp_path / manifest.id / "schema.sql").unlink()
    error = refused(dev, manifest, tmp_path)
    assert error.message == f"snapshot {manifest.id} is damaged: schema.sql (missing)"


def test_a_shared_environment_wants_its_name(dev, manifest, root):
    error = refused(dev, manifest, root, tier="shared")
    assert isinstance(error, RefusedError)
    assert error.hint == "add --confirm dev"
    error = refused(dev, manifest, root, tier="shared", confirm="staging")
    assert isinstance(error, UsageError)
    load(dev, manifest, root, tier="shared", confirm="dev")


def test_a_confirmation_skips_no_other_rail(server, shop, manifest, root, dev):
    url = server.ensure_database("guards_not_adopted")
    assert refused(url, manifest, root, tier="shared", confirm="dev").message.endswith(
        "adopted as environment dev"
    )
    error = refused(dev, manifest, root, tier="shared", confirm="dev", accepts=frozenset())
    assert error.message.endswith("accepts none, as it names no policy")


def test_the_snapshot_stays_what_it_was(manifest, root):
    assert LocalStore(root).ids() == [manifest.id]
