from __future__ import annotations

import pytest

from datamask.catalog.model import ColumnType
from datamask.catalog.types import TypeResolver, TypeRow


def row(
    oid: int, name: str, typtype: str = "b", category: str = "S", schema: str = "pg_catalog", **more: int
) -> TypeRow:
    return TypeRow(
        oid,
        schema,
        name,
        typtype,
        category,
        more.get("base", 0),
        more.get("modifier", -1),
        more.get("element", 0),
        bool(more.get("not_null", 0)),
    )


ROWS = [
    row(1, "varchar"),
    row(2, "numeric", category="N"),
    row(3, "short", "d", schema="public", base=1, modifier=14),
    row(4, "Shorter.one", "d", schema="public", base=3, not_null=1),
    row(5, "_varchar", category="A", element=1),
    row(6, "_short", category="A", schema="public", element=3),
    row(7, "mood", "e", category="E", schema="public"),
    row(8, "_mood", category="A", schema="public", element=7),
    row(9, "moods", "d", category="A", schema="public", base=8),
    row(10, "citext", schema="public"),
    row(11, "pair", "c", category="C", schema="public"),
    row(12, "name", element=13),
    row(13, "char", category="Z"),
    row(14, "int4multirange", "m", category="R"),
    row(15, "point", category="G", element=13),
    row(16, "geometry", category="U", schema="public"),
]
RESOLVER = TypeResolver(ROWS, {7: ("sad", "glad")})


@pytest.mark.parametrize(
    ("oid", "modifier", "expected"),
    [
        (1, 44, {"kind": "text", "base": "varchar", "max_length": 40}),
        (1, -1, {"kind": "text", "base": "varchar"}),
        (3, -1, {"kind": "text", "base": "varchar", "max_length": 10, "domain": "public.short"}),
        (4, -1, {"kind": "text", "base": "varchar", "max_length": 10, "domain": 'public."Shorter.one"'}),
        (5, 9, {"kind": "array", "base": "_varchar", "max_length": 5, "element": "text"}),
        (6, -1, {"kind": "array", "base": "_short", "max_length": 10, "element": "text"}),
        (7, -1, {"kind": "enum", "base": "mood", "labels": ("sad", "glad")}),
        (
            9,
            -1,
            {
                "kind": "array",
                "base": "_mood",
                "labels": ("sad", "glad"),
                "element": "enum",
                "domain": "public.moods",
            },
        ),
        (10, -1, {"kind": "text", "base": "citext"}),
        (11, -1, {"kind": "composite", "base": "pair"}),
        (12, -1, {"kind": "text", "base": "name"}),
        (14, -1, {"kind": "range", "base": "int4multirange"}),
        (15, -1, {"kind": "other", "base": "point"}),
        (16, -1, {"kind": "other", "base": "geometry"}),
        (2, (10 << 16 | 2) + 4, {"kind": "numeric", "base": "numeric", "precision": 10, "scale": 2}),
        (
            2,
            (5 << 16 | (-3 & 0x7FF)) + 4,
            {"kind": "numeric", "base": "numeric", "precision": 5, "scale": -3},
        ),
        (2, -1, {"kind": "numeric", "base": "numeric"}),
    ],
)
def test_types(oid: int, modifier: int, expected: dict[str, object]) -> None:
    assert RESOLVER.resolve(oid, modifier, "shown") == ColumnType(name="shown", **expected)  # type: ignore[arg-type]


def test_a_domain_over_a_domain() -> None:
    assert RESOLVER.domains(4) == [4, 3]
    assert RESOLVER.domain_not_null(4)
    assert not RESOLVER.domain_not_null(3)
