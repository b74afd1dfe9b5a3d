"""Each thing that `doctor` looks at on a server is seen when it is wrong, with what mends it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from unittest.mock import patch

import psycopg
import pytest

from datamask.commands import doctor_activity, doctor_connection, doctor_server
from datamask.db.conninfo import Address
from datamask.db.embedded import EmbeddedServer
from datamask.db.session import Session, connect


@pytest.fixture(scope="module")
def url(server: EmbeddedServer) -> str:
    return server.ensure_database("doctor_health")


@pytest.fixture
def session(url: str) -> Iterator[Session]:
    with connect(url) as opened:
        yield opened


class Elsewhere:
    """A session as if its server were on another machine, encrypted as told."""

    def __init__(self, row: tuple[object, ...], sslmode: str) -> None:
        self._row = row
        self.sslmode = sslmode
        self.info = Address("db.example.com", 5432, "shop", "reader")

    def row(self, _sql: str) -> tuple[object, ...]:
        return self._row


@pytest.mark.parametrize(
    ("row", "sslmode", "status"),
    [
        ((False, None, False), "prefer", "problem"),
        ((False, None, False), "disable", "problem"),
        ((True, "TLSv1.3", False), "require", "warning"),
        ((True, "TLSv1.3", False), "verify-ca", "warning"),
        ((True, "TLSv1.3", False), "verify-full", "ok"),
        ((False, None, True), "prefer", "ok"),
    ],
)
def test_encryption_to_another_machine(row: tuple[object, ...], sslmode: str, status: str) -> None:
    found = doctor_connection.encryption(Elsewhere(row, sslmode))  # type: ignore[arg-type]
    assert found.status == status
    assert (found.fix is not None) == (status != "ok")


def test_the_query_of_encryption_and_the_sslmode(session: Session, url: str) -> None:
    assert doctor_connection.encryption(session).status == "ok"
    with connect(url + " sslmode=allow") as other:
        assert other.sslmode == "allow"
        # It is a socket of this machine, so nobody is on the way.
        assert "this machine" in doctor_connection.encryption(other).message


def test_the_clock(session: Session) -> None:
    assert doctor_connection.clock(session).status == "ok"
    real = time.time
    with patch.object(doctor_connection.time, "time", lambda: real() + 300):
        behind = doctor_connection.clock(session)
    assert (behind.status, "5 min behind" in behind.message) == ("warning", True)
    with patch.object(doctor_connection.time, "time", lambda: real() - 7200):
        assert "2 h ahead" in doctor_connection.clock(session).message


def test_connections(session: Session, url: str) -> None:
    assert doctor_connection.connections(session, 5, None).status == "ok"
    few = doctor_connection.connections(session, 100_000, None)
    assert (few.status, few.fix is not None) == ("warning", True)
    session.script("alter database doctor_health connection limit 3")
    try:
        limited = doctor_connection.connections(session, 5, "doctor_health")
        assert "the database has 2 left, and 5 may be needed" in limited.message
    finally:
        session.script("alter database doctor_health connection limit -1")


def test_long_transactions(session: Session, url: str) -> None:
    assert doctor_activity.transactions(session).status == "ok"
    with psycopg.connect(url, application_name="forgotten") as other:
        other.execute("select pg_catalog.txid_current()")
        pid = other.info.backend_pid
        with patch.object(doctor_activity, "_LONG_SECONDS", 0.0):
            found = doctor_activity.transactions(session)
    assert found.status == "warning"
    assert f"by forgotten (process {pid})" in found.message
    assert f"SELECT pg_terminate_backend({pid})" in (found.fix or "")


def test_a_role_that_sees_little_is_told_so(session: Session, url: str) -> None:
    session.script(
        "do $$ begin create role doctor_plain login; exception when duplicate_object then null; end $$"
    )
    with connect(url.replace("user=postgres", "user=doctor_plain")) as plain:
        assert "which doctor_plain lacks" in doctor_activity.transactions(plain).message
        assert all(item.status == "ok" for item in doctor_activity.look_at_activity(plain))
    assert "lacks" not in doctor_activity.transactions(session).message


def test_settings(session: Session) -> None:
    assert [item.status for item in doctor_server.target_settings(session)] == ["ok"]
    assert list(doctor_server.source_settings(session)) == []
    session.script("set maintenance_work_mem = '1MB'; set log_statement = 'all'")
    found = list(doctor_server.target_settings(session))
    assert [item.status for item in found] == ["warning", "warning"]
    assert "indexes are built on disk" in found[0].message
    assert "log_statement is all" in found[1].message
    assert all(item.fix for item in found)


class Settings:
    """A server that says of itself what it is told to."""

    def __init__(self, **settings: str) -> None:
        self._settings = settings

    def rows(self, _sql: str) -> list[tuple[str, str]]:
        return list(self._settings.items())


def test_settings_that_take_a_restart() -> None:
    slow = Settings(
        archive_mode="on", synchronous_standby_names="a", synchronous_commit="on", max_wal_size="128"
    )
    assert [item.status for item in doctor_server.target_settings(slow)] == ["warning"] * 3  # type: ignore[arg-type]
    failing = Settings(old_snapshot_threshold="60", autovacuum="off")
    found = list(doctor_server.source_settings(failing))  # type: ignore[arg-type]
    assert [item.status for item in found] == ["problem", "warning"]


def test_collations(session: Session) -> None:
    assert doctor_activity.collations(session, "doctor_health").status == "ok"
    session.script("update pg_catalog.pg_database set datcollversion = '0' where datname = 'doctor_health'")
    found = doctor_activity.collations(session, "doctor_health")
    actual = session.value(
        "select pg_catalog.pg_database_collation_actual_version(oid) from pg_catalog.pg_database"
        " where datname = 'doctor_health'"
    )
    if actual is None:
        assert found.status == "ok"
        return
    assert found.status == "warning"
    assert 'ALTER DATABASE "doctor_health" REFRESH COLLATION VERSION' in (found.fix or "")
    session.script("alter database doctor_health refresh collation version")
    assert doctor_activity.collations(session, "doctor_health").status == "ok"


class Place:
    """A target's server, with where its files are."""

    target = "doctor_health"

    def __init__(self, session: Session) -> None:
        self.session = session


