from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from datamask.db.clients import client_command, find_client, run_client
from datamask.db.conninfo import conninfo_parts, with_database
from datamask.db.embedded import EmbeddedServer
from datamask.db.session import Session, connect
from datamask.errors import DatabaseError


@pytest.fixture
def url(database: Callable[[], str]) -> str:
    return database()


def test_settings_do_not_depend_on_role_or_database(url: str) -> None:
    with connect(url) as session:
        name = session.info.database
        for setting in (
            "statement_timeout = '1min'",
            "datestyle = 'German'",
            "intervalstyle = 'iso_8601'",
            "extra_float_digits = 0",
            "timezone = 'Asia/Tokyo'",
            "bytea_output = 'escape'",
            "search_path = 'public'",
            "lock_timeout = '1s'",
            "client_encoding = 'LATIN1'",
            "quote_all_identifiers = on",
            "row_security = on",
            "xmloption = 'document'",
        ):
            session.execute(f"ALTER DATABASE {name} SET {setting}")
    with connect(url, read_only=True) as session:
        shown = {
            name: session.value(f"SHOW {name}")
            for name in (
                "statement_timeout",
                "datestyle",
                "timezone",
                "search_path",
                "lock_timeout",
                "row_security",
            )
        }
        text = session.row(
            "SELECT '2024-02-01 10:00+01'::timestamptz::text, '1 day 2h'::interval::text, 0.1::float4::text, "
            "'\\x00ff'::bytea::text, (0.1::float8 + 0.2::float8)::text"
        )
    assert shown == {
        "statement_timeout": "0",
        "datestyle": "ISO, MDY",
        "timezone": "UTC",
        "search_path": '""',
        "lock_timeout": "15s",
        "row_security": "off",
    }
    assert text == ("2024-02-01 09:00:00+00", "1 day 02:00:00", "0.1", "\\x00ff", "0.30000000000000004")


def test_a_read_only_session_refuses_writes(url: str) -> None:
    with connect(url, read_only=True) as session, pytest.raises(DatabaseError) as caught:
        session.execute("CREATE TABLE public.t (a int)")
    assert caught.value.sqlstate == "25006"
    assert str(caught.value) == "cannot execute CREATE TABLE in a read-only transaction"


def test_errors_never_quote_values(url: str) -> None:
    with connect(url) as session:
        session.script(
            """CREATE TABLE public.t (id int PRIMARY KEY, email text CHECK (email <> 'secret'), b varchar(3));
            INSERT INTO public.t VALUES (1, 'x');
            CREATE FUNCTION public.f() RETURNS int LANGUAGE plpgsql AS
              $$BEGIN RAISE EXCEPTION 'secret %', 1 USING ERRCODE = '42000'; END$$;"""
        )
        statements = [
            "INSERT INTO public.t VALUES (1, 'secret')",
            "INSERT INTO public.t VALUES (2, 'secret')",
            "INSERT INTO public.t VALUES (1, 'other')",
            "INSERT INTO public.t (id) VALUES (NULL)",
            "INSERT INTO public.t VALUES (3, '', 'secret')",
            "SELECT email::int FROM (VALUES ('secret')) v (email)",
            "SELECT 'secret'::date",
            "SELECT public.f()",
            "SELECT '{\"secret'::json",
        ]
        messages = []
        for statement in statements:
            with pytest.raises(DatabaseError) as caught:
                session.execute(statement)
            messages.append(str(caught.value))
            assert "secret" not in str(caught.value) + str(caught.value.hint)
            assert caught.value.__cause__ is None
    assert (
        messages[1] == 'new row for relation "t" violates check constraint "t_email_check" (table public.t)'
    )
    assert messages[2] == 'duplicate key value violates unique constraint "t_pkey" (table public.t)'
    assert messages[3].startswith('null value in column "id" of relation "t" violates')
    assert messages[7] == "a function or trigger of the database raised an error (SQLSTATE 42000)"


