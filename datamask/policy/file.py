"""The policy file: read, merged with what it extends, every error with its line."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import cast

from datamask.classify.classes import CLASSES
from datamask.classify.names import parse_column, parse_table
from datamask.config.document import Node, load_document
from datamask.errors import DatamaskError, PolicyError
from datamask.policy.model import Choice, Policy, Reference, RowRule, Unclassified, UnknownPaths
from datamask.policy.pack import pack_names, pack_path
from datamask.policy.rules import read_choice
from datamask.suggest import did_you_mean

_KEYS = (
    "version",
    "name",
    "extends",
    "unclassified",
    "documents",
    "classes",
    "columns",
    "tables",
    "references",
)
_UNCLASSIFIED = ("refuse", "mask", "keep")
_UNKNOWN_PATHS = ("redact", "drop", "keep")
_ARROW = re.compile(r"\s*->\s*")
_COLUMN_HINT = "write schema.table.column, and a part that holds a dot in double quotes"
_TABLE_HINT = "write schema.table, and a part that holds a dot in double quotes"


@dataclass(slots=True)
class _Written:
    """One file, before it is merged with its parent."""

    name: str | None
    unclassified: Unclassified | None
    classes: dict[str, Choice] = field(default_factory=dict)
    columns: dict[tuple[str, str], Choice] = field(default_factory=dict)
    rows: dict[str, RowRule] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    documents: UnknownPaths | None = None


def read_policy(path: Path) -> Policy:
    """Read a policy file and what it extends.

    :raises PolicyError: naming file and line, for anything that is not a policy.
    """
    return _read(path, load_document(path, kind=PolicyError), ())


def _read(path: Path, document: Node, children: tuple[Path, ...]) -> Policy:
    top = document.mapping("a policy", _KEYS)
    if "version" not in top:
        raise document.error("a policy begins with `version: 1`")
    top["version"].integer("version", minimum=1, maximum=1)
    parent = _parent(path, top["extends"], (*children, path.resolve())) if "extends" in top else Policy("")
    written = _written(top)
    return replace(
        parent,
        name=written.name or path.stem,
        unclassified=written.unclassified or parent.unclassified,
        classes={**parent.classes, **written.classes},
        columns={**parent.columns, **written.columns},
        rows={**parent.rows, **written.rows},
        references=(*parent.references, *written.references),
        documents=written.documents or parent.documents,
        files=(*parent.files, path),
    )


def _parent(path: Path, node: Node, children: tuple[Path, ...]) -> Policy:
    name = node.text("extends")
    if name in pack_names():
        target = pack_path(name)
    elif "/" in name or name.endswith((".yaml", ".yml")):
        target = path.parent / name
        if not target.is_file():
            raise node.error(f"extends: there is no file {target}", "a path is relative to this file")
    else:
        raise node.error(f"extends: there is no policy pack {name!r}", did_you_mean(name, pack_names()))
    if target.resolve() in children:
        circle = " -> ".join(file.name for file in (*children[children.index(target.resolve()) :], target))
        raise node.error(f"extends goes in a circle: {circle}")
    return _read(target, load_document(target, kind=PolicyError), children)


def _written(top: dict[str, Node]) -> _Written:
    name = top["name"].text("name") if "name" in top else None
    unclassified = None
    if "unclassified" in top:
        unclassified = cast(Unclassified, top["unclassified"].choice("unclassified", _UNCLASSIFIED))
    written = _Written(name, unclassified)
    documents = dict(_section(top, "documents"))
    if documents:
        unknown = top["documents"].mapping("documents", ("unknown",))["unknown"]
        written.documents = cast(UnknownPaths, unknown.choice("unknown", _UNKNOWN_PATHS))
    for data_class, node in _section(top, "classes"):
        if data_class not in CLASSES:
            raise top["classes"].key_error(
                data_class, f"unknown data class {data_class!r}", did_you_mean(data_class, CLASSES)
            )
        written.classes[data_class] = read_choice(node, f"the rule for {data_class}")
    for text, node in _section(top, "columns"):
        column = parse_column(text)
        if column is None:
            raise top["columns"].key_error(text, f"{text!r} is not the name of a column", _COLUMN_HINT)
        if column in written.columns:
            raise top["columns"].key_error(text, f"the column {text} has two rules", "remove one of them")
        written.columns[column] = read_choice(node, f"the rule for {text}")
    for text, node in _section(top, "tables"):
        table = parse_table(text)
        if table is None:
            raise top["tables"].key_error(text, f"{text!r} is not the name of a table", _TABLE_HINT)
        if table in written.rows:
            raise top["tables"].key_error(text, f"the table {text} has two rules", "remove one of them")
        written.rows[table] = _row_rule(node, text)
    if "references" in top and top["references"].value is not None:
        written.references = [_reference(node) for node in top["references"].sequence("references")]
    return written


def _section(top: dict[str, Node], name: str) -> list[tuple[str, Node]]:
    if name not in top or top[name].value is None:
        return []
    return list(top[name].mapping(name).items())


def _row_rule(node: Node, table: str) -> RowRule:
    written = node.mapping(f"the rule for the table {table}", ("rows", "where", "sample"))
    if len(written) != 1:
        raise node.error(
            f"the rule for the table {table} must have exactly one of rows, where and sample",
            "a sample of a selection is written as a where",
        )
    if "rows" in written:
        rows = written["rows"].choice("rows", ("all", "none"))
        return RowRule(node.mark, rows="none" if rows == "none" else "all")
    if "where" in written:
        return RowRule(node.mark, where=written["where"].text("where").strip())
    sample = written["sample"].number("sample")
    if not 0 < sample < 1:
        raise written["sample"].error("sample must be a fraction between 0 and 1", "a tenth is 0.1")
    return RowRule(node.mark, sample=sample)


def _reference(node: Node) -> Reference:
    text = node.text("a reference")
    ends = _ARROW.split(text.strip())
    if len(ends) != 2:
        raise _not_a_reference(node, text)
    here, there = (_end(end) for end in ends)
    if here is None or there is None or len(here[1]) != len(there[1]):
        raise _not_a_reference(node, text)
    return Reference(here[0], here[1], there[0], there[1], node.mark)


def _end(text: str) -> tuple[str, tuple[str, ...]] | None:
    """``schema.table.column`` or ``schema.table.(a, b)``."""
    several = re.fullmatch(r"(.+)\.\(([^()]+)\)", text)
    if several is None:
        one = parse_column(text)
        return (one[0], (one[1],)) if one else None
    table = parse_table(several[1])
    columns = tuple(column.strip().strip('"') for column in several[2].split(","))
    return (table, columns) if table and all(columns) else None


def _not_a_reference(node: Node, text: str) -> DatamaskError:
    return node.error(
        f"{text!r} is not a reference",
        "write schema.table.column -> schema.table.column, or schema.table.(a, b) for several columns",
    )
