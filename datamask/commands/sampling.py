"""A few rows of each table for discovery to look at: read-only, bounded, never kept.

Many tables are read by one statement, so that a thousand tables on a distant server are no thousand round trips.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from datamask.catalog.model import Column, Table
from datamask.classify.discover import Sample
from datamask.db.quoting import qualified, quote_identifier
from datamask.db.session import Session
from datamask.errors import DatabaseError

SAMPLE_ROWS = 200

# Values are told by their form, for which their beginning is enough; documents are read whole, as a rule.
_VALUE_CHARACTERS = 200
_DOCUMENT_CHARACTERS = 8000

# Pages that hold SAMPLE_ROWS rows in all but the widest tables. A table that is not much larger is read
# from its start.
_SAMPLE_PAGES = 100

# One table must not hold everything up: what does not answer in this time is judged by its names.
_TIMEOUT_SECONDS = 5

_BATCH_TABLES = 25

# What the elements of an array are joined by: the unit separator, which is in no text that people write.
_BETWEEN = "\x1f"
_MOST_ELEMENTS = 1000


class _Read(NamedTuple):
    """One table's part of a statement.

    :param sampled: only some pages are read, which may happen to be empty.
    """

    table: Table
    columns: tuple[Column, ...]
    sampled: bool


@dataclass
class TableSampler:
    """Reads columns of tables over a session, for ``classify.discover``.

    :param skipped: tables that could not be read, with the reason.
    """

    session: Session
    skipped: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.session.script(f"SET statement_timeout = '{_TIMEOUT_SECONDS}s'")

    def __call__(self, tables: Sequence[Table]) -> Mapping[str, Sample]:
        """Values of the columns that can be told by them, at most ``SAMPLE_ROWS`` of each, by table and column.

        A table that cannot be read is missing.
        """
        reads = sorted(_reads(tables), key=lambda read: len(read.columns))
        found: dict[str, Sample] = {}
        for start in range(0, len(reads), _BATCH_TABLES):
            batch = reads[start : start + _BATCH_TABLES]
            try:
                found.update(self._read(batch))
            except DatabaseError:
                # One of them did not answer in time or refused: which, they tell one by one.
                for read in batch:
                    self._read_alone(read, found)
            for read in batch:
                if read.sampled and not next(iter(found.get(read.table.key, {"": ("",)}).values()), ()):
                    self._read_alone(read._replace(sampled=False), found)
        return found

    def _read_alone(self, read: _Read, found: dict[str, Sample]) -> None:
        try:
            found.update(self._read([read]))
        except DatabaseError as error:
            self.skipped[read.table.key] = error.message

    def _read(self, batch: Sequence[_Read]) -> dict[str, Sample]:
        width = max(len(read.columns) for read in batch)
        selects = [_select(number, read, width) for number, read in enumerate(batch)]
        by_table: list[list[tuple[str | None, ...]]] = [[] for _ in batch]
        for number, *row in self.session.rows(" UNION ALL ".join(selects)):
            by_table[number].append(tuple(row))
        return {
            read.table.key: {
                column.name: _elements([row[place] for row in rows], column)
                for place, column in enumerate(read.columns)
            }
            for read, rows in zip(batch, by_table, strict=True)
        }


def _reads(tables: Sequence[Table]) -> Iterator[_Read]:
    for table in tables:
        columns = tuple(column for column in table.columns if _is_told_by_values(column))
        # What a foreign table reads is another server's; that one was not asked for.
        if columns and table.kind != "foreign" and (table.kind == "partitioned" or table.pages):
            yield _Read(table, columns, table.pages > 2 * _SAMPLE_PAGES)


def _is_told_by_values(column: Column) -> bool:
    kind = column.type.kind
    if kind == "array":
        return column.type.element == "text"
    # Shorter numbers are no card's, no person's: only long ones have check digits to tell them by.
    return (
        kind in {"text", "json", "date"}
        or column.type.base == "int8"
        or (kind == "numeric" and not column.type.scale)
    )


def _elements(values: Sequence[str | None], column: Column) -> Sequence[str | None]:
    """A column's values, of arrays their elements."""
    if column.type.kind != "array":
        return values
    return [element for value in values if value for element in value.split(_BETWEEN)][:_MOST_ELEMENTS]


def _select(number: int, read: _Read, width: int) -> str:
    values = [_value(column) for column in read.columns] + ["NULL"] * (width - len(read.columns))
    parts = [
        "(SELECT",
        f"{number},",
        ", ".join(values),
        "FROM",
        qualified(read.table.schema, read.table.name),
    ]
    if read.sampled:
        parts.append(f"TABLESAMPLE SYSTEM ({100 * _SAMPLE_PAGES / read.table.pages:.6f})")
    return " ".join((*parts, f"LIMIT {SAMPLE_ROWS})"))


def _value(column: Column) -> str:
    text = f"{quote_identifier(column.name)}::pg_catalog.text"
    if column.type.kind == "array":
        joined = f"pg_catalog.array_to_string({quote_identifier(column.name)}, E'\\x1f')"
        return f"pg_catalog.left({joined}, {_DOCUMENT_CHARACTERS})"
    if column.type.kind == "json":
        return f"pg_catalog.left({text}, {_DOCUMENT_CHARACTERS})"
    if column.type.kind != "text":
        return text
    length = f"CASE WHEN {text} ~ '^\\s*[{{[]' THEN {_DOCUMENT_CHARACTERS} ELSE {_VALUE_CHARACTERS} END"
    return f"pg_catalog.left({text}, {length})"
