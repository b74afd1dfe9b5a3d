"""Resets under busy clients, and the ways of replacing an environment's data side by side.

    .venv/bin/python tests/benchmarks/bench_reset.py [--rows 400000] [--clients 50] [--resets 11]

It prints, for resets by swap, how long the swap itself took and what the clients noticed: the longest time between two
answers, as a median over all clients and resets. Then the seconds that each way takes with the same snapshot on the same
server.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import psycopg

sys.path.insert(0, str(Path(__file__).parents[1]))

from support.pipeline import adopt, load, take
from support.programs import run_sql
from support.servers import temporary_server

from datamask.config.reset import ResetSettings
from datamask.load.content import content_of
from datamask.load.recipe import NO_RECIPE
from datamask.load.spare import prepare

SCHEMA = """
    create table customers (id integer primary key, email text unique, born date, note text);
    insert into customers select n, 'user' || n || '@example.com', '1970-01-01'::date + n % 20000, repeat('x', 60)
        from generate_series(1, {rows} / 4) as n;
    create table orders (id integer primary key, customer integer references customers,
        placed timestamptz, total numeric);
    insert into orders select n, 1 + n % ({rows} / 4), '2024-01-01'::timestamptz + n * interval '1 s', n / 7.0
        from generate_series(1, {rows}) as n;
    create index on orders (customer);
    create index on orders (placed);
    create index on orders (md5(id::text));
    create table version as select 1 as n;
"""


@dataclass
class Client(threading.Thread):
    """Asks again and again, a hundred times a second, and notes the longest time without an answer."""

    url: str
    longest: float = 0.0
    stop: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__(daemon=True)

    __hash__ = threading.Thread.__hash__

    def run(self) -> None:
        connection = None
        answered = time.monotonic()
        while not self.stop.wait(0.01):
            try:
                connection = connection or psycopg.connect(self.url, autocommit=True)
                connection.execute("select n from version").fetchall()
            except psycopg.OperationalError:
                connection = None
                continue
            self.longest = max(self.longest, time.monotonic() - answered)
            answered = time.monotonic()
        if connection is not None:
            connection.close()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=400_000)
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--resets", type=int, default=11)
    given = parser.parse_args()
    for server in temporary_server():
        root = Path(tempfile.mkdtemp())
        source = server.ensure_database("bench_source")
        run_sql(source, SCHEMA.format(rows=given.rows).encode())
        manifest = take(source, root)
        dev = adopt(server.ensure_database("bench_dev"))
        print(f"{manifest.rows:,} rows, {manifest.text_bytes / 1e6:.0f} MB of COPY text")
        for name, how in (
            ("build, no golden", {"golden": False}),
            ("build and clone", {"golden": True}),
            ("clone, file-copy", {"golden": True, "reset": ResetSettings("clone", "file-copy")}),
            ("clone, wal-log", {"golden": True, "reset": ResetSettings("clone", "wal-log")}),
            ("in-place", {"reset": ResetSettings("in-place")}),
        ):
            begun = time.monotonic()
            load(dev, manifest, root, **how)
            print(f"{name:20} {time.monotonic() - begun:6.2f} s")
        load(dev, manifest, root, golden=True)
        clients = [Client(dev) for _ in range(given.clients)]
        for client in clients:
            client.start()
        swaps, gaps, idle = [], [], []
        for _ in range(given.resets):
            prepare(dev, content_of(manifest, NO_RECIPE), keep_previous=True)
            for longest in (idle, gaps):
                for client in clients:
                    client.longest = 0.0
                time.sleep(1)
                if longest is gaps:
                    outcome = load(dev, manifest, root, golden=True, spare=True)
                    assert outcome.strategy == "spare"
                    swaps.append(outcome.phases["swap"])
                    time.sleep(1)
                longest += [client.longest for client in clients]
        for client in clients:
            client.stop.set()
        print(
            f"{given.resets} resets by swap under {given.clients} busy clients: "
            f"swap {median(swaps):.3f} s (longest {max(swaps):.3f}); "
            f"longest time without an answer {median(gaps):.3f} s, {median(idle):.3f} s without a reset"
        )


if __name__ == "__main__":
    main()
