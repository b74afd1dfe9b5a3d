"""The keys ``reset`` and ``extensions`` of an environment: how a load replaces what it holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast

from datamask.config.document import Node
from datamask.config.durations import duration_node

Strategy = Literal["auto", "clone", "build", "in-place"]
STRATEGIES: tuple[Strategy, ...] = ("auto", "clone", "build", "in-place")

CloneMethod = Literal["auto", "file-copy", "wal-log"]
CLONE_METHODS: tuple[CloneMethod, ...] = ("auto", "file-copy", "wal-log")

RESET_KEYS = ("strategy", "clone", "lock_timeout")

LOCK_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class ResetSettings:
    """How a load or reset replaces an environment's data.

    :param strategy: ``clone`` of a golden, ``build`` of a new database each time, ``in-place`` in the tables that are
        there, or ``auto``: the best that the target's server allows.
    :param clone: how PostgreSQL copies a database; ``auto`` goes by what was measured on the target's server.
    :param lock_timeout: of a load in place, seconds to wait for other sessions' locks.
    """

    strategy: Strategy = "auto"
    clone: CloneMethod = "auto"
    lock_timeout: float = LOCK_SECONDS


DEFAULT_RESET = ResetSettings()


def reset_node(node: Node, what: str) -> ResetSettings:
    """The settings that a node says, errors with file and line."""
    keys = node.mapping(what, RESET_KEYS)
    strategy, clone, timeout = (keys.get(key) for key in RESET_KEYS)
    return ResetSettings(
        cast(Strategy, strategy.choice(f"{what}.strategy", STRATEGIES)) if strategy else "auto",
        cast(CloneMethod, clone.choice(f"{what}.clone", CLONE_METHODS)) if clone else "auto",
        duration_node(timeout, f"{what}.lock_timeout").total_seconds() if timeout else LOCK_SECONDS,
    )


def text_by_name_node(node: Node, what: str) -> Mapping[str, str]:
    """A mapping of names to texts: ``extensions``."""
    return {name: child.text(f"{what}.{name}") for name, child in node.mapping(what).items()}


RESET_SCHEMA: dict[str, object] = {
    "type": "object",
    "additionalProperties": False,
    "description": "How a load or reset replaces the environment's data.",
    "properties": {
        "strategy": {"enum": list(STRATEGIES), "description": "auto: the best that the server allows."},
        "clone": {"enum": list(CLONE_METHODS), "description": "How PostgreSQL copies a database."},
        "lock_timeout": {
            "type": "string",
            "pattern": "^[1-9][0-9]{0,5}\\s*[smhdw]$",
            "description": "Of a load in place: how long to wait for other sessions' locks.",
        },
    },
}

_TEXT_BY_NAME: dict[str, object] = {
    "type": "object",
    "additionalProperties": {"type": "string", "minLength": 1},
}

EXTENSIONS_SCHEMA: dict[str, object] = {
    **_TEXT_BY_NAME,
    "description": "Extensions that the environment must have, with the version or its beginning.",
}
