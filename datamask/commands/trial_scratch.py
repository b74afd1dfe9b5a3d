"""Masked rows in a scratch database: held, counted, stored, and put under the constraints that a load makes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress

import polars as pl

from datamask.catalog.model import Catalog
from datamask.commands import trial_scratch_sql as sql
from datamask.commands.trial_inputs import inputs_tried, invalid_rows, is_of_domain
from datamask.commands.trial_places import ScratchDatabase
from datamask.commands.trial_sample import Sample
from datamask.commands.trial_schema import create_schema
from datamask.db.session import Session
from datamask.errors import DatabaseError
from datamask.policy.constraint_sql import check_expression, is_checked
from datamask.policy.trial import Tried
from datamask.snapshot import copytext
from datamask.snapshot.schema import SchemaEntry, entry_name

# Classes of errors that are about rows: wrong values, broken constraints, values too large for an index, and what
# functions of the database say.
_ABOUT_ROWS = ("22", "23", "54", "P0")
_UNIQUE, _EXCLUSION = "23505", "23P01"


class ScratchTrial:
    """Tries tables one by one; each leaves nothing behind.

    :param skipped: gets what could not be tried, with the reason.
    """

    def __init__(
        self,
        database: ScratchDatabase,
        entries: Sequence[SchemaEntry],
        catalog: Catalog,
        skipped: dict[str, str],
    ) -> None:
        self.place = database.place
        self._session = database.session
        self._skipped = skipped
        made = create_schema(database.session, database.extender, entries, catalog)
        self.tables = made.tables
        self._over_rows = made.over_rows

    def try_table(self, sample: Sample) -> list[Tried]:
        """Try one table's sample; its columns are all that are stored.

        :raises DatabaseError: where the table cannot take rows here for a reason that is not in them.
        """
        self._session.script("BEGIN")
        try:
            skipped: dict[str, str] = {}
            tried = _TableTrial(self._session, sample, skipped).run(self._over_rows[sample.table.key])
            self._skipped.update(skipped)
            return tried
        finally:
            with suppress(DatabaseError):
                self._session.rollback()


class _UndoError(Exception):
    """Ends a savepoint whose work was only looked at."""


class _TableTrial:
    def __init__(self, session: Session, sample: Sample, skipped: dict[str, str]) -> None:
        self._session = session
        self._sample = sample
        self._table = sample.table
        self._skipped = skipped
        # Expressions of CHECK constraints that some held row breaks.
        self._broken: list[str] = []

    def run(self, over_rows: Sequence[SchemaEntry]) -> list[Tried]:
        self._session.script(sql.hold(self._table))
        tried, rows, valid = self._types()
        refusals = _bisect(lambda first, end: self._copy(rows.slice(first, end - first)), 0, rows.height)
        tried += self._checks(rows.height - len(refusals))
        stored, refused = self._store(valid)
        refusals += refused
        if refusals:
            reason = refusals[0].replace(sql.HELD, self._table.name)
            tried.append(self._tried("row", reason, (), rows.height, len(refusals)))
        for entry in over_rows:
            tried += self._constraint(entry, valid, stored)
        return tried

    def _tried(self, demand: str, name: str, columns: Sequence[str], rows: int, breaches: int) -> Tried:
        return Tried(self._sample.name, demand, name, tuple(columns), rows, breaches)

    def _types(self) -> tuple[list[Tried], pl.DataFrame, int]:
        """What types say of the masked columns; the rows, those first that all types take; and how many those are.

        Values that a type does not take are NULL in these rows, so that other columns can be tried.
        """
        tried: list[Tried] = []
        rows = self._sample.after
        wrong = pl.repeat(False, rows.height, eager=True)
        for column in self._sample.columns:
            if column.name in self._sample.hidden:
                found = invalid_rows(self._session, column, rows[column.name].to_list())
                tried += inputs_tried(self._sample, column, len(found))
                if found:
                    invalid = pl.int_range(rows.height, eager=True).is_in(found)
                    wrong = wrong | invalid
                    rows = rows.with_columns(
                        pl.when(invalid).then(None).otherwise(pl.col(column.name)).alias(column.name)
                    )
        rows = pl.concat([rows.filter(~wrong), rows.filter(wrong)])
        return tried, rows.with_row_index(sql.NUMBER), rows.height - int(wrong.sum())

    def _copy(self, rows: pl.DataFrame) -> None:
        names = [column.name for column in self._sample.columns]
        data = copytext.render(copytext.escape(rows.select(*names, sql.NUMBER), names))
        with self._session.transaction(), self._session.copy_in(sql.copy_in(self._sample.columns)) as copy:
            copy.write(data)

    def _checks(self, held: int) -> list[Tried]:
        if not held:
            return []
        computed = [column.name for column in self._table.columns if column.generated]
        tried: list[Tried] = []
        for check in self._table.checks:
            expression = check_expression(check.definition)
            columns = [name for name in check.columns if name in self._sample.hidden]
            columns = columns or [name for name in check.columns if name in computed]
            if not columns or expression is None or is_of_domain(self._table, check.columns, expression):
                continue
            try:
                with self._session.transaction():
                    count = self._session.value(sql.breaches(self._table, expression))
            except DatabaseError as error:
                # An expression that fails refuses its rows, which are counted when they are stored.
                if not _is_about_rows(error):
                    self._skipped[f"{self._table.key}: {check.name}"] = error.message
                continue
            checked = is_checked(check.definition)
            tried.append(self._tried("check" if checked else "unchecked", check.name, columns, held, count))
            if count and checked:
                self._broken.append(expression)
        return tried

    def _store(self, end: int, *, skip_conflicts: bool = False) -> tuple[int, list[str]]:
        """Put the held rows that break no CHECK constraint into the table: how many went, and why others did not."""
        went: list[int] = []

        def insert(first: int, end: int) -> None:
            statement = sql.store(
                self._table, self._sample.columns, self._broken, first, end, skip_conflicts=skip_conflicts
            )
            with self._session.transaction():
                went.append(self._session.execute(statement))

        refused = _bisect(insert, 0, end)
        return sum(went), refused

    def _constraint(self, entry: SchemaEntry, end: int, stored: int) -> list[Tried]:
        """Make one index or constraint over the stored rows, and count those that stand in its way."""
        statement = sql.at_once(entry.sql)
        name = entry.name.removeprefix(f"{entry_name(self._table.name)} ")
        unique = " UNIQUE INDEX " in statement or entry.type == "CONSTRAINT"
        columns = self._under(name)
        try:
            with self._session.transaction():
                self._session.script(statement)
        except DatabaseError as error:
            if not _is_about_rows(error):
                if unique:
                    self._skipped[f"{self._table.key}: {name}"] = error.message
                return []
            demand = {_UNIQUE: "unique", _EXCLUSION: "exclusion"}.get(error.sqlstate or "", "index")
            return [self._tried(demand, name, columns, stored, self._in_the_way(statement, end, stored))]
        if not unique or not columns or not stored:
            return []
        kept_apart = "exclusion" if " EXCLUDE USING " in statement else "unique"
        return [self._tried(kept_apart, name, columns, stored, 0)]

    def _in_the_way(self, statement: str, end: int, stored: int) -> int:
        """The stored rows that a constraint does not take when they come one after the other, at least one."""
        inserted = stored
        with suppress(_UndoError), self._session.transaction():
            self._session.script(sql.empty(self._table))
            self._session.script(statement)
            inserted, _ = self._store(end, skip_conflicts=True)
            raise _UndoError
        return max(1, stored - inserted)

    def _under(self, name: str) -> list[str]:
        """The masked columns under a unique key or exclusion constraint."""
        for key in self._table.unique_keys:
            if key.name == name:
                columns = {*key.columns, *key.expression_columns}
                return [column for column in self._sample.hidden if column in columns]
        return []


def _bisect(work: Callable[[int, int], None], first: int, end: int) -> list[str]:
    """Have work done on all rows but those that it fails for, each found by halves.

    :param work: on the rows from ``first`` to before ``end``, all or none of them.
    :returns: what was said of each row that failed.
    """
    if first >= end:
        return []
    try:
        work(first, end)
        return []
    except DatabaseError as error:
        if not _is_about_rows(error):
            raise
        if end - first == 1:
            return [error.message]
    middle = (first + end) // 2
    return _bisect(work, first, middle) + _bisect(work, middle, end)


def _is_about_rows(error: DatabaseError) -> bool:
    return (error.sqlstate or "")[:2] in _ABOUT_ROWS
