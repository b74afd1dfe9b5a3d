"""The help: verbs under headings in the order in which people need them, common options apart."""

from __future__ import annotations

from typing import Any

from typer.core import TyperCommand, TyperGroup

from datamask.cli.options import COMMON

SECTIONS: dict[str, tuple[str, ...]] = {
    "Begin": ("demo", "init", "doctor", "config", "key"),
    "Policies": ("discover", "check", "preview", "transform"),
    "Snapshots": ("snapshot", "snapshots", "generate"),
    "Environments": ("load", "reset", "seed", "promote", "drift", "env"),
    "Jobs": ("run", "runs", "status", "schedule"),
    "Accountability": ("audit", "approve", "reveal"),
}
"""Verbs by heading."""

# Longer than any summary: help wraps lines, it does not cut them.
_WHOLE = 1000


class SectionedGroup(TyperGroup):
    """The whole program: lists its commands under the headings of ``SECTIONS``."""

    def format_commands(self, _ctx: Any, formatter: Any) -> None:
        """Write one list a heading."""
        width = max(map(len, self.commands))
        for heading, names in SECTIONS.items():
            rows = [(name.ljust(width), self.commands[name].get_short_help_str(_WHOLE)) for name in names]
            with formatter.section(heading):
                formatter.write_dl(rows)


class VerbCommand(TyperCommand):
    """One verb: its arguments, its own options, and those that every verb has."""

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the three lists."""
        sections: dict[str, list[tuple[str, str]]] = {"Arguments": [], "Options": [], "Common options": []}
        for param in self.get_params(ctx):
            record = param.get_help_record(ctx)
            if record is None:
                continue
            if param.param_type_name == "argument":
                sections["Arguments"].append((str(param.metavar), getattr(param, "help", None) or ""))
            else:
                common = param.name in COMMON or param.name == "help"
                sections["Common options" if common else "Options"].append(record)
        for heading, rows in sections.items():
            if rows:
                with formatter.section(heading):
                    formatter.write_dl(rows)
