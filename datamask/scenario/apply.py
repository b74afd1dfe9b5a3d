"""A scenario's rows in a database: inserted in the session's open transaction, or not at all."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime

from datamask.catalog.introspect import introspect
from datamask.catalog.model import Table
from datamask.db.quoting import qualified, quote_identifier, quote_literal
from datamask.db.session import Session
from datamask.errors import DatabaseError, DatamaskError, VerificationError
from datamask.scenario.insert import Placed, insert_statement, place_rows
from datamask.scenario.model import Expectation, Given, Scenario

_UNIQUE_VIOLATION = "23505"
_HINTS = {
    _UNIQUE_VIOLATION: "another row has the same key: leave it out where the database gives one, or choose another",
    "23503": "the row that it refers to is not there: write it into the scenario, and refer to it by {ref: NAME}",
    "23502": "give the column a value",
}


@dataclass
class Applied:
    """What a scenario did.

    :param rows: fixed rows by table.
    :param generated: generated ones.
    :param expectations: how many held.
    """

    rows: Counter[str] = field(default_factory=Counter)
    generated: Counter[str] = field(default_factory=Counter)
    expectations: int = 0


def empty_tables(session: Session) -> None:
    """Remove all rows of all tables but those of extensions, and set sequences back to their start."""
    tables = [
        qualified(table.schema, table.name)
        for table in introspect(session).tables
        if table.kind in ("table", "partitioned") and table.extension is None and table.root is None
    ]
    if tables:
        session.script(f"TRUNCATE {', '.join(tables)} RESTART IDENTITY CASCADE")


def insert_rows(session: Session, scenario: Scenario, applied: Applied) -> None:
    """Insert the fixed rows, and let sequences go on behind the keys that they bring.

    :raises DatamaskError: naming the row, and never a value.
    """
    if not scenario.rows:
        return
    catalog = introspect(session)
    placed = place_rows(scenario.rows, catalog)
    known = {one.row.name: one.table for one in placed if one.row.name}
    found: dict[tuple[str, str], str | None] = {}
    now = datetime.now(UTC)
    session.script("SET CONSTRAINTS ALL DEFERRED")
    for one in placed:
        try:
            returned = session.row(insert_statement(one, found, now, known))
        except DatabaseError as error:
            raise DatabaseError(
                f"{one.row.mark}: {one.row.label} cannot be inserted: {error.message}",
                hint=_HINTS.get(error.sqlstate or "", error.hint),
                sqlstate=error.sqlstate,
            ) from None
        for name, value in zip(one.returning, returned or (), strict=True):
            found[one.row.name or "", name] = value
        applied.rows[one.table.key] += 1
    _advance_sequences(session, placed)
    try:
        session.script("SET CONSTRAINTS ALL IMMEDIATE")
    except DatabaseError as error:
        raise DatabaseError(
            f"scenario {scenario.name}: its rows break a constraint together: {error.message}",
            hint=_HINTS.get(error.sqlstate or "", error.hint),
            sqlstate=error.sqlstate,
        ) from None


def run_sql(session: Session, scenario: Scenario) -> None:
    """Run the scenario's SQL files.

    :raises DatabaseError: naming the file.
    """
    for file in scenario.sql:
        body = f"BEGIN EXECUTE {quote_literal(file.text)}; END"
        try:
            session.script("SET LOCAL search_path TO DEFAULT")
            # Inside of a DO block nothing can end the transaction.
            session.script(f"DO {quote_literal(body)}")
            session.script("SET LOCAL search_path = ''")
        except DatabaseError as error:
            raise DatabaseError(
                f"{file.path}: {error.message}", hint=error.hint, sqlstate=error.sqlstate
            ) from None


def check_expectations(session: Session, scenario: Scenario, applied: Applied) -> None:
    """Ask the queries whose answers are known.

    :raises VerificationError: naming those that do not hold; what they gave instead is never shown.
    """
    failed: list[str] = []
    session.script("SET LOCAL search_path TO DEFAULT")
    for expectation in scenario.expectations:
        try:
            held = _holds(session, expectation)
        except DatabaseError as error:
            raise DatamaskError(
                f"{expectation.mark}: expectation {expectation.name!r} cannot be asked: {error.message}",
                hint=error.hint,
            ) from None
        applied.expectations += held
        if not held:
            failed.append(f"{expectation.mark}: {expectation.name}")
    session.script("SET LOCAL search_path = ''")
    if failed:
        raise VerificationError(
            f"scenario {scenario.name}: {len(failed)} of {len(scenario.expectations)} expectations do not hold:\n  "
            + "\n  ".join(failed),
            hint="run the query by hand in the environment to see what it gives",
        )


def _holds(session: Session, expectation: Expectation) -> bool:
    rows = session.rows(expectation.sql)
    wanted = expectation.value
    if expectation.holds == "rows":
        return len(rows) == wanted
    got = rows[0][0] if rows and rows[0] else None
    if expectation.holds == "is":
        if isinstance(wanted, bool) or wanted is None:
            return got is wanted
        return str(got) == wanted if isinstance(wanted, str) else _number(got) == wanted
    number = _number(got)
    if number is None or not isinstance(wanted, int | float):
        return False
    return number >= wanted if expectation.holds == "at_least" else number <= wanted


def _number(value: object) -> float | None:
    try:
        return None if value is None or isinstance(value, bool) else float(str(value))
    except ValueError:
        return None


def _advance_sequences(session: Session, placed: list[Placed]) -> None:
    """Behind keys that rows brought with them, so that the application's next row does not meet them."""
    brought: dict[tuple[str, str], Table] = {
        (one.table.key, name): one.table
        for one in placed
        for name, value in one.row.values.items()
        if isinstance(value, Given)
    }
    for (_, column), table in brought.items():
        advance_sequence(session, table, column)


def advance_sequence(session: Session, table: Table, column: str) -> None:
    """Let the sequence that gives a column its values go on behind the highest one, if it has one."""
    name = qualified(table.schema, table.name)
    sequence = session.value("SELECT pg_catalog.pg_get_serial_sequence(%s, %s)", [name, column])
    if sequence is None:
        return
    # A sequence that has not been called is still before its first value.
    behind = "s.highest > CASE WHEN q.is_called THEN q.last_value ELSE q.last_value - 1 END"
    highest = " ".join(("(SELECT pg_catalog.max(", quote_identifier(column), ") AS highest FROM", name, ")"))
    moved = f"pg_catalog.setval({quote_literal(sequence)}::pg_catalog.regclass, s.highest)"
    session.rows(" ".join(("SELECT", moved, "FROM", highest, "s,", sequence, "q WHERE", behind)))
