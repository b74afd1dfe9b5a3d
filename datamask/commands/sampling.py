"""A few rows of each table for discovery to look at: read-only, bounded, never kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from datamask.catalog.model import Table
from datamask.db.quoting import qualified, quote_identifier
from datamask.db.session import Session
from datamask.errors import DatabaseError

SAMPLE_ROWS = 300

# Values are told by their form, for which their beginning is enough.
_VALUE_CHARACTERS = 200

# Pages that hold SAMPLE_ROWS rows in all but the widest tables. A table that is not much larger is read
# from its start.
_SAMPLE_PAGES = 100

# One table must not hold everything up: what does not answer in this time is judged by its names.
_TIMEOUT_SECONDS = 5


@dataclass
class TableSampler:
    """Reads text columns of tables over a session, for ``classify.discover``.

    :param skipped: tables that could not be read, with the reason.
    """

    session: Session
    skipped: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.session.script(f"SET statement_timeout = '{_TIMEOUT_SECONDS}s'")

    def __call__(self, table: Table) -> Mapping[str, Sequence[str | None]]:
        """Values of the table's text columns, at most ``SAMPLE_ROWS`` of each; empty where it cannot be read."""
        columns = [column.name for column in table.columns if column.type.kind == "text"]
        if not columns or table.kind == "foreign" or (table.kind == "table" and not table.pages):
            # What a foreign table reads is another server's; that one was not asked for.
            return {}
        try:
            rows = self._read(table, columns)
        except DatabaseError as error:
            self.skipped[table.key] = error.message
            return {}
        return {column: [row[index] for row in rows] for index, column in enumerate(columns)}

    def _read(self, table: Table, columns: Sequence[str]) -> list[tuple[str | None, ...]]:
        values = ", ".join(
            f"pg_catalog.left({quote_identifier(name)}::pg_catalog.text, {_VALUE_CHARACTERS})"
            for name in columns
        )
        query = " ".join(("SELECT", values, "FROM", qualified(table.schema, table.name)))
        limit = f" LIMIT {SAMPLE_ROWS}"
        if table.pages > 2 * _SAMPLE_PAGES:
            percent = 100 * _SAMPLE_PAGES / table.pages
            rows = self.session.rows(f"{query} TABLESAMPLE SYSTEM ({percent:.6f}){limit}")
            if rows:
                return rows
        return self.session.rows(query + limit)
