"""Every verb either changes nothing, or writes down what it does."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import typer

from datamask.cli.app import build_app
from datamask.commands.admission import Verb

ROOT = Path(__file__).parents[3]

# What each changing verb writes down.
ACTIONS: dict[str, set[str]] = {
    "snapshot": {"snapshot"},
    "snapshots delete": {"snapshot delete"},
    "snapshots prune": {"snapshot delete"},
    "snapshots export": {"snapshot export"},
    "snapshots import": {"snapshot import"},
    "generate": {"generate"},
    "load": {"gates", "load"},
    "reset": {"gates", "reset", "reset undo"},
    "promote": {"gates", "promote"},
    "seed": {"gates", "seed"},
    "env adopt": {"env adopt"},
    "env create": {"gates", "env create"},
    "env extend": {"env extend"},
    "env drop": {"env drop"},
    "env expire": {"env expire"},
    "run": {"run"},
    "preview": {"preview originals"},
    "approve request": {"approve request"},
    "approve policy": {"approve policy"},
    "approve sign": {"approve"},
    "approve revoke": {"approve revoke"},
    "reveal request": {"reveal request"},
    "reveal values": {"reveal"},
    "key rotate": {"key rotate"},
    "audit rotate": {"audit rotate"},
}

# What changes no data of an environment, no snapshot, no key and no approval: it reads, or writes new files for a
# person to look at; the embedded server's start and stop change what runs, not what is in it.
NOTHING = {
    "init", "doctor", "discover", "check", "drift", "status", "schedule", "demo",
    "config explain", "config validate", "config schema", "key new", "key id",
    "transform list", "transform show", "transform test",
    "snapshots list", "snapshots show", "snapshots verify", "snapshots diff",
    "env status", "env list", "env up", "env down", "runs list", "runs show",
    "approve list", "approve show", "approve new-key", "audit log", "audit verify",
}  # fmt: skip


def verbs(app: typer.Typer, above: str = "") -> Iterator[str]:
    for command in app.registered_commands:
        yield f"{above}{command.name}"
    for group in app.registered_groups:
        assert group.typer_instance is not None
        yield from verbs(group.typer_instance, f"{above}{group.name} ")


def written_down() -> set[str]:
    """The action of every ``….action(…)`` of the commands."""
    found: set[str] = set()
    for path in sorted((ROOT / "datamask/commands").glob("*.py")):
        module = f"datamask.commands.{path.stem}"
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr == "action"
            ):
                found |= named(node.args[0], module)
    return found


def named(node: ast.expr, module: str) -> set[str]:
    match node:
        case ast.Constant(value=str(text)):
            return {text}
        case ast.Name(id=name):
            return {getattr(importlib.import_module(module), name)}
        case ast.IfExp(body=one, orelse=other):
            return named(one, module) | named(other, module)
        case ast.Attribute(attr="verb"):
            return set(get_args(Verb))
    raise AssertionError(f"{module}:{node.lineno}: an action without a name that a test can read")


def test_every_verb_is_known() -> None:
    """A new verb says here whether it changes something; one that does must write it down."""
    known = {*ACTIONS, *NOTHING}
    assert set(verbs(build_app())) == known
    assert not set(ACTIONS) & NOTHING


def test_every_change_is_written_down() -> None:
    assert written_down() == set().union(*ACTIONS.values())
