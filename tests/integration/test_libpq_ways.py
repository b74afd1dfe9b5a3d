"""Connecting in libpq's own ways: service and password files, variables, several hosts, states of servers."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import psycopg
import pytest
from support.pipeline import adopt, target
from support.programs import program

from datamask.db import clients
from datamask.db.clients import Client, find_client, speaks_tls
from datamask.db.conninfo import build_conninfo, conninfo_parts, resolved
from datamask.db.psql_pipe import PsqlPipe
from datamask.db.session import connect
from datamask.errors import DatabaseError, RefusedError
from datamask.load.guards import check_not_source
from datamask.load.server import open_server

ADDRESS = "SELECT current_database(), current_user, inet_server_port()"


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    for name in list(os.environ):
        if name.startswith("PG"):
            monkeypatch.delenv(name)
    # Nobody's own files.
    monkeypatch.setenv("HOME", "/nonexistent")


@pytest.fixture(scope="module")
def tcp(server) -> dict[str, str]:
    """The parameters of a database by TCP, with its password."""
    server.ensure_database("libpq_ways")
    return conninfo_parts(server.application_url("libpq_ways"))


@pytest.fixture(scope="module")
def other(server16) -> dict[str, str]:
    """The same of a server that is read-only, which stands in for a standby."""
    url = server16.ensure_database("libpq_ways")
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("alter database libpq_ways set default_transaction_read_only = on")
    return conninfo_parts(server16.application_url("libpq_ways"))


@pytest.fixture
def free_port():
    """A port at which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        yield probe.getsockname()[1]


def private(path: Path, text: str) -> Path:
    path.write_text(text)
    path.chmod(0o600)
    return path


def both_ways(conninfo: str) -> tuple[str, str, str]:
    """Where a session gets, and where psql gets; it must be one place."""
    with connect(conninfo, read_only=True) as session:
        mine = session.row(ADDRESS)
    pipe = PsqlPipe(find_client("psql", 14), conninfo)
    try:
        [line] = pipe.read(f"COPY ({ADDRESS}) TO STDOUT", block_bytes=1 << 16)
    finally:
        pipe.close()
    found = tuple(line.decode().strip().split("\t"))
    assert found == tuple(map(str, mine))
    return found


def test_a_service_file_with_a_password(tcp, tmp_path, monkeypatch):
    lines = "\n".join(f"{key}={value}" for key, value in tcp.items())
    monkeypatch.setenv("PGSERVICEFILE", str(private(tmp_path / "services", f"[prod]\n{lines}\n")))
    expected = ("libpq_ways", tcp["user"], tcp["port"])
    assert both_ways("service=prod") == expected
    assert both_ways("postgresql:///?service=prod") == expected
    assert both_ways(resolved("service=prod")) == expected
    monkeypatch.setenv("PGSERVICE", "prod")
    assert both_ways("") == expected
    assert both_ways("dbname=postgres")[0] == "postgres"


def test_a_service_that_is_not_there_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("PGSERVICEFILE", str(private(tmp_path / "services", "[prod]\nhost=x\n")))
    with pytest.raises(DatabaseError) as caught:
        connect("service=nowhere")
    assert caught.value.message == "cannot connect to service nowhere: there is no such service"


def test_a_password_file(tcp, tmp_path, monkeypatch):
    url = build_conninfo({key: value for key, value in tcp.items() if key != "password"})
    with pytest.raises(DatabaseError, match="wants a password and none was given"):
        connect(url)
    file = private(tmp_path / "pass", f"*:{tcp['port']}:*:{tcp['user']}:{tcp['password']}\n")
    expected = ("libpq_ways", tcp["user"], tcp["port"])
    assert both_ways(f"{url} passfile={file}") == expected
    monkeypatch.setenv("PGPASSFILE", str(file))
    assert both_ways(url) == expected
    monkeypatch.delenv("PGPASSFILE")
    monkeypatch.chdir(tmp_path)
    assert both_ways(f"{url} passfile=pass") == expected


def test_variables(tcp, monkeypatch):
    names = {
        "host": "PGHOST",
        "port": "PGPORT",
        "user": "PGUSER",
        "password": "PGPASSWORD",
        "dbname": "PGDATABASE",
    }
    for key, name in names.items():
        monkeypatch.setenv(name, tcp[key])
    assert both_ways("") == ("libpq_ways", tcp["user"], tcp["port"])
    assert both_ways("dbname=postgres")[0] == "postgres"
    # A load replaces what the variable names.
    with open_server("") as server:
        assert server.target == "libpq_ways"


def test_options_reach_the_server(tcp):
    with connect(build_conninfo({**tcp, "options": "-c work_mem=7MB"})) as session:
        assert session.value("SHOW work_mem") == "7MB"


def several(first, second, **more):
    return build_conninfo(
        {
            **{key: f"{first[key]},{second[key]}" for key in ("host", "port")},
            "user": first["user"],
            "dbname": first["dbname"],
            **more,
        }
    )