def test_a_copy_goes_out_and_in_byte_for_byte(url: str) -> None:
    with connect(url) as session:
        session.script(
            """CREATE TABLE public.a (id int, t text, b bytea);
            INSERT INTO public.a SELECT i, repeat(E'\\t\\\\\\n"é', i % 7),
                decode(repeat('00ff', i % 5), 'hex')
              FROM generate_series(1, 20000) i;
            INSERT INTO public.a VALUES (NULL, NULL, convert_to(repeat('x', 3000000), 'UTF8'));
            CREATE TABLE public.b (LIKE public.a)"""
        )
        blocks = list(session.copy_out("COPY public.a TO STDOUT", block_bytes=1 << 16))
        assert all(block.endswith(b"\n") for block in blocks)
        assert all(len(block) >= 1 << 16 for block in blocks[:-1])
        assert sum(block.count(b"\n") for block in blocks) == 20001
        with session.copy_in("COPY public.b FROM STDIN") as copy:
            copy.write(b"".join(blocks))
        assert copy.rows == 20001
        same = session.value("SELECT count(*) FROM (TABLE public.a EXCEPT ALL TABLE public.b) d")
        assert same == 0


def test_a_copy_may_be_left_early(url: str) -> None:
    with connect(url) as session:
        stream = session.copy_out("COPY (SELECT generate_series(1, 100000000)) TO STDOUT")
        assert next(iter(stream)).startswith(b"1\n2\n")
        stream.close()
        assert session.value("SELECT 1") == 1


def test_a_copy_that_fails(url: str) -> None:
    with connect(url) as session:
        session.script("CREATE TABLE public.t (a int, email text)")
        with pytest.raises(DatabaseError, match=r'relation "public\.none" does not exist'):
            list(session.copy_out("COPY public.none TO STDOUT"))
        with pytest.raises(DatabaseError, match="not a COPY"):
            list(session.copy_out("SELECT 1"))
        with pytest.raises(DatabaseError, match="division by zero"):
            list(session.copy_out("COPY (SELECT 1 / (3 - i) FROM generate_series(1, 5) i) TO STDOUT"))
        with (
            pytest.raises(DatabaseError) as caught,
            session.copy_in("COPY public.t FROM STDIN") as copy,
        ):
            copy.write(b"1\tx\nsecret\ty\n")
        assert str(caught.value) == "invalid input syntax for type integer: … (COPY t, line 2, column a)"
        with pytest.raises(KeyError), session.copy_in("COPY public.t FROM STDIN") as copy:  # noqa: PT012
            copy.write(b"1\tx\n")
            raise KeyError
        assert session.value("SELECT count(*) FROM public.t") == 0


def test_snapshots_are_shared(url: str) -> None:
    with (
        connect(url) as writer,
        connect(url, read_only=True) as leader,
        connect(url, read_only=True) as worker,
    ):
        writer.script("CREATE TABLE public.t (a int)")
        snapshot = leader.begin_snapshot()
        writer.script("INSERT INTO public.t VALUES (1)")
        worker.import_snapshot(snapshot)
        assert worker.value("SELECT count(*) FROM public.t") == 0
        worker.rollback()
        assert worker.value("SELECT count(*) FROM public.t") == 1
        leader.commit()
        with pytest.raises(DatabaseError):
            worker.import_snapshot(snapshot)
        worker.rollback()
        with pytest.raises(DatabaseError, match="malformed"):
            worker.import_snapshot("'; DROP TABLE t")


def test_a_transaction_is_all_or_nothing(url: str) -> None:
    with connect(url) as session:
        session.script("CREATE TABLE public.t (a int)")
        with pytest.raises(KeyError), session.transaction():  # noqa: PT012
            session.execute("INSERT INTO public.t VALUES (%s)", (1,))
            raise KeyError
        assert not session.in_transaction
        with session.transaction():
            assert session.execute("INSERT INTO public.t SELECT generate_series(1, 3)") == 3
        assert session.rows("SELECT a FROM public.t ORDER BY 1") == [(1,), (2,), (3,)]
        assert session.row("SELECT a FROM public.t WHERE a > 3") is None


def test_another_thread_can_cancel(url: str) -> None:
    with connect(url) as session:
        started = time.monotonic()
        timer = threading.Timer(0.2, session.cancel)
        timer.start()
        with pytest.raises(DatabaseError) as caught:
            session.execute("SELECT pg_sleep(30)")
        timer.join()
        assert caught.value.sqlstate == "57014"
        assert time.monotonic() - started < 10


