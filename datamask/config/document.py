"""YAML files as values that remember where they were written.

Every later complaint about a configuration, classification or policy file can so name the file, the
line and the column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

import yaml

from datamask.config.yaml_scalars import CoreLoader, Scalar, scalar
from datamask.errors import DatamaskError, UsageError
from datamask.suggest import did_you_mean

Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]

# What YAML 1.2 allows in a stream (section 5.1), minus the byte order mark.
_UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in a file; line and column count from 1, and are 0 where it is no file that has lines."""

    file: Path
    line: int
    column: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else str(self.file)


@dataclass(frozen=True, slots=True)
class Node:
    """A value of a document and where it stands.

    :param value: a scalar, a list of nodes, or a mapping of nodes by key.
    :param key_marks: of a mapping, where each key stands.
    :param kind: the error class of the document (``PolicyError`` for policies).
    """

    value: Scalar | list[Node] | dict[str, Node]
    mark: Mark
    key_marks: Mapping[str, Mark] = field(default_factory=lambda: MappingProxyType({}))
    kind: type[DatamaskError] = UsageError

    def mapping(self, what: str, allowed: Iterable[str] | None = None) -> dict[str, Node]:
        """The node as a mapping; ``what`` names it in the error.

        :param allowed: the only keys it may have; any other one is an error with the nearest right one.
        """
        if not isinstance(self.value, dict):
            raise self.error(f"{what} must be a mapping of keys to values, not {self._described()}")
        if allowed is not None:
            choices = tuple(allowed)
            for key in self.value:
                if key not in choices:
                    raise self.key_error(key, f"unknown key {key!r} in {what}", did_you_mean(key, choices))
        return self.value

    @property
    def items(self) -> Iterator[tuple[str, Mark, Node]]:
        """A mapping's keys with their places and values, in the order written; nothing for other nodes."""
        if isinstance(self.value, dict):
            for key, child in self.value.items():
                yield key, self.key_marks[key], child

    def sequence(self, what: str) -> list[Node]:
        """The node as a list."""
        if not isinstance(self.value, list):
            raise self.error(f"{what} must be a list, not {self._described()}")
        return self.value

    def text(self, what: str) -> str:
        """The node as text that is not empty; a number is not text."""
        if not isinstance(self.value, str) or not self.value.strip():
            hint = "put it between quotes" if isinstance(self.value, bool | int | float) else None
            raise self.error(f"{what} must be text, not {self._described()}", hint)
        return self.value

    def integer(self, what: str, *, minimum: int | None = None, maximum: int | None = None) -> int:
        """The node as a whole number within bounds, both included."""
        if isinstance(self.value, bool) or not isinstance(self.value, int):
            raise self.error(f"{what} must be a whole number, not {self._described()}")
        self._bounded(what, self.value, minimum, maximum)
        return self.value

    def number(self, what: str, *, minimum: float | None = None, maximum: float | None = None) -> float:
        """The node as a number within bounds, both included."""
        if isinstance(self.value, bool) or not isinstance(self.value, int | float):
            raise self.error(f"{what} must be a number, not {self._described()}")
        self._bounded(what, self.value, minimum, maximum)
        return float(self.value)

    def boolean(self, what: str) -> bool:
        """The node as a boolean; only ``true`` and ``false`` are."""
        if not isinstance(self.value, bool):
            raise self.error(f"{what} must be true or false, not {self._described()}")
        return self.value

    def choice(self, what: str, choices: Iterable[str]) -> str:
        """The node as one of ``choices``."""
        known = tuple(choices)
        word = self.text(what)
        if word not in known:
            allowed = ", ".join(known)
            raise self.error(f"{what} must be one of {allowed}, not {word!r}", did_you_mean(word, known))
        return word

    def plain(self) -> Plain:
        """The node as ordinary Python values, without places."""
        if isinstance(self.value, list):
            return [child.plain() for child in self.value]
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        return self.value

    def error(
        self, message: str, hint: str | None = None, kind: type[DatamaskError] | None = None
    ) -> DatamaskError:
        """An exception, to be raised by the caller, that begins with the file and line of this node."""
        return (kind or self.kind)(f"{self.mark}: {message}", hint=hint)

    def key_error(self, key: str, message: str, hint: str | None = None) -> DatamaskError:
        """As ``error``, at the place of one of the mapping's keys."""
        return self.kind(f"{self.key_marks.get(key, self.mark)}: {message}", hint=hint)

    def _bounded(self, what: str, value: float, minimum: float | None, maximum: float | None) -> None:
        if minimum is not None and value < minimum:
            raise self.error(f"{what} must be at least {minimum}, not {value}")
        if maximum is not None and value > maximum:
            raise self.error(f"{what} must be at most {maximum}, not {value}")

    def _described(self) -> str:
        match self.value:
            case None:
                return "empty"
            case bool():
                return "true" if self.value else "false"
            case int() | float():
                return f"the number {self.value}"
            case str():
                return "text" if self.value.strip() else "empty text"
            case list():
                return "a list"
            case _:
                return "a mapping"


