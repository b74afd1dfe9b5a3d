"""``env``, ``doctor`` and ``key``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datamask.report.json_text import Object
from datamask.report.style import Style
from datamask.report.table import Head, render
from datamask.report.units import age, count

if TYPE_CHECKING:
    # For annotations only: what these import would slow the other verbs down.
    from datamask.commands.doctor import Examination
    from datamask.commands.env import Adoption, EnvironmentStatus, Started
    from datamask.commands.key import KeyInUse, NewKey


def status_json(found: tuple[EnvironmentStatus, ...]) -> Object:
    """Every environment."""
    return {
        "environments": [
            {
                "environment": item.name,
                "tier": item.tier,
                "embedded": item.embedded,
                "address": item.where,
                "state": item.state,
                "problem": item.problem,
                "snapshot": item.snapshot,
                "loaded": item.loaded,
            }
            for item in found
        ]
    }


def status_text(found: tuple[EnvironmentStatus, ...], style: Style) -> str:
    """A line an environment."""
    heads = (
        Head("environment", dress=style.name),
        Head("tier"),
        Head("state"),
        Head("holds"),
        Head("address"),
    )
    rows = [
        (
            item.name,
            item.tier,
            item.state,
            f"{item.snapshot}, {age(item.loaded)} ago" if item.snapshot and item.loaded else "",
            item.where or "–",
        )
        for item in found
    ]
    blocks = [render(heads, rows, style=style)]
    blocks += [f"{style.caution(item.name + ':')} {item.problem}" for item in found if item.problem]
    unmarked = [item.name for item in found if item.state in {"not adopted", "no database"}]
    for name in unmarked:
        create = (
            " --create" if any(item.name == name and item.state == "no database" for item in found) else ""
        )
        blocks.append(f"to let loads replace it: datamask env adopt {name}{create}")
    return "\n\n".join(blocks)


def up_json(started: tuple[Started, ...]) -> Object:
    """Embedded environments that run; ``url`` is null unless it was asked for."""
    return {
        "environments": [
            {"environment": item.name, "database": item.database, "connect": item.connect, "url": item.url}
            for item in started
        ]
    }


def up_text(started: tuple[Started, ...], style: Style) -> str:
    """How to connect."""
    lines = []
    for item in started:
        lines.append(f"{style.good('✓')} {style.bold(item.name)} is up")
        lines.append(f"  {item.connect}")
        if item.url:
            lines.append(f"  {item.url}")
    if not any(item.url for item in started):
        lines.append(style.dim("--show-url prints the address for applications, password included"))
    return "\n".join(lines)


def down_text(stopped: bool, style: Style) -> str:
    """Whether there was anything to stop."""
    if stopped:
        return f"{style.good('✓')} the embedded PostgreSQL is stopped; its data stays"
    return "the embedded PostgreSQL was not running"


def adoption_json(result: Adoption) -> Object:
    """The database and its mark."""
    return {
        "environment": result.environment,
        "database": result.database,
        "created": result.created,
        "already": result.already,
    }


def adoption_text(result: Adoption, style: Style) -> str:
    """What was said to the database, and what follows from it."""
    if result.already:
        return f"database {result.database} has been environment {result.environment} already"
    made = "created, and " if result.created else ""
    return (
        f"{style.good('✓')} database {result.database} {made}adopted as environment {result.environment}: "
        "a load or reset replaces everything in it"
    )


def examination_json(result: Examination) -> Object:
    """Everything that was looked at, part by part."""
    return {
        "healthy": result.healthy,
        "problems": result.count("problem"),
        "warnings": result.count("warning"),
        "parts": [
            {
                "subject": part.subject,
                "tier": part.tier,
                "observations": [
                    {"topic": item.topic, "status": item.status, "message": item.message, "fix": item.fix}
                    for item in part.observations
                ],
            }
            for part in result.parts
        ],
    }


def examination_text(result: Examination, style: Style) -> str:
    """A mark for each thing that was looked at, with what mends it."""
    marks = {"ok": style.good("✓"), "warning": style.caution("!"), "problem": style.bad("✗")}
    blocks = []
    for part in result.parts:
        tier = style.dim(f" ({part.tier})") if part.tier else ""
        lines = [style.bold(part.subject) + tier]
        width = max((len(item.topic) for item in part.observations), default=0)
        for item in part.observations:
            lines.append(f"  {marks[item.status]} {item.topic.ljust(width)}  {item.message}")
            if item.fix:
                lines.append(f"    {' ' * width}  {style.dim('→ ' + item.fix)}")
        blocks.append("\n".join(lines))
    problems, warnings = result.count("problem"), result.count("warning")
    verdict = style.good("✓ all is well") if result.healthy else style.bad(f"✗ {count(problems, 'problem')}")
    blocks.append(verdict + (f", {count(warnings, 'warning')}" if warnings else ""))
    return "\n\n".join(blocks)


def new_key_json(result: NewKey) -> Object:
    """The key itself: whoever asks for it has to keep it."""
    return {"key": result.key, "key_id": result.key_id}


def key_id_json(result: KeyInUse) -> Object:
    """The id of the key in use."""
    return {"key_id": result.key_id, "reference": result.reference}
