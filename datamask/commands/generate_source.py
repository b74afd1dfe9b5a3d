"""The schema that synthetic rows are made for: a live database's, or a snapshot's in a scratch database."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from datamask.catalog.introspect import introspect
from datamask.catalog.model import Catalog
from datamask.commands.project import Project
from datamask.commands.selection import select_snapshot
from datamask.db.session import connect
from datamask.execution.processes import WorkerPool
from datamask.load.server import open_server
from datamask.progress import Progress, Silent
from datamask.snapshot.schema import dump_schema
from datamask.snapshot.take import identity_of
from datamask.snapshot.verify import read_schema
from datamask.synthetic.artifact import SchemaSource
from datamask.synthetic.facts import Facts, read_facts


@dataclass(frozen=True, slots=True)
class Schema:
    """A schema with all that rows for it need.

    :param name: of the environment or the snapshot that it is from.
    """

    name: str
    catalog: Catalog
    facts: Facts
    source: SchemaSource


def live_schema(project: Project, environment_name: str) -> Schema:
    """The schema of an environment as it is now; read-only, and no row is read."""
    environment = project.environment(environment_name)
    conninfo = project.conninfo(environment)
    with connect(conninfo, read_only=True) as session:
        snapshot_id = session.begin_snapshot()
        catalog = introspect(session)
        facts = read_facts(session)
        sql = dump_schema(conninfo, snapshot_id, server_major=session.major)
    source = SchemaSource(identity_of(catalog, environment.name), sql.encode())
    return Schema(environment.name, catalog, facts, source)


def snapshot_schema(project: Project, reference: str, pool: WorkerPool, progress: Progress) -> Schema:
    """The schema of a snapshot, made once more in a scratch database of the embedded PostgreSQL.

    The database that the snapshot was taken from is not needed.
    """
    from datamask.load.restore import restore

    manifest = select_snapshot(project, reference)
    folder = project.store().folder(manifest.id)
    sql = read_schema(folder, manifest)
    name = f"datamask_schema_{secrets.token_hex(4)}"
    progress.note(f"making the schema of snapshot {manifest.id} in a scratch database")
    conninfo = project.embedded_server().ensure_database(name)
    with open_server(conninfo) as keeper:
        try:
            restore(
                conninfo=conninfo,
                folder=folder,
                manifest=replace(manifest, tables=(), sequences=(), materialized_views=()),
                pool=pool,
                progress=Silent(),
                cloned_next=False,
            )
            with connect(conninfo, read_only=True) as session:
                catalog, facts = introspect(session), read_facts(session)
        finally:
            keeper.drop(name)
    return Schema(manifest.id, catalog, facts, SchemaSource(manifest.source, sql.encode()))
