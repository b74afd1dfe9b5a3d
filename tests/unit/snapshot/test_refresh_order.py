from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from datamask.catalog.model import MaterializedView
from datamask.snapshot.take import refresh_order


def view(name: str, *depends_on: str) -> MaterializedView:
    return MaterializedView("s", name, True, depends_on)


@settings(deadline=None)
@given(st.data())
def test_every_view_comes_behind_those_that_it_reads(data):
    count = data.draw(st.integers(0, 12))
    views = [
        view(
            f"v{number}",
            "s.some_table",
            *(f"s.v{other}" for other in range(number) if data.draw(st.booleans())),
        )
        for number in range(count)
    ]
    ordered = [found.key for found in refresh_order(data.draw(st.permutations(views)))]
    assert sorted(ordered) == sorted(found.key for found in views)
    for found in views:
        for key in found.depends_on[1:]:
            assert ordered.index(key) < ordered.index(found.key)


def test_a_circle_does_not_hang():
    assert len(refresh_order([view("a", "s.b"), view("b", "s.a"), view("c", "s.c")])) == 3
