"""``snapshot`` and ``snapshots``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from datamask.cli.views.check import trial_json, trial_text
from datamask.report.findings import finding_json, findings_text
from datamask.report.json_text import Object
from datamask.report.style import Style
from datamask.report.table import Head, render
from datamask.report.units import age, count, duration, size

if TYPE_CHECKING:
    # For annotations only: what these import would slow the other verbs down.
    from datamask.commands.snapshot import SnapshotResult
    from datamask.commands.snapshots import Found, Listing, Pruning, Verification
    from datamask.snapshot.manifest import Manifest


def manifest_json(manifest: Manifest) -> dict[str, object]:
    """What is told of a snapshot wherever one is named."""
    return {
        "id": manifest.id,
        "digest": manifest.digest,
        "created": manifest.created,
        "environment": manifest.source.environment,
        "policy": manifest.policy,
        "plan": manifest.plan,
        "key_id": manifest.key_id,
        "masked": manifest.masked,
        "tables": len(manifest.tables),
        "rows": manifest.rows,
        "bytes": manifest.bytes,
        "masked_columns": manifest.masked_columns,
        "seconds": manifest.seconds,
        "warnings": list(manifest.warnings),
    }


def taken_json(result: SnapshotResult) -> Object:
    """A snapshot that was just taken; its seconds are the command's."""
    return {
        **manifest_json(result.manifest),
        "seconds": result.seconds,
        "folder": str(result.folder),
        "findings": [finding_json(finding) for finding in result.findings],
        "trial": trial_json(result.trial) if result.trial else None,
    }


def taken_text(result: SnapshotResult, style: Style, *, verbose: bool) -> str:
    """The id, and what is in it."""
    manifest = result.manifest
    lines = [
        f"{style.good('✓')} snapshot {style.name(manifest.id)} of {manifest.source.environment} "
        f"by policy {manifest.policy}: {count(len(manifest.tables), 'table')}, {count(manifest.rows, 'row')}, "
        f"{count(manifest.masked_columns, 'masked column')}, {size(manifest.bytes)} in {duration(result.seconds)}"
    ]
    lines += [f"{style.caution('warning:')} {text}" for text in manifest.warnings]
    if result.trial is not None:
        lines.append(trial_text(result.trial, style, verbose))
    warnings = [finding for finding in result.findings if finding.severity == "warning"]
    if verbose:
        lines.append(findings_text(result.findings, style, notes=True))
        lines.append(style.dim(f"digest {manifest.digest}\nfolder {result.folder}"))
    elif warnings:
        lines.append(
            style.dim(f"the policy has {count(len(warnings), 'warning')}: datamask check shows them")
        )
    return "\n".join(lines)


def listing_json(result: Listing) -> Object:
    """All of the store, the newest first."""
    return {
        "store": result.store,
        "snapshots": [manifest_json(manifest) for manifest in result.manifests],
        "unreadable": [{"id": item.id, "reason": item.reason} for item in result.unreadable],
    }


def listing_text(result: Listing, style: Style) -> str:
    """A line a snapshot."""
    if not result.manifests and not result.unreadable:
        return f"{result.store} holds no snapshot yet; take one: datamask snapshot ENV --policy FILE"
    blocks = [_table(result.manifests, style)]
    blocks.append(
        "\n".join(f"{style.bad('unreadable')} {item.id}: {item.reason}" for item in result.unreadable)
    )
    return "\n\n".join(block for block in blocks if block)


def _table(manifests: tuple[Manifest, ...], style: Style) -> str:
    heads = (
        Head("snapshot", dress=style.name),
        Head("age", right=True),
        Head("source"),
        Head("policy"),
        Head("tables", right=True),
        Head("rows", right=True),
        Head("masked columns", right=True),
        Head("size", right=True),
    )
    rows = [
        (
            manifest.id,
            age(manifest.created),
            manifest.source.environment,
            manifest.policy,
            f"{len(manifest.tables):,}",
            f"{manifest.rows:,}",
            f"{manifest.masked_columns:,}",
            size(manifest.bytes),
        )
        for manifest in manifests
    ]
    return render(heads, rows, style=style)


