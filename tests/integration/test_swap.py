"""Putting a new database in an environment's place: under its users, with all that belongs to its name."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from support.pipeline import adopt, assert_same, databases, leftovers, load, take, target
from support.programs import run_sql

from datamask.config.reset import ResetSettings
from datamask.db.conninfo import with_database
from datamask.errors import RefusedError
from datamask.load.clone import clone
from datamask.load.content import content_of
from datamask.load.marks import parse_comment
from datamask.load.names import next_name, previous_name
from datamask.load.operation import undo
from datamask.load.recipe import NO_RECIPE
from datamask.load.server import Server, open_server
from datamask.load.spare import prepare
from datamask.load.swap import swap_in
from datamask.snapshot.manifest import Manifest


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("store")


def versioned(server, number: int) -> str:
    url = server.ensure_database(f"swap_source_{number}")
    run_sql(url, f"""
        create table a as select {number} as version, n from generate_series(1, 500) as n;
        create table b as select {number} as version, n from generate_series(1, 500) as n;
    """.encode())  # fmt: skip
    return url


@pytest.fixture(scope="module")
def sources(server) -> list[str]:
    return [versioned(server, 1), versioned(server, 2)]


@pytest.fixture(scope="module")
def snapshots(sources, root) -> list[Manifest]:
    return [take(url, root) for url in sources]


@pytest.fixture
def dev(server) -> Iterator[str]:
    url = adopt(server.ensure_database("swap_dev"))
    yield url
    with open_server(url) as opened:
        for name in opened.databases():
            if name.startswith(("swap_dev", "datamask_golden_")):
                opened.drop(name)


@pytest.fixture
def admin(dev) -> Iterator[psycopg.Connection]:
    with psycopg.connect(with_database(dev, "postgres"), autocommit=True) as connection:
        yield connection


def belongings(admin: psycopg.Connection, name: str) -> dict[str, object]:
    """What a database has that its template does not give it."""
    row = admin.execute(
        "select oid, datdba::regrole::text, datacl::text, datconnlimit, shobj_description(oid, 'pg_database')"
        " from pg_database where datname = %s",
        [name],
    ).fetchone()
    assert row is not None
    settings = {
        (role, entry)
        for role, entries in admin.execute(
            "select setrole::regrole::text, setconfig from pg_db_role_setting where setdatabase = %s",
            [row[0]],
        ).fetchall()
        for entry in entries
    }
    return {
        "owner": row[1],
        "acl": row[2],
        "limit": row[3],
        "comment": parse_comment(row[4])[0],
        "settings": settings,
    }


@pytest.mark.parametrize("golden", [False, True])
def test_what_belongs_to_the_name_stays_with_it(dev, admin, snapshots, root, golden):
    admin.execute('create role "App, ""user""" login; create role keeper createdb')
    try:
        for statement in (
            "alter database swap_dev owner to keeper",
            "revoke all on database swap_dev from public",
            'grant connect on database swap_dev to "App, ""user""" with grant option',
            "grant temporary on database swap_dev to public",
            "alter database swap_dev connection limit 17",
            "alter database swap_dev set search_path = 'a', \"B c\", public",
            "alter database swap_dev set work_mem = '7MB'",
            "alter database swap_dev set timezone = 'Asia/Tokyo'",
            "alter database swap_dev set app.greeting = 'it''s \\ a = b'",
            "alter database swap_dev set default_transaction_read_only = on",
            'alter role "App, ""user""" in database swap_dev set search_path = \'\'',
            "alter role keeper in database swap_dev set statement_timeout = '3s'",
            "comment on database swap_dev is 'It''s \\ the developers'' own'",
        ):
            admin.execute(statement.encode())
        adopt(dev)
        before = belongings(admin, "swap_dev")
        outcome = load(dev, snapshots[0], root, golden=golden)
        assert outcome.warnings == ()
        assert belongings(admin, "swap_dev") == before
        load(dev, snapshots[1], root, golden=golden)
        assert belongings(admin, "swap_dev") == before
    finally:
        with open_server(dev) as opened:
            opened.drop("swap_dev")
        admin.execute('drop role "App, ""user"""; drop role keeper')


