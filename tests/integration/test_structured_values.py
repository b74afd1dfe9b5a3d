"""What structured transforms give, read by the server that printed what they got."""

from __future__ import annotations

import json
from typing import Any

import polars as pl
import psycopg
import pytest
from psycopg import sql

from datamask.catalog.model import ColumnType, TypeKind
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.masking.model import ColumnMask
from datamask.masking.registry import get

KEY = MaskingKey(b"k" * 32)
FIXED = {"fixed": {"value": "x, \"y\" \\ (z) {w} 'v'"}}
PLAIN = "x, \"y\" \\ (z) {w} 'v'"

DOCUMENTS = r"""
    select * from (values
        ('null'), ('{}'), ('[]'), ('""'), ('"text"'), ('-0.0'), ('1e10'), ('12345678901234567890.10'), ('true'),
        ('{"a": 1, "a": 2, "spaces": "  kept  "}'), ('[1.00, [[], {}, [[]]], {"": ""}]'),
        ('{"tab": "\t", "newline": "\n", "quote": "\"", "backslash": "\\", "unicode": "\u00e9\ud83d\ude00"}'),
        ('{"contact": {"email": "maria@web.example", "tags": ["a", null, {"deep": [true, 12]}]}, "theme": "dark"}'),
        (repeat('[', 500) || '1' || repeat(']', 500)),
        ((select jsonb_object_agg('key ' || n, jsonb_build_object('email', n || '@x.example', 'n', n))::text
            from generate_series(1, 200) n))
    ) as documents (document)
"""


def masked(transform: str, kind: ColumnType, values: list[str | None], **params: Any) -> list[str | None]:
    checked = get(transform).validate(params)
    masker = Masker([ColumnMask("value", transform, kind, "d", checked)], KEY)
    return masker.mask(pl.DataFrame({"value": pl.Series(values, dtype=pl.String)}))["value"].to_list()


def texts(connection: psycopg.Connection[Any], query: str) -> list[str | None]:
    return [row[0] for row in connection.execute(query)]  # type: ignore[arg-type]


def read_back(
    connection: psycopg.Connection[Any], name: str, values: list[str | None], shown: str
) -> list[Any]:
    """Something of every value, as the server reads it."""
    query = """
        select {} from unnest(%s::text[]) with ordinality as given (text, place),
            lateral (select text::{} as v) as read order by place
    """
    return [
        row[0] for row in connection.execute(sql.SQL(query).format(sql.SQL(shown), sql.SQL(name)), [values])
    ]


@pytest.mark.parametrize("base", ["json", "jsonb"])
@pytest.mark.parametrize("unknown", ["redact", "drop", "keep"])
def test_documents_of_the_server(database, base: str, unknown: str) -> None:
    with psycopg.connect(database()) as connection:
        printed = texts(connection, f"select document::{base}::text from ({DOCUMENTS}) as given")
        paths = {"$.contact.email": "email", "$..n": "key", "$.theme": "keep", "$.contact.tags": FIXED}
        results = masked("json", ColumnType(base, "json", base), printed, paths=paths, unknown=unknown)
        read = read_back(connection, base, results, "v::text")
        if base == "json":
            assert read == results
        contact = json.loads(read[12])["contact"]
        assert contact["email"].endswith("@example.com")
        assert contact["tags"] == [PLAIN, None, {"deep": [PLAIN, PLAIN]}]
        assert json.loads(read[12])["theme"] == "dark"
        assert read[:3] == ["null", "{}", "[]"]
        if unknown != "drop":
            types = "jsonb_path_query_array(document::jsonb, 'strict $.**.type()')::text"
            shape = f"select {types} from ({DOCUMENTS}) as given"
            changed = read_back(
                connection, "jsonb", results, "jsonb_path_query_array(v, 'strict $.**.type()')::text"
            )
            before = texts(connection, shape)
            # Numbers and booleans under the fixed rule became texts.
            assert [one for place, one in enumerate(changed) if place != 12] == [
                one for place, one in enumerate(before) if place != 12
            ]


