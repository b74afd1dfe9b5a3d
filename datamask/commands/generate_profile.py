"""The profile of a snapshot's masked rows, made on demand; no database is asked."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import polars as pl

from datamask.catalog.model import Catalog
from datamask.commands.project import Project
from datamask.commands.selection import select_snapshot
from datamask.errors import DatamaskError, UsageError
from datamask.policy.layout import Layout, LogicalTable
from datamask.progress import Progress
from datamask.snapshot import copytext
from datamask.snapshot.manifest import DataFile, Manifest
from datamask.snapshot.verify import require_same
from datamask.store.protocol import Folder
from datamask.synthetic.fit import fit_children, fit_table
from datamask.synthetic.profile import ChildrenProfile, Profile, dump_profile, load_profile

PROFILED_ROWS = 500_000
"""Rows of a table that a profile is fitted to; the first ones, in the order of the files."""


def find_profile(project: Project, reference: str, catalog: Catalog, progress: Progress) -> Profile:
    """The profile in a file, or of a snapshot.

    :param reference: the name of a ``.json`` file, or what a snapshot is named by.
    :raises VerificationError: the file is no profile, or a data file is damaged.
    """
    if reference.endswith(".json"):
        try:
            return load_profile(Path(reference).read_bytes(), where=reference)
        except OSError as error:
            raise UsageError(f"{reference}: cannot be read: {error.strerror}") from None
    manifest = select_snapshot(project, reference)
    return profile_snapshot(project.store().folder(manifest.id), manifest, catalog, progress)


def save_profile(profile: Profile, file: Path) -> None:
    """Write a profile.

    :raises DatamaskError: the file cannot be written.
    """
    try:
        file.write_bytes(dump_profile(profile))
    except OSError as error:
        raise DatamaskError(f"{file} cannot be written: {error.strerror}") from None


def profile_snapshot(folder: Folder, manifest: Manifest, catalog: Catalog, progress: Progress) -> Profile:
    """Fit every table of a snapshot.

    :param catalog: of the snapshot's schema.
    """
    layout = Layout(catalog)
    files: dict[str, list[DataFile]] = defaultdict(list)
    rows: dict[str, int] = defaultdict(int)
    for stored in manifest.tables:
        root = layout.root(stored.key)
        files[root] += stored.files
        rows[root] += stored.rows
    progress.start("profile", total_bytes=sum(rows.values()), tables=len(files))
    tables = {}
    for key, listed in files.items():
        table = layout.tables.get(key)
        if table is None or not rows[key] or not listed:
            continue
        columns = [column for column in table.table.columns if column.generated is None]
        frame = _frame(folder, listed, [column.name for column in columns], PROFILED_ROWS)
        columns = [column for column in columns if column.name in frame.columns]
        fitted = fit_table(key, frame.select(column.name for column in columns), columns, _keys(table))
        tables[key] = type(fitted)(
            table=key,
            rows=rows[key],
            columns=fitted.columns,
            correlated=fitted.correlated,
            correlation=fitted.correlation,
            children=tuple(_children(folder, listed, table, layout, rows)),
        )
        progress.advance(key, rows=rows[key], bytes_done=rows[key], table_done=True)
    progress.finish()
    return Profile(manifest.id, manifest.policy, tables)


def _keys(table: LogicalTable) -> frozenset[str]:
    """Columns of unique and foreign keys."""
    unique = {name for key in table.unique_keys for name in (*key.columns, *key.expression_columns)}
    return frozenset(unique | {name for key in table.foreign_keys for name in key.columns})


def _children(
    folder: Folder, files: list[DataFile], table: LogicalTable, layout: Layout, rows: dict[str, int]
) -> list[ChildrenProfile]:
    found = []
    for key in table.foreign_keys:
        parent = layout.root(key.referenced_table)
        if parent == table.key or not rows.get(parent):
            continue
        values = _frame(folder, files, list(key.columns), None)
        if set(values.columns) == set(key.columns):
            fitted = fit_children(key.columns, parent, values, rows[parent])
            found += [fitted] if fitted is not None else []
    return found


def _frame(folder: Folder, files: list[DataFile], columns: list[str], most: int | None) -> pl.DataFrame:
    frames, count = [], 0
    for file, content in zip(files, folder.contents(file.path for file in files), strict=True):
        require_same(file, content)
        frame = pl.read_parquet(content)
        frames.append(frame.select(name for name in columns if name in frame.columns))
        count += frame.height
        if most is not None and count >= most:
            break
    frame = pl.concat(frames, how="vertical_relaxed")
    texts = [name for name in frame.columns if frame.schema[name] == pl.String]
    return copytext.unescape(frame, texts)
