"""How long `datamask drift` takes on a schema of many tables: ``python tests/benchmarks/bench_drift.py [TABLES]``."""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import psycopg
from support.servers import temporary_server
from support.wide_schema import make_wide_schema

from datamask.catalog.schema_reader import read_schema_state
from datamask.catalog.schema_state import dump_state, load_state
from datamask.db.session import connect
from datamask.drift.compare import compare

ROUNDS = 5


def median(work: Callable[[], object]) -> float:
    """Seconds, the median of some rounds."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def measure(url: str, tables: int) -> None:
    """Print how long each step takes."""
    with connect(url, read_only=True) as session, psycopg.connect(url, autocommit=True) as connection:
        make_wide_schema(connection, tables)
        before = read_schema_state(session)
        text = dump_state(before)
        connection.execute("alter table wide.t1 add column later int")
        after = read_schema_state(session)
        print(f"{tables} tables, {len(before.objects)} objects, {len(text) / 1e6:.1f} MB of JSON")
        print(f"read     {median(lambda: read_schema_state(session)):6.2f} s")
        print(f"parse    {median(lambda: load_state(text, where='bench')):6.2f} s")
        print(f"compare  {median(lambda: compare(before, after)):6.2f} s")
        assert [item.key for item in compare(before, after)] == ["column wide.t1.later"]


def main(tables: int) -> None:
    for server in temporary_server():
        measure(server.ensure_database("bench_drift"), tables)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000)
