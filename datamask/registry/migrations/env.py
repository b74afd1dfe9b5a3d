"""Alembic's way in: it runs this file, with the connection and the transaction of whoever asked for it."""

from __future__ import annotations

from alembic import context

from datamask.registry.tables import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    # SQLite's too is, as every transaction here begins with BEGIN.
    transactional_ddl=True,
)
context.run_migrations()
