"""Writing a classification file: for people to review, in the catalog's order, nothing lost of theirs."""

from __future__ import annotations

import json
import re
from itertools import groupby
from pathlib import Path

from datamask.classify.discover import Proposal, Proposals
from datamask.classify.file import Classification, parse_classification
from datamask.config.document import Node, parse_document
from datamask.errors import PolicyError

_PLAIN_KEY = re.compile(r"[A-Za-z_][A-Za-z0-9_.$-]*")
_RESERVED = frozenset({"null", "true", "false", "~"})
_UNSURE = 0.5

_HEAD = """\
# What each column holds. Proposed by datamask from names, types, keys and sampled values: review it,
# correct it and commit it. A column that is missing here stops a snapshot.
# "check" marks what was guessed with little to go by.
version: 1
tables:
"""


def render_classification(proposals: Proposals) -> str:
    """The text of a new classification file."""
    lines = []
    for table, items in groupby(proposals.items, key=lambda item: item.table):
        lines.append(f"  {_key(table)}:")
        lines += [f"    {line}" for line in _entries(list(items))]
    # A key without a value would be read as empty; a mapping without keys is written as one.
    return _HEAD + "\n".join(lines) + "\n" if lines else _HEAD.replace("tables:", "tables: {}")


def merge_classification(text: str, proposals: Proposals, path: Path) -> str:
    """An existing file's text with the columns added that it does not name; every other line stays as it is.

    :param path: the file's name, for errors.
    :raises PolicyError: the text is not a classification, or writes its tables in braces, so that
        there is no line to add to.
    """
    document = parse_document(text, path, kind=PolicyError)
    existing = parse_classification(document, path)
    missing = [item for item in proposals.items if existing.entry(item.table, item.column) is None]
    if not missing:
        return text
    tables = document.mapping("a classification").get("tables")
    if tables is None or not tables.value:
        return render_classification(proposals)
    return _insert(text, tables, existing, missing)


def _insert(text: str, tables: Node, existing: Classification, missing: list[Proposal]) -> str:
    lines = text.splitlines()
    starts = [(mark.line, mark.column, name) for name, mark, _ in tables.items]
    indent = starts[0][1] - 1
    # From the bottom up, so that the line numbers above stay right.
    by_table = {table: list(items) for table, items in groupby(missing, key=lambda item: item.table)}
    new = [table for table in by_table if table not in existing.tables]
    block = []
    for table in new:
        block.append(" " * indent + f"{_key(table)}:")
        block += [" " * (indent + 2) + line for line in _entries(by_table[table])]
    keys = list(existing.tables)
    for position in range(len(starts) - 1, -1, -1):
        line, _, name = starts[position]
        end = (
            starts[position + 1][0] - 1 if position + 1 < len(starts) else _end_of_block(lines, line, indent)
        )
        added = by_table.get(keys[position], [])
        if position == len(starts) - 1:
            lines[_last_entry(lines, line, end) : _last_entry(lines, line, end)] = block
        if not added:
            continue
        node = tables.mapping("tables")[name]
        inner = next((mark.column - 1 for _, mark, _ in node.items), indent + 2)
        if any(mark.line == line for _, mark, _ in node.items) or (node.value is not None and not node.value):
            raise tables.key_error(
                name,
                f"cannot add the columns {', '.join(item.column for item in added)} to {name}, "
                "which is written in braces on one line",
                "write each of its columns on a line of its own",
            )
        at = _last_entry(lines, line, end)
        lines[at:at] = [" " * inner + entry for entry in _entries(added)]
    return "\n".join(lines) + "\n"


def _end_of_block(lines: list[str], start: int, indent: int) -> int:
    """The number of the last line before the next key that is not indented like a table."""
    for number in range(start, len(lines)):
        line = lines[number]
        if line.strip() and not line.lstrip().startswith("#") and len(line) - len(line.lstrip()) < indent:
            return number
    return len(lines)


def _last_entry(lines: list[str], start: int, end: int) -> int:
    """Comments and blank lines before the next table belong to that one."""
    while end > start and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return end


def _entries(items: list[Proposal]) -> list[str]:
    lines = []
    for item in items:
        check = (
            "  # check: " + " ".join(", ".join(item.reasons).split()) if item.confidence <= _UNSURE else ""
        )
        if item.paths:
            lines += [f"{_key(item.column)}:{check}", "  json:"]
            # Always quoted: to YAML a path's brackets and dollar signs would be many things.
            lines += [f"    {_quoted(path)}: {data_class}" for path, data_class in item.paths]
        else:
            lines.append(f"{_key(item.column)}: {item.data_class}{check}")
    return lines


def _key(name: str) -> str:
    """A YAML key; quoted where a plain one would be read as something else."""
    if _PLAIN_KEY.fullmatch(name) and name.lower() not in _RESERVED:
        return name
    return _quoted(name)


def _quoted(text: str) -> str:
    # A JSON string is a YAML one.
    return json.dumps(text, ensure_ascii=False)
