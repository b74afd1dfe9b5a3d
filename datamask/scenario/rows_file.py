"""Fixed rows from files: CSV, JSON and YAML."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from types import MappingProxyType

from datamask.config.document import Mark, Node, parse_document
from datamask.errors import UsageError


def read_rows_file(file: Path, content: bytes) -> list[Node]:
    """The rows of a file, each a mapping of columns to values.

    In CSV the first line names the columns, an empty field is NULL and a quoted empty one too: who needs the empty
    text writes the rows as YAML or JSON.

    :raises UsageError: it is none of the formats, or malformed; with file and line.
    """
    text = content.decode("utf-8-sig")
    match file.suffix.lower():
        case ".csv":
            return _csv(file, text)
        case ".json":
            return _json(file, text)
        case ".yaml" | ".yml":
            return parse_document(text, file).sequence("a file of rows")
        case _:
            raise UsageError(f"{file}: rows come from .csv, .json or .yaml files")


def _csv(file: Path, text: str) -> list[Node]:
    reader = csv.reader(io.StringIO(text), strict=True)
    rows: list[Node] = []
    try:
        header = next(reader, [])
        if len(set(header)) != len(header) or not all(header):
            raise UsageError(f"{file}:1: the first line must name each column once")
        for fields in reader:
            mark = Mark(file, reader.line_num, 1)
            if len(fields) != len(header):
                raise UsageError(
                    f"{mark}: {len(fields)} fields where the first line names {len(header)} columns"
                )
            values = {name: Node(value or None, mark) for name, value in zip(header, fields, strict=True)}
            rows.append(Node(values, mark, MappingProxyType(dict.fromkeys(header, mark))))
    except csv.Error as error:
        raise UsageError(f"{file}:{reader.line_num}: not valid CSV: {error}") from None
    return rows


def _json(file: Path, text: str) -> list[Node]:
    try:
        listed = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"{file}:{error.lineno}: not valid JSON: {error.msg}") from None
    node = _node(listed, Mark(file, 1, 1))
    return node.sequence("a file of rows")


def _node(value: object, mark: Mark) -> Node:
    if isinstance(value, dict):
        keys = {str(key): _node(child, mark) for key, child in value.items()}
        return Node(keys, mark, MappingProxyType(dict.fromkeys(keys, mark)))
    if isinstance(value, list):
        return Node([_node(child, mark) for child in value], mark)
    assert value is None or isinstance(value, str | int | float | bool)
    return Node(value, mark)
