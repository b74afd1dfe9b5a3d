"""What a materialized view's refresh waits for."""

from __future__ import annotations

from datamask.load.refreshes import needed, trees_read, view_entry
from datamask.snapshot.manifest import ManifestView
from datamask.snapshot.schema import SchemaEntry


def entries(*described: tuple[int, str, str, set[int]]) -> dict[int, SchemaEntry]:
    return {
        number: SchemaEntry(number, frozenset(needs), name, kind, "public", "", after_data=False)
        for number, kind, name, needs in described
    }


SHOP = entries(
    (1, "TABLE", "orders", set()),
    (2, "TABLE", "orders_2024", set()),
    (3, "TABLE ATTACH", "orders_2024", {1, 2}),
    (4, "TABLE", "customers", set()),
    (5, "VIEW", "sales", {1}),
    (6, "MATERIALIZED VIEW", "monthly", {5}),
    (7, "MATERIALIZED VIEW", "best", {6, 4}),
    (8, "FUNCTION", "total()", set()),
    (9, "MATERIALIZED VIEW", "opaque", {8, 4}),
    (10, "MATERIALIZED VIEW", "constant", set()),
)
TREES = {1: 1, 2: 1, 4: 4}


def test_tables_are_found_through_views() -> None:
    assert trees_read(needed(6, SHOP), SHOP, TREES) == {1}
    assert trees_read(needed(7, SHOP), SHOP, TREES) == {1, 4}


def test_views_below_are_among_what_is_needed() -> None:
    assert 6 in needed(7, SHOP)
    assert 7 not in needed(6, SHOP)


def test_what_a_function_reads_cannot_be_told() -> None:
    assert trees_read(needed(9, SHOP), SHOP, TREES) is None


def test_a_view_of_no_table_waits_for_everything() -> None:
    assert trees_read(needed(10, SHOP), SHOP, TREES) is None


def test_an_entry_is_found_by_the_name_on_one_line() -> None:
    broken = entries((1, "TABLE", "a b", set()), (2, "MATERIALIZED VIEW", "a b", set()))
    assert view_entry(ManifestView("public", "a\nb", True), broken) == 2
    assert view_entry(ManifestView("other", "a\nb", True), broken) is None
