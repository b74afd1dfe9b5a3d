"""The first tables: snapshots, loads, runs and their steps, promotions, approvals, heads of audit logs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make them."""
    op.create_table(
        "runs",
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("project", sa.String(40), nullable=False),
        sa.Column("job", sa.String(40), nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        _moment("began", nullable=False),
        _moment("ended"),
        sa.Column("seconds", sa.Double),
        sa.Column("exit_code", sa.Integer),
        sa.Column("problem", sa.Text),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("process", sa.Integer, nullable=False),
    )
    op.create_index("runs_by_job", "runs", ["project", "job", "began"])
    op.create_table(
        "steps",
        sa.Column("run", sa.String(100), sa.ForeignKey("runs.id", ondelete="CASCADE"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("state", sa.String(20), nullable=False),
        _moment("began"),
        sa.Column("seconds", sa.Double),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("exit_code", sa.Integer),
        sa.Column("problem", sa.Text),
        sa.Column("snapshot", sa.Text),
        sa.Column("rows", sa.BigInteger),
        sa.PrimaryKeyConstraint("run", "number"),
    )
    op.create_table(
        "snapshots",
        sa.Column("record", sa.String(64), primary_key=True),
        sa.Column("project", sa.String(40), nullable=False),
        sa.Column("snapshot", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("policy", sa.Text, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("rows", sa.BigInteger),
        sa.Column("seconds", sa.Double),
        _moment("time", nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
    )
    op.create_index("snapshots_by_time", "snapshots", ["project", "time"])
    op.create_table(
        "loads",
        sa.Column("record", sa.String(64), primary_key=True),
        sa.Column("project", sa.String(40), nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("snapshot", sa.Text),
        sa.Column("digest", sa.Text),
        sa.Column("policy", sa.Text),
        sa.Column("strategy", sa.Text),
        sa.Column("seconds", sa.Double),
        _moment("time", nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
    )
    op.create_index("loads_by_environment", "loads", ["project", "environment", "time"])
    op.create_table(
        "promotions",
        sa.Column("id", sa.String(100), primary_key=True),
        sa.Column("project", sa.String(40), nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("snapshot", sa.Text, nullable=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("plan", sa.Text, nullable=False),
        sa.Column("source", sa.Text),
        _moment("time", nullable=False),
        sa.Column("user", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
    )
    op.create_index("promotions_by_digest", "promotions", ["project", "environment", "digest"])
    op.create_table(
        "approvals",
        sa.Column("request", sa.String(64), nullable=False),
        sa.Column("approver", sa.Text, nullable=False),
        sa.Column("project", sa.String(40), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("environment", sa.Text, nullable=False),
        sa.Column("digest", sa.Text),
        sa.Column("plan", sa.Text),
        _moment("expires", nullable=False),
        _moment("time", nullable=False),
        sa.PrimaryKeyConstraint("request", "approver"),
    )
    op.create_table(
        "audit_heads",
        sa.Column("project", sa.String(40), nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("number", sa.BigInteger, nullable=False),
        sa.Column("hash", sa.String(64), nullable=False),
        _moment("time", nullable=False),
        sa.PrimaryKeyConstraint("project", "host", "path"),
    )


def _moment(name: str, *, nullable: bool = True) -> sa.Column[object]:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)
