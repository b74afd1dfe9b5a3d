"""How far migration tools have brought a database, by the tables in which they write it down.

What stands there (revisions, names of migrations) describes the schema and is in a snapshot as its policy left it:
those tables have to stay unmasked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from datamask.config.hooks import CommandStep
from datamask.db.conninfo import described
from datamask.db.quoting import quote_identifier
from datamask.db.session import Session, connect
from datamask.load.hooks import Surroundings, printed_by


@dataclass(frozen=True, slots=True)
class Migration:
    """The newest migration that a tool has applied; several where it has several lines of them.

    :param tool: ``Alembic``, ``Django``, ``Rails``…
    :param table: where it says so.
    :param versions: as the tool writes them.
    """

    tool: str
    table: str
    versions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Tool:
    """A tool's table.

    :param columns: by which it is told from other tools' tables of the same name.
    :param query: the newest applied versions; ``{}`` stands for the table.
    """

    name: str
    table: str
    columns: tuple[str, ...]
    query: str


# From the tools' own sources, as of 2026. Columns are qualified where a result bears their name, which ORDER BY
# would take: as text.
_TOOLS = (
    _Tool("Alembic", "alembic_version", ("version_num",), "SELECT version_num::text FROM {} ORDER BY 1"),
    _Tool(
        "Django",
        "django_migrations",
        ("app", "name", "applied"),
        "SELECT DISTINCT ON (app) app || '.' || name FROM {} ORDER BY app, name DESC",
    ),
    _Tool(
        "golang-migrate",
        "schema_migrations",
        ("version", "dirty"),
        "SELECT version::text FROM {} AS t ORDER BY t.version DESC LIMIT 1",
    ),
    _Tool(
        "Ecto",
        "schema_migrations",
        ("version", "inserted_at"),
        "SELECT version::text FROM {} AS t ORDER BY t.version DESC LIMIT 1",
    ),
    _Tool(
        "Rails",
        "schema_migrations",
        ("version",),
        "SELECT version::text FROM {} AS t ORDER BY t.version DESC LIMIT 1",
    ),
    _Tool(
        "Flyway",
        "flyway_schema_history",
        ("installed_rank", "version", "success"),
        "SELECT version::text FROM {} WHERE success AND version IS NOT NULL ORDER BY installed_rank DESC LIMIT 1",
    ),
    _Tool(
        "Liquibase",
        "databasechangelog",
        ("id", "orderexecuted"),
        "SELECT id::text FROM {} ORDER BY orderexecuted DESC LIMIT 1",
    ),
    _Tool(
        "Prisma",
        "_prisma_migrations",
        ("migration_name", "finished_at"),
        "SELECT migration_name::text FROM {} WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL"
        " ORDER BY migration_name DESC LIMIT 1",
    ),
    _Tool(
        "sqlx",
        "_sqlx_migrations",
        ("version", "success"),
        "SELECT version::text FROM {} AS t WHERE success ORDER BY t.version DESC LIMIT 1",
    ),
    _Tool(
        "goose",
        "goose_db_version",
        ("version_id", "is_applied"),
        # Going down is one more row; what the newest row of a version says holds.
        "SELECT version_id::text FROM (SELECT DISTINCT ON (version_id) version_id, is_applied FROM {}"
        " ORDER BY version_id, id DESC) AS newest WHERE is_applied ORDER BY newest.version_id DESC LIMIT 1",
    ),
)

_CANDIDATES = (
    "SELECT n.nspname, c.relname, pg_catalog.array_agg(a.attname::text)"
    " FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace"
    " JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped"
    " WHERE c.relkind IN ('r', 'p') AND c.relname = ANY (%s) AND pg_catalog.has_table_privilege(c.oid, 'SELECT')"
    " GROUP BY 1, 2 ORDER BY 1, 2"
)


def migrations_in(conninfo: str) -> tuple[Migration, ...]:
    """What migration tools have written down in a database.

    :raises DatabaseError: where it cannot be reached.
    """
    with connect(conninfo, application_name="datamask", read_only=True) as session:
        candidates = session.rows(_CANDIDATES, [sorted({tool.table for tool in _TOOLS})])
        return tuple(
            found
            for schema, table, columns in candidates
            if (found := _migration(session, schema, table, columns)) is not None
        )


def compare_with_code(
    migrations: Sequence[Migration], code_version: CommandStep, conninfo: str, around: Surroundings
) -> list[str]:
    """What there is to say where the database and the application's code are not equally far.

    :param code_version: prints the newest migration that the code knows, a word a line; what follows it on the line is
        not looked at.
    """
    known = {
        words[0]
        for line in printed_by(code_version, conninfo, around).splitlines()
        if (words := line.split())
    }
    applied = {version for migration in migrations for version in migration.versions}
    missing = sorted(known - applied)
    if not missing:
        return []
    at = "; ".join(f"{item.tool} is at {', '.join(item.versions) or 'nothing'}" for item in migrations)
    return [
        f"the application's code knows migration {', '.join(missing)}, and in {described(conninfo)} "
        f"{at or 'there is no table of migrations'}: run the migrations, or have an after_load hook run them"
    ]


def _migration(session: Session, schema: str, table: str, columns: list[str]) -> Migration | None:
    for tool in _TOOLS:
        if tool.table == table and set(tool.columns) <= set(columns):
            name = f"{quote_identifier(schema)}.{quote_identifier(table)}"
            versions = tuple(row[0] for row in session.rows(tool.query.format(name)))
            return Migration(tool.name, f"{schema}.{table}", versions)
    return None
