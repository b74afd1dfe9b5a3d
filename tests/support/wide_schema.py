"""A schema of many tables, each with what a table of an application has."""

from __future__ import annotations

import psycopg

_TABLE = """
    create table wide.t{n} (
        id bigint generated always as identity primary key, parent bigint references wide.t{parent},
        email text not null, name varchar(80), state wide.state not null default 'open',
        total numeric(12, 2) check (total >= 0), note text default '', document jsonb, created timestamptz default now(),
        updated timestamptz, unique (email, name));
    create index on wide.t{n} (created);
    create index on wide.t{n} (parent) where state = 'open';
    create trigger touch before update on wide.t{n} for each row execute function wide.touch();
    comment on table wide.t{n} is 'number {n}';
"""


def make_wide_schema(connection: psycopg.Connection, tables: int) -> None:
    """Make the schema ``wide`` with tables ``t0``, ``t1``… and a view over every tenth."""
    connection.execute(
        b"create schema wide; create type wide.state as enum ('open', 'closed');"
        b"create function wide.touch() returns trigger language plpgsql as 'begin return new; end'"
    )
    for number in range(tables):
        connection.execute(_TABLE.format(n=number, parent=max(0, number - 1)).encode())
        if number % 10 == 0:
            connection.execute(
                f"create view wide.v{number} as select id, email from wide.t{number} where state = 'open'".encode()
            )