def shown_json(result: Found) -> Object:
    """A snapshot table by table; ``tables`` is a list here."""
    manifest = result.manifest
    return {
        **manifest_json(manifest),
        "folder": str(result.folder),
        "source": {
            "database": manifest.source.database,
            "server_version": manifest.source.server_version,
            "encoding": manifest.source.encoding,
        },
        "table_count": len(manifest.tables),
        "tables": [
            {
                "table": table.key,
                "rows": table.rows,
                "bytes": sum(file.bytes for file in table.files),
                "selection": table.selection,
                "columns": [
                    {
                        "column": column.name,
                        "type": column.type,
                        "class": column.data_class,
                        "transform": column.transform,
                    }
                    for column in table.columns
                ],
            }
            for table in manifest.tables
        ],
    }


def shown_text(result: Found, style: Style, *, verbose: bool) -> str:
    """The head of the manifest, and its tables."""
    manifest = result.manifest
    facts = (
        ("taken", f"{manifest.created} ({age(manifest.created)} ago) in {duration(manifest.seconds)}"),
        ("source", f"{manifest.source.environment}, database {manifest.source.database}"),
        ("policy", f"{manifest.policy}, plan {manifest.plan[:12]}"),
        ("key", manifest.key_id or "none"),
        ("size", f"{size(manifest.bytes)}, {size(manifest.text_bytes)} as text"),
        ("content", f"{count(len(manifest.tables), 'table')}, {count(manifest.rows, 'row')}"),
        ("digest", manifest.digest),
        ("folder", str(result.folder)),
    )
    heads = (
        Head("table", dress=style.name),
        Head("rows", right=True),
        Head("size", right=True),
        Head("selection"),
        Head("masked", wrap=True),
    )
    rows = [
        (
            table.key,
            f"{table.rows:,}",
            size(sum(file.bytes for file in table.files)),
            table.selection,
            ", ".join(
                f"{column.name} ({column.transform})" if verbose else column.name
                for column in table.columns
                if column.transform != "keep"
            ),
        )
        for table in manifest.tables
    ]
    blocks = [
        f"{style.bold('snapshot ' + manifest.id)}\n"
        + "\n".join(f"  {style.dim(name.ljust(8))}{value}" for name, value in facts),
        render(heads, rows, style=style),
        "\n".join(f"{style.caution('warning:')} {text}" for text in manifest.warnings),
    ]
    return "\n\n".join(block for block in blocks if block)


def verification_json(result: Verification) -> Object:
    """Whether the snapshot is whole, and every file that is not."""
    return {
        "id": result.manifest.id,
        "digest": result.manifest.digest,
        "files": result.files,
        "bytes": result.manifest.bytes,
        "intact": not result.damage,
        "damage": [{"path": item.path, "problem": item.problem} for item in result.damage],
    }


def verification_text(result: Verification, style: Style) -> str:
    """One line, or one for each damaged file."""
    name = result.manifest.id
    if not result.damage:
        return (
            f"{style.good('✓')} snapshot {name} is whole: {count(result.files, 'file')}, "
            f"{size(result.manifest.bytes)}, every checksum holds"
        )
    lines = [
        f"{style.bad('✗')} snapshot {name} is damaged: {count(len(result.damage), 'file')} of {result.files:,}"
    ]
    lines += [f"  {item.problem:8} {item.path}" for item in result.damage]
    return "\n".join(lines)


def pruning_json(result: Pruning) -> Object:
    """Ids that went and ids that stayed."""
    return {
        "dry_run": result.dry_run,
        "removed": [manifest.id for manifest in result.removed],
        "kept": [manifest.id for manifest in result.kept],
        "bytes": sum(manifest.bytes for manifest in result.removed),
        "swept": list(result.swept),
    }


def pruning_text(result: Pruning, style: Style) -> str:
    """What went, or would go."""
    swept = (
        f"\n{count(len(result.swept), 'unfinished snapshot')} of killed writers removed"
        if result.swept
        else ""
    )
    if not result.removed:
        return f"nothing to remove: {count(len(result.kept), 'snapshot')} kept{swept}"
    freed = size(sum(manifest.bytes for manifest in result.removed))
    verb = "would be removed" if result.dry_run else "removed"
    return (
        f"{_table(result.removed, style)}\n\n{count(len(result.removed), 'snapshot')} {verb} ({freed}), "
        f"{len(result.kept):,} kept{swept}"
    )
