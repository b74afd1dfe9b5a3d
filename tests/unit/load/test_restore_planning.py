"""What a load derives from the schema's entries before it does anything."""

from __future__ import annotations

import pytest

from datamask.load.restore import _streams, table_trees
from datamask.snapshot.manifest import DataFile, ManifestTable
from datamask.snapshot.schema import SchemaEntry


def entry(number: int, kind: str, name: str, *needs: int, schema: str = "public") -> SchemaEntry:
    return SchemaEntry(number, frozenset(needs), name, kind, schema, "", after_data=False)


def test_a_plain_table_is_its_own_tree():
    assert table_trees([entry(1, "TABLE", "a"), entry(2, "VIEW", "v", 1)]) == {1: 1}


def test_partitions_belong_to_the_topmost_table():
    entries = [
        entry(1, "TABLE", "root"),
        entry(2, "TABLE", "part"),
        entry(3, "TABLE", "leaf", schema="elsewhere"),
        entry(4, "TABLE", "other"),
        entry(5, "TABLE ATTACH", "part", 1, 2),
        entry(6, "TABLE ATTACH", "leaf", 2, 3, schema="elsewhere"),
    ]
    assert table_trees(entries) == {1: 1, 2: 1, 3: 1, 4: 4}


def test_a_partition_of_the_same_name_in_another_schema_is_told_apart():
    entries = [
        entry(1, "TABLE", "t"),
        entry(2, "TABLE", "t", schema="parts"),
        entry(3, "TABLE ATTACH", "t", 1, 2, schema="parts"),
    ]
    assert table_trees(entries) == {1: 1, 2: 1}


def table(size: int, files: int) -> ManifestTable:
    parts = tuple(DataFile(f"{number}", 1, 1, "") for number in range(files))
    return ManifestTable("s", "t", "s.t", (), 1, size, "all", parts)


@pytest.mark.parametrize(
    ("size", "files", "share", "workers", "streams"),
    [
        (100, 10, 100.0, 4, 1),
        (149, 10, 100.0, 4, 1),
        (300, 10, 100.0, 4, 3),
        (10_000, 10, 100.0, 4, 4),
        (10_000, 2, 100.0, 4, 2),
        (10_000, 0, 100.0, 4, 1),
        (0, 1, 0.0, 4, 1),
    ],
)
def test_a_table_is_split_where_it_is_much_more_than_its_share(size, files, share, workers, streams):
    found = _streams(table(size, files), share, workers)
    assert len(found) == streams
    assert sorted(file.path for stream in found for file in stream) == sorted(str(n) for n in range(files))
