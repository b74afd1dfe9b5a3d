"""The layers of a configuration: ``datamask.yaml``, ``datamask.ENV.yaml``, variables; the later one wins.

Every value keeps the place where it was written, so errors and ``config explain`` can name it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

from datamask.config.document import Mark, Node, load_document
from datamask.config.secrets import is_reference
from datamask.errors import UsageError

PREFIX = "DATAMASK_"
SEPARATOR = "__"

# What a variable may set. Tiers, approvers and the audit log are not among it: a guard rail that an
# environment variable can move is none.
_PROJECT_KEYS = ("store", "masking_key", "classification", "workers")
_SNAPSHOT_KEYS = ("chunk_size", "compression_level", "max_rows_per_second", "max_bytes_per_second")
_ENVIRONMENT_KEYS = ("url", "policy", "baseline", "keep_previous", "golden", "spare")

# What an environment has of its own, whatever it is like.
_NOT_INHERITED = frozenset(("url", "like"))

_VARIABLE = re.compile(r"DATAMASK_(STORE|MASKING_KEY|CLASSIFICATION|WORKERS|SNAPSHOT__\w+|ENVIRONMENTS__\w+)")


def load_layers(file: Path, environ: Mapping[str, str]) -> Node:
    """A configuration file with what lies over it.

    :param file: absolute.
    :raises UsageError: a layer cannot be read, or says something about an environment that there is not.
    """
    document = load_document(file)
    for name in _environments(document):
        own = file.with_name(f"{file.stem}.{name}{file.suffix}")
        if own.is_file():
            document = merged(document, _at(("environments", name), load_document(own)))
    document = _with_likes(document)
    for path, node in _variables(document, environ):
        document = merged(document, _at(path, node))
    return document


def merged(base: Node, over: Node) -> Node:
    """Mappings key by key, anything else as ``over`` has it."""
    if not isinstance(base.value, dict) or not isinstance(over.value, dict):
        return over
    values, marks = dict(base.value), dict(base.key_marks)
    for key, mark, child in over.items:
        values[key] = merged(values[key], child) if key in values else child
        marks.setdefault(key, mark)
    return Node(values, base.mark, MappingProxyType(marks), base.kind)


def leaves(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Every value that is no mapping, with its path of keys."""
    if isinstance(node.value, dict):
        for key, _, child in node.items:
            yield from leaves(child, (*path, key))
    else:
        yield path, node


def _environments(document: Node) -> list[str]:
    found = document.value.get("environments") if isinstance(document.value, dict) else None
    return list(found.value) if found is not None and isinstance(found.value, dict) else []


def _with_likes(document: Node) -> Node:
    """Each environment with what it inherits by ``like``."""
    if not _environments(document):
        return document
    assert isinstance(document.value, dict)
    node = document.value["environments"]
    assert isinstance(node.value, dict)
    resolved = {name: _resolved(node, name, ()) for name in node.value}
    environments = Node(resolved, node.mark, node.key_marks, node.kind)
    return Node(
        {**document.value, "environments": environments}, document.mark, document.key_marks, document.kind
    )


def _resolved(environments: Node, name: str, below: tuple[str, ...]) -> Node:
    assert isinstance(environments.value, dict)
    own = environments.value[name]
    if not isinstance(own.value, dict) or "like" not in own.value:
        return own
    like = own.value["like"]
    parent = like.text(f"environments.{name}.like")
    if parent not in environments.value:
        raise like.error(f"environments.{name} is like {parent!r}, which is no environment")
    if parent in (*below, name):
        raise like.error(f"environments.{name} is like {parent}, which is like it again")
    inherited = _resolved(environments, parent, (*below, name))
    if not isinstance(inherited.value, dict):
        return own
    kept = {key: child for key, child in inherited.value.items() if key not in _NOT_INHERITED}
    base = Node(kept, own.mark, inherited.key_marks, own.kind)
    rest = Node(
        {key: child for key, child in own.value.items() if key != "like"}, own.mark, own.key_marks, own.kind
    )
    return merged(base, rest)


def _at(path: tuple[str, ...], node: Node) -> Node:
    """The node as the only leaf of a tree."""
    for key in reversed(path):
        node = Node({key: node}, node.mark, MappingProxyType({key: node.mark}), node.kind)
    return node


def _variables(document: Node, environ: Mapping[str, str]) -> Iterator[tuple[tuple[str, ...], Node]]:
    for variable in sorted(environ):
        if _VARIABLE.fullmatch(variable) and environ[variable].strip():
            yield _variable(document, variable, environ[variable])


def _variable(document: Node, variable: str, text: str) -> tuple[tuple[str, ...], Node]:
    path = tuple(variable.removeprefix(PREFIX).lower().split(SEPARATOR))
    if path[0] == "environments":
        names = {name.replace("-", "_").lower(): name for name in _environments(document)}
        if len(path) != 3 or path[1] not in names or path[2] not in _ENVIRONMENT_KEYS:
            raise UsageError(
                f"the variable {variable} sets nothing that a variable may set",
                hint=f"it must be {PREFIX}ENVIRONMENTS__NAME__KEY with an environment of {document.mark.file} and one of "
                + ", ".join(key.upper() for key in _ENVIRONMENT_KEYS),
            )
        path = ("environments", names[path[1]], path[2])
    elif path[0] == "snapshot" and (len(path) != 2 or path[1] not in _SNAPSHOT_KEYS):
        raise UsageError(
            f"the variable {variable} sets nothing that a variable may set",
            hint=f"{PREFIX}SNAPSHOT__ is followed by one of "
            + ", ".join(key.upper() for key in _SNAPSHOT_KEYS),
        )
    mark = Mark(Path(f"variable {variable}"), 0, 0)
    if path[-1] == "url" and text.strip() != "embedded" and not is_reference(text):
        # It may hold a password, which is fine in a variable and is shown nowhere.
        return path, Node(f"env:{variable}", mark)
    return path, Node(_scalar(text), mark)


def _scalar(text: str) -> str | int | bool:
    """A variable's text as the value that a key takes: a boolean, a whole number or text."""
    plain = text.strip()
    if plain in {"true", "false"}:
        return plain == "true"
    return int(plain) if plain.isdecimal() and plain.isascii() else plain