def load_document(path: Path, *, kind: type[DatamaskError] = UsageError) -> Node:
    """Read a YAML file of one document.

    :param kind: the error class for everything that is wrong with the document, now or later.
    :raises DatamaskError: of that kind, where the file is missing, is not UTF-8 or is not valid YAML, or
        a mapping has a key twice; the message begins with the file and the line.
    """
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        raise kind(f"{path}: there is no such file") from None
    except OSError as error:
        raise kind(f"{path}: cannot be read: {error.strerror}") from None
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise kind(f"{path}:{line}: not UTF-8 text", hint="save the file as UTF-8") from None
    return parse_document(text, path, kind=kind)


def parse_document(text: str, path: Path, *, kind: type[DatamaskError] = UsageError) -> Node:
    """As ``load_document``, for text at hand; ``path`` only names it."""
    odd = _UNPRINTABLE.search(text)
    if odd:
        line = text.count("\n", 0, odd.start()) + 1
        raise kind(f"{path}:{line}: the control character U+{ord(odd.group()):04X} cannot stand in YAML")
    loader = CoreLoader(text)
    try:
        root = loader.get_single_node()
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, text, path, kind) from None
    finally:
        loader.dispose()
    if root is None:
        return Node(None, Mark(path, 1, 1), kind=kind)
    return _Builder(path, kind).build(root)


def _syntax_error(
    error: yaml.MarkedYAMLError, text: str, path: Path, kind: type[DatamaskError]
) -> DatamaskError:
    mark = error.problem_mark or error.context_mark
    if mark is None:
        return kind(f"{path}: not valid YAML: {error.problem}")
    lines = text.splitlines()
    line = lines[mark.line] if mark.line < len(lines) else ""
    if line[mark.column : mark.column + 1] == "\t" or "\t" in line[: len(line) - len(line.lstrip())]:
        return kind(
            f"{path}:{mark.line + 1}: a tab is used for indentation, which YAML does not allow",
            hint="indent with spaces",
        )
    context = f" ({error.context})" if error.context else ""
    return kind(f"{path}:{mark.line + 1}: not valid YAML: {error.problem}{context}")


class _Builder:
    """Turns PyYAML's nodes into ours; an alias gives the one node that its anchor made."""

    def __init__(self, path: Path, kind: type[DatamaskError]) -> None:
        self._path = path
        self._kind = kind
        self._open: set[int] = set()

    def build(self, node: yaml.Node) -> Node:
        mark = self._mark(node)
        if isinstance(node, yaml.ScalarNode):
            return Node(self._scalar(node, mark), mark, kind=self._kind)
        if id(node) in self._open:
            raise self._kind(f"{mark}: an anchor cannot contain its own alias")
        if node.tag not in {"tag:yaml.org,2002:seq", "tag:yaml.org,2002:map"}:
            raise self._kind(f"{mark}: cannot read this value: the tag {node.tag!r} is not supported")
        self._open.add(id(node))
        try:
            if isinstance(node, yaml.SequenceNode):
                return Node([self.build(child) for child in node.value], mark, kind=self._kind)
            return self._mapping(node, mark)
        finally:
            self._open.discard(id(node))

    def _mapping(self, node: yaml.Node, mark: Mark) -> Node:
        values: dict[str, Node] = {}
        marks: dict[str, Mark] = {}
        for key_node, value_node in node.value:
            at = self._mark(key_node)
            if not isinstance(key_node, yaml.ScalarNode):
                raise self._kind(f"{at}: a key must be a plain word, not a list or a mapping")
            # As written: a column may be called "no", "null" or "1".
            key = key_node.value
            if key == "<<" and not key_node.style:
                raise self._kind(f"{at}: merge keys (<<) are not supported", hint="write the keys out")
            if key in values:
                raise self._kind(
                    f"{at}: the key {key!r} stands twice: here and on line {marks[key].line}",
                    hint="remove one of them",
                )
            marks[key] = at
            values[key] = self.build(value_node)
        return Node(values, mark, MappingProxyType(marks), kind=self._kind)

    def _scalar(self, node: yaml.ScalarNode, mark: Mark) -> Scalar:
        try:
            return scalar(node.tag, node.value)
        except ValueError as error:
            raise self._kind(f"{mark}: cannot read this value: {error}") from None

    def _mark(self, node: yaml.Node) -> Mark:
        start = node.start_mark
        return Mark(self._path, start.line + 1, start.column + 1)
