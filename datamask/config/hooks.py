"""The keys ``hooks`` and ``after_load`` of an environment: SQL files and programs that run around a load."""

from __future__ import annotations

import os
import shlex
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from datamask.config.document import Node
from datamask.config.durations import duration_node

HOOK_KEYS = ("after_load", "before_swap", "after_swap", "code_version")
STEP_KEYS = ("sql", "command", "timeout", "inputs")

DEFAULT_TIMEOUT = timedelta(minutes=10)

_SQL_SUFFIX = ".sql"


@dataclass(frozen=True, slots=True)
class SqlStep:
    """A file of SQL, run in one transaction."""

    file: Path


@dataclass(frozen=True, slots=True)
class CommandStep:
    """A program, run without a shell in the configuration's folder.

    :param arguments: its name and arguments.
    :param inputs: files and glob patterns, relative to ``folder``, that alone decide what it does; empty where nothing
        says so, and it then runs in every reset.
    """

    arguments: tuple[str, ...]
    folder: Path
    timeout: timedelta = DEFAULT_TIMEOUT
    inputs: tuple[str, ...] = ()


Step = SqlStep | CommandStep


@dataclass(frozen=True, slots=True)
class Hooks:
    """What runs around a load of an environment.

    :param after_load: in the new database, before anyone sees it; part of the golden as far as it can be.
    :param before_swap: in the new database, in every load and reset, right before the swap.
    :param after_swap: in the environment, when it holds the new data.
    :param code_version: a program that prints the newest migration that the application's code knows.
    """

    after_load: tuple[Step, ...] = ()
    before_swap: tuple[Step, ...] = ()
    after_swap: tuple[Step, ...] = ()
    code_version: CommandStep | None = None


NO_HOOKS = Hooks()


def hooks_node(hooks: Node | None, after_load: Node | None, what: str, root: Path) -> Hooks:
    """The hooks of an environment; ``after_load`` beside ``hooks`` is the short way to write its first key.

    :raises UsageError: for anything that is no hook, with file and line.
    """
    keys = hooks.mapping(f"{what}.hooks", HOOK_KEYS) if hooks is not None else {}
    if after_load is not None and "after_load" in keys:
        raise after_load.error(
            f"{what} has after_load twice: by itself and in hooks", "write all of it into hooks.after_load"
        )
    first = after_load or keys.get("after_load")
    version = keys.get("code_version")
    return Hooks(
        after_load=_steps(first, f"{what}.after_load", root),
        before_swap=_steps(keys.get("before_swap"), f"{what}.hooks.before_swap", root),
        after_swap=_steps(keys.get("after_swap"), f"{what}.hooks.after_swap", root),
        code_version=_code_version(version, f"{what}.hooks.code_version", root) if version else None,
    )


def _steps(node: Node | None, what: str, root: Path) -> tuple[Step, ...]:
    if node is None:
        return ()
    items = node.sequence(what) if isinstance(node.value, list) else [node]
    return tuple(_step(item, what, root) for item in items)


def _step(node: Node, what: str, root: Path) -> Step:
    if not isinstance(node.value, dict):
        return _short(node, what, root)
    keys = node.mapping(what, STEP_KEYS)
    if ("sql" in keys) == ("command" in keys):
        raise node.error(f"a step of {what} has either sql or command")
    if "sql" in keys:
        if len(keys) > 1:
            raise node.error(f"a step of {what} with sql takes no other key")
        return SqlStep(_file(keys["sql"], what, root))
    return _command(keys["command"], keys, what, root)


def _short(node: Node, what: str, root: Path) -> Step:
    text = node.text(f"a step of {what}")
    if not text.endswith(_SQL_SUFFIX):
        raise node.error(
            f"a step of {what} must be the name of an SQL file",
            "write a program as `command: PROGRAM ARGUMENTS`",
        )
    return SqlStep(_file(node, what, root))


def _code_version(node: Node, what: str, root: Path) -> CommandStep:
    if isinstance(node.value, dict):
        keys = node.mapping(what, ("command", "timeout"))
        if "command" not in keys:
            raise node.error(f"{what} has no command")
        return _command(keys["command"], keys, what, root)
    return _command(node, {}, what, root)


def _command(node: Node, keys: dict[str, Node], what: str, root: Path) -> CommandStep:
    if isinstance(node.value, list):
        arguments = tuple(item.text(f"{what}.command") for item in node.value)
    else:
        try:
            arguments = tuple(shlex.split(node.text(f"{what}.command")))
        except ValueError as error:
            raise node.error(f"{what}.command cannot be split into words: {error}") from None
    if not arguments:
        raise node.error(f"{what}.command is empty")
    timeout, inputs = keys.get("timeout"), keys.get("inputs")
    return CommandStep(
        arguments,
        root,
        duration_node(timeout, f"{what}.timeout") if timeout else DEFAULT_TIMEOUT,
        _texts(inputs, f"{what}.inputs") if inputs else (),
    )


def _texts(node: Node, what: str) -> tuple[str, ...]:
    items = node.sequence(what) if isinstance(node.value, list) else [node]
    return tuple(item.text(what) for item in items)


def _file(node: Node, what: str, root: Path) -> Path:
    return Path(os.path.normpath(root / Path(node.text(f"a step of {what}")).expanduser()))


_STEP: dict[str, object] = {
    "oneOf": [
        {"type": "string", "pattern": "\\.sql$"},
        {
            "type": "object",
            "additionalProperties": False,
            "properties": {
                "sql": {"type": "string", "description": "A file, run in one transaction."},
                "command": {
                    "type": ["string", "array"],
                    "items": {"type": "string"},
                    "description": "A program, run without a shell; DATABASE_URL names the database.",
                },
                "timeout": {"type": "string", "pattern": "^[1-9][0-9]{0,5}\\s*[smhdw]$"},
                "inputs": {
                    "type": ["array", "string"],
                    "items": {"type": "string"},
                    "description": "Files and patterns that alone decide what the program does.",
                },
            },
        },
    ]
}

STEPS_SCHEMA: dict[str, object] = {
    "anyOf": [_STEP, {"type": "array", "items": _STEP}],
    "description": "SQL files and programs, in the new database before anyone sees it.",
}

HOOKS_SCHEMA: dict[str, object] = {
    "type": "object",
    "additionalProperties": False,
    "description": "What runs around a load.",
    "properties": {
        "after_load": STEPS_SCHEMA,
        "before_swap": {**STEPS_SCHEMA, "description": "The same, in every reset, right before the swap."},
        "after_swap": {**STEPS_SCHEMA, "description": "In the environment, once it holds the new data."},
        "code_version": {
            "anyOf": [
                {"type": ["string", "array"], "items": {"type": "string"}},
                {
                    "type": "object",
                    "required": ["command"],
                    "additionalProperties": False,
                    "properties": {
                        "command": {"type": ["string", "array"], "items": {"type": "string"}},
                        "timeout": {"type": "string"},
                    },
                },
            ],
            "description": "A program that prints the newest migration that the application's code knows.",
        },
    },
}
