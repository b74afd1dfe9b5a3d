"""The pipeline without configuration files: a snapshot of a database, and a load of it into another."""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import replace
from difflib import unified_diff
from pathlib import Path
from typing import Any

import psycopg

from datamask.catalog.introspect import introspect
from datamask.catalog.model import Catalog
from datamask.config.settings import Tier
from datamask.db.conninfo import conninfo_parts, with_database
from datamask.db.session import connect
from datamask.execution.processes import WorkerPool
from datamask.load.guards import Target
from datamask.load.marks import Marks
from datamask.load.operation import LoadOutcome, load_snapshot
from datamask.load.server import open_server
from datamask.masking.keys import MaskingKey
from datamask.policy.plan import ColumnPlan, Plan, TablePlan
from datamask.progress import Progress, Silent
from datamask.snapshot.manifest import Manifest
from datamask.snapshot.take import SnapshotOptions, take_snapshot
from datamask.store.local import LocalStore

from .digests import column_digests, row_counts, row_digests
from .schemas import broken_constraints, carried_schema, invalid_constraints, invalid_indexes

KEY = MaskingKey.parse("0123456789abcdef0123456789abcdef-pipeline")

POLICY = "keep-all"


def keep_all(catalog: Catalog, rows: Mapping[str, TablePlan] | None = None) -> Plan:
    """The plan that lets every value pass.

    :param rows: table plans that replace the ordinary ones, by the table's key.
    """
    plans = {
        table.key: TablePlan(
            table.key, tuple(ColumnPlan(column.name, None, None, "test") for column in table.columns)
        )
        for table in catalog.tables
        if table.has_rows
    }
    return Plan(POLICY, tuple({**plans, **(rows or {})}.values()), (), "test")


def take(
    url: str,
    root: Path,
    *,
    workers: int = 2,
    plan: Plan | None = None,
    rows: Mapping[str, TablePlan] | None = None,
    options: SnapshotOptions | None = None,
    progress: Progress | None = None,
    key: MaskingKey | None = KEY,
) -> Manifest:
    """A snapshot of the database at ``url`` in the store at ``root``."""
    with WorkerPool(workers) as pool, connect(url, read_only=True) as session:
        snapshot_id = session.begin_snapshot()
        catalog = introspect(session)
        return take_snapshot(
            session=session,
            snapshot_id=snapshot_id,
            conninfo=url,
            catalog=catalog,
            plan=plan or keep_all(catalog, rows),
            key=key,
            store=LocalStore(root),
            pool=pool,
            environment="production",
            project="test",
            options=options or SnapshotOptions(),
            progress=progress or Silent(),
        )


def adopt(url: str, environment: str = "dev") -> str:
    """Put an environment's marker on a database, as ``datamask env adopt`` does."""
    name = conninfo_parts(url)["dbname"]
    with open_server(url) as server:
        info = server.database(name)
        assert info is not None
        server.mark(name, Marks(environment=environment), comment=info.comment)
    return url


def target(url: str, **changes: Any) -> Target:
    """The disposable environment ``dev`` in the database at ``url``: no golden, no spare."""
    tier: Tier = "disposable"
    whole = Target(
        environment="dev",
        conninfo=url,
        tier=tier,
        accepts=frozenset({POLICY}),
        protected={},
        golden=False,
        spare=False,
    )
    return replace(whole, **changes)


def load(
    url: str,
    manifest: Manifest,
    root: Path,
    *,
    workers: int = 2,
    confirm: str | None = None,
    pinned: bool = True,
    **changes: Any,
) -> LoadOutcome:
    """Load a snapshot of the store at ``root`` into the adopted database at ``url``."""
    return load_snapshot(
        target(url, **changes),
        manifest,
        LocalStore(root).folder(manifest.id),
        confirm=confirm,
        pinned=pinned,
        trust_golden=True,
        workers=workers,
        progress=Silent(),
    )


def databases(url: str) -> set[str]:
    """The names of the server's databases."""
    with psycopg.connect(with_database(url, "postgres")) as connection:
        return {name for (name,) in connection.execute("select datname from pg_database").fetchall()}


def leftovers(url: str, seconds: float = 10) -> set[str]:
    """The databases that loads work with and that are not there between loads.

    :param seconds: how long the server may take to drop the last of them.
    """
    deadline = time.monotonic() + seconds
    while True:
        found = {
            name
            for name in databases(url)
            if name.startswith("datamask_building_")
            or name.endswith(("__datamask_next", "__datamask_previous"))
        }
        if not found or time.monotonic() > deadline:
            return found
        time.sleep(0.05)


def at_rest(url: str) -> set[str]:
    """The names of the server's databases, once none is left that somebody works with."""
    assert leftovers(url) == set()
    return databases(url)


def without(digests: Mapping[Any, Any], keys: Collection[Any]) -> dict[Any, Any]:
    """The digests of all but some tables or columns."""
    return {key: value for key, value in digests.items() if key not in keys}


def sequence_states(url: str) -> dict[str, tuple[int, bool]]:
    """Where every sequence stands, by its quoted name."""
    with psycopg.connect(url) as connection:
        connection.execute("set search_path = ''")
        names = connection.execute("select oid::regclass::text from pg_class where relkind = 'S'").fetchall()
        return {
            name: connection.execute(f"select last_value, is_called from {name}".encode()).fetchall()[0]
            for (name,) in names
        }


def populated_views(url: str) -> dict[str, bool]:
    """Whether each materialized view holds rows, by its quoted name."""
    with psycopg.connect(url) as connection:
        connection.execute("set search_path = ''")
        return dict(
            connection.execute(
                "select oid::regclass::text, relispopulated from pg_class where relkind = 'm'"
            ).fetchall()
        )


def unanalyzed_tables(url: str) -> list[str]:
    """The tables with rows that have no statistics."""
    with psycopg.connect(url) as connection:
        connection.execute("set search_path = ''")
        return [
            name
            for (name,) in connection.execute(
                "select c.oid::regclass::text from pg_class c join pg_namespace n on n.oid = c.relnamespace"
                " where (relkind = 'r' or relkind = 'm' and relispopulated) and reltuples < 0 and nspname !~ '^pg_'"
                " and nspname <> 'information_schema' order by 1"
            ).fetchall()
        ]


def assert_same(source: str, copy: str, *, schema: bool = True) -> None:
    """Both databases have the same schema and the same rows, and all of it is in force.

    :param schema: compare the schemas too, but for what is the target's own (owners, grants, replication) or
        secret (user mappings).
    """
    assert row_counts(copy) == row_counts(source)
    assert column_digests(copy) == column_digests(source)
    assert row_digests(copy) == row_digests(source)
    assert sequence_states(copy) == sequence_states(source)
    assert populated_views(copy) == populated_views(source)
    assert invalid_constraints(copy) == invalid_constraints(source)
    assert broken_constraints(copy) == []
    assert invalid_indexes(copy) == []
    assert unanalyzed_tables(copy) == []
    assert leftovers(copy) == set()
    if schema:
        left_out = ("--no-owner", "--no-privileges", "--no-publications", "--no-subscriptions")
        dumps = (carried_schema(url, *left_out).splitlines() for url in (source, copy))
        difference = list(unified_diff(*dumps, n=0, lineterm=""))
        assert not difference, "\n".join(difference)
