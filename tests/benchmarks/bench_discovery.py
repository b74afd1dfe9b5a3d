"""How well discovery finds personal columns, and how long it takes.

    python tests/benchmarks/bench_discovery.py [--tables 1000] [--misses 20]

Hand labels of the sample databases with and without their values and with their names hidden; invented schemas in
eight languages; others' noisy labels, made from names alone. Then a database of many tables, 300 rows each.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from datamask.catalog.introspect import introspect
from datamask.catalog.model import Table
from datamask.classify.discover import Sample, discover
from datamask.commands.sampling import TableSampler
from datamask.db.embedded import EmbeddedServer
from datamask.db.session import Session, connect

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.discovery import (
    Score,
    database_labels,
    names_only,
    noisy_labels,
    schema_labels,
    score,
    without_names,
)
from support.sampledata import SAMPLES, load_sample, sample_data_dir

_ROWS = 300


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tables", type=int, default=1000)
    parser.add_argument("--misses", type=int, default=0, help="how many of the misses and wrong ones to list")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="datamask-bench-"))
    # The system user that runs the server for root must get in.
    folder.chmod(0o755)
    server = EmbeddedServer(folder / "server")
    try:
        for name, found in (*_invented(), *_noisy(), *_databases(server)):
            print(f"{name:34}{found}", flush=True)
            for title, listed in (("missed", found.missed), ("wrong", found.wrong)):
                for item in listed[: options.misses]:
                    print(f"    {title}: {item}")
        _time(server, options.tables)
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _invented() -> Iterator[tuple[str, Score]]:
    for split in ("dev", "holdout"):
        labels = schema_labels(split)
        yield f"eight languages, {split}", score(labels, discover(names_only(labels)))


def _noisy() -> Iterator[tuple[str, Score]]:
    folder = sample_data_dir()
    for name in ("fides", "dfe") if folder else ():
        labels = noisy_labels(name, folder / "labels")
        yield f"{name}, names alone", score(labels, discover(names_only(labels)))


def _databases(server: EmbeddedServer) -> Iterator[tuple[str, Score]]:
    ways: dict[str, Score] = {}
    for name in SAMPLES if sample_data_dir() else ():
        url = server.ensure_database(f"labelled_{name}")
        load_sample(name, url)
        with connect(url, read_only=True) as session:
            for way, found in _three_ways(session, name):
                yield f"{name}, {way}", found
                ways[way] = ways[way] + found if way in ways else found
    for way, found in ways.items():
        yield f"all four, {way}", found


def _three_ways(session: Session, name: str) -> Iterator[tuple[str, Score]]:
    catalog = introspect(session)
    labels = database_labels(name)
    sampler = TableSampler(session)
    yield "names alone", score(labels, discover(catalog))
    yield "names and values", score(labels, discover(catalog, sampler))
    hidden, places = without_names(catalog)
    samples = sampler(catalog.tables)
    by_place = {
        places[key, column]: values for key, sample in samples.items() for column, values in sample.items()
    }

    def hidden_sampler(tables: Sequence[Table]) -> Mapping[str, Sample]:
        return {
            table.key: {
                column.name: by_place[f"{table.key}.{column.name}"]
                for column in table.columns
                if f"{table.key}.{column.name}" in by_place
            }
            for table in tables
        }

    renamed = []
    for label in labels:
        table, _, column = places[label.table, label.column].rpartition(".")
        renamed.append(label._replace(table=table, column=column))
    yield "values alone", score(renamed, discover(hidden, hidden_sampler))


def _time(server: EmbeddedServer, tables: int) -> None:
    url = server.ensure_database("wide")
    with connect(url) as session:
        for start in range(0, tables, 50):
            session.script("".join(_table(number) for number in range(start, min(tables, start + 50))))
    with connect(url, read_only=True) as session:
        begin = _clocks()
        catalog = introspect(session)
        read = _clocks()
        discover(catalog)
        named = _clocks()
        sampler = TableSampler(session)
        samples = sampler(catalog.tables)
        sampled = _clocks()
        discover(catalog, lambda _: samples)
        judged = _clocks()
    columns = sum(len(table.columns) for table in catalog.tables)
    print(
        f"\n{tables} tables with {columns} columns, {_ROWS} rows each: seconds, and of them this process's own"
    )
    for title, start, end in (
        ("the catalog read", begin, read),
        ("judged by names", read, named),
        ("values sampled", named, sampled),
        ("judged by names and values", sampled, judged),
    ):
        print(f"{title:34}{end[0] - start[0]:8.2f}{end[1] - start[1]:8.2f}")


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _table(number: int) -> str:
    return (
        f"create table public.t{number} (id bigint primary key, c1 text, c2 text, c3 text, c4 text, c5 text, c6 text, "
        "c7 jsonb, c8 date, c9 numeric, c10 timestamptz, c11 boolean);"
        f"insert into public.t{number} select i, 'word ' || i, 'user' || i || '@example.org', md5(i::text), "
        "'note ' || repeat('some words ', i % 20), (array['new', 'paid', 'sent'])[1 + i % 3], '+4930' || 1000000 + i, "
        "jsonb_build_object('name', 'n' || i, 'contact', jsonb_build_object('email', i || '@example.org')), "
        f"date '1950-01-01' + i * 50, i, now(), true from generate_series(1, {_ROWS}) i;"
    )


if __name__ == "__main__":
    main()
