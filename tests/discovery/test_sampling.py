from __future__ import annotations

from collections.abc import Callable

import psycopg

from datamask.catalog.introspect import introspect
from datamask.classify.discover import discover
from datamask.commands.sampling import SAMPLE_ROWS, TableSampler
from datamask.db.conninfo import build_conninfo, conninfo_parts
from datamask.db.session import connect

DatabaseFactory = Callable[[], str]


def test_values_of_many_tables_come_by_few_statements(database: DatabaseFactory) -> None:
    url = database()
    with psycopg.connect(url, autocommit=True) as connection:
        for number in range(60):
            connection.execute(
                f"create table t{number} (id int primary key, a text, b jsonb, c date, d bigint, e numeric(10,2), f int);"
                f"insert into t{number} select i, 'v{number}-' || i, '{{\"n\": 1}}', '2001-02-03', i, i, i "
                f"from generate_series(1, {number * 10}) i"
            )
    with connect(url, read_only=True) as session:
        catalog = introspect(session)
        sampler = TableSampler(session)
        found = sampler(catalog.tables)
    assert sampler.skipped == {}
    # A table without a page has nothing to look at.
    assert set(found) == {f"public.t{number}" for number in range(1, 60)}
    sample = found["public.t30"]
    assert set(sample) == {"a", "b", "c", "d"}
    assert len(sample["a"]) == SAMPLE_ROWS
    assert sample["a"][0] == "v30-1"
    assert (sample["b"][0], sample["c"][0], sample["d"][0]) == ('{"n": 1}', "2001-02-03", "1")
    assert len(found["public.t1"]["a"]) == 10


def test_long_values_are_cut_and_documents_are_not(database: DatabaseFactory) -> None:
    url = database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "create table t (a text, b text);"
            """insert into t select repeat('word ', 1000), '{"k": "' || repeat('x', 3000) || '"}'"""
        )
    with connect(url, read_only=True) as session:
        found = TableSampler(session)(introspect(session).tables)["public.t"]
    assert [len(value or "") for value in (*found["a"], *found["b"])] == [200, 3009]


def test_a_table_that_cannot_be_read_costs_no_other(database: DatabaseFactory) -> None:
    url = database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "create table open_a (x text); insert into open_a values ('a');"
            "create table closed (x text); insert into closed values ('a');"
            "create table open_b (x text); insert into open_b values ('b');"
            "drop role if exists discovery_reader; create role discovery_reader login password 'reader';"
            "grant select on open_a, open_b to discovery_reader"
        )
    reader = build_conninfo({**conninfo_parts(url), "user": "discovery_reader", "password": "reader"})
    with connect(reader, read_only=True) as session:
        sampler = TableSampler(session)
        found = sampler(introspect(session).tables)
    assert set(found) == {"public.open_a", "public.open_b"}
    assert list(sampler.skipped) == ["public.closed"]
    assert "permission denied" in sampler.skipped["public.closed"]
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("drop owned by discovery_reader; drop role discovery_reader")


def test_large_tables_are_sampled_across_their_pages(database: DatabaseFactory) -> None:
    url = database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "create table large (id int, a text) with (fillfactor = 10);"
            "insert into large select i, repeat('x', 100) || i from generate_series(1, 3000) i"
        )
    with connect(url, read_only=True) as session:
        catalog = introspect(session)
        assert catalog.tables[0].pages > 200
        found = TableSampler(session)(catalog.tables)["public.large"]["a"]
    assert 50 <= len(found) <= SAMPLE_ROWS
    assert max(int((value or "")[100:]) for value in found) > 300


def test_partitions_are_looked_at_through_their_root(database: DatabaseFactory) -> None:
    url = database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "create table p (day date, who text) partition by range (day);"
            "create table p1 partition of p for values from ('2020-01-01') to ('2030-01-01');"
            "insert into p select '2024-01-01', 'ada' || i || '@example.org' from generate_series(1, 20) i"
        )
    with connect(url, read_only=True) as session:
        sampler = TableSampler(session)
        proposals = discover(introspect(session), sampler)
    assert [(item.column, item.data_class) for item in proposals.items] == [
        ("day", "public"),
        ("who", "person.email"),
    ]


def test_documents_are_proposed_by_path_and_no_value_is_told(database: DatabaseFactory) -> None:
    url = database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "create table events (id int primary key, payload jsonb, wrapped text);"
            """insert into events select i, jsonb_build_object('user', jsonb_build_object('email', i || '@example.org'),
               'kind', 'login'), '{"ip": "10.0.0.' || i || '"}' from generate_series(1, 40) i"""
        )
    with connect(url, read_only=True) as session:
        found = discover(introspect(session), TableSampler(session)).by_column
    assert found["public.events", "payload"].paths == (("$.kind", "public"), ("$.user.email", "person.email"))
    assert found["public.events", "wrapped"].data_class == "document"
    assert found["public.events", "wrapped"].paths == (("$.ip", "network.ip"),)
    assert "example.org" not in repr(found)


def test_arrays_are_looked_at_element_by_element(database: DatabaseFactory) -> None:
    url = database()
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "create table t (reached_at text[], tags text[]);"
            "insert into t select array['ada' || i || '@example.org', null, 'a,b@example.org'], array['x', 'y'] "
            "from generate_series(1, 40) i"
        )
    with connect(url, read_only=True) as session:
        found = discover(introspect(session), TableSampler(session)).by_column
    assert found["public.t", "reached_at"].data_class == "person.email"
    assert found["public.t", "tags"].data_class == "public"
