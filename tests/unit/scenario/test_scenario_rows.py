"""Fixed rows as INSERT statements."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from datamask.catalog.model import Catalog, Column, ColumnType, ForeignKey, Table
from datamask.config.document import Mark, Plain
from datamask.errors import UsageError
from datamask.scenario.insert import insert_statement, place_rows
from datamask.scenario.model import Expression, FixedRow, Given, Reference, Relative, Value
from datamask.scenario.values import literal

TEXT = ColumnType("text", "text", "text")
BIGINT = ColumnType("bigint", "integer", "int8")
JSONB = ColumnType("jsonb", "json", "jsonb")
TEXTS = ColumnType("text[]", "array", "text", element="text")
NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)


def table(name: str, *columns: str, references: dict[str, str] | None = None) -> Table:
    keys = tuple(
        ForeignKey(f"{name}_{column}", (column,), f"public.{target}", ("id",))
        for column, target in (references or {}).items()
    )
    return Table(
        "public", name, tuple(Column(one, BIGINT, n) for n, one in enumerate(columns, 1)), foreign_keys=keys
    )


CATALOG = Catalog(
    "shop", 1, 180004, "UTF8", "C",
    (
        table("orders", "id", "customer_id", "note", references={"customer_id": "customers"}),
        table("customers", "id", "referrer_id", "name", references={"referrer_id": "customers"}),
    ),
)  # fmt: skip


def row(table: str, called: str | None = None, /, **values: Value) -> FixedRow:
    return FixedRow(table, called, values, Mark(Path("it.yaml"), 3, 1))


def statements(*rows: FixedRow) -> list[str]:
    placed = place_rows(rows, CATALOG)
    known = {one.row.name: one.table for one in placed if one.row.name}
    found = {(one.row.name or "", name): "42" for one in placed for name in one.returning}
    return [insert_statement(one, found, NOW, known) for one in placed]


def test_rows_stand_behind_what_they_refer_to() -> None:
    first, second, third = statements(
        row("orders", customer_id=Reference("carol")),
        row("customers", "carol", referrer_id=Reference("alice")),
        row("customers", "alice", name=Given("Alice")),
    )
    assert first == (
        """INSERT INTO "public"."customers" ("name") OVERRIDING SYSTEM VALUE VALUES ('Alice') RETURNING "id"::text"""
    )
    assert second.startswith('INSERT INTO "public"."customers" ("referrer_id")')
    assert third.startswith(
        'INSERT INTO "public"."orders" ("customer_id") OVERRIDING SYSTEM VALUE VALUES (\'42\')'
    )


def test_values_of_every_kind() -> None:
    [statement] = statements(
        row("orders", id=Given(7), customer_id=Expression("1 + 1"), note=Relative(timedelta(hours=-2)))
    )
    assert "VALUES ('7', (1 + 1), '2026-01-02T10:00:00+00:00')" in statement


def test_a_row_of_defaults() -> None:
    assert statements(row("orders")) == ['INSERT INTO "public"."orders" DEFAULT VALUES']


@pytest.mark.parametrize(
    ("value", "column_type", "sql"),
    [
        (None, TEXT, "NULL"),
        (True, TEXT, "'true'"),
        (1.5, TEXT, "'1.5'"),
        ("it's", TEXT, "'it''s'"),
        ({"a": [1, None]}, JSONB, """'{"a": [1, null]}'"""),
        ([1, "x"], JSONB, """'[1, "x"]'"""),
        (["a,b", 'c"', None, ["d"]], TEXTS, """ E'{"a,b","c\\\\"",NULL,{"d"}}'"""),
    ],
)
def test_literals(value: Plain, column_type: ColumnType, sql: str) -> None:
    assert literal(value, Column("c", column_type, 1)) == sql


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([row("order")], "it.yaml:3: there is no table order"),
        ([row("orders", nmae=Given(1))], "it.yaml:3: table public.orders has no column 'nmae'"),
        (
            [
                row("customers", "a", referrer_id=Reference("b")),
                row("customers", "b", referrer_id=Reference("a")),
            ],
            "rows refer to each other in a circle: ",
        ),
        (
            [row("customers", "a"), row("orders", note=Reference("a"))],
            "no foreign key says which column of public.customers orders.note refers to",
        ),
        (
            [row("customers", "a"), row("orders", note=Reference("a", "nmae"))],
            "refers to a.nmae, and table public.customers has no such column",
        ),
    ],
)
def test_what_cannot_be_is_said_with_its_place(rows: list[FixedRow], message: str) -> None:
    with pytest.raises(UsageError) as caught:
        place_rows(tuple(rows), CATALOG)
    assert message in caught.value.message


def test_a_reference_may_name_its_column() -> None:
    [_, order] = statements(row("customers", "a"), row("orders", note=Reference("a", "name")))
    assert "VALUES ('42')" in order
