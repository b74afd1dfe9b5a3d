"""Where the main job's time goes: each phase alone, on one lane, next to what the server needs in any case.

    python tests/benchmarks/bench_phases.py --megabytes 250

Seconds of wall clock with nothing else running. Phases of the server (COPY, indexes, constraints, statistics)
are the floor that no client can go below on one connection; the others are datamask's own.
"""

from __future__ import annotations

import argparse
import io
import time
from collections import defaultdict
from collections.abc import Callable
from typing import TypeVar

import polars as pl
from bench_pipeline import datamask_policy, default_server, fresh_database, working_folder
from shop_scale import scale_shop

from datamask.catalog.introspect import introspect
from datamask.catalog.model import Catalog, Table
from datamask.db.clients import installed_clients
from datamask.db.psql_pipe import PsqlPipe
from datamask.db.quoting import identifier_list, qualified
from datamask.db.session import Session, connect
from datamask.load.restore import partition_parents
from datamask.masking.engine import Masker
from datamask.masking.keys import MaskingKey
from datamask.policy.plan import Plan, TablePlan
from datamask.snapshot import copytext, statements
from datamask.snapshot.chunks import Chunk
from datamask.snapshot.schema import dump_schema, parse_schema
from datamask.snapshot.worker import BLOCK_BYTES

T = TypeVar("T")

_SERVER = ("COPY out", "COPY in", "indexes, keys", "foreign keys", "other objects", "statistics")
_OURS = ("parse", "unescape", "mask", "write Parquet", "read Parquet", "serialize")


class Clock:
    """Seconds by phase."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)

    def time(self, phase: str, work: Callable[[], T]) -> T:
        """Do the work, and add what it took."""
        begun = time.perf_counter()
        result = work()
        self.seconds[phase] += time.perf_counter() - begun
        return result


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=float, default=250)
    options = parser.parse_args()
    clock = Clock()
    with working_folder(None) as folder, default_server(folder / "server") as server:
        source, target = fresh_database(server, "production"), fresh_database(server, "target")
        scale_shop(source, options.megabytes)
        with connect(source, read_only=True) as session, connect(target) as filled:
            snapshot_id = session.begin_snapshot()
            catalog = introspect(session)
            plan = datamask_policy(catalog, folder)
            _, entries = parse_schema(dump_schema(source, snapshot_id, server_major=session.major))
            for entry in entries:
                if not entry.after_data:
                    filled.script(entry.sql)
            _rows(clock, source, filled, catalog, plan)
            for entry in entries:
                if entry.after_data:
                    kind = {
                        "INDEX": "indexes, keys",
                        "CONSTRAINT": "indexes, keys",
                        "FK CONSTRAINT": "foreign keys",
                    }
                    clock.time(
                        kind.get(entry.type, "other objects"), lambda entry=entry: filled.script(entry.sql)
                    )
            parents = set(partition_parents(entries).values())
            for entry in entries:
                if entry.type == "TABLE":
                    only = "ONLY " if entry.id in parents else ""
                    statement = f"ANALYZE {only}{qualified(entry.schema, entry.name)}"
                    clock.time("statistics", lambda statement=statement: filled.script(statement))
    _report(clock, options.megabytes)


def _rows(clock: Clock, source: str, filled: Session, catalog: Catalog, plan: Plan) -> None:
    pipe = PsqlPipe(max(installed_clients("psql"), key=lambda client: client.major), source)
    key = MaskingKey(b"benchmark" * 8)
    for table in catalog.tables:
        if not table.has_rows or plan.by_table[table.key].rows == "none":
            continue
        _table(clock, pipe, filled, table, plan.by_table[table.key], key)
    pipe.close()


def _table(
    clock: Clock, pipe: PsqlPipe, filled: Session, table: Table, plan: TablePlan, key: MaskingKey
) -> None:
    columns = statements.stored_columns(table)
    masker = Masker(plan.masks, key) if plan.masks else None
    texts = masker.columns if masker else ()
    schema = {
        column.name: pl.String if column.name in texts else copytext.column_dtype(column.type.base)
        for column in columns
    }
    blocks = pipe.read(
        statements.copy_out(table, plan, Chunk(table.key, 0, None, None, 0)), block_bytes=BLOCK_BYTES
    )
    name = qualified(table.schema, table.name)
    names = identifier_list(column.name for column in columns)
    with filled.transaction():
        filled.script(f"TRUNCATE ONLY {name}")
        with filled.copy_in(f"COPY {name} ({names}) FROM STDIN WITH (FREEZE)") as copy:
            while (data := clock.time("COPY out", lambda: next(blocks, None))) is not None:
                frame = clock.time("parse", lambda data=data: copytext.parse(data, schema))
                if masker is not None:
                    if copytext.has_escapes(data):
                        frame = clock.time(
                            "unescape", lambda frame=frame: copytext.unescape(frame, masker.columns)
                        )
                    frame = clock.time("mask", lambda frame=frame: masker.mask(frame))
                    frame = copytext.escape(frame, masker.columns)
                buffer = io.BytesIO()
                clock.time(
                    "write Parquet",
                    lambda frame=frame, buffer=buffer: frame.write_parquet(
                        buffer, compression="zstd", compression_level=1, statistics=False
                    ),
                )
                frame = clock.time("read Parquet", lambda buffer=buffer: pl.read_parquet(buffer.getvalue()))
                text = clock.time("serialize", lambda frame=frame: copytext.render(frame))
                clock.time("COPY in", lambda text=text: copy.write(text))


def _report(clock: Clock, megabytes: float) -> None:
    floor = sum(clock.seconds[phase] for phase in _SERVER)
    own = sum(clock.seconds[phase] for phase in _OURS)
    print(f"\nshop of {megabytes:g} MB, one lane, seconds")
    for phase in (*_SERVER, *_OURS):
        print(f"  {phase:16}{clock.seconds[phase]:8.2f}  {clock.seconds[phase] / (floor + own):5.0%}")
    print(f"  {'server, floor':16}{floor:8.2f}  {floor / (floor + own):5.0%}")
    print(f"  {'ours':16}{own:8.2f}  {own / (floor + own):5.0%}")


if __name__ == "__main__":
    main()
