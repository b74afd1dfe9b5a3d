"""Values of fixed rows: plain ones, and ``{ref: …}``, ``{ago: …}``, ``{in: …}``, ``{secret: …}`` and the like."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

from datamask.catalog.model import Column
from datamask.config.document import Node, Plain
from datamask.config.durations import duration_node
from datamask.config.secrets import secret_node
from datamask.db.quoting import quote_literal
from datamask.scenario.model import Expression, Given, Reference, Relative, Value

_KINDS = ("ref", "ago", "in", "now", "secret", "sql", "json")


def read_value(node: Node, what: str, root: Path) -> Value:
    """A column's value.

    :param what: names the column in errors.
    :param root: where the files of secrets are found.
    :raises UsageError: with file and line.
    """
    if not isinstance(node.value, dict) or len(node.value) != 1 or next(iter(node.value)) not in _KINDS:
        return Given(node.plain())
    [(kind, child)] = node.value.items()
    match kind:
        case "ref":
            row, _, column = child.text(f"{what}.ref").partition(".")
            return Reference(row, column or None)
        case "ago":
            return Relative(-duration_node(child, f"{what}.ago"))
        case "in":
            return Relative(duration_node(child, f"{what}.in"))
        case "now":
            child.boolean(f"{what}.now")
            return Relative(timedelta())
        case "secret":
            return secret_node(child, f"{what}.secret", root)
        case "sql":
            return Expression(child.text(f"{what}.sql"))
        case _:
            # So that a document may have a key of one of these names.
            return Given(child.plain())


def literal(value: Plain, column: Column) -> str:
    """A plain value as an SQL literal that the column's type reads.

    A list is an array where the column is one, and a JSON document elsewhere.
    """
    if value is None:
        return "NULL"
    if isinstance(value, dict) or (isinstance(value, list) and column.type.kind != "array"):
        return quote_literal(json.dumps(value, ensure_ascii=False))
    return quote_literal(_array(value) if isinstance(value, list) else _text(value))


def _array(values: list[Plain]) -> str:
    return "{" + ",".join(_element(value) for value in values) + "}"


def _element(value: Plain) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return _array(value)
    text = json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else _text(value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _text(value: Plain) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
