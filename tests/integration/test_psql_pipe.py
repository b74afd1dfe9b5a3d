"""Reading by psql and a pipe: every byte, in whole lines, and one clear error where something breaks."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator

import psutil
import psycopg
import pytest

from datamask.db import psql_pipe
from datamask.db.clients import Client, find_client
from datamask.db.psql_pipe import PsqlPipe
from datamask.db.session import connect
from datamask.errors import DatabaseError
from datamask.snapshot import source as sources
from datamask.snapshot.source import LibpqSource, open_source


@pytest.fixture
def url(server) -> str:
    return server.ensure_database("pipe")


@pytest.fixture
def pipe(url) -> Iterator[PsqlPipe]:
    pipe = PsqlPipe(find_client("psql", 0), url)
    try:
        yield pipe
    finally:
        pipe.close()


def numbers(count: int) -> str:
    return f"copy (select n, repeat('x', 50) from generate_series(1, {count}) as n) to stdout"


def lines(count: int) -> bytes:
    return b"".join(b"%d\t%s\n" % (number, b"x" * 50) for number in range(1, count + 1))


def test_one_process_answers_many_statements(pipe):
    assert b"".join(pipe.read(numbers(3), block_bytes=10)) == lines(3)
    pipe.run("set datestyle = 'ISO'")
    assert b"".join(pipe.read("copy (select 1 where false) to stdout", block_bytes=10)) == b""
    assert b"".join(pipe.read(numbers(100_000), block_bytes=1 << 16)) == lines(100_000)


@pytest.mark.parametrize("block_bytes", [1, 100, 4096, 1 << 20, 1 << 24])
def test_blocks_are_whole_lines(pipe, block_bytes):
    blocks = list(pipe.read(numbers(40_000), block_bytes=block_bytes))
    assert b"".join(blocks) == lines(40_000)
    assert all(block.endswith(b"\n") for block in blocks)
    # A block may be cut at the last whole line below the wanted size.
    assert all(len(block) >= block_bytes - 60 for block in blocks[:-1])


def test_a_line_longer_than_any_block_arrives(pipe):
    query = "copy (select repeat('y', case n when 2 then 9000000 else 3 end) from generate_series(1, 3) n) to stdout"
    blocks = list(pipe.read(query, block_bytes=1000))
    assert b"".join(blocks) == b"yyy\n" + b"y" * 9_000_000 + b"\nyyy\n"
    assert all(block.endswith(b"\n") for block in blocks)


@pytest.mark.parametrize("size", [1, 2, 7, 33, 34, 35, 36, 60])
def test_the_end_is_found_however_the_reads_fall(pipe, monkeypatch, size):
    real = os.readv
    monkeypatch.setattr(psql_pipe.os, "readv", lambda descriptor, views: real(descriptor, [views[0][:size]]))
    for block_bytes in (1, 30, 1000):
        assert b"".join(pipe.read(numbers(20), block_bytes=block_bytes)) == lines(20)


def test_text_that_looks_like_psqls_own_is_only_text(pipe):
    values = [
        "\\!",
        "\\q",
        "\\.",
        "\\echo x",
        ":HOST",
        ":'USER'",
        "\\!0123456789abcdef0123456789abcdef",
        "$$",
        ";",
    ]
    literals = ", ".join("(" + "'" + value.replace("'", "''") + "')" for value in values)
    out = b"".join(pipe.read(f"copy (select v from (values {literals}) as x(v)) to stdout", block_bytes=1))
    assert out == b"".join(value.replace("\\", "\\\\").encode() + b"\n" for value in values)


def test_names_with_anything_in_them_work(pipe, url):
    name = "a\"b\n:HOST \\q $$ '; -- é"
    quoted = '"' + name.replace('"', '""') + '"'
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"create table {quoted} ({quoted} text)".encode())
        connection.execute(f"insert into {quoted} values ('in')".encode())
        assert (
            b"".join(pipe.read(f"copy (select {quoted} from {quoted}) to stdout", block_bytes=1)) == b"in\n"
        )
        connection.execute(f"drop table {quoted}".encode())


def test_a_statement_that_fails_says_why_and_no_value(pipe):
    with pytest.raises(DatabaseError) as caught:
        list(pipe.read("copy (select 'secret'::integer) to stdout", block_bytes=1))
    assert caught.value.message.startswith("cannot read: psql ")
    assert "invalid input syntax for type integer: …" in caught.value.message
    assert "secret" not in caught.value.message
    with pytest.raises(DatabaseError):
        pipe.run("select 1")


def test_a_statement_that_fails_in_the_middle_is_an_error(pipe):
    query = "copy (select 1 / (50000 - n), repeat('x', 50) from generate_series(1, 100000) as n) to stdout"
    reading = pipe.read(query, block_bytes=1000)
    assert next(reading)
    with pytest.raises(DatabaseError, match="division by zero"):
        list(reading)


def test_a_syntax_error_is_an_error(pipe):
    with pytest.raises(DatabaseError, match="syntax error"):
        pipe.run("copy (selec 1) to stdout")


def test_a_terminated_session_is_an_error(pipe, url):
    pipe.run("set application_name = 'to be terminated'")
    reading = pipe.read(numbers(10_000_000), block_bytes=1000)
    next(reading)
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'to be terminated'"
        )
    with pytest.raises(DatabaseError, match=r"terminating connection|the connection to the server was lost"):
        list(reading)


def test_a_connection_that_breaks_without_a_word_is_an_error(tmp_path, url):
    program = tmp_path / "psql"
    program.write_text(
        "#!/bin/sh\nprintf '1\\n2\\n'\n"
        "echo 'server closed the connection unexpectedly' >&2\n"
        "echo 'connection to server was lost' >&2\nexit 2\n"
    )
    program.chmod(0o755)
    pipe = PsqlPipe(Client("psql", program, 18), url)
    try:
        reading = pipe.read(numbers(10), block_bytes=1)
        with pytest.raises(DatabaseError) as caught:
            list(reading)
    finally:
        pipe.close()
    assert caught.value.message == "cannot read: the connection to the server was lost"
    assert caught.value.sqlstate == "08006"


def test_a_killed_psql_is_an_error(pipe):
    reading = pipe.read(numbers(10_000_000), block_bytes=1000)
    next(reading)
    pipe._process.send_signal(signal.SIGKILL)
    with pytest.raises(DatabaseError, match="killed by signal 9"):
        list(reading)


def test_no_server_is_an_error(tmp_path):
    pipe = PsqlPipe(find_client("psql", 0), f"host={tmp_path} dbname=x")
    try:
        with pytest.raises(DatabaseError, match="nothing listens there"):
            pipe.run("select 1")
    finally:
        pipe.close()


def test_warnings_without_end_do_not_block(pipe):
    pipe.run(
        "do $$ begin for n in 1..20000 loop raise warning 'a warning of some length %', n; end loop; end $$"
    )
    assert b"".join(pipe.read(numbers(3), block_bytes=1)) == lines(3)


def test_closing_in_the_middle_leaves_nothing_behind(url):
    pipe = PsqlPipe(find_client("psql", 0), url)
    reading = pipe.read(numbers(10_000_000), block_bytes=1000)
    next(reading)
    process = psutil.Process(pipe._process.pid)
    begun = time.monotonic()
    pipe.close()
    assert time.monotonic() - begun < 5
    assert not process.is_running()


def test_the_password_is_in_no_command_line(server):
    server.ensure_database("pipe")
    url = server.application_url("pipe")
    password = url.split("@")[0].rsplit(":", 1)[1]
    pipe = PsqlPipe(find_client("psql", 0), url)
    try:
        # It did get in by it: there is no other way over TCP.
        assert b"".join(pipe.read(numbers(1), block_bytes=1)) == lines(1)
        assert password not in " ".join(psutil.Process(pipe._process.pid).cmdline())
    finally:
        pipe.close()


def test_a_psqlrc_is_not_read(url, tmp_path, monkeypatch):
    (tmp_path / ".psqlrc").write_text("\\echo from psqlrc\n")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("PSQLRC", str(tmp_path / ".psqlrc"))
    pipe = PsqlPipe(find_client("psql", 0), url)
    try:
        assert b"".join(pipe.read(numbers(1), block_bytes=1)) == lines(1)
    finally:
        pipe.close()


def test_both_sources_give_the_same_bytes(url, monkeypatch):
    query = (
        "copy (select n, nullif(n % 3, 0), repeat(chr(8 + n % 6), n % 5) || E'\\\\', '2024-01-01'::date + n"
        " from generate_series(1, 20000) as n) to stdout"
    )
    with connect(url, read_only=True) as session:
        snapshot_id = session.begin_snapshot()
        version = session.server_version
        by_psql = open_source(url, snapshot_id, server_version=version, lock_timeout=None)
        monkeypatch.setattr(sources, "installed_clients", lambda _: [])
        by_libpq = open_source(url, snapshot_id, server_version=version, lock_timeout=None)
        assert isinstance(by_psql, PsqlPipe)
        assert isinstance(by_libpq, LibpqSource)
        try:
            first, second = (
                b"".join(source.read(query, block_bytes=1 << 14)) for source in (by_psql, by_libpq)
            )
        finally:
            by_psql.close()
            by_libpq.close()
    assert first == second
    assert first.count(b"\n") == 20_000


@pytest.mark.parametrize("by_psql", [True, False])
def test_a_source_sees_what_the_leader_saw_and_cannot_write(url, monkeypatch, by_psql):
    if not by_psql:
        monkeypatch.setattr(sources, "installed_clients", lambda _: [])
    with psycopg.connect(url, autocommit=True) as connection, connect(url, read_only=True) as session:
        connection.execute("drop table if exists seen; create table seen as select 1 as n")
        snapshot_id = session.begin_snapshot()
        connection.execute("insert into seen values (2)")
        source = open_source(url, snapshot_id, server_version=session.server_version, lock_timeout=None)
        try:
            assert b"".join(source.read("copy public.seen to stdout", block_bytes=1)) == b"1\n"
            with pytest.raises(DatabaseError, match="read-only transaction"):
                list(source.read("create table public.t ()", block_bytes=1))

        finally:
            source.close()


@pytest.mark.parametrize("by_psql", [True, False])
def test_waiting_for_a_lock_has_an_end(url, monkeypatch, by_psql):
    if not by_psql:
        monkeypatch.setattr(sources, "installed_clients", lambda _: [])
    with psycopg.connect(url) as other, connect(url, read_only=True) as session:
        other.execute("drop table if exists held; create table held (n integer)")
        other.commit()
        snapshot_id = session.begin_snapshot()
        other.execute("lock table held in access exclusive mode")
        source = open_source(url, snapshot_id, server_version=session.server_version, lock_timeout=0.2)
        try:
            with pytest.raises(DatabaseError, match="lock timeout"):
                list(source.read("copy public.held to stdout", block_bytes=1))
        finally:
            source.close()
