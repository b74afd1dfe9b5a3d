from __future__ import annotations

from pathlib import Path

import pytest

from datamask.db import clients
from datamask.db.clients import Client, client_command, client_environment, client_failure, find_client
from datamask.errors import DatabaseError

URL = "postgresql://app:s3cret@db.example/shop"


def program(folder: Path, name: str, version: str) -> Path:
    folder.mkdir(parents=True)
    file = folder / name
    file.write_text(f"#!/bin/sh\necho '{name} (PostgreSQL) {version}'\n")
    file.chmod(0o755)
    return folder


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No client program but those that a test makes."""
    monkeypatch.setattr(clients, "packaged_folders", dict)
    monkeypatch.setattr(clients, "_DEBIAN", Path("/nowhere"))
    monkeypatch.setenv("PATH", "/nowhere")
    return monkeypatch


def test_the_same_version_wins_over_a_newer_one(tmp_path: Path, only: pytest.MonkeyPatch) -> None:
    folders = [program(tmp_path / version, "pg_dump", f"{version}.1") for version in ("18", "15", "16")]
    only.setenv("DATAMASK_PG_BIN", ":".join(map(str, folders)))
    assert find_client("pg_dump", 16) == Client("pg_dump", tmp_path / "16" / "pg_dump", 16)
    assert find_client("pg_dump", 17).major == 18
    with pytest.raises(DatabaseError) as caught:
        find_client("pg_dump", 19)
    assert str(caught.value) == (
        "pg_dump is too old for the server: version 19 or newer is needed, found "
        f"18 ({tmp_path}/18/pg_dump), 15 ({tmp_path}/15/pg_dump), 16 ({tmp_path}/16/pg_dump)"
    )


def test_none_at_all(only: pytest.MonkeyPatch) -> None:
    with pytest.raises(DatabaseError) as caught:
        find_client("pg_dump", 16)
    assert str(caught.value) == "pg_dump is not installed; the server needs version 16 or newer"
    assert "datamask[embedded]" in str(caught.value.hint)


def test_the_packaged_programs_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(clients, "_DEBIAN", Path("/nowhere"))
    assert find_client("pg_restore", 18).major == 18
    assert find_client("pg_restore", 16).major == 16


def test_a_password_goes_by_environment() -> None:
    command, environment = client_command(Client("psql", Path("/bin/psql"), 18), URL, ["-c", "select 1"])
    assert command == [
        "/bin/psql",
        "--no-password",
        "--dbname=user=app dbname=shop host=db.example",
        "-c",
        "select 1",
    ]
    assert environment["PGPASSWORD"] == "s3cret"
    with pytest.raises(DatabaseError, match="sslpassword cannot be given"):
        client_environment(URL + "?sslpassword=x")


def test_failures_say_what_the_program_said() -> None:
    client = Client("pg_dump", Path("/bin/pg_dump"), 18)
    refused = (
        b'pg_dump: error: connection to server at "db", port 5432 failed: Connection refused\n\tIs the server'
    )
    error = client_failure(client, URL, "cannot dump the schema", 1, refused)
    assert (
        str(error)
        == "cannot dump the schema: pg_dump cannot connect to app@db.example/shop: nothing listens there"
    )
    denied = b"pg_dump: error: query failed: ERROR:  permission denied for table orders\nDETAIL: x"
    error = client_failure(client, URL, "cannot dump the schema", 1, denied)
    assert str(error) == "cannot dump the schema: pg_dump 18: permission denied for table orders"
    assert str(client_failure(client, URL, "cannot x", -9, b"")) == "cannot x: pg_dump 18: killed by signal 9"
