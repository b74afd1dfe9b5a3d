"""What triggers derive from masked columns: a load runs none of them, so what they once derived stays."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from datamask.masking.model import ColumnMask
from datamask.policy.codes import Findings
from datamask.policy.constraint_sql import closing, split_list
from datamask.policy.decide import Decision
from datamask.policy.layout import ColumnRef, Layout, LogicalTable
from datamask.policy.model import Policy
from datamask.policy.rows import is_emptied

_COMMENT = re.compile(r"--[^\n]*|/\*.*?\*/", re.DOTALL)
_NAME = r'(?:"[^"]+"|\w+)'
# What stands before the statement itself: the beginning of a block, a condition.
_LEAD = re.compile(
    r"\s*(?:(?:begin|else|declare|loop)\b|(?:if|elsif|while|for|when)\b.*?\b(?:then|loop)\b)",
    re.IGNORECASE | re.DOTALL,
)
# ``NEW.slug := …``, ``slug text := …``, ``slug = …``.
_ASSIGNMENT = re.compile(rf"((?:new\.)?{_NAME})(?:\s+[\w.()]+)?\s*(?::=|=)(.*)", re.IGNORECASE | re.DOTALL)
_SELECT_INTO = re.compile(
    rf"\bselect\b(.*?)\binto\b\s+(?:strict\s+)?((?:new\.)?{_NAME})(.*)", re.IGNORECASE | re.DOTALL
)
_INSERT = re.compile(rf"\binsert\s+into\s+((?:{_NAME}\.)?{_NAME})(.*)", re.IGNORECASE | re.DOTALL)
_UPDATE = re.compile(
    rf"\bupdate\s+(?:only\s+)?((?:{_NAME}\.)?{_NAME})(?:\s+(?:as\s+)?(?!set\b){_NAME})?\s+set\b(.*)",
    re.IGNORECASE | re.DOTALL,
)
_ON_CONFLICT = re.compile(r"\bdo\s+update\s+set\b(.*)", re.IGNORECASE | re.DOTALL)
_AFTER_SET = re.compile(r"\b(?:where|from|returning)\b", re.IGNORECASE)
_WHOLE_ROW = re.compile(r"\b(?:new|old)\b(?!\s*\.)", re.IGNORECASE)
_ROW_COLUMN = rf"\b(?:new|old)\.({_NAME})"
_TEXTUAL = frozenset({"text", "json", "xml", "array", "tsvector", "bytea"})


def check_triggers(
    policy: Policy,
    layout: Layout,
    decisions: Mapping[ColumnRef, Decision],
    masks: Mapping[ColumnRef, ColumnMask],
    findings: Findings,
) -> None:
    """Find unmasked columns that a row trigger sets from masked ones, in its own row or in another table."""
    by_name = _tables_by_name(layout)
    for table in layout.tables.values():
        masked = {name for name in table.columns if (table.key, name) in masks}
        if not masked or is_emptied(policy, layout, table.key):
            continue
        for body in {body: None for member in table.members for body in member.trigger_bodies}:
            for name, sources in _derived(body, masked):
                _say_derived(table, name, sources, decisions, masks, findings)
            for written, columns in _written(body, masked):
                other = by_name.get(written)
                if other is None or is_emptied(policy, layout, other.key):
                    continue
                if other.key == table.key:
                    # A copy of the whole row into its own table says nothing new.
                    columns.pop(None, None)
                _say_written(other, table, columns, decisions, masks, findings)


def _tables_by_name(layout: Layout) -> dict[str, LogicalTable]:
    """Tables as a function may call them: with their schema, and without where only one has the name."""
    found: dict[str, LogicalTable | None] = {}
    for table in layout.tables.values():
        found[f"{table.table.schema}.{table.table.name}"] = table
        found[table.table.name] = None if table.table.name in found else table
    return {name: table for name, table in found.items() if table is not None}


def _derived(body: str, masked: set[str]) -> Iterator[tuple[str, list[str]]]:
    """Columns of the row that are set from masked ones, over local variables too."""
    tainted: dict[str, list[str]] = {}
    for statement in _statements(body):
        for target, expression in _assignments(statement):
            sources = _sources(expression, masked, tainted)
            if not sources:
                continue
            row, dot, column = target.rpartition(".")
            if dot and row.lower() == "new":
                name = _plain(column)
                if name not in masked:
                    yield name, sources
            else:
                tainted[_plain(target)] = sources


def _assignments(statement: str) -> Iterator[tuple[str, str]]:
    into = _SELECT_INTO.search(statement)
    if into:
        yield into[2], into[1] + into[3]
        return
    assigned = _ASSIGNMENT.match(statement)
    if assigned:
        yield assigned[1], assigned[2]


def _written(body: str, masked: set[str]) -> Iterator[tuple[str, dict[str | None, list[str]]]]:
    """Tables that get values made of masked columns, with the sources by column; None stands for any column."""
    for statement in _statements(body):
        table, changes = _changes(statement)
        found: dict[str | None, list[str]] = {}
        for column, expression in changes:
            sources = _sources(expression, masked, {})
            if not sources and _WHOLE_ROW.search(expression):
                sources = sorted(masked)
            if sources:
                found[column] = sources
        if found:
            yield ".".join(_plain(part) for part in re.findall(_NAME, table)), found


def _changes(statement: str) -> tuple[str, list[tuple[str | None, str]]]:
    """The table that a statement writes to, and what each column gets."""
    insert = _INSERT.search(statement)
    if insert:
        instead = _ON_CONFLICT.search(insert[2])
        rows = insert[2][: instead.start()] if instead else insert[2]
        return insert[1], [*_inserted(rows), *(_set(instead[1]) if instead else ())]
    update = _UPDATE.search(statement)
    return (update[1], _set(update[2])) if update else ("", [])


def _set(rest: str) -> list[tuple[str | None, str]]:
    """Columns and expressions of ``a = x, b = y WHERE …``; what is set as a list is of any column."""
    ends = [match.start() for match in _AFTER_SET.finditer(rest) if _is_outside(rest[: match.start()])]
    changes: list[tuple[str | None, str]] = []
    for part in split_list(rest[: min(ends, default=len(rest))]):
        column, _, expression = part.partition("=")
        name = column.strip()
        changes.append((_plain(name) if re.fullmatch(_NAME, name) else None, expression))
    return changes


def _is_outside(before: str) -> bool:
    """Whether what follows stands in no parentheses."""
    return before.count("(") == before.count(")")


def _inserted(rest: str) -> list[tuple[str | None, str]]:
    """Columns and expressions of ``(a, b) VALUES (x, y)``; all of it for any column where it is something else."""
    columns, rest_of_it = _parenthesized(rest)
    keyword = rest_of_it.strip()
    if columns is not None and keyword[:6].lower() == "values":
        values, _ = _parenthesized(keyword[6:])
        if values is not None and len(values) == len(columns):
            return [(_plain(name), value) for name, value in zip(columns, values, strict=True)]
    return [(None, rest)]


def _parenthesized(sql: str) -> tuple[list[str] | None, str]:
    """The parts of a list in parentheses at the start, and what follows it."""
    stripped = sql.strip()
    end = closing(stripped, 0) if stripped.startswith("(") else -1
    if end < 0:
        return None, stripped
    return [part.strip() for part in split_list(stripped[1:end])], stripped[end + 1 :]


def _sources(expression: str, masked: set[str], tainted: Mapping[str, list[str]]) -> list[str]:
    read = [_plain(name) for name in re.findall(_ROW_COLUMN, expression, re.IGNORECASE)]
    found = [name for name in read if name in masked]
    for word in re.findall(r"(?<![.\w])\w+", expression):
        found += tainted.get(word.lower(), [])
    return sorted(set(found))


def _statements(body: str) -> list[str]:
    found = []
    for statement in _COMMENT.sub(" ", body).split(";"):
        while lead := _LEAD.match(statement):
            statement = statement[lead.end() :]
        found.append(statement.strip())
    return found


def _plain(name: str) -> str:
    return name[1:-1] if name.startswith('"') else name.lower()


def _say_derived(
    table: LogicalTable,
    name: str,
    sources: list[str],
    decisions: Mapping[ColumnRef, Decision],
    masks: Mapping[ColumnRef, ColumnMask],
    findings: Findings,
) -> None:
    decision = decisions.get((table.key, name))
    if decision is None or decision.explicit or (table.key, name) in masks or table.columns[name].generated:
        return
    findings.add(
        "DM167",
        table.key,
        name,
        f"{table.key}.{name} passes unchanged, and a trigger sets it from the masked {', '.join(sources)}",
        f"classify it like {sources[0]}, or say `{table.key}.{name}: keep` under columns",
    )


def _say_written(
    other: LogicalTable,
    table: LogicalTable,
    columns: Mapping[str | None, list[str]],
    decisions: Mapping[ColumnRef, Decision],
    masks: Mapping[ColumnRef, ColumnMask],
    findings: Findings,
) -> None:
    for name, column in other.columns.items():
        sources = columns.get(name) or columns.get(None)
        decision = decisions.get((other.key, name))
        if not sources or decision is None or decision.explicit or (other.key, name) in masks:
            continue
        if column.generated or column.type.kind not in _TEXTUAL:
            continue
        findings.add(
            "DM167",
            other.key,
            name,
            f"{other.key}.{name} passes unchanged, and a trigger of {table.key} writes values there that are made "
            f"of the masked {', '.join(sources)}",
            f"classify it, say `{other.key}.{name}: keep` under columns, or leave the table empty with `rows: none`",
        )
