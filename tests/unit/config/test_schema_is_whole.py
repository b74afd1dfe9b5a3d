"""Every set of keys that the configuration's readers take is in the JSON Schema, and the reverse."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from datamask import config
from datamask.config import jobs
from datamask.config.json_schema import configuration_schema

Keys = frozenset[str]


def closed_objects(schema: object) -> Iterator[Keys]:
    """The property names of every object of a schema that takes no others."""
    if isinstance(schema, dict):
        if schema.get("additionalProperties") is False:
            yield frozenset(schema.get("properties", ()))
        for child in schema.values():
            yield from closed_objects(child)
    elif isinstance(schema, list | tuple):
        for child in schema:
            yield from closed_objects(child)


def reader_keys() -> Iterator[tuple[str, Keys]]:
    """What each call of ``Node.mapping`` in the package allows, with the place of the call."""
    for info in pkgutil.iter_modules(config.__path__):
        module = importlib.import_module(f"{config.__name__}.{info.name}")
        tree = ast.parse(Path(str(module.__file__)).read_text(encoding="utf-8"))
        for call in ast.walk(tree):
            if (
                isinstance(call, ast.Call)
                and isinstance(call.func, ast.Attribute)
                and call.func.attr == "mapping"
                and len(call.args) == 2
            ):
                place = f"{info.name}:{call.lineno}"
                for keys in allowed(call.args[1], vars(module)):
                    yield place, keys


def allowed(argument: ast.expr, names: dict[str, Any]) -> list[Keys]:
    text = ast.unparse(argument)
    if "verb." in text:
        # A step's own keys depend on its verb.
        return [frozenset(eval(text, {**names, "verb": verb})) for verb in jobs.VERBS.values()]
    return [frozenset(eval(text, names))]


def test_readers_and_schema_know_the_same_keys() -> None:
    schema = set(closed_objects(configuration_schema()))
    readers = list(reader_keys())
    assert len(readers) > 15
    assert {place: sorted(keys) for place, keys in readers if keys not in schema} == {}
    assert [sorted(keys) for keys in schema - {keys for _, keys in readers}] == []