@pytest.fixture
def passwords(tcp, other, tmp_path, monkeypatch):
    lines = [f"{one['host']}:{one['port']}:*:{one['user']}:{one['password']}\n" for one in (tcp, other)]
    monkeypatch.setenv("PGPASSFILE", str(private(tmp_path / "pass", "".join(lines))))


def test_the_first_host_that_answers(tcp, free_port, passwords):
    dead = {"host": "127.0.0.1", "port": str(free_port)}
    assert both_ways(several({**tcp, **dead}, tcp)) == ("libpq_ways", tcp["user"], tcp["port"])


@pytest.mark.parametrize(
    ("wanted", "which"),
    [
        ("any", "tcp"),
        ("read-write", "tcp"),
        ("read-only", "other"),
        ("prefer-standby", "tcp"),
        ("primary", "tcp"),
    ],
)
def test_the_server_of_the_state_that_is_wanted(tcp, other, passwords, wanted, which):
    expected = {"tcp": tcp, "other": other}[which]
    assert both_ways(several(tcp, other, target_session_attrs=wanted))[2] == expected["port"]


def test_no_server_of_the_state_that_is_wanted(tcp, other, passwords):
    with pytest.raises(DatabaseError) as caught:
        connect(several(tcp, other, target_session_attrs="standby"))
    assert (
        "no server among its hosts is of the kind that target_session_attrs asks for" in caught.value.message
    )
    assert tcp["password"] not in str(caught.value)


def test_all_sessions_of_a_piece_of_work_meet_one_server(tcp, other, passwords):
    whole = several(tcp, other, target_session_attrs="read-only", load_balance_hosts="random")
    with connect(whole) as session:
        reached = session.reached(whole)
    assert {both_ways(reached)[2] for _ in range(4)} == {other["port"]}
    with open_server(several(tcp, other)) as server:
        assert conninfo_parts(server.conninfo)["port"] == tcp["port"]
        assert server.target == "libpq_ways"


def test_a_protected_database_is_recognized_by_any_of_its_names(
    tcp, other, server, passwords, tmp_path, monkeypatch
):
    mine = adopt(server.ensure_database("libpq_ways"))
    services = private(
        tmp_path / "services",
        f"[prod]\nhost={tcp['host']}\nport={tcp['port']}\nuser={tcp['user']}\ndbname=libpq_ways\n",
    )
    monkeypatch.setenv("PGSERVICEFILE", str(services))
    addresses = ["service=prod", several(other, tcp), several(tcp, other), build_conninfo(tcp)]
    for address in addresses:
        with (
            open_server(mine) as opened,
            pytest.raises(RefusedError, match="is the protected environment production"),
        ):
            check_not_source(target(mine, protected={"production": address}), opened, None)
    with open_server(mine) as opened:
        check_not_source(target(mine, protected={"production": build_conninfo(other)}), opened, None)


def test_a_database_that_cannot_be_entered_is_recognized_by_its_address(tcp, server):
    mine = adopt(server.ensure_database("libpq_ways"))
    by_tcp = build_conninfo(tcp)
    without = build_conninfo(
        {**{key: value for key, value in tcp.items() if key != "password"}, "host": "127.0.0.1,x"}
    )
    with open_server(by_tcp) as opened, pytest.raises(RefusedError, match="is the protected environment"):
        check_not_source(target(mine, protected={"production": without}), opened, None)


def test_tls_that_the_server_does_not_have(tcp):
    with pytest.raises(DatabaseError, match="the encrypted connection could not be set up"):
        connect(build_conninfo({**tcp, "sslmode": "require"}))


def test_a_certificate_that_is_not_there(tcp):
    with pytest.raises(DatabaseError) as caught:
        connect(build_conninfo({**tcp, "sslmode": "verify-full", "sslrootcert": "/nonexistent/ca.pem"}))
    assert tcp["password"] not in str(caught.value)


def test_clients_without_tls_are_not_sent_where_tls_is_demanded(monkeypatch):
    able, unable = Path("/able/pg_dump"), Path("/unable/pg_dump")
    found = [Client("pg_dump", unable, 16), Client("pg_dump", able, 18)]
    monkeypatch.setattr(clients, "installed_clients", lambda program: found)
    monkeypatch.setattr(clients, "speaks_tls", lambda path: path == able)
    assert find_client("pg_dump", 16, conninfo="host=x sslmode=prefer").path == unable
    assert find_client("pg_dump", 16, conninfo="host=x sslmode=require").path == able
    found.pop()
    with pytest.raises(DatabaseError) as caught:
        find_client("pg_dump", 16, conninfo="host=x sslmode=verify-full")
    assert caught.value.message == "/unable/pg_dump was built without TLS, which sslmode=verify-full demands"


def test_the_embedded_programs_speak_no_tls():
    """Should they ever, this and a sentence of the how-to are out of date."""
    assert not speaks_tls(program("psql"))
