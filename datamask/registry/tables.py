"""The registry's tables."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import (
    Column,
    DateTime,
    Dialect,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    String,
    Table,
    Text,
)
from sqlalchemy.types import BigInteger, TypeDecorator

REVISION = "0001"
"""The migration that these tables are the result of."""

SCHEMA = "datamask"
"""Where they are in a PostgreSQL database; a SQLite file holds nothing else."""

VERSION_TABLE = "registry_version"


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: ``timestamptz`` in PostgreSQL, UTC without a zone in SQLite, which knows none."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """From UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("project", String(40), nullable=False),
    Column("job", String(40), nullable=False),
    Column("state", String(20), nullable=False),
    Column("began", UtcDateTime, nullable=False),
    Column("ended", UtcDateTime),
    Column("seconds", Double),
    Column("exit_code", Integer),
    Column("problem", Text),
    Column("host", Text, nullable=False),
    Column("user", Text, nullable=False),
    Column("process", Integer, nullable=False),
    Index("runs_by_job", "project", "job", "began"),
)

steps = Table(
    "steps",
    metadata,
    Column("run", String(100), ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("label", Text, nullable=False),
    Column("state", String(20), nullable=False),
    Column("began", UtcDateTime),
    Column("seconds", Double),
    Column("attempts", Integer, nullable=False),
    Column("exit_code", Integer),
    Column("problem", Text),
    Column("snapshot", Text),
    Column("rows", BigInteger),
    PrimaryKeyConstraint("run", "number"),
)

snapshots = Table(
    "snapshots",
    metadata,
    Column("record", String(64), primary_key=True),
    Column("project", String(40), nullable=False),
    Column("snapshot", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("policy", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("rows", BigInteger),
    Column("seconds", Double),
    Column("time", UtcDateTime, nullable=False),
    Column("user", Text, nullable=False),
    Column("host", Text, nullable=False),
    Index("snapshots_by_time", "project", "time"),
)

loads = Table(
    "loads",
    metadata,
    Column("record", String(64), primary_key=True),
    Column("project", String(40), nullable=False),
    Column("environment", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("snapshot", Text),
    Column("digest", Text),
    Column("policy", Text),
    Column("strategy", Text),
    Column("seconds", Double),
    Column("time", UtcDateTime, nullable=False),
    Column("user", Text, nullable=False),
    Column("host", Text, nullable=False),
    Index("loads_by_environment", "project", "environment", "time"),
)

promotions = Table(
    "promotions",
    metadata,
    Column("id", String(100), primary_key=True),
    Column("project", String(40), nullable=False),
    Column("environment", Text, nullable=False),
    Column("snapshot", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("plan", Text, nullable=False),
    Column("source", Text),
    Column("time", UtcDateTime, nullable=False),
    Column("user", Text, nullable=False),
    Column("host", Text, nullable=False),
    Index("promotions_by_digest", "project", "environment", "digest"),
)

approvals = Table(
    "approvals",
    metadata,
    Column("request", String(64), nullable=False),
    Column("approver", Text, nullable=False),
    Column("project", String(40), nullable=False),
    Column("kind", Text, nullable=False),
    Column("environment", Text, nullable=False),
    Column("digest", Text),
    Column("plan", Text),
    Column("expires", UtcDateTime, nullable=False),
    Column("time", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("request", "approver"),
)

audit_heads = Table(
    "audit_heads",
    metadata,
    Column("project", String(40), nullable=False),
    Column("host", Text, nullable=False),
    Column("path", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("time", UtcDateTime, nullable=False),
    PrimaryKeyConstraint("project", "host", "path"),
)