def test_the_disk(session: Session) -> None:
    place = Place(session)
    with patch.object(doctor_server, "_free", lambda _: 10**15):
        assert "1000000.0 GB are free" in doctor_server.disk(place, copies=3).message  # type: ignore[arg-type]
    with patch.object(doctor_server, "_free", lambda _: 1000):
        full = doctor_server.disk(place, copies=3)  # type: ignore[arg-type]
    assert (full.status, full.fix is not None) == ("warning", True)
    with patch.object(doctor_server, "_free", lambda _: None):
        assert "cannot be told from here" in doctor_server.disk(place, copies=3).message  # type: ignore[arg-type]
    place.target = "not_there"
    assert doctor_server.disk(place, copies=3).status == "ok"  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def replicating() -> Iterator[str]:
    """A server that has slots and prepared transactions, which the usual one is too fast for."""
    from support.servers import temporary_server

    for server in temporary_server():
        with psycopg.connect(server.ensure_running(), autocommit=True) as connection:
            for setting in ("wal_level = logical", "max_wal_senders = 4", "max_prepared_transactions = 2"):
                connection.execute(f"alter system set {setting}".encode())
        server.stop()
        yield server.ensure_running()


@pytest.mark.slow
def test_slots_and_prepared_transactions(replicating: str) -> None:
    with connect(replicating) as session:
        assert doctor_activity.slots(session).status == "ok"
        assert doctor_activity.prepared(session).status == "ok"
        session.value("select pg_catalog.pg_create_physical_replication_slot('forgotten', true)")
        session.script("begin; create table public.t (n int); prepare transaction 'half'")
        with (
            patch.object(doctor_activity, "_KEPT_WAL_BYTES", -1),
            patch.object(doctor_activity, "_PREPARED_SECONDS", 0.0),
        ):
            slots, prepared = doctor_activity.slots(session), doctor_activity.prepared(session)
        assert slots.status == prepared.status == "warning"
        assert "nobody reads forgotten" in slots.message
        assert slots.fix == "SELECT pg_drop_replication_slot('forgotten')"
        assert "'half' in postgres" in prepared.message
        assert (prepared.fix or "").startswith("ROLLBACK PREPARED 'half'")
        for statement in (slots.fix or "", "rollback prepared 'half'"):
            session.rows(statement)
        assert doctor_activity.slots(session).status == doctor_activity.prepared(session).status == "ok"


def test_a_primary_without_replicas_has_nothing_to_tell(session: Session) -> None:
    assert list(doctor_activity.replication(session)) == []


def test_nobody_else_is_disturbed(session: Session, url: str) -> None:
    """It ends while another session holds a lock on every table."""
    session.script("create table if not exists public.held (n int)")
    with psycopg.connect(url) as other:
        other.execute("lock table public.held in access exclusive mode")
        done = threading.Event()

        def look() -> None:
            with connect(url) as fresh:
                list(doctor_activity.look_at_activity(fresh))
                list(doctor_connection.look_at_connection(fresh, workers=2))
            done.set()

        thread = threading.Thread(target=look)
        thread.start()
        thread.join(30)
        assert done.is_set()
