"""The state of a schema: every object with what defines it, in a form that two databases can be compared by.

Nothing in it depends on a server's numbering or on the order in which objects were made, and no row's
value, password or key is in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from datamask.errors import VerificationError

STATE_FORMAT = 1
STATE_KIND = "datamask schema state"

Value = str | int | float | bool | list[str]
"""Of an attribute; one that is not set is left out."""

KINDS = (
    "server", "database", "setting", "role setting", "extension", "schema", "type", "collation", "table", "column",
    "constraint", "index", "sequence", "view", "materialized view", "function", "procedure", "aggregate", "trigger",
    "rule", "policy", "grant", "default privileges", "statistics", "event trigger", "publication", "subscription",
    "foreign data wrapper", "foreign server", "user mapping", "operator", "operator class", "cast",
    "text search configuration", "text search dictionary",
)  # fmt: skip
"""Every kind of object, in the order in which they are told."""

_PLAIN = re.compile(r"[a-z_][a-z0-9_$]*")


@dataclass(frozen=True, slots=True)
class SchemaObject:
    """One object of a database.

    :param kind: one of ``KINDS``.
    :param name: qualified, as SQL writes it, quoted where it is not plain lower case; empty for server and database.
    :param attributes: what defines it, by names that people read; what is not set is left out.
    :param of: the key of the object that it is a part of: a column's table, a grant's object.
    :param like: the key of the object that it repeats: a partition's column that of the partitioned table.
    """

    kind: str
    name: str
    attributes: Mapping[str, Value]
    of: str | None = None
    like: str | None = None

    @property
    def key(self) -> str:
        """What tells it apart: ``table public.orders``."""
        return f"{self.kind} {self.name}" if self.name else self.kind


@dataclass(frozen=True)
class SchemaState:
    """All objects of a database at one instant.

    :param taken: when, UTC, ISO 8601.
    :param database: its name and server version, for people; not compared.
    """

    objects: tuple[SchemaObject, ...]
    taken: str = ""
    database: str = ""

    @cached_property
    def by_key(self) -> dict[str, SchemaObject]:
        """The objects by their keys."""
        return {item.key: item for item in self.objects}


def object_name(parts: Iterable[str], suffix: str = "") -> str:
    """A qualified name: the same text for the same name on every server, whatever its keywords are."""
    quoted = (part if _PLAIN.fullmatch(part) else '"' + part.replace('"', '""') + '"' for part in parts)
    return ".".join(quoted) + suffix


def dump_state(state: SchemaState, *, indent: int | None = None) -> bytes:
    """A state as JSON, its objects sorted.

    :param indent: for a file that people keep under version control; else without blanks.
    """
    content = {
        "kind": STATE_KIND,
        "format": STATE_FORMAT,
        "taken": state.taken,
        "database": state.database,
        "objects": [
            {
                "kind": item.kind,
                "name": item.name,
                **({"of": item.of} if item.of else {}),
                **({"like": item.like} if item.like else {}),
                "attributes": dict(sorted(item.attributes.items())),
            }
            for item in sorted(state.objects, key=lambda item: item.key)
        ],
    }
    separators = None if indent else (",", ":")
    return json.dumps(content, ensure_ascii=False, indent=indent, separators=separators).encode() + b"\n"


def load_state(data: bytes, *, where: str) -> SchemaState:
    """The state that ``dump_state`` wrote.

    :param where: for messages: the file.
    :raises VerificationError: for content that is no state, or of another format.
    """
    try:
        content = json.loads(data)
        kind, number = content["kind"], content["format"]
    except (ValueError, KeyError, TypeError):
        kind, number = None, None
    if kind != STATE_KIND:
        raise VerificationError(
            f"{where} holds no schema state", hint="datamask drift ENV --save FILE writes one"
        )
    if number != STATE_FORMAT:
        raise VerificationError(
            f"{where} has format {number}, and this datamask reads format {STATE_FORMAT}",
            hint="save it again with this datamask",
        )
    try:
        return SchemaState(
            tuple(
                SchemaObject(
                    str(item["kind"]),
                    str(item["name"]),
                    dict(item["attributes"]),
                    item.get("of"),
                    item.get("like"),
                )
                for item in content["objects"]
            ),
            str(content.get("taken", "")),
            str(content.get("database", "")),
        )
    except (KeyError, TypeError, ValueError):
        raise VerificationError(
            f"{where} is damaged: it is not what was written", hint="save it again"
        ) from None
