"""What differs between two snapshots."""

from __future__ import annotations

from dataclasses import replace

from support.manifests import manifest

from datamask.snapshot.compare import ColumnChange, FactChange, RowChange, SchemaChange, compare
from datamask.snapshot.manifest import ManifestColumn, ManifestExtension
from datamask.snapshot.schema import SchemaEntry, render_schema

NOTHING = render_schema("", [])


def schema(*objects):
    entries = [
        SchemaEntry(number, frozenset(), name, "TABLE", "public", sql, False)
        for number, (name, sql) in enumerate(objects, 1)
    ]
    return render_schema("SET x = 1;", entries)


def test_a_snapshot_is_the_same_as_itself():
    one = manifest()
    assert compare(one, replace(one, id="x", created="2027-01-01T00:00:00+00:00"), NOTHING, NOTHING).same


def test_objects_are_compared_by_their_sql_and_not_by_their_number():
    before = schema(("a", "CREATE TABLE a ();"), ("b", "CREATE TABLE b ();"), ("c", "CREATE TABLE c ();"))
    after = schema(("c", "CREATE TABLE c (x int);"), ("a", "CREATE TABLE a ();"), ("d", "CREATE TABLE d ();"))
    assert compare(manifest(), manifest(), before, after).schema == (
        SchemaChange("removed", "table public.b"),
        SchemaChange("changed", "table public.c"),
        SchemaChange("added", "table public.d"),
    )


def test_columns_rows_and_facts():
    before = manifest()
    [table] = before.tables
    changed = replace(
        table,
        columns=(
            ManifestColumn("id", "bigint", "key", "keep"),
            ManifestColumn("email", "text", "person.email", "null"),
            ManifestColumn("vip", "boolean", None, "keep"),
        ),
        rows=5,
        selection="sample 0.5",
    )
    new = replace(table, key="public.new", name="new", rows=0)
    after = replace(
        before, policy="dev", tables=(changed, new), extensions=(ManifestExtension("citext", "1.6"),)
    )
    found = compare(before, after, NOTHING, NOTHING)
    assert found.columns == (
        ColumnChange(table.key, "id", "type", "integer", "bigint"),
        ColumnChange(table.key, "email", "transform", "email", "null"),
        ColumnChange(table.key, "vip", "column", None, "boolean, keep"),
    )
    assert found.rows == (
        RowChange(table.key, 3, 5, ("all", "sample 0.5")),
        RowChange("public.new", None, 0),
    )
    assert found.facts == (
        FactChange("policy", "staging", "dev"),
        FactChange("extension citext", None, "1.6"),
        FactChange("extension plpgsql", "1.0", None),
    )
    assert not found.same
    back = compare(after, before, NOTHING, NOTHING)
    assert [(change.before, change.after) for change in back.rows] == [(5, 3), (0, None)]
