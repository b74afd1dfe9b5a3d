"""Synthetic rows a second on one core, beside Faker row by row: ``python tests/benchmarks/bench_synthetic.py``.

A table of ten columns, from the schema alone to Parquet files on the disk, by one worker in this process; Faker makes the
same ten values for each row one after the other. The best of three runs counts, in CPU time of the process.
"""

from __future__ import annotations

import os

os.environ["POLARS_MAX_THREADS"] = "1"

import resource
import sys
import tempfile
import time
from pathlib import Path

from faker import Faker

from datamask.catalog.model import Catalog, Check, Column, ColumnType, Table, UniqueKey
from datamask.synthetic.artifact import FolderSink
from datamask.synthetic.facts import NO_FACTS
from datamask.synthetic.planner import plan_synthetic
from datamask.synthetic.recipe import Recipe, Rows
from datamask.synthetic.worker import BLOCKS_A_FILE, FileTask, SyntheticSetup, make_file

ROWS = 1 << 20
FAKER_ROWS = 3_000
GOAL, GOAL_FACTOR = 500_000, 50

TEXT = ColumnType("text", "text", "text")
COLUMNS = (
    ("id", ColumnType("bigint", "integer", "int8")),
    ("first_name", TEXT),
    ("last_name", TEXT),
    ("email", TEXT),
    ("city", TEXT),
    ("born", ColumnType("date", "date", "date")),
    ("created_at", ColumnType("timestamp with time zone", "timestamp", "timestamptz")),
    ("balance", ColumnType("numeric(10,2)", "numeric", "numeric", precision=10, scale=2)),
    ("status", TEXT),
    ("active", ColumnType("boolean", "boolean", "bool")),
)
CLASSES = {
    "first_name": "person.first_name", "last_name": "person.last_name", "email": "person.email",
    "city": "address.city", "born": "person.birth_date",
}  # fmt: skip


def catalog() -> Catalog:
    table = Table(
        "public",
        "people",
        tuple(Column(name, kind, place + 1, not_null=True) for place, (name, kind) in enumerate(COLUMNS)),
        unique_keys=(
            UniqueKey("people_pkey", ("id",), "primary"),
            UniqueKey("people_email", ("email",), "unique"),
        ),
        checks=(
            Check(
                "status",
                ("status",),
                "CHECK ((status = ANY (ARRAY['new'::text, 'active'::text, 'gone'::text])))",
            ),
            Check("balance", ("balance",), "CHECK ((balance >= (0)::numeric))"),
        ),
    )
    return Catalog("bench", 1, 180000, "UTF8", "C", (table,))


def setup(rows: int, folder: Path) -> SyntheticSetup:
    classes = {("public.people", name): data_class for name, data_class in CLASSES.items()}
    return SyntheticSetup(
        str(rows), catalog(), classes, Recipe(rows={"people": Rows(rows)}), 0, NO_FACTS, FolderSink(folder)
    )


def ours(rows: int) -> float:
    """Rows a second of CPU, plan and files included."""
    with tempfile.TemporaryDirectory() as folder:
        begun = time.process_time()
        made = setup(rows, Path(folder))
        plan = plan_synthetic(made.catalog, made.classes, made.recipe, made.seed)
        blocks = plan.tables[0].blocks
        for first in range(0, blocks, BLOCKS_A_FILE):
            last = min(first + BLOCKS_A_FILE, blocks)
            make_file(made, FileTask("public.people", f"{first:06d}.parquet", first, last))
        return rows / (time.process_time() - begun)


def faker_row_by_row() -> float:
    """Rows a second of CPU."""
    fake = Faker("en_US")
    fake.seed_instance(1)
    begun = time.process_time()
    rows = [
        (
            number, fake.first_name(), fake.last_name(), fake.email(), fake.city(), fake.date_of_birth(),
            fake.date_time(), fake.pydecimal(left_digits=6, right_digits=2, positive=True),
            fake.random_element(("new", "active", "gone")), fake.boolean(),
        )
        for number in range(FAKER_ROWS)
    ]  # fmt: skip
    return len(rows) / (time.process_time() - begun)


def main() -> int:
    ours(BLOCKS_A_FILE)
    rate = max(ours(ROWS) for _ in range(3))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    ours(4 * ROWS)
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    theirs = faker_row_by_row()
    print(f"from a schema, {len(COLUMNS)} columns to Parquet   {rate:>12,.0f} rows/s a core   goal {GOAL:,}")
    factor = f"{rate / theirs:,.0f} × slower, goal {GOAL_FACTOR}"
    print(f"Faker, row by row                     {theirs:>12,.0f} rows/s a core   {factor}")
    print(f"memory at {ROWS:,} rows {before / 1024:,.0f} MB, at {4 * ROWS:,} rows {after / 1024:,.0f} MB")
    return 0 if rate >= GOAL and rate >= GOAL_FACTOR * theirs and after < 1.2 * before else 1


if __name__ == "__main__":
    sys.exit(main())
