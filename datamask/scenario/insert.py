"""Fixed rows as INSERT statements, in an order in which what they refer to is there. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from datamask.catalog.graph import references, table_order
from datamask.catalog.model import Catalog, Column, Table
from datamask.classify.names import parse_table
from datamask.config.secrets import SecretRef
from datamask.db.quoting import identifier_list, qualified, quote_identifier, quote_literal
from datamask.errors import UsageError
from datamask.scenario.model import Expression, FixedRow, Given, Reference, Relative
from datamask.scenario.values import literal
from datamask.suggest import did_you_mean

Found = Mapping[tuple[str, str], str | None]
"""Values of rows that are in already, as text, by the row's name and column."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A row that is ready to be inserted.

    :param returning: columns that other rows refer to.
    """

    row: FixedRow
    table: Table
    columns: dict[str, Column]
    returning: tuple[str, ...]


def place_rows(rows: tuple[FixedRow, ...], catalog: Catalog) -> list[Placed]:
    """The rows with their tables and columns, each behind those that it refers to.

    :raises UsageError: a table or column is not there, rows refer to each other in a circle, or nothing says what a
        reference refers to; with file and line.
    """
    known = {row.name: _table(row, catalog) for row in rows if row.name}
    placed = {id(row): (_table(row, catalog), _columns(row, _table(row, catalog))) for row in rows}
    wanted: dict[str, dict[str, None]] = {}
    for row in rows:
        for column, value in row.values.items():
            if isinstance(value, Reference):
                target = known[value.row]
                meant = referred_column(row, column, value, placed[id(row)][0], target)
                wanted.setdefault(value.row, {})[meant] = None
    order = {key: place for place, key in enumerate(table_order(references(catalog)).tables)}
    by_table = sorted(rows, key=lambda row: order.get(placed[id(row)][0].key, 0))
    return [
        Placed(row, *placed[id(row)], tuple(wanted.get(row.name or "", ())))
        for row in _behind_references(by_table)
    ]


def insert_statement(placed: Placed, found: Found, now: datetime, known: Mapping[str, Table]) -> str:
    """The statement that inserts a row and returns what others refer to, as text.

    :param found: values of the rows before it.
    :param now: what relative times start from.
    :param known: tables by the names of rows.
    """
    row = placed.row
    values = [_sql(row, name, placed, found, now, known) for name in placed.columns]
    table = qualified(placed.table.schema, placed.table.name)
    what = (
        f"({identifier_list(placed.columns)}) OVERRIDING SYSTEM VALUE VALUES ({', '.join(values)})"
        if values
        else "DEFAULT VALUES"
    )
    returned = ", ".join(f"{quote_identifier(name)}::text" for name in placed.returning)
    return f"INSERT INTO {table} {what}" + (f" RETURNING {returned}" if returned else "")


def referred_column(row: FixedRow, column: str, value: Reference, table: Table, target: Table) -> str:
    """The column of the target that a reference means: the one named, else the foreign key's.

    :raises UsageError: where there is no such column, or no foreign key says which.
    """
    if value.column is not None:
        if target.column(value.column) is None:
            raise UsageError(
                f"{row.mark}: {row.table}.{column} refers to {value.row}.{value.column}, and table {target.key} has no "
                "such column",
                hint=did_you_mean(value.column, [one.name for one in target.columns]),
            )
        return value.column
    family = {target.key, target.root or target.key}
    found = {
        key.referenced_columns[key.columns.index(column)]
        for key in table.foreign_keys
        if column in key.columns and key.referenced_table in family
    }
    if len(found) != 1:
        raise UsageError(
            f"{row.mark}: no foreign key says which column of {target.key} {row.table}.{column} refers to",
            hint=f"name it: {{ref: {value.row}.COLUMN}}",
        )
    return found.pop()


def _sql(
    row: FixedRow, name: str, placed: Placed, found: Found, now: datetime, known: Mapping[str, Table]
) -> str:
    value = row.values[name]
    match value:
        case Given(plain):
            return literal(plain, placed.columns[name])
        case Reference():
            meant = referred_column(row, name, value, placed.table, known[value.row])
            text = found[value.row, meant]
            return "NULL" if text is None else quote_literal(text)
        case Relative(offset):
            return quote_literal((now + offset).isoformat())
        case Expression(sql):
            return f"({sql})"
        case SecretRef():
            return quote_literal(value.resolve_text())


def _table(row: FixedRow, catalog: Catalog) -> Table:
    key = parse_table(row.table)
    table = catalog.by_key.get(key or row.table)
    if table is None:
        named = [one for one in catalog.tables if one.name == row.table and one.root is None]
        if len(named) > 1:
            raise UsageError(
                f"{row.mark}: there are several tables {row.table}: " + ", ".join(one.key for one in named),
                hint="write the schema before the name",
            )
        if not named:
            raise UsageError(
                f"{row.mark}: there is no table {row.table}",
                hint=did_you_mean(row.table, [one.name for one in catalog.tables] + list(catalog.by_key)),
            )
        [table] = named
    return table


def _columns(row: FixedRow, table: Table) -> dict[str, Column]:
    columns = {}
    for name in row.values:
        column = table.column(name)
        if column is None:
            raise UsageError(
                f"{row.mark}: table {table.key} has no column {name!r}",
                hint=did_you_mean(name, [one.name for one in table.columns]),
            )
        columns[name] = column
    return columns


def _behind_references(rows: list[FixedRow]) -> list[FixedRow]:
    by_name = {row.name: row for row in rows if row.name}
    result: list[FixedRow] = []
    done: set[int] = set()
    for start in rows:
        pending: list[tuple[FixedRow, bool]] = [(start, False)]
        path: list[FixedRow] = []
        while pending:
            row, expanded = pending.pop()
            if expanded:
                path.pop()
                if id(row) not in done:
                    done.add(id(row))
                    result.append(row)
                continue
            if id(row) in done:
                continue
            if row in path:
                circle = [one.name or one.table for one in path[path.index(row) :]]
                raise UsageError(
                    f"{row.mark}: rows refer to each other in a circle: {' → '.join([*circle, circle[0]])}",
                    hint="leave one of the references out, and set it in an sql file of the scenario",
                )
            path.append(row)
            pending.append((row, True))
            pending += [
                (by_name[value.row], False)
                for value in row.values.values()
                if isinstance(value, Reference) and by_name[value.row] is not row
            ]
    return result
