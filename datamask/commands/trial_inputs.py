"""Whether masked values are valid input of their columns' types, domains with all that they ask for."""

from __future__ import annotations

from collections.abc import Sequence

from datamask.catalog.model import Column, Table
from datamask.commands import trial_sql
from datamask.commands.trial_sample import Sample
from datamask.db.session import Session
from datamask.errors import DatabaseError
from datamask.policy.trial import Tried

_INVALID = ("22", "23")


def invalid_rows(session: Session, column: Column, values: Sequence[str | None]) -> list[int]:
    """The places in ``values`` of texts that are no valid input of the column's type; NULL is not looked at.

    :raises DatabaseError: where the server does not know the type, say.
    """
    known = [(place, value) for place, value in enumerate(values) if value is not None]
    if not known:
        return []
    texts = [value for _, value in known]
    if session.server_version >= trial_sql.INPUT_TEST_VERSION:
        valid = [answer for (answer,) in session.rows(trial_sql.input_tests(column), (texts,))]
        return [place for (place, _), answer in zip(known, valid, strict=True) if not answer]
    wrong = _by_trying(session, trial_sql.valid_inputs(column), texts, 0)
    return [known[number][0] for number in wrong]


def _by_trying(session: Session, sql: str, values: Sequence[str], start: int) -> list[int]:
    """On servers that only say whether there are any, halves are tried until those are found."""
    try:
        # Inside a transaction this is a savepoint, which a failure goes back to.
        with session.transaction():
            session.value(sql, (list(values),))
        return []
    except DatabaseError as error:
        if (error.sqlstate or "")[:2] not in _INVALID:
            raise
    if len(values) == 1:
        return [start]
    half = len(values) // 2
    return _by_trying(session, sql, values[:half], start) + _by_trying(
        session, sql, values[half:], start + half
    )


def inputs_tried(sample: Sample, column: Column, invalid: int) -> list[Tried]:
    """What an answer of ``invalid_rows`` says of a masked column; none where it has no value."""
    values = sample.after.height - sample.after[column.name].null_count()
    if not values:
        return []
    tried = [Tried(sample.name, "type", column.type.name, (column.name,), values, invalid)]
    if not invalid:
        # Valid input of a domain meets the domain's own constraints.
        tried += [
            Tried(sample.name, "check", check.name, check.columns, values, 0)
            for check in sample.table.checks
            if check.columns == (column.name,) and is_of_domain(sample.table, check.columns, check.definition)
        ]
    return tried


def is_of_domain(table: Table, columns: Sequence[str], expression: str) -> bool:
    """True where a constraint that the catalog lists under a table is one of the column's domain."""
    if len(columns) != 1:
        return False
    column = table.column(columns[0])
    return column is not None and column.type.domain is not None and "VALUE" in expression
