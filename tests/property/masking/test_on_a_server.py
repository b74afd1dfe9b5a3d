"""Every result of every transform is valid input for its column's type: the server itself says so."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest
from law_case import Case
from masking_cases import CASES, many, odd_values
from psycopg import sql
from test_laws import run

# As the server prints values, where it knows them: that is what a transform is given.
PRINTED = "select v::{}::text from unnest(%s::text[]) v where pg_input_is_valid(v, %s)"
REFUSED = "select v from unnest(%s::text[]) v where not pg_input_is_valid(v, %s)"


@pytest.fixture(scope="module")
def connection(server) -> Iterator[psycopg.Connection]:
    with psycopg.connect(server.ensure_database("transforms"), autocommit=True) as connection:
        connection.execute("create type public.size as enum ('small', 'medium', 'large')")
        yield connection


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_server_reads_every_result(connection: psycopg.Connection, case: Case):
    name = case.type.name
    if connection.execute("select to_regtype(%s)", (name,)).fetchone() == (None,):
        pytest.skip(f"no type {name} on this server")
    values = [value for value in [*odd_values(case), *many(case, 200)] if "\0" not in value]
    try:
        printed = connection.execute(sql.SQL(PRINTED).format(sql.SQL(name)), (values, name)).fetchall()
    except psycopg.errors.FeatureNotSupported:
        pytest.skip(f"the server was built without {name}")
    assert printed
    results = [result for result in run(case, [value for (value,) in printed]) if result is not None]
    assert connection.execute(REFUSED, (results, name)).fetchall() == []
