"""Small catalogs, classifications and policies, written as text as users write them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from datamask.catalog.model import Catalog, Check, Column, ColumnType, ForeignKey, Table, TypeKind, UniqueKey
from datamask.classify.file import Classification, parse_classification
from datamask.config.document import parse_document
from datamask.errors import PolicyError
from datamask.policy.compile import compile_policy
from datamask.policy.file import read_policy
from datamask.policy.model import Policy
from datamask.policy.plan import Plan

_KINDS: dict[str, tuple[TypeKind, str]] = {
    "text": ("text", "text"),
    "citext": ("text", "citext"),
    "varchar": ("text", "varchar"),
    "char": ("text", "bpchar"),
    "int": ("integer", "int4"),
    "bigint": ("integer", "int8"),
    "numeric": ("numeric", "numeric"),
    "boolean": ("boolean", "bool"),
    "date": ("date", "date"),
    "timestamptz": ("timestamp", "timestamptz"),
    "uuid": ("uuid", "uuid"),
    "inet": ("inet", "inet"),
    "jsonb": ("json", "jsonb"),
    "bytea": ("bytea", "bytea"),
    "tsvector": ("tsvector", "tsvector"),
    "daterange": ("range", "daterange"),
    "enum": ("enum", "mood"),
    "pair": ("composite", "pair"),
}
_TYPE = re.compile(r"(\w+)(?:\((\d+)\))?")


def column(written: str, position: int = 1) -> Column:
    """``name type [not null] [identity] [= generation expression]``."""
    definition, _, expression = written.partition(" = ")
    name, rest = definition.split(" ", 1)
    match = _TYPE.match(rest)
    assert match
    kind, base = _KINDS[match[1]]
    length = int(match[2]) if match[2] else None
    labels = ("sad", "glad") if kind == "enum" else ()
    return Column(
        name,
        ColumnType(rest.split(" ")[0], kind, base, max_length=length, labels=labels),
        position,
        not_null="not null" in rest,
        generated="stored" if expression else None,
        default=expression or None,
        identity="always" if "identity" in rest else None,
    )


def table(name: str, *columns: str, **more: Any) -> Table:
    """A table; a bare name is one of the schema ``public``."""
    schema, _, bare = name.rpartition(".")
    return Table(
        schema or "public", bare, tuple(column(text, at) for at, text in enumerate(columns, 1)), **more
    )


def primary(*columns: str) -> UniqueKey:
    """A primary key."""
    return UniqueKey("pkey", columns, "primary")


def unique(*columns: str, **more: Any) -> UniqueKey:
    """A unique index."""
    return UniqueKey("ukey", columns, "index", **more)


def foreign(column: str, table: str, referenced: str) -> ForeignKey:
    """A foreign key of one column, or of several with commas."""
    return ForeignKey(
        f"{table}_fkey", tuple(column.split(",")), f"public.{table}", tuple(referenced.split(","))
    )


def check(definition: str, *columns: str) -> Check:
    """A CHECK constraint as the server prints it."""
    return Check("a_check", columns, f"CHECK ({definition})")


def catalog(*tables: Table) -> Catalog:
    """A database of those tables."""
    return Catalog("shop", 1, 180000, "UTF8", "C", tables)


def classified(tables: Mapping[str, Mapping[str, str]]) -> Classification:
    """A classification of tables in the schema ``public``."""
    lines = ["version: 1", "tables:"]
    for name, columns in tables.items():
        lines.append(f"  public.{name}:")
        lines += [f"    {column}: {data_class}" for column, data_class in columns.items()]
    path = Path("classification.yaml")
    return parse_classification(parse_document("\n".join(lines), path, kind=PolicyError), path)


def policy(folder: Path, text: str = "", *, extends: str | None = "default") -> Policy:
    """A policy of that text; the head is added."""
    head = "version: 1\nname: staging\n" + (f"extends: {extends}\n" if extends else "")
    path = folder / "staging.yaml"
    path.write_text(head + text, encoding="utf-8")
    return read_policy(path)


def compiled(
    folder: Path,
    database: Catalog | Sequence[Table],
    classes: Mapping[str, Mapping[str, str]],
    text: str = "",
    *,
    extends: str | None = "default",
) -> Plan:
    """The plan for a database, its classes and a policy's text."""
    whole = database if isinstance(database, Catalog) else catalog(*database)
    return compile_policy(policy(folder, text, extends=extends), classified(classes), whole)


def codes(plan: Plan) -> list[str]:
    """The codes of the findings that are not mere information."""
    return [finding.code for finding in plan.findings if finding.severity != "info"]


def transforms(plan: Plan) -> dict[str, str]:
    """Transform by ``table.column``."""
    return {
        f"{table.table.removeprefix('public.')}.{column.column}": column.transform
        for table in plan.tables
        for column in table.columns
    }
