"""``env create``, ``list``, ``extend``, ``expire`` and ``drop``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datamask.cli.views.load import load_json, warning_lines
from datamask.report.json_text import Object
from datamask.report.style import Style
from datamask.report.table import Head, render
from datamask.report.units import age, duration, size

if TYPE_CHECKING:
    # For annotations only: what these import would slow the other verbs down.
    from datamask.commands.branches import BranchList, BranchStatus, CreatedBranch, Expiry


def created_json(result: CreatedBranch) -> Object:
    """As a load's, and where the branch is."""
    return {
        **load_json(result.load),
        "database": result.database,
        "url": result.url,
        "expires": result.expires,
    }


def created_text(result: CreatedBranch, style: Style) -> str:
    """What there is now, and how to connect to it."""
    load = result.load
    lines = [
        f"{style.good('✓')} {style.bold(load.environment)} holds snapshot {style.name(load.manifest.id)}, "
        f"by {load.strategy} in {duration(load.seconds)}",
        f"  {result.url}",
    ]
    if result.expires:
        lines.append(f"  until {_when(result.expires)}; datamask env extend gives it more time")
    return "\n".join(lines + warning_lines(load.warnings, style))


def branch_json(branch: BranchStatus) -> Object:
    """One branch."""
    return {
        "environment": branch.name,
        "database": branch.database,
        "url": branch.url,
        "snapshot": branch.snapshot,
        "loaded": branch.loaded,
        "expires": branch.expires,
        "expired": branch.expired,
        "bytes": branch.bytes,
    }


def list_json(result: BranchList) -> Object:
    """All branches, and who could not be asked."""
    return {
        "branches": [branch_json(branch) for branch in result.branches],
        "unreachable": dict(result.unreachable),
    }


def list_text(result: BranchList, style: Style) -> str:
    """A line a branch."""
    heads = (
        Head("branch", dress=style.name),
        Head("holds"),
        Head("size"),
        Head("until"),
        Head("database"),
    )
    rows = [
        (
            branch.name,
            f"{branch.snapshot}, {age(branch.loaded)} ago" if branch.snapshot and branch.loaded else "",
            size(branch.bytes) if branch.bytes is not None else "–",
            (_when(branch.expires) + (" (over)" if branch.expired else "")) if branch.expires else "–",
            branch.database,
        )
        for branch in result.branches
    ]
    blocks = [render(heads, rows, style=style)] if rows else ["there are no branches"]
    blocks += [f"{style.caution(name + ':')} {why}" for name, why in result.unreachable.items()]
    return "\n\n".join(blocks)


def extended_text(branch: BranchStatus, style: Style) -> str:
    """Until when it is there now."""
    return f"{style.good('✓')} {style.bold(branch.name)} stays until {_when(branch.expires or '')}"


def dropped_text(branch: BranchStatus, style: Style) -> str:
    """What is gone."""
    return f"{style.good('✓')} {style.bold(branch.name)} is gone: database {branch.database} was dropped"


def expiry_json(result: Expiry) -> Object:
    """What was dropped, or would be."""
    return {"dropped": list(result.dropped), "kept": dict(result.kept), "dry_run": result.dry_run}


def expiry_text(result: Expiry, style: Style) -> str:
    """A line a branch."""
    if not result.dropped and not result.kept:
        return "no branch's time is over"
    verb = "would be dropped" if result.dry_run else "dropped"
    lines = [f"{style.good('✓')} {style.bold(name)} {verb}" for name in result.dropped]
    lines += [f"{style.caution('!')} {style.bold(name)} stays: {why}" for name, why in result.kept.items()]
    return "\n".join(lines)


def _when(moment: str) -> str:
    """A time of ISO 8601 to the minute."""
    return moment.replace("T", " ")[:16] + " UTC"
