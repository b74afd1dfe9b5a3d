"""Constraints tried where the rows come from: over ``unnest`` in the source's own read-only session."""

from __future__ import annotations

from collections.abc import Sequence

from datamask.catalog.model import Column, Table, table_key
from datamask.catalog.queries import query
from datamask.commands import trial_sql
from datamask.commands.trial_inputs import inputs_tried, invalid_rows, is_of_domain
from datamask.commands.trial_sample import Sample
from datamask.db.session import Session
from datamask.errors import DatabaseError
from datamask.policy.constraint_sql import check_expression, exclusion_operators, is_checked
from datamask.policy.trial import Tried


class SourceTrial:
    """Tries types, CHECK and exclusion constraints; keys and foreign keys are left to proof.

    What is sent to the source are masked values, and values that it holds already.

    :param session: a read-only one, outside a transaction.
    :param skipped: gets what could not be tried, with the reason.
    """

    place = "the source's read-only session"

    def __init__(self, session: Session, skipped: dict[str, str]) -> None:
        self._session = session
        self._skipped = skipped
        self._exclusions: dict[str, list[tuple[str, str]]] = {}
        for schema, name, constraint, definition in session.rows(query("exclusions")):
            self._exclusions.setdefault(table_key(schema, name), []).append((constraint, definition))

    def needed(self, table: Table, hidden: Sequence[str]) -> set[str]:
        """The columns of a table that stand in a constraint beside a masked one."""
        names: set[str] = set()
        for check in table.checks:
            if set(hidden) & set(check.columns):
                names.update(check.columns)
        for _, definition in self._exclusions.get(table.key, ()):
            names.update(name for name, _ in exclusion_operators(definition) or ())
        return names

    def try_table(self, sample: Sample) -> list[Tried]:
        """Try one table's sample."""
        return [*self._types(sample), *self._checks(sample), *self._overlaps(sample)]

    def _types(self, sample: Sample) -> list[Tried]:
        tried: list[Tried] = []
        for column in sample.columns:
            if column.name not in sample.hidden:
                continue
            try:
                wrong = invalid_rows(self._session, column, sample.after[column.name].to_list())
            except DatabaseError as error:
                self._skipped[f"{sample.table.key}: {column.type.name}"] = error.message
                continue
            tried += inputs_tried(sample, column, len(wrong))
        return tried

    def _checks(self, sample: Sample) -> list[Tried]:
        tried: list[Tried] = []
        table = sample.table
        by_name = {column.name: column for column in sample.columns}
        computed = {column.name for column in table.columns if column.generated}
        for check in table.checks:
            expression = check_expression(check.definition)
            masked = tuple(name for name in check.columns if name in sample.hidden)
            concerned = masked or not computed.isdisjoint(check.columns)
            # A domain's own constraint is part of its input, which was tried.
            if not concerned or expression is None or is_of_domain(table, check.columns, expression):
                continue
            if any(name not in by_name for name in check.columns):
                self._skipped[f"{table.key}: {check.name}"] = "it names a column that PostgreSQL computes"
                continue
            named = [by_name[name] for name in check.columns]
            sql = trial_sql.breaches(
                table.name, named, expression, server_version=self._session.server_version
            )
            demand = "check" if is_checked(check.definition) else "unchecked"
            tried += self._count(sample, demand, check.name, masked, named, sql, sample.after.height)
        return tried

    def _overlaps(self, sample: Sample) -> list[Tried]:
        tried: list[Tried] = []
        by_name = {column.name: column for column in sample.columns}
        for name, definition in self._exclusions.get(sample.table.key, ()):
            operators = exclusion_operators(definition)
            masked = tuple(column for column, _ in operators or () if column in sample.hidden)
            if not masked or operators is None:
                continue
            named = [by_name[column] for column, _ in operators if column in by_name]
            sql = trial_sql.conflicts(named, dict(operators), server_version=self._session.server_version)
            tried += self._count(sample, "exclusion", name, masked, named, sql, sample.after.height)
        return tried

    def _count(
        self,
        sample: Sample,
        demand: str,
        name: str,
        masked: tuple[str, ...],
        named: Sequence[Column],
        sql: str,
        number: int,
    ) -> list[Tried]:
        try:
            count = self._session.value(sql, [sample.after[column.name].to_list() for column in named])
        except DatabaseError as error:
            self._skipped[f"{sample.table.key}: {name}"] = error.message
            return []
        return [Tried(sample.name, demand, name, masked, number, count)] if number else []