@pytest.mark.parametrize(
    ("transform", "name", "kind", "value"),
    [
        ("key", "int4", "integer", "array[[1, 2], [3, null]]"),
        ("ff1", "int2", "integer", "'[-1:1]={7,1234,-99}'::int2[]"),
        ("number_noise", "numeric", "numeric", "array[1.50, 'NaN', 1e30]::numeric[]"),
        ("shift_date", "date", "date", "array['2024-02-29', 'infinity', '0044-03-15 BC']::date[]"),
        ("shift_date", "timestamptz", "timestamp", "array['2024-02-29 10:11:12.5+02']::timestamptz[]"),
        ("uuid", "uuid", "uuid", "array['7f0c1f4e-3b1a-4c22-9d0e-5a6b7c8d9e0f', null]::uuid[]"),
        ("ip", "inet", "inet", "array['8.8.8.8/24', '2001:db8::1']::inet[]"),
        ("json", "jsonb", "json", """array['{"a": "b\\"c"}', 'null', null, '[]']::jsonb[]"""),
        ("empty", "bytea", "bytea", "array['\\xdead']::bytea[]"),
        ("hash", "text", "text", "array['a \"b\"', 'NULL', null, '']"),
    ],
)
def test_arrays_of_the_server(database, transform: str, name: str, kind: TypeKind, value: str) -> None:
    column = ColumnType(f"{name}[]", "array", f"_{name}", element=kind)
    with psycopg.connect(database()) as connection:
        (printed,) = texts(connection, f"select ({value})::text")
        results = masked(transform, column, [printed, "{}", None])
        read = read_back(connection, f"{name}[]", results, "v::text")
        assert read[1:] == ["{}", None]
        assert read[0] != printed
        if transform != "empty":
            shape = "array_dims(v), (select string_agg((one is null)::text, ',') from unnest(v) as one)"
            before = connection.execute(f"select {shape} from (select ({value}) as v) as given").fetchone()
            after = connection.execute(
                f"select {shape} from (select %s::{name}[] as v) as given", [read[0]]
            ).fetchone()
            assert before == after


def test_composite_values_of_the_server(database) -> None:
    with psycopg.connect(database()) as connection:
        connection.execute("create type address as (street text, city text, lines text[], at timestamptz)")
        connection.execute("create type person as (name text, home address, many address[])")
        odd = """('a "b" \\ (c), d', '', array['x "y"', null], '2024-01-01')::address"""
        printed = texts(
            connection,
            f"select row('Maria', {odd}, array[{odd}, null])::person::text union all select '(,,)'",
        )
        kind = ColumnType("person", "composite", "person")
        same = masked("composite", kind, printed, unknown="keep")
        read_same = read_back(connection, "person", same, "v::text")
        assert read_same == printed
        results = masked(
            "composite", kind, printed, order=["name", "home", "many"], fields={"name": FIXED}, unknown="keep"
        )
        assert read_back(connection, "person", results, "(v).name") == [PLAIN, None]
        assert read_back(connection, "person", results, "(v).home::text") == read_back(
            connection, "person", printed, "(v).home::text"
        )
        dropped = masked("composite", kind, printed, fields={"1": FIXED}, unknown="drop")
        assert read_back(connection, "person", dropped, "(v).many::text") == [None, None]


def test_hstore_of_the_server(database) -> None:
    with psycopg.connect(database()) as connection:
        if not connection.execute("select from pg_available_extensions where name = 'hstore'").fetchone():
            pytest.skip("this server comes without hstore")
        connection.execute("create extension hstore")
        value = r"""hstore(array['name', 'odd "key" \ =>', 'none'], array['Maria "M." \ {,}=>', E'line\nbreak', null])"""
        printed = texts(connection, f"select ({value})::text")
        results = masked("hstore", ColumnType("hstore", "other", "hstore"), printed, keys={"name": FIXED})
        assert read_back(connection, "hstore", results, "v -> 'name'") == [PLAIN]
        assert read_back(connection, "hstore", results, r"""v -> 'odd "key" \ =>'""") == ["[redacted]"]
        assert read_back(connection, "hstore", results, "(v ? 'none') and (v -> 'none') is null") == [True]


def test_xml_of_the_server(database) -> None:
    with psycopg.connect(database()) as connection:
        try:
            printed = texts(
                connection,
                """select xmlelement(name person, xmlattributes('7 "q"' as id), 'a < b & c')::text""",
            )
        except psycopg.errors.FeatureNotSupported:
            pytest.skip("this server is built without XML")
        results = masked(
            "xml", ColumnType("xml", "xml", "xml"), printed, paths={"/person": FIXED, "/person/@id": FIXED}
        )
        assert read_back(connection, "xml", results, "(xpath('/person/text()', v))[1]::text is not null") == [
            True
        ]
