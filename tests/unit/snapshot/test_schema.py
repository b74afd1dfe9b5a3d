"""Taking a dump's SQL apart: only what pg_restore wrote as an entry's head is one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datamask.errors import DatamaskError
from datamask.snapshot.schema import SchemaEntry, entry_name, parse_schema, render_schema

PREAMBLE = "SET statement_timeout = 0;\nSELECT pg_catalog.set_config('search_path', '', false);"


def head(number: int, name: str = "t", kind: str = "TABLE", schema: str = "public", needs: str = "") -> str:
    needed = f"-- Dependencies: {needs}\n" if needs else ""
    return (
        f"--\n-- TOC entry {number} (class 1259 OID {16000 + number})\n{needed}"
        f"-- Name: {name}; Type: {kind}; Schema: {schema}; Owner: postgres\n--\n"
    )


def dump(*entries: str) -> str:
    body = "\n\n".join(entries)
    return (
        "--\n-- PostgreSQL database dump\n--\n\n\\restrict abcDEF123\n\n-- Dumped from database version 18.4\n\n"
        f"{PREAMBLE}\n\n{body}\n\n-- Completed on 2026-01-01\n\n--\n-- PostgreSQL database dump complete\n--\n\n"
        "\\unrestrict abcDEF123\n\n"
    )


def parsed(*statements: str) -> list[str]:
    """The SQL of entries with those statements, after a parse."""
    text = dump(*(f"{head(number)}\n{sql}" for number, sql in enumerate(statements, 1)))
    return [entry.sql for entry in parse_schema(text)[1]]


def test_an_entry_has_all_that_its_head_says():
    text = dump(
        f"{head(6, 'public', 'SCHEMA', '-')}\nCREATE SCHEMA x;",
        f'{head(220, "order lines", needs="6 219")}\nCREATE TABLE public."order lines" (a integer);',
    )
    preamble, entries = parse_schema(text)
    assert PREAMBLE in preamble
    assert "restrict" not in preamble
    assert entries == [
        SchemaEntry(6, frozenset(), "public", "SCHEMA", "-", "CREATE SCHEMA x;", after_data=False),
        SchemaEntry(
            220,
            frozenset({6, 219}),
            "order lines",
            "TABLE",
            "public",
            'CREATE TABLE public."order lines" (a integer);',
            after_data=False,
        ),
    ]
    assert [entry.label for entry in entries] == ["schema public", "table public.order lines"]


def test_more_lines_in_a_head_are_no_matter():
    lines = head(1).removesuffix("--\n") + "-- Data Pos: 17\n--\n"
    assert [entry.sql for entry in parse_schema(dump(lines + "\nSELECT 1;"))[1]] == ["SELECT 1;"]


FAKE = head(99, "fake")

NASTY = {
    "dollar quotes": f"CREATE FUNCTION f() AS $$\n{FAKE}\n$$;",
    "dollar quotes with a tag": f"CREATE FUNCTION f() AS $_$\n{FAKE} $1 $_$;",
    "dollar quotes with others inside": f"CREATE FUNCTION f() AS $_$ $$ \n{FAKE} $$ $a$ $_$;",
    "one dollar quote of another tag inside": f"CREATE FUNCTION f() AS $_$ $$ \n{FAKE} $_$;",
    "a tag that is the beginning of another": f"CREATE FUNCTION f() AS $_X$ $_$ \n{FAKE} $_X$;",
    "a tag with other scripts": f"CREATE FUNCTION f() AS $été1$ $$ \n{FAKE} $été1$;",
    "parameters that look like tags": f"SELECT $1, $2; CREATE FUNCTION f() AS $$ $3$ \n{FAKE} $$;",
    "a string": f"COMMENT ON TABLE t IS 'it''s\n{FAKE}';",
    "a string that ends in a backslash": f"COMMENT ON TABLE t IS E'\\\\';\nCOMMENT ON TABLE t IS '\n{FAKE}';",
    "a string with quotes of all kinds": f"COMMENT ON TABLE t IS '\" $$ -- /* \n{FAKE}';",
    "a quoted name": f'CREATE TABLE "a""b\n{FAKE}" (a integer);',
    "a quoted name with quotes of all kinds": f'CREATE TABLE "\' $$ -- /* \n{FAKE}" (a integer);',
    "a comment of many lines": f"/* ' $$ \"\n{FAKE}*/ SELECT 1;",
    "a comment with an open quote": "SELECT 1; -- it's $$ \" /*\nSELECT 2;",
    "a standard body": "CREATE FUNCTION f()\n    BEGIN ATOMIC\n SELECT '$$'::text;\nEND;",
    "an end that looks like a dump's": "COMMENT ON TABLE t IS '\n-- PostgreSQL database dump complete\n--\n\n';",
    "psql's restricted mode as text": "COMMENT ON TABLE t IS '\n\\unrestrict abcDEF123\n';",
    "a real head that is indented": "SELECT 1\n  " + FAKE.replace("\n", "\n  ") + ";",
}


@pytest.mark.parametrize("sql", NASTY.values(), ids=NASTY)
def test_what_only_looks_like_a_head_is_none(sql):
    assert parsed(sql, "SELECT 'after';") == [sql, "SELECT 'after';"]
    assert parsed("SELECT 'before';", sql) == ["SELECT 'before';", sql]


def test_all_of_it_at_once():
    statements = list(NASTY.values())
    assert parsed(*statements) == statements


@settings(deadline=None)
@given(st.lists(st.sampled_from([*NASTY.values(), "SELECT 1;", "", "CREATE TABLE a ();"]), min_size=1))
def test_what_was_written_is_read_again(statements):
    entries = [
        SchemaEntry(
            number, frozenset(range(1, number)), f"n; Type: {number}", "TABLE", "s", sql, after_data=False
        )
        for number, sql in enumerate(statements, 1)
    ]
    text = render_schema(PREAMBLE, entries)
    assert parse_schema(text) == (PREAMBLE, entries)
    assert render_schema(*parse_schema(text)) == text


@pytest.mark.parametrize(
    "kind", ["INDEX", "CONSTRAINT", "STATISTICS", "TRIGGER", "ROW SECURITY", "FK CONSTRAINT"]
)
def test_everything_behind_the_border_comes_after_the_data(kind):
    kinds = ["TABLE", "VIEW", kind, "VIEW", "COMMENT"]
    entries = parse_schema(dump(*(f"{head(n, kind=found)}\nSELECT;" for n, found in enumerate(kinds, 1))))[1]
    assert [entry.after_data for entry in entries] == [False, False, True, True, True]


def test_a_dump_without_entries_is_its_settings():
    assert parse_schema("SET a = 1;\n\\restrict x\nSET b = 2;\n") == ("SET a = 1;\nSET b = 2;\n", [])


def test_an_entry_that_is_there_twice_is_refused():
    with pytest.raises(DatamaskError) as caught:
        parse_schema(dump(f"{head(1)}\nSELECT 1;", f"{head(1)}\nSELECT 2;"))
    assert str(caught.value) == "the schema's dump names an entry twice"


def test_names_stand_on_one_line():
    assert entry_name("a\nb\r\nc") == "a b  c"