def test_a_locked_table_is_a_clear_error(url: str) -> None:
    with connect(url) as holder, connect(url, read_only=True, lock_timeout=0.1) as session:
        holder.script("CREATE TABLE public.t (a int)")
        holder.script("BEGIN; LOCK public.t")
        with pytest.raises(DatabaseError) as caught:
            session.rows("SELECT * FROM public.t")
        assert caught.value.sqlstate == "55P03"
        assert "lock" in str(caught.value.hint)


def test_row_level_security_is_an_error_not_missing_rows(url: str) -> None:
    with connect(url) as session:
        session.script(
            """CREATE ROLE reader_rls LOGIN PASSWORD 'x'; CREATE TABLE public.t (a int);
            ALTER TABLE public.t ENABLE ROW LEVEL SECURITY; GRANT SELECT ON public.t TO reader_rls"""
        )
    try:
        with (
            connect(url + " user=reader_rls", read_only=True) as session,
            pytest.raises(DatabaseError) as caught,
        ):
            session.rows("SELECT * FROM public.t")
        assert str(caught.value) == 'query would be affected by row-level security policy for table "t"'
        assert "BYPASSRLS" in str(caught.value.hint)
    finally:
        with connect(url) as session:
            session.script("DROP OWNED BY reader_rls; DROP ROLE reader_rls")


def test_a_server_that_goes_away_is_a_clear_error(url: str) -> None:
    with connect(url) as session, connect(url) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (session.backend_pid,))
        with pytest.raises(DatabaseError) as caught:
            session.value("SELECT 1 FROM pg_sleep(5)")
        assert caught.value.sqlstate in {"57P01", "08006"}
        with pytest.raises(DatabaseError):
            session.value("SELECT 1")


@pytest.mark.parametrize(
    ("change", "message", "sqlstate"),
    [
        ({"dbname": "nowhere"}, "the server has no such database", "3D000"),
        ({"host": "127.0.0.1", "password": "s3cret"}, "the server refuses the user or the password", "28P01"),
        ({"host": "127.0.0.1"}, "the server wants a password and none was given", "28P01"),
        ({"user": "nobody_here"}, "the server has no such role", "28000"),
        ({"host": "127.0.0.1", "port": "1"}, "nothing listens there", None),
        ({"host": "no.such.host.invalid"}, "the host's name cannot be resolved", None),
    ],
)
def test_connections_that_cannot_be_made(
    server: EmbeddedServer,
    change: dict[str, str],
    message: str,
    sqlstate: str | None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("PGPASSWORD", raising=False)
    parts = {**conninfo_parts(server.ensure_running()), **change}
    with pytest.raises(DatabaseError) as caught:
        connect(" ".join(f"{key}={value}" for key, value in parts.items()))
    assert str(caught.value).endswith(f": {message}")
    assert caught.value.sqlstate == sqlstate
    assert caught.value.hint
    assert "s3cret" not in str(caught.value)


def test_client_programs_use_the_same_address(server: EmbeddedServer, url: str) -> None:
    with connect(url) as session:
        session.script("CREATE TABLE public.only_here (a int)")
        client = find_client("pg_dump", session.major)
    assert client.major == 18
    dump = run_client(client, url, ["--schema-only"], what="cannot dump the schema")
    assert b"CREATE TABLE public.only_here" in dump
    with pytest.raises(DatabaseError) as caught:
        run_client(client, with_database(url, "nowhere"), ["--schema-only"], what="cannot dump the schema")
    assert str(caught.value).endswith("/nowhere: the server has no such database")
    with pytest.raises(DatabaseError, match="did not end within"):
        run_client(find_client("psql", 18), url, ["-c", "select pg_sleep(5)"], what="cannot x", timeout=0.2)
    tcp = server.application_url(conninfo_parts(url)["dbname"])
    password = conninfo_parts(tcp)["password"]
    assert password not in " ".join(client_command(client, tcp, [])[0])
    assert run_client(find_client("psql", 18), tcp, ["-Atc", "select 1"], what="cannot x") == b"1\n"


def test_sessions_know_where_they_are(url: str) -> None:
    with connect(url, application_name="datamask test") as session:
        assert isinstance(session, Session)
        assert session.major == session.server_version // 10000 == 18
        assert session.info.database == conninfo_parts(url)["dbname"]
        assert session.value("SELECT current_setting('application_name')") == "datamask test"
    assert session.closed
