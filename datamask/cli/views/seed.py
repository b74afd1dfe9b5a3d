"""``seed``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datamask.cli.views.load import load_json, warning_lines
from datamask.report.json_text import Object
from datamask.report.style import Style
from datamask.report.table import Head, render
from datamask.report.units import count, duration

if TYPE_CHECKING:
    # For annotations only: what these import would slow the other verbs down.
    from datamask.commands.seed import ScenarioList, SeedCheck, SeedResult
    from datamask.scenario.apply import Applied


def seed_json(result: SeedResult) -> Object:
    """What ``load`` gives, and what the scenario added."""
    return {
        **load_json(result.load),
        "scenario": result.scenario.name,
        "inserted": _by_table(result.applied.rows),
        "generated": _by_table(result.applied.generated),
        "expectations": len(result.scenario.expectations),
    }


def seed_text(result: SeedResult, style: Style) -> str:
    """One line, and the warnings."""
    load, scenario = result.load, result.scenario
    parts = [
        f"{count(len(scenario.rows), 'row')} by name" if scenario.rows else "",
        f"{count(result.applied.generated.total(), 'generated row')}" if result.applied.generated else "",
        _held(result.applied) if scenario.expectations else "",
    ]
    added = ", ".join(filter(None, parts))
    lines = [
        f"{style.good('✓')} {style.bold(load.environment)} holds scenario {style.name(scenario.name)} on snapshot "
        f"{style.name(load.manifest.id)}{f': {added},' if added else ','} by {load.strategy} in {duration(load.seconds)}"
    ]
    return "\n".join([*lines, *warning_lines(load.warnings, style)])


def check_json(result: SeedCheck) -> Object:
    """The expectations that hold; those that do not are an error."""
    return {
        "environment": result.environment,
        "scenario": result.scenario.name,
        "rows": len(result.scenario.rows),
        "expectations": result.applied.expectations,
    }


def check_text(result: SeedCheck, style: Style) -> str:
    """One line."""
    held = f", and {_held(result.applied)} there" if result.scenario.expectations else ""
    return f"{style.good('✓')} scenario {style.name(result.scenario.name)} fits {style.bold(result.environment)}{held}"


def list_json(result: ScenarioList) -> Object:
    """The scenarios."""
    return {
        "folder": str(result.folder),
        "scenarios": [
            {
                "name": one.name,
                "description": one.description,
                "base": one.base,
                "tags": list(one.tags),
                "rows": len(one.rows),
                "generates": one.volume is not None,
                "expectations": len(one.expectations),
                "files": [str(file) for file in one.files],
            }
            for one in result.scenarios
        ],
    }


def list_text(result: ScenarioList, style: Style) -> str:
    """A table."""
    if not result.scenarios:
        return f"no scenarios in {result.folder}"
    heads = [
        Head("scenario", dress=style.name),
        Head("base"),
        Head("tags"),
        Head("rows", right=True),
        Head("description", wrap=True),
    ]
    rows = [
        [one.name, one.base, ", ".join(one.tags), str(len(one.rows)), one.description]
        for one in result.scenarios
    ]
    return render(heads, rows, style=style)


def _held(applied: Applied) -> str:
    return f"{count(applied.expectations, 'expectation')} hold{'s' if applied.expectations == 1 else ''}"


def _by_table(counter: dict[str, int]) -> Object:
    return dict(sorted(counter.items()))
