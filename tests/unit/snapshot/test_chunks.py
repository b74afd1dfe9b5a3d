from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from datamask.catalog.model import Table
from datamask.policy.plan import TablePlan
from datamask.snapshot.chunks import Chunk, plan_chunks


def table(name: str = "t", *, pages: int = 0, size: int | None = None) -> Table:
    return Table("public", name, (), pages=pages, bytes=pages * 8192 if size is None else size)


def chunks(*tables: Table, chunk_bytes: int = 81920, version: int = 180000, **plan: object) -> list[Chunk]:
    return plan_chunks(
        [(found, TablePlan(found.key, (), **plan)) for found in tables],
        server_version=version,
        chunk_bytes=chunk_bytes,
    )


@settings(deadline=None)
@given(st.integers(0, 100_000), st.integers(0, 1 << 34), st.integers(1, 1 << 30))
def test_every_page_is_in_exactly_one_chunk(pages, toast, chunk_bytes):
    found = chunks(table(pages=pages, size=pages * 8192 + toast), chunk_bytes=chunk_bytes)
    assert [chunk.index for chunk in found] == list(range(len(found)))
    # Open at both ends: pages that come later belong to the last one.
    assert found[0].first_page is None
    assert found[-1].end_page is None
    for chunk, following in pairwise(found):
        assert chunk.end_page == following.first_page
        assert 0 < chunk.end_page < pages
    bounds = [0, *(chunk.end_page for chunk in found[:-1]), pages]
    assert bounds == sorted(bounds)
    widths = [end - start for start, end in pairwise(bounds)]
    assert max(widths) - min(widths) <= 1


@settings(deadline=None)
@given(st.integers(1, 10_000), st.integers(1, 1 << 26))
def test_a_chunk_is_about_as_large_as_wanted(pages, chunk_bytes):
    found = chunks(table(pages=pages), chunk_bytes=chunk_bytes)
    assert sum(chunk.bytes for chunk in found) <= pages * 8192
    for chunk in found:
        assert chunk.bytes <= max(8192, 1.5 * chunk_bytes)


def test_an_empty_table_is_one_chunk():
    assert chunks(table()) == [Chunk("public.t", 0, None, None, 0)]


def test_a_table_that_lives_in_toast_is_cut_by_its_whole_size():
    found = chunks(table(pages=100, size=100 * 81920))
    assert len(found) == 100
    assert (found[1].first_page, found[1].end_page) == (1, 2)


def test_a_sample_is_drawn_over_the_whole_table():
    assert chunks(table(pages=1000), sample=0.5) == [Chunk("public.t", 0, None, None, 8192000)]


def test_servers_without_tid_range_scans_read_whole_tables():
    assert len(chunks(table(pages=1000), version=130012)) == 1
    assert len(chunks(table(pages=1000), version=140000)) == 100


def test_a_table_without_rows_in_the_plan_has_no_chunk():
    assert chunks(table(pages=1000), rows="none") == []


def test_the_largest_table_comes_first():
    found = chunks(table("b", pages=1), table("c", pages=30), table("a", pages=1), chunk_bytes=1 << 30)
    assert [chunk.table for chunk in found] == ["public.c", "public.a", "public.b"]
