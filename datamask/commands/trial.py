"""A trial of a plan: a few rows of each table, masked in memory, against the database's own constraints.

Rows are read and constraints are tried in one read-only session of the source. What is sent back to it are
masked values, and values of columns that the policy lets pass; it holds those already. Nothing is kept.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import polars as pl

from datamask.catalog.model import Catalog, Column, Table, table_key
from datamask.catalog.queries import query
from datamask.commands import trial_sql
from datamask.db.session import Session
from datamask.errors import DatabaseError, DatamaskError
from datamask.masking.engine import Masker, masked_here
from datamask.masking.keys import MaskingKey
from datamask.policy.constraint_sql import check_expression, exclusion_operators
from datamask.policy.plan import Plan, TablePlan
from datamask.policy.repeats import COMPARED, Sampled, repeated_columns
from datamask.policy.trial import Tried, with_trial
from datamask.snapshot import copytext, statements
from datamask.snapshot.chunks import Chunk

SAMPLE_ROWS = 200

# Pages that hold SAMPLE_ROWS rows in all but the widest tables.
_SAMPLE_PAGES = 50

# What a sample holds at most, about, by the average row; and its rows at least.
_SAMPLE_BYTES = 32 << 20
_FEWEST_ROWS = 4

# One table must not hold everything up.
_TIMEOUT_SECONDS = 5

_BLOCK_BYTES = 1 << 20
_INVALID = ("22", "23")


@dataclass(frozen=True, slots=True)
class Trial:
    """What masked samples showed.

    :param plan: the plan with the findings of the trial.
    :param tables: tables of which rows were tried.
    :param rows: rows of all of them.
    :param skipped: what could not be tried, with the reason: tables, or constraints by ``table: name``.
    """

    plan: Plan
    tables: int
    rows: int
    skipped: dict[str, str]


def try_plan(session: Session, catalog: Catalog, plan: Plan, key: MaskingKey) -> Trial:
    """Try a plan without errors on at most ``SAMPLE_ROWS`` rows of each table.

    :param session: a read-only one, outside a transaction.
    """
    session.script(f"SET statement_timeout = '{_TIMEOUT_SECONDS}s'")
    trial = _Trial(session, _exclusions(session))
    samples = []
    for table in catalog.tables:
        planned = plan.by_table.get(table.key)
        if planned is None or planned.rows == "none":
            continue
        sampled = trial.table(table, planned, key)
        if sampled is not None:
            samples.append(sampled)
    repeated = repeated_columns(samples, secrets.token_bytes(32))
    return Trial(
        with_trial(plan, trial.tried, repeated),
        len(samples),
        sum(sample.rows.height for sample in samples),
        trial.skipped,
    )


def _exclusions(session: Session) -> dict[str, list[tuple[str, str]]]:
    found: dict[str, list[tuple[str, str]]] = {}
    for schema, name, constraint, definition in session.rows(query("exclusions")):
        found.setdefault(table_key(schema, name), []).append((constraint, definition))
    return found


class _Trial:
    def __init__(self, session: Session, exclusions: dict[str, list[tuple[str, str]]]) -> None:
        self._session = session
        self._exclusions = exclusions
        self.tried: list[Tried] = []
        self.skipped: dict[str, str] = {}

    def table(self, table: Table, plan: TablePlan, key: MaskingKey) -> Sampled | None:
        """Try one table; None where there is nothing to try, or it cannot be read."""
        here = masked_here(plan.masks)
        masker = Masker(here, key) if here else None
        columns = self._needed(table, plan, masker)
        if not columns:
            return None
        try:
            before = self._sample(table, plan, columns)
            if not before.height:
                return None
            masked = masker.mask(before) if masker else before
        except DatamaskError as error:
            self.skipped[table.key] = error.message
            return None
        hidden = [mask.column for mask in plan.masks]
        self._try_types(table, [column for column in columns if column.name in hidden], masked)
        self._try_checks(table, columns, hidden, masked)
        self._try_exclusions(table, columns, hidden, masked)
        return Sampled(table, plan, before)

    def _needed(self, table: Table, plan: TablePlan, masker: Masker | None) -> list[Column]:
        """The columns that are masked, that stand in a constraint beside one, or that may repeat one."""
        hidden = {mask.column for mask in plan.masks}
        names = hidden | set(masker.columns if masker else ())
        for check in table.checks:
            if hidden.intersection(check.columns):
                names.update(check.columns)
        for _, definition in self._exclusions.get(table.key, ()):
            names.update(name for name, _ in exclusion_operators(definition) or ())
        return [
            column
            for column in statements.stored_columns(table)
            if column.name in names or column.type.kind in COMPARED
        ]

    def _sample(self, table: Table, plan: TablePlan, columns: Sequence[Column]) -> pl.DataFrame:
        """Rows from the table's start and middle, which may be of different ages."""
        # A sample of a sample would read the whole table to find few rows.
        plan = replace(plan, sample=None)
        table = replace(table, columns=tuple(columns))
        schema = {column.name: copytext.column_dtype("text") for column in columns}
        frames = []
        for chunk, limit in _places(table):
            # COPY, not a row-wise query: the text that is masked is the one that a snapshot masks.
            sql = f"COPY ({statements.select(table, plan, chunk)} LIMIT {limit:d}) TO STDOUT"
            data = b"".join(self._session.copy_out(sql, block_bytes=_BLOCK_BYTES))
            frames.append(copytext.unescape(copytext.parse(data, schema), list(schema)))
        return pl.concat(frames)

    def _try_types(self, table: Table, columns: Sequence[Column], rows: pl.DataFrame) -> None:
        for column in columns:
            values = rows[column.name].drop_nulls().to_list()
            if not values:
                continue
            name = column.type.name
            try:
                if self._session.server_version >= trial_sql.INPUT_TEST_VERSION:
                    count = self._session.value(trial_sql.invalid_inputs(column), (values,))
                else:
                    count = self._count_by_trying(trial_sql.valid_inputs(column), values)
            except DatabaseError as error:
                self.skipped[f"{table.key}: {name}"] = error.message
                continue
            where = table.root or table.key
            self.tried.append(Tried(where, "type", name, (column.name,), len(values), count))
            if not count:
                # Valid input of a domain meets the domain's own constraints.
                self.tried += [
                    Tried(where, "check", check.name, check.columns, len(values), 0)
                    for check in table.checks
                    if check.columns == (column.name,)
                    and _is_of_domain(table, check.columns, check.definition)
                ]

    def _count_by_trying(self, sql: str, values: Sequence[str]) -> int:
        """Invalid values on servers that only say whether there are any: halves are tried until they are found."""
        try:
            self._session.value(sql, (list(values),))
            return 0
        except DatabaseError as error:
            if (error.sqlstate or "")[:2] not in _INVALID:
                raise
        if len(values) == 1:
            return 1
        half = len(values) // 2
        return self._count_by_trying(sql, values[:half]) + self._count_by_trying(sql, values[half:])

    def _try_checks(
        self, table: Table, columns: Sequence[Column], hidden: Sequence[str], rows: pl.DataFrame
    ) -> None:
        by_name = {column.name: column for column in columns}
        for check in table.checks:
            expression = check_expression(check.definition)
            masked = tuple(name for name in check.columns if name in hidden)
            # A domain's own constraint is part of its input, which was tried.
            if not masked or expression is None or _is_of_domain(table, check.columns, expression):
                continue
            if any(name not in by_name for name in check.columns):
                self.skipped[f"{table.key}: {check.name}"] = "it names a column that PostgreSQL computes"
                continue
            named = [by_name[name] for name in check.columns]
            sql = trial_sql.breaches(
                table.name, named, expression, server_version=self._session.server_version
            )
            self._count(table, "check", check.name, masked, named, sql, rows, rows.height)

    def _try_exclusions(
        self, table: Table, columns: Sequence[Column], hidden: Sequence[str], rows: pl.DataFrame
    ) -> None:
        by_name = {column.name: column for column in columns}
        for name, definition in self._exclusions.get(table.key, ()):
            operators = exclusion_operators(definition)
            masked = tuple(column for column, _ in operators or () if column in hidden)
            if not masked or operators is None:
                continue
            named = [by_name[column] for column, _ in operators if column in by_name]
            sql = trial_sql.conflicts(named, dict(operators), server_version=self._session.server_version)
            pairs = rows.height * (rows.height - 1) // 2
            self._count(table, "exclusion", name, masked, named, sql, rows, pairs)

    def _count(
        self,
        table: Table,
        demand: str,
        name: str,
        masked: tuple[str, ...],
        named: Sequence[Column],
        sql: str,
        rows: pl.DataFrame,
        number: int,
    ) -> None:
        try:
            count = self._session.value(sql, [rows[column.name].to_list() for column in named])
        except DatabaseError as error:
            self.skipped[f"{table.key}: {name}"] = error.message
            return
        if number:
            self.tried.append(Tried(table.root or table.key, demand, name, masked, number, count))


def _is_of_domain(table: Table, columns: Sequence[str], expression: str) -> bool:
    if len(columns) != 1:
        return False
    column = table.column(columns[0])
    return column is not None and column.type.domain is not None and "VALUE" in expression


def _places(table: Table) -> Iterator[tuple[Chunk | None, int]]:
    """Where to read, and how many rows there: fewer where they are wide."""
    width = table.bytes // max(1, table.rows_estimate if table.rows_estimate > 0 else table.pages)
    rows = max(_FEWEST_ROWS, min(SAMPLE_ROWS, _SAMPLE_BYTES // max(1, width)))
    if table.pages <= 2 * _SAMPLE_PAGES:
        yield None, rows
        return
    middle = table.pages // 2
    yield Chunk(table.key, 0, None, _SAMPLE_PAGES, 0), rows // 2
    yield Chunk(table.key, 1, middle, middle + _SAMPLE_PAGES, 0), rows // 2
