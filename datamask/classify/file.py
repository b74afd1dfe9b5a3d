"""The classification file: read, with errors that name the line, and written for people to review."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from datamask.classify.classes import CLASSES
from datamask.classify.names import parse_table
from datamask.config.document import Mark, Node, load_document
from datamask.errors import PolicyError
from datamask.masking import jsonpath
from datamask.suggest import did_you_mean

DOCUMENT = "document"
"""The class of a column whose payload is classified path by path."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What one column is said to hold.

    :param data_class: a name in ``CLASSES``.
    :param mark: where it is written, None for an entry that no file holds.
    :param paths: of a document, classes by JSON path.
    """

    data_class: str
    mark: Mark | None = None
    paths: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Classification:
    """Data classes by table key and column."""

    tables: Mapping[str, Mapping[str, Entry]]
    path: Path | None = None

    def entry(self, table: str, column: str) -> Entry | None:
        """The entry of a column, or None where it is not classified."""
        return self.tables.get(table, {}).get(column)


def read_classification(path: Path) -> Classification:
    """Read a classification file.

    :raises PolicyError: naming file and line, for anything that is not a classification.
    """
    return parse_classification(load_document(path, kind=PolicyError), path)


def parse_classification(document: Node, path: Path | None = None) -> Classification:
    """As ``read_classification``, for a document at hand."""
    top = document.mapping("a classification", ("version", "tables"))
    if "version" not in top:
        raise document.error("a classification begins with `version: 1`")
    top["version"].integer("version", minimum=1, maximum=1)
    listed = top.get("tables")
    if listed is None or listed.value is None:
        return Classification({}, path)
    listed.mapping("tables")
    tables: dict[str, dict[str, Entry]] = {}
    for name, mark, columns in listed.items:
        key = parse_table(name)
        if key is None:
            raise listed.key_error(
                name,
                f"{name!r} is not the name of a table",
                "write schema.table, and a part that holds a dot in double quotes",
            )
        if key in tables:
            raise listed.key_error(name, f"the table {key} is listed twice", "remove one of them")
        if columns.value is None:
            tables[key] = {}
            continue
        columns.mapping(f"the table {name} on line {mark.line}")
        tables[key] = {column: _entry(node, key, column) for column, _, node in columns.items}
    return Classification(tables, path)


def _entry(node: Node, table: str, column: str) -> Entry:
    if isinstance(node.value, dict):
        payload = node.mapping(f"the class of {table}.{column}", ("json",))
        if "json" not in payload:
            raise node.error(f"the class of {table}.{column} is empty", "write {json: {$.path: class}}")
        payload["json"].mapping("json")
        paths = tuple((path, _class(child, f"{table}.{column}")) for path, _, child in payload["json"].items)
        for path, _, child in payload["json"].items:
            try:
                jsonpath.Path.parse(path)
            except PolicyError as error:
                raise child.error(error.message, error.hint) from None
        return Entry(DOCUMENT, node.mark, paths)
    return Entry(_class(node, f"{table}.{column}"), node.mark)


def _class(node: Node, where: str) -> str:
    name = node.text(f"the class of {where}")
    if name not in CLASSES:
        raise node.error(f"unknown data class {name!r} for {where}", did_you_mean(name, CLASSES))
    return name
