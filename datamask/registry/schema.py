"""The registry's tables brought to this version's, by one process at a time."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine, text

from datamask.registry.engine import RegistryError, failing_clearly, reading, writing
from datamask.registry.tables import REVISION, SCHEMA, VERSION_TABLE

# Any number, the same in every version: whoever migrates holds it.
_LOCK = 0x646174616D61736B

_MIGRATIONS = Path(__file__).parent / "migrations"


def ensure_schema(engine: Engine, where: str) -> None:
    """Make or migrate the tables, where they are not as this version needs them.

    In one transaction, under a lock: of many processes one migrates, and one that dies leaves no half.

    :param where: the registry, for messages.
    :raises RegistryError: a newer datamask has migrated them.
    """
    if _version(engine, where) == REVISION:
        return
    # Alembic takes longer to import than most commands to run, and is needed once.
    from alembic import command
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS))
    config.set_main_option("path_separator", "os")
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    with writing(engine, where) as connection:
        _lock(connection)
        found = _read_version(connection) if _has_version_table(connection) else None
        if found == REVISION:
            return
        if found is not None and found not in known:
            raise RegistryError(
                f"the registry {where} is of a newer datamask (revision {found}, this one knows {REVISION})",
                hint="upgrade datamask on this machine",
            )
        config.attributes["connection"] = connection
        with failing_clearly(where):
            command.upgrade(config, "head")


def _version(engine: Engine, where: str) -> str | None:
    """The tables' revision, None where there are none."""
    with reading(engine, where) as connection:
        return _read_version(connection) if _has_version_table(connection) else None


def _has_version_table(connection: Connection) -> bool:
    if connection.dialect.name == "sqlite":
        query = "select 1 from sqlite_master where type = 'table' and name = :name"
    else:
        query = "select 1 from pg_tables where schemaname = current_schema() and tablename = :name"
    return connection.execute(text(query), {"name": VERSION_TABLE}).first() is not None


def _read_version(connection: Connection) -> str | None:
    found = connection.execute(text(f"select version_num from {VERSION_TABLE}")).scalar()  # noqa: S608
    return None if found is None else str(found)


def _lock(connection: Connection) -> None:
    """SQLite's writing transaction is a lock by itself."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": _LOCK})
        # A role that may not make schemas can still use one that was made for it.
        exists = connection.execute(text("select to_regnamespace(:name)"), {"name": SCHEMA}).scalar()
        if exists is None:
            connection.execute(text(f"create schema {SCHEMA}"))
