from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from datamask.catalog.graph import references, table_order
from datamask.catalog.model import Catalog, ForeignKey, Table


def test_referenced_tables_come_first() -> None:
    order = table_order(
        {"items": ["orders", "products"], "orders": ["customers"], "customers": [], "logs": []}
    )
    assert order.tables.index("customers") < order.tables.index("orders") < order.tables.index("items")
    assert order.tables.index("products") < order.tables.index("items")
    assert (order.cycles, order.self_referencing) == ((), ())


def test_cycles_are_groups_and_loops_are_named() -> None:
    order = table_order({"a": ["b"], "b": ["c"], "c": ["a", "d"], "d": ["d"], "e": ["a"]})
    assert order.groups == (("d",), ("a", "b", "c"), ("e",))
    assert order.cycles == (("a", "b", "c"),)
    assert order.self_referencing == ("d",)


def test_a_chain_longer_than_the_recursion_limit() -> None:
    order = table_order({str(number): [str(number + 1)] for number in range(5000)})
    assert order.tables == tuple(str(number) for number in range(5000, -1, -1))


GRAPHS = st.dictionaries(
    st.sampled_from("abcdefgh"), st.lists(st.sampled_from("abcdefgh"), max_size=4), max_size=8
)


@given(GRAPHS)
def test_order_and_groups_against_reachability(edges: dict[str, list[str]]) -> None:
    order = table_order(edges)
    tables = set(edges) | {target for targets in edges.values() for target in targets}
    assert sorted(order.tables) == sorted(tables)

    def reach(start: str) -> set[str]:
        found: set[str] = set()
        todo = [start]
        while todo:
            new = set(edges.get(todo.pop(), ())) - found
            found |= new
            todo.extend(new)
        return found

    group_of = {table: number for number, group in enumerate(order.groups) for table in group}
    for table in tables:
        for other in reach(table):
            assert group_of[other] <= group_of[table]
            assert (group_of[other] == group_of[table]) == (other == table or table in reach(other))


def test_references_of_a_catalog() -> None:
    key = ForeignKey("fk", ("a",), "public.b", ("id",))
    tables = (Table("public", "a", (), foreign_keys=(key,)), Table("public", "b", ()))
    catalog = Catalog("d", 1, 180000, "UTF8", "C", tables)
    assert references(catalog) == {"public.a": frozenset({"public.b"}), "public.b": frozenset()}
