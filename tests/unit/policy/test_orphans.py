"""References between masked samples, against a look at every row."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from datamask.catalog.model import ForeignKey
from datamask.policy.orphans import KeyColumns, orphans

VALUE = st.sampled_from([None, "a", "b", "c", "d"])
ROWS = st.lists(st.tuples(VALUE, VALUE), max_size=8)
CHANGES = st.dictionaries(st.sampled_from("abcd"), st.sampled_from([None, "a", "b", "x", "y"]))
KEY = ForeignKey("fk", ("c1", "c2"), "s.parents", ("p1", "p2"))


def frame(names: tuple[str, str], rows: list[tuple[str | None, str | None]]) -> pl.DataFrame:
    return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


@given(parents=ROWS, children=ROWS, at_parents=CHANGES, at_children=CHANGES, partitions=st.booleans())
def test_as_a_look_at_every_row_says(
    parents: list[tuple[str | None, str | None]],
    children: list[tuple[str | None, str | None]],
    at_parents: dict[str, str | None],
    at_children: dict[str, str | None],
    partitions: bool,
) -> None:
    def change(
        row: tuple[str | None, str | None], changes: dict[str, str | None]
    ) -> tuple[str | None, str | None]:
        return row[0], changes.get(row[1], row[1]) if row[1] is not None else None

    masked_parents = [change(row, at_parents) for row in parents]
    masked_children = [change(row, at_children) for row in children]
    cut = len(parents) // 2 if partitions else len(parents)
    samples = [
        KeyColumns(
            "s.parents", (), frozenset({"p2"}),
            frame(("p1", "p2"), parents[part]), frame(("p1", "p2"), masked_parents[part]),
        )
        for part in (slice(0, cut), slice(cut, None))
    ]  # fmt: skip
    samples.append(
        KeyColumns(
            "s.children", (KEY,), frozenset({"c2"}),
            frame(("c1", "c2"), children), frame(("c1", "c2"), masked_children),
        )
    )  # fmt: skip
    judged = [
        after
        for before, after in zip(children, masked_children, strict=True)
        if None not in before and before in parents
    ]
    lost = [row for row in judged if None not in row and row not in masked_parents]
    found = [(item.name, item.columns, item.rows, item.breaches) for item in orphans(samples)]
    assert found == ([("fk", ("c2",), len(judged), len(lost))] if judged else [])


def test_what_is_not_masked_is_not_judged() -> None:
    rows = frame(("p1", "p2"), [("a", "b")])
    parent = KeyColumns("s.parents", (), frozenset(), rows, rows)
    child = frame(("c1", "c2"), [("a", "b")])
    assert orphans([parent, KeyColumns("s.children", (KEY,), frozenset(), child, child)]) == []
    # Nor is a row whose referenced row is in no sample.
    assert orphans([KeyColumns("s.children", (KEY,), frozenset({"c2"}), child, child)]) == []
