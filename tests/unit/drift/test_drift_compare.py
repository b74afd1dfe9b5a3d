"""What is told with what, what is left out, and how much it matters."""

from __future__ import annotations

import pytest

from datamask.catalog.schema_state import SchemaObject, SchemaState, load_state, object_name
from datamask.drift.compare import EVERYTHING, compare
from datamask.drift.difference import Difference
from datamask.drift.scope import Scope, check_patterns
from datamask.drift.statements import statements
from datamask.errors import UsageError, VerificationError


def state(*objects: SchemaObject) -> SchemaState:
    return SchemaState(objects)


def table(name: str = "app.t", like: str | None = None, **attributes: object) -> SchemaObject:
    return SchemaObject("table", name, attributes, "schema app", like)  # type: ignore[arg-type]


def column(name: str, like: str | None = None, of: str = "app.t", **attributes: object) -> SchemaObject:
    return SchemaObject("column", f"{of}.{name}", {"type": "text", **attributes}, f"table {of}", like)  # type: ignore[dict-item]


def one(before: SchemaState, after: SchemaState, scope: Scope = EVERYTHING) -> Difference:
    (found,) = compare(before, after, scope)
    return found


def test_a_table_takes_its_parts_along():
    parts = (table(), column("a"), column("b"), SchemaObject("index", "app.i", {}, "table app.t"))
    found = one(state(), state(*parts))
    assert (found.change, found.key, found.includes) == (
        "added",
        "table app.t",
        (("column", 2), ("index", 1)),
    )


def test_a_partition_repeats_its_table():
    before = state(
        table(), table("app.p", "table app.t"), column("a"), column("a", "column app.t.a", "app.p")
    )
    after = state(
        table(), table("app.p", "table app.t"),
        column("a", default="1"), column("a", "column app.t.a", "app.p", default="1"),
    )  # fmt: skip
    found = one(before, after)
    assert (found.key, found.includes) == ("column app.t.a", (("column", 1),))
    other = state(
        table(), table("app.p", "table app.t"),
        column("a", default="1"), column("a", "column app.t.a", "app.p", default="2"),
    )  # fmt: skip
    assert [item.key for item in compare(before, other)] == ["column app.p.a", "column app.t.a"]


def test_a_circle_in_an_edited_file_hides_nothing():
    one_of = SchemaObject("table", "a", {}, "table b")
    other = SchemaObject("table", "b", {}, "table a")
    assert len(compare(state(), state(one_of, other))) == 2


def test_the_order_of_columns_is_a_note_unless_it_is_asked_for():
    before = state(table(**{"column order": ["a", "b", "c"]}))
    assert compare(before, state(table(**{"column order": ["a", "c"]}))) == ()
    after = state(table(**{"column order": ["b", "a", "c"]}))
    assert one(before, after).severity == "info"
    assert one(before, after, Scope(column_order=True)).severity == "error"


@pytest.mark.parametrize(
    ("kind", "attribute", "severity"),
    [
        ("table", "comment", "info"),
        ("table", "owner", "warning"),
        ("table", "row security", "error"),
        ("index", "definition", "warning"),
        ("function", "cost", "warning"),
        ("function", "security", "error"),
        ("view", "comment on column a", "info"),
        ("server", "major version", "warning"),
        ("server", "minor version", "info"),
        ("extension", "version", "warning"),
    ],
)
def test_severity_of_a_change(kind: str, attribute: str, severity: str):
    before, after = SchemaObject(kind, "app.x", {}), SchemaObject(kind, "app.x", {attribute: "other"})
    assert one(state(before), state(after)).severity == severity


def test_a_unique_index_matters_more_than_another_one():
    unique = SchemaObject("index", "app.i", {"definition": "CREATE UNIQUE INDEX i ON app.t (a)"})
    plain = SchemaObject("index", "app.i", {"definition": "CREATE INDEX i ON app.t (a)"})
    assert one(state(), state(unique)).severity == "error"
    assert one(state(), state(plain)).severity == "warning"
    assert one(state(unique), state(plain)).severity == one(state(plain), state(unique)).severity == "error"


@pytest.mark.parametrize(
    ("pattern", "left"),
    [
        ("app.t", []),
        ("app.*", []),
        ("table:app.t", []),
        ("column:app.t.a", ["column app.t.b"]),
        ("COLUMN:*.b", ["column app.t.a"]),
        ("index:app.*", ["column app.t.a", "column app.t.b"]),
        ("other.*", ["column app.t.a", "column app.t.b"]),
    ],
)
def test_patterns_leave_out(pattern: str, left: list[str]):
    before = state(table(), column("a"), column("b"))
    after = state(table(), column("a", default="1"), column("b", default="1"))
    assert [item.key for item in compare(before, after, Scope((pattern,)))] == left


def test_a_kind_may_have_blanks():
    check_patterns(["materialized_view:a.*", "event-trigger:*", 'a."b:c"'])
    with pytest.raises(UsageError, match="names no kind of object") as caught:
        check_patterns(["functoin:a.*"])
    assert caught.value.hint == "did you mean 'function'?"


def test_only_what_a_load_carries():
    before = state(table(owner="a"), SchemaObject("grant", "on table app.t to x", {}, "table app.t"))
    after = state(table(owner="b"), SchemaObject("setting", "work_mem", {"value": "8MB"}))
    assert len(compare(before, after)) == 3
    assert compare(before, after, Scope(carried=True)) == ()


def test_true_is_not_one():
    assert one(state(table(a=1)), state(table(a=True))).aspects[0].name == "a"


def test_names_are_quoted_where_they_need_it():
    assert object_name(["public", "Odd.Name", 'a"b', "select"]) == 'public."Odd.Name"."a""b".select'
    assert object_name([], "a as b") == "a as b"


def test_another_file_is_refused():
    for content in (b"", b"[]", b'{"kind": "x", "format": 1}'):
        with pytest.raises(VerificationError, match=r"b\.json holds no schema state"):
            load_state(content, where="b.json")
    with pytest.raises(VerificationError, match="has format 9"):
        load_state(b'{"kind": "datamask schema state", "format": 9}', where="b.json")
    with pytest.raises(VerificationError, match="is damaged"):
        load_state(b'{"kind": "datamask schema state", "format": 1, "objects": [{}]}', where="b.json")


def test_statements_make_what_is_missing_first_and_drop_what_is_too_much_last():
    baseline = state(table(**{"column order": ["a"]}), column("a", **{"not null": "yes"}))
    found = state(SchemaObject("view", "app.v", {"definition": "SELECT 1"}))
    assert list(statements(compare(baseline, found), baseline, found)) == [
        "CREATE TABLE app.t (\n    a text NOT NULL\n);",
        "DROP VIEW app.v;",
    ]
