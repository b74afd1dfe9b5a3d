"""``datamask preview``: a few rows before and after masking, in memory."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path

from datamask.audit.record import Detail
from datamask.catalog.model import Catalog, Table
from datamask.commands.compiling import compile_for
from datamask.commands.project import Project
from datamask.commands.scope import find_table, policies_about
from datamask.db.session import Session, connect
from datamask.errors import PolicyError, RefusedError, UsageError
from datamask.masking.engine import Masker, masked_here
from datamask.masking.keys import MaskingKey
from datamask.policy.plan import Plan, TablePlan
from datamask.snapshot import copytext, statements

# Enough to see what a policy does; more is a query's business.
MOST_ROWS = 100

_BLOCK_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class PreviewColumn:
    """A column of the preview.

    :param on_source: the source's server masks it: nothing is known of the originals.
    """

    name: str
    type: str
    data_class: str | None
    transform: str
    on_source: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """One value, before and after.

    :param original: the value as PostgreSQL text, None for NULL; also None where originals are not shown.
    :param length: characters of the original, None for NULL.
    :param masked: the value after masking, None for NULL; also None where it is the original, which is not shown.
    :param stays: a condition or an exception of the mask leaves the value as it is.
    """

    original: str | None
    length: int | None
    masked: str | None
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Preview:
    """A few rows of a table.

    :param originals: True where the cells hold what the source holds.
    """

    environment: str
    table: str
    policy: str
    originals: bool
    columns: tuple[PreviewColumn, ...]
    rows: tuple[tuple[Cell, ...], ...]


def preview(
    project: Project,
    environment_name: str,
    table_name: str,
    *,
    policy: Path | None = None,
    rows: int = 5,
    show_originals: bool = False,
    all_columns: bool = False,
) -> Preview:
    """Read a few rows over a read-only session, mask them in memory, and give both.

    :param policy: by default the environment's own, else that of the first environment that has one; the
        result names it.
    :param rows: at most ``MOST_ROWS``.
    :param show_originals: without it no unmasked value of a masked column is in the result.
    :param all_columns: otherwise key columns and masked columns only.
    :raises PolicyError: where the policy has an error about this table.
    :raises RefusedError: where the policy leaves the table empty.
    """
    environment = project.environment(environment_name)
    file = policies_about(project, environment, policy)[0].files[-1]
    key = project.key()
    about: dict[str, Detail] = {"environment": environment.name, "table": table_name, "rows": rows}
    with (
        project.audit().action("preview originals", **about) if show_originals else nullcontext(),
        connect(project.conninfo(environment), read_only=True) as session,
    ):
        session.begin_snapshot()
        compiled = compile_for(project, environment, session, file)
        table = find_table(compiled.catalog, table_name)
        _require_decided(compiled.plan, table)
        stored = _stored(compiled.catalog, compiled.plan, table)
        shown = _shown(table, stored[0][1], all_columns)
        cells: list[tuple[Cell, ...]] = []
        for part, plan in stored:
            if len(cells) >= rows:
                break
            cells += _rows(session, part, plan, shown, key, rows - len(cells), show_originals)
    first = stored[0][1]
    on_source = {mask.column for mask in first.masks} - {mask.column for mask in masked_here(first.masks)}
    by_name = {column.column: column for column in first.columns}
    types = {column.name: column.type.name for column in table.columns}
    return Preview(
        environment=environment.name,
        table=table.key,
        policy=compiled.plan.policy,
        originals=show_originals,
        columns=tuple(
            PreviewColumn(
                name, types[name], by_name[name].data_class, by_name[name].transform, name in on_source
            )
            for name in shown
        ),
        rows=tuple(cells),
    )


def _require_decided(plan: Plan, table: Table) -> None:
    about = {table.key, table.root}
    errors = [finding for finding in plan.errors if finding.table in about]
    if errors:
        number = "an error" if len(errors) == 1 else f"{len(errors)} errors"
        raise PolicyError(
            f"policy {plan.policy!r} has {number} about {table.key}: {errors[0].code} {errors[0].message}",
            hint=errors[0].hint if len(errors) == 1 else "datamask check shows all of them, with what to do",
        )


def _stored(catalog: Catalog, plan: Plan, table: Table) -> list[tuple[Table, TablePlan]]:
    """Where the table's rows are: itself, or the partitions of a partitioned one."""
    parts = [table] if table.kind != "partitioned" else _partitions(catalog, table)
    stored = [(part, plan.by_table[part.key]) for part in parts if part.key in plan.by_table]
    if not stored:
        raise UsageError(
            f"table {table.key} has no rows of its own that a snapshot would take",
            hint="foreign tables, empty partitioned tables and tables of extensions have none",
        )
    if all(part_plan.rows == "none" for _, part_plan in stored):
        raise RefusedError(
            f"policy {plan.policy!r} leaves table {table.key} empty: there is nothing to show",
            hint="see `rows: none` under tables in the policy",
        )
    return stored


def _partitions(catalog: Catalog, table: Table) -> list[Table]:
    below = {table.key}
    found: list[Table] = []
    queue = [table.key]
    while queue:
        children = [item for item in catalog.tables if item.parent in queue and item.key not in below]
        below.update(item.key for item in children)
        found += [item for item in children if item.kind != "partitioned"]
        queue = [item.key for item in children if item.kind == "partitioned"]
    return found


def _shown(table: Table, plan: TablePlan, all_columns: bool) -> list[str]:
    masked = {mask.column for mask in plan.masks}
    primary = table.primary_key
    keys = set(primary.columns) if primary else set()
    names = [column.name for column in statements.stored_columns(table)]
    chosen = [name for name in names if all_columns or name in masked or name in keys]
    # A table that no transform touches has something to show too.
    return chosen if masked else names


def _rows(
    session: Session,
    table: Table,
    plan: TablePlan,
    shown: Sequence[str],
    key: MaskingKey,
    limit: int,
    show_originals: bool,
) -> list[tuple[Cell, ...]]:
    here = masked_here(plan.masks)
    masker = Masker(here, key) if here else None
    needed = {*shown, *(masker.columns if masker else ())}
    part = replace(table, columns=tuple(column for column in table.columns if column.name in needed))
    # COPY, not a row-wise query: the text that is masked is the one that a snapshot masks.
    query = f"COPY ({statements.select(part, plan)} LIMIT {limit:d}) TO STDOUT"
    data = b"".join(session.copy_out(query, block_bytes=_BLOCK_BYTES))
    schema = {column.name: copytext.column_dtype("text") for column in statements.stored_columns(part)}
    before = copytext.unescape(copytext.parse(data, schema), list(schema))
    after = masker.mask(before) if masker else before
    masked = {mask.column for mask in here}
    selective = {mask.column for mask in here if mask.selective}
    on_source = {mask.column for mask in plan.masks} - masked
    return [
        tuple(
            Cell(None, None, changed[name])
            if name in on_source
            else _cell(original[name], changed[name], name in masked, name in selective, show_originals)
            for name in shown
        )
        for original, changed in zip(before.iter_rows(named=True), after.iter_rows(named=True), strict=True)
    ]


def _cell(original: str | None, changed: str | None, masked: bool, selective: bool, originals: bool) -> Cell:
    stays = selective and bool(original) and original == changed
    return Cell(
        original if originals or not masked else None,
        None if original is None else len(original),
        None if stays and not originals else changed,
        stays,
    )
