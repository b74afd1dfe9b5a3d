"""The graph of foreign keys: which tables must come first, and which ones need each other (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from datamask.catalog.model import Catalog


@dataclass(frozen=True, slots=True)
class TableOrder:
    """Tables in an order in which a row's references already exist.

    :param groups: keys of tables, referenced ones first; a group of several is a cycle of foreign keys.
    :param self_referencing: keys of tables that reference themselves.
    """

    groups: tuple[tuple[str, ...], ...]
    self_referencing: tuple[str, ...] = ()

    @property
    def tables(self) -> tuple[str, ...]:
        """All keys, in order."""
        return tuple(table for group in self.groups for table in group)

    @property
    def cycles(self) -> tuple[tuple[str, ...], ...]:
        """The groups of several tables that reference each other in a circle."""
        return tuple(group for group in self.groups if len(group) > 1)


def references(catalog: Catalog) -> dict[str, frozenset[str]]:
    """Of every table, the keys of the tables that its foreign keys reference."""
    return {
        table.key: frozenset(key.referenced_table for key in table.foreign_keys) for table in catalog.tables
    }


def table_order(edges: Mapping[str, Iterable[str]]) -> TableOrder:
    """Order tables by their references, the same for the same input.

    Tarjan's strongly connected components (1972), with a stack of its own, as a chain of references can be
    longer than Python's recursion. Names that only occur as references count as tables.

    :param edges: of every table, those that it references.
    """
    graph = {table: sorted(set(targets)) for table, targets in sorted(edges.items())}
    for targets in list(graph.values()):
        for target in targets:
            graph.setdefault(target, [])
    number: dict[str, int] = {}
    low: dict[str, int] = {}
    open_tables: list[str] = []
    is_open: set[str] = set()
    groups: list[tuple[str, ...]] = []
    for start in graph:
        if start in number:
            continue
        path = [(start, iter(graph[start]))]
        number[start] = low[start] = len(number)
        open_tables.append(start)
        is_open.add(start)
        while path:
            table, targets_left = path[-1]
            step = next(targets_left, None)
            if step is None:
                path.pop()
                if path:
                    above = path[-1][0]
                    low[above] = min(low[above], low[table])
                if low[table] == number[table]:
                    group: list[str] = []
                    while not group or group[-1] != table:
                        group.append(open_tables.pop())
                        is_open.discard(group[-1])
                    groups.append(tuple(sorted(group)))
            elif step not in number:
                number[step] = low[step] = len(number)
                open_tables.append(step)
                is_open.add(step)
                path.append((step, iter(graph[step])))
            elif step in is_open:
                low[table] = min(low[table], number[step])
    loops = tuple(table for table, targets in graph.items() if table in targets)
    return TableOrder(tuple(groups), loops)