def test_a_database_without_any_of_it_gets_nothing(dev, admin, snapshots, root):
    before = belongings(admin, "swap_dev")
    load(dev, snapshots[0], root)
    assert belongings(admin, "swap_dev") == before
    assert before["acl"] is None


def test_a_property_that_cannot_be_carried_over_is_a_warning(dev, admin, snapshots, root, monkeypatch):
    admin.execute("alter database swap_dev set work_mem = '7MB'")
    admin.execute("update pg_db_role_setting set setconfig = array_append(setconfig, 'no_such_parameter=1')"
                  " where setdatabase = (select oid from pg_database where datname = 'swap_dev')")  # fmt: skip
    (warning,) = load(dev, snapshots[0], root).warnings
    assert warning.startswith("ALTER DATABASE of swap_dev could not be carried over: ")
    assert "no_such_parameter" in warning


class Client(threading.Thread):
    """Asks again and again which version it sees; both tables in one snapshot."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.url = url
        self.seen: list[int] = []
        self.mixed = 0
        self.outage = 0.0
        self.problem: BaseException | None = None
        self.stop = threading.Event()

    def run(self) -> None:
        connection = None
        well = time.monotonic()
        while not self.stop.is_set():
            try:
                connection = connection or psycopg.connect(self.url, autocommit=True)
                row = connection.execute(
                    "select (select array_agg(distinct version) from a), (select array_agg(distinct version) from b),"
                    " (select count(*) from a), (select count(*) from b)"
                ).fetchone()
            except psycopg.OperationalError:
                # The session was ended, or the database is closed for a moment.
                if connection is not None:
                    connection.close()
                    connection = None
                continue
            except psycopg.Error as error:
                self.problem = error
                return
            assert row is not None
            self.outage = max(self.outage, time.monotonic() - well)
            well = time.monotonic()
            if row[0] != row[1] or len(row[0]) != 1 or row[2:] != (500, 500):
                self.mixed += 1
            self.seen.append(row[0][0])
        if connection is not None:
            connection.close()


@pytest.mark.parametrize(
    ("number", "how"),
    [
        (20, {"golden": True}),
        pytest.param(50, {"golden": True}, marks=pytest.mark.slow),
        pytest.param(50, {"reset": ResetSettings(strategy="in-place")}, marks=pytest.mark.slow),
    ],
    ids=["swap", "swap under many", "in place under many"],
)
def test_busy_users_see_the_old_or_the_new_and_hardly_notice(dev, snapshots, root, number, how):
    load(dev, snapshots[0], root, golden=True)
    clients = [Client(dev) for _ in range(number)]
    for client in clients:
        client.start()
    try:
        time.sleep(0.5)
        load(dev, snapshots[1], root, **how)
        time.sleep(0.5)
    finally:
        for client in clients:
            client.stop.set()
        for client in clients:
            client.join(timeout=30)
    for client in clients:
        assert client.problem is None
        assert client.mixed == 0
        assert set(client.seen) == {1, 2}
        assert client.seen == sorted(client.seen)
        assert client.outage < 5
    assert leftovers(dev) == set()


@pytest.mark.slow  # PostgreSQL itself waits for five seconds
def test_a_database_that_stays_in_use_is_given_up_on(dev, snapshots, root, monkeypatch):
    """Sessions that do not end: what stands for them here is that nobody ends them."""
    load(dev, snapshots[0], root)
    monkeypatch.setattr(Server, "terminate_sessions", lambda *_: None)
    with open_server(dev) as server:
        clone(server, "template0", next_name("swap_dev"))
        with psycopg.connect(dev) as user:
            with pytest.raises(RefusedError) as caught:
                swap_in(server, "swap_dev", deadline=0.1)
            assert user.execute("select count(*) from a").fetchone() == (500,)
    assert caught.value.message == "database swap_dev is still in use after 0.1 s; nothing was changed"


def test_a_long_name_is_swapped_too(server, snapshots, sources, root):
    name = "long_" + "ü" * 29
    assert len(name.encode()) == 63
    url = adopt(server.ensure_database(name))
    for _ in range(2):
        load(url, snapshots[0], root, keep_previous=True)
        assert_same_version(url, 1)
    assert previous_name(name) in databases(url)
    with open_server(url) as opened:
        for found in (name, previous_name(name)):
            opened.drop(found)


def assert_same_version(url: str, version: int) -> None:
    with psycopg.connect(url) as connection:
        assert connection.execute("select distinct version from a").fetchall() == [(version,)]


def test_an_undo_exchanges_the_two_and_another_one_them_again(dev, admin, snapshots, root):
    load(dev, snapshots[0], root, keep_previous=True)
    load(dev, snapshots[1], root, keep_previous=True)
    admin.execute(b"alter database swap_dev set work_mem = '7MB'")
    before = belongings(admin, "swap_dev")
    with psycopg.connect(dev), psycopg.connect(with_database(dev, previous_name("swap_dev"))):
        assert undo(target(dev), confirm=None).snapshot == snapshots[0].id
    assert_same_version(dev, 1)
    assert belongings(admin, "swap_dev") == before
    assert undo(target(dev), confirm=None).snapshot == snapshots[1].id
    assert_same_version(dev, 2)
    # What it came back to is adopted, and can be loaded again.
    load(dev, snapshots[0], root)
    assert_same_version(dev, 1)


def test_without_a_previous_database_there_is_nothing_to_undo(dev, snapshots, root):
    load(dev, snapshots[0], root)
    with pytest.raises(RefusedError, match="there is no previous database of environment dev to go back to"):
        undo(target(dev), confirm=None)
    with pytest.raises(RefusedError, match="is shared"):
        undo(target(dev, tier="shared"), confirm=None)
    assert_same_version(dev, 1)


def test_a_spare_goes_where_none_is_wanted_any_more(dev, snapshots, sources, root):
    load(dev, snapshots[0], root, golden=True)
    prepare(dev, content_of(snapshots[0], NO_RECIPE), keep_previous=False)
    assert "swap_dev__datamask_spare" in databases(dev)
    run_sql(dev, b"delete from a")
    assert load(dev, snapshots[0], root, golden=True).strategy == "clone"
    assert_same(sources[0], dev)
    assert "swap_dev__datamask_spare" not in databases(dev)


def test_a_spare_is_made_in_the_background(dev, snapshots, sources, root):
    assert load(dev, snapshots[0], root, golden=True, spare=True).strategy == "build and clone"
    wait_for_spare(dev)
    run_sql(dev, b"delete from a")
    assert load(dev, snapshots[0], root, golden=True, spare=True).strategy == "spare"
    wait_for_spare(dev)
    assert_same(sources[0], dev)
    # Another snapshot has no use for this spare.
    assert load(dev, snapshots[1], root, golden=True, spare=True).strategy == "build and clone"
    wait_for_spare(dev)
    assert_same(sources[1], dev)
    assert {name for name in databases(dev) if "golden" in name} == {f"datamask_golden_{snapshots[1].id}"}


def wait_for_spare(url: str, seconds: float = 20) -> None:
    """Until the background process is done: the spare is there, and the previous database is not."""
    deadline = time.monotonic() + seconds
    with open_server(url) as server:
        while time.monotonic() < deadline:
            found = server.databases()
            if "swap_dev__datamask_spare" in found and previous_name("swap_dev") not in found:
                # Its lock is free once it has ended.
                with server.lock("datamask spare swap_dev", what="x", deadline=seconds):
                    return
            time.sleep(0.05)
    raise AssertionError(f"no spare after {seconds} s: {sorted(found)}")
