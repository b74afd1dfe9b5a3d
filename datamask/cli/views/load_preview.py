"""``load --dry-run`` and ``reset --dry-run``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datamask.report.json_text import Object
from datamask.report.style import Style
from datamask.report.units import count, duration, size

if TYPE_CHECKING:
    # For annotations only: what these import would slow the other verbs down.
    from datamask.commands.load_preview import LoadPreview


def preview_json(result: LoadPreview) -> Object:
    """What would happen, rail by rail."""
    manifest, found = result.manifest, result.found
    return {
        "environment": result.environment,
        "dry_run": True,
        "verb": "reset" if result.baseline else "load",
        "snapshot": manifest.id,
        "digest": manifest.digest,
        "policy": manifest.policy,
        "database": found.database,
        "strategy": found.choice.way if found.choice else None,
        "reason": found.choice.reason if found.choice else None,
        "refused": found.refused,
        "rails": [
            {"rail": rail.name, "passed": rail.refusal is None, "refusal": rail.refusal, "hint": rail.hint}
            for rail in found.rails
        ],
        "sessions": found.sessions,
        "tables": len(manifest.tables),
        "rows": manifest.rows,
        "database_bytes": found.bytes_now,
        "golden_bytes": found.bytes_golden,
        "clone_seconds": dict(found.clone_seconds),
        "hooks": {when: list(names) for when, names in found.hooks.items()},
        "warnings": list(found.warnings),
    }


def preview_text(result: LoadPreview, style: Style) -> str:
    """The verdict first, then what it rests on."""
    manifest, found = result.manifest, result.found
    verb = "reset" if result.baseline else "load"
    if found.refused:
        head = f"{style.bad('✗')} a {verb} of {style.bold(result.environment)} would be refused"
    else:
        head = f"{style.good('✓')} a {verb} of {style.bold(result.environment)} would bring"
    lines = [head]
    facts = [
        ("snapshot", f"{manifest.id}: {count(len(manifest.tables), 'table')}, {count(manifest.rows, 'row')}")
    ]
    if found.choice is not None:
        facts.append(("strategy", f"{found.choice.way}: {found.choice.reason}"))
    now = f", {size(found.bytes_now)} now" if found.bytes_now is not None else ""
    facts.append(("database", f"{found.database}{now}; {_sessions(found.sessions)}"))
    if found.bytes_golden is not None:
        measured = "; ".join(
            f"{method} took {duration(took)}" for method, took in found.clone_seconds.items()
        )
        facts.append(("golden", size(found.bytes_golden) + (f"; {measured}" if measured else "")))
    facts += [("hooks", f"{when}: {', '.join(names)}") for when, names in found.hooks.items()]
    passed = [rail.name for rail in found.rails if rail.refusal is None]
    if passed:
        facts.append(("passed", ", ".join(passed)))
    lines += [f"  {style.dim(name.ljust(9))} {text}" for name, text in facts]
    for rail in found.rails:
        if rail.refusal is not None:
            lines.append(f"  {style.bad(rail.name)}: {rail.refusal}")
            if rail.hint:
                lines.append(f"    {style.dim('→ ' + rail.hint)}")
    lines += [f"  {style.caution('warning:')} {text}" for text in found.warnings]
    lines.append("nothing was changed")
    return "\n".join(lines)


def _sessions(number: int) -> str:
    return f"{count(number, 'session')} would be ended" if number else "no session would be ended"
