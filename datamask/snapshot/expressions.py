"""Whether the source's server can evaluate what ``sql`` transforms have it evaluate; no row is read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from datamask.catalog.model import Table
from datamask.db.session import Session
from datamask.errors import DatabaseError
from datamask.masking.registry import get
from datamask.policy.plan import TablePlan
from datamask.snapshot.statements import select

_LITERAL = re.compile(r"'(?:[^']|'')*'")
_CALL = re.compile(r'("(?:[^"]|"")+"|[^\W\d][\w$]*)\s*\(')
# An expression is over one row and gives one value, the same however often it is asked.
_KINDS = """
SELECT proname,
       CASE WHEN bool_or(prokind IN ('a', 'w')) THEN 'looks at more than the row'
            WHEN bool_or(proretset) THEN 'gives more than one row'
            ELSE 'is volatile' END
  FROM pg_catalog.pg_proc
 WHERE proname = ANY (%s)
 GROUP BY proname
HAVING bool_or(prokind IN ('a', 'w')) OR bool_or(proretset) OR bool_or(provolatile = 'v')
 ORDER BY proname
"""


@dataclass(frozen=True, slots=True)
class ExpressionProblem:
    """An expression that does not work.

    :param reason: in words, no row values.
    """

    table: str
    column: str
    reason: str


def expression_problems(
    session: Session, tables: Iterable[tuple[Table, TablePlan]]
) -> Iterator[ExpressionProblem]:
    """Ask the server about every ``sql`` expression.

    In a transaction, stop at the first problem: the statement that found it may have ended the transaction.
    """
    for table, plan in tables:
        if plan.rows == "none":
            continue
        for listed in plan.columns:
            if listed.mask is None or not get(listed.mask.transform).source_side:
                continue
            reason = _refused_function(
                session, get(listed.mask.transform).source_expression(listed.mask.params)
            )
            # Alone, so that the server's complaint is about this very column.
            own = replace(table, columns=tuple(one for one in table.columns if one.name == listed.column))
            reason = reason or _refused(session, select(own, plan))
            if reason:
                yield ExpressionProblem(table.key, listed.column, reason)


def _refused_function(session: Session, expression: str) -> str | None:
    called = {
        name.strip('"').replace('""', '"') if name.startswith('"') else name.lower()
        for name in _CALL.findall(_LITERAL.sub("''", expression))
    }
    row = session.row(_KINDS, (sorted(called),)) if called else None
    return f"the function {row[0]} {row[1]}" if row else None


def _refused(session: Session, query: str) -> str | None:
    try:
        session.rows(f"EXPLAIN {query}")
    except DatabaseError as error:
        return error.message
    return None
