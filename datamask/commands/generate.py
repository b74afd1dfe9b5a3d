"""``datamask generate``: synthetic rows for every table, from the schema, or from a profile of masked rows."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from pathlib import Path

from datamask.catalog.model import Catalog
from datamask.classify.discover import discover
from datamask.classify.file import read_classification
from datamask.commands.generate_profile import find_profile
from datamask.commands.generate_profile import save_profile as write_profile
from datamask.commands.generate_source import Schema, live_schema, snapshot_schema
from datamask.commands.load import LoadResult, load
from datamask.commands.project import Project
from datamask.errors import RefusedError, UsageError
from datamask.execution.processes import WorkerPool, default_workers
from datamask.progress import Progress
from datamask.snapshot.manifest import Manifest
from datamask.synthetic.artifact import POLICY, FolderSink, make_files, publish
from datamask.synthetic.model import SyntheticPlan
from datamask.synthetic.planner import plan_synthetic
from datamask.synthetic.recipe_file import read_recipe
from datamask.synthetic.scaling import scaled_recipe
from datamask.synthetic.worker import SyntheticSetup

_WARM_UP = "datamask.synthetic.worker"


@dataclass(frozen=True, slots=True)
class GeneratedTable:
    """A table that rows were made for.

    :param rows: how many.
    """

    table: str
    rows: int
    columns: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Generation:
    """Synthetic rows that were made.

    :param manifest: of the snapshot that they are; None where they went to a folder.
    :param folder: where the files are.
    :param notes: what the reader should know of them.
    :param loaded: the environment that holds them now, where one was to.
    """

    source: str
    seed: int
    tables: tuple[GeneratedTable, ...]
    folder: str
    notes: tuple[str, ...]
    seconds: float
    manifest: Manifest | None = None
    loaded: LoadResult | None = None


def generate(
    project: Project,
    environment_name: str | None,
    *,
    schema: str | None = None,
    rows: str | None = None,
    seed: int = 0,
    out: Path | None = None,
    into: str | None = None,
    confirm: str | None = None,
    profile: str | None = None,
    save_profile: Path | None = None,
    scale: float = 1.0,
    workers: int | None = None,
    progress: Progress,
) -> Generation:
    """Make rows that keep every constraint of a schema; no row of any database is read.

    :param environment_name: whose schema it is.
    :param schema: instead of an environment, the snapshot whose schema it is.
    :param rows: how many: a number, ``TABLE=ROWS,…``, or the name of a recipe file.
    :param seed: equal seeds give equal rows.
    :param out: an empty folder for Parquet files with typed columns, instead of a snapshot in the store.
    :param into: an environment to load the snapshot into.
    :param profile: a snapshot whose rows the new ones are to look like, or a file with its profile.
    :param save_profile: a file to write the profile to.
    :param scale: rows for each row that was profiled.
    :raises UsageError: the rows asked for cannot be; says why.
    :raises RefusedError: ``into`` does not take synthetic rows; nothing was made.
    """
    begun = time.monotonic()
    recipe = read_recipe(rows)
    if environment_name is None and schema is None and profile is not None and not profile.endswith(".json"):
        schema = profile
    _check(project, environment_name, schema, out, into)
    with WorkerPool(workers or project.settings.workers or default_workers(), warm_up=_WARM_UP) as pool:
        found = (
            snapshot_schema(project, schema, pool, progress)
            if schema is not None
            else live_schema(project, str(environment_name))
        )
        classes = classes_of(project, found.catalog)
        learned = None
        if profile is not None:
            learned = find_profile(project, profile, found.catalog, progress)
            recipe = scaled_recipe(recipe, learned, found.catalog, scale)
            if save_profile is not None:
                write_profile(learned, save_profile)
        # Rows that are like those of a policy tell what that policy lets through: they have a name of their own.
        policy = POLICY if learned is None else f"{POLICY}-{learned.policy}"
        if into is not None:
            _check_accepted(project, into, policy)
        plan = plan_synthetic(found.catalog, classes, recipe, seed, found.facts, profile=learned)
        setup = SyntheticSetup(
            token=secrets.token_hex(8),
            catalog=found.catalog,
            classes=classes,
            recipe=recipe,
            seed=seed,
            facts=found.facts,
            sink=FolderSink(out if out is not None else Path()),
            form="copy" if out is None else "typed",
            profile=learned,
            zstd_level=project.settings.snapshot.compression_level,
        )
        about: dict[str, str | int] = {"source": found.name, "seed": seed, "rows": plan.rows}
        if out is not None:
            with project.audit().action("generate", **about, folder=str(out)):
                return _to_folder(plan, setup, out, pool, begun, found, progress)
        with project.audit().action("generate", **about, policy=policy) as known:
            manifest = publish(
                plan,
                setup,
                found.source,
                store=project.store(),
                pool=pool,
                project=project.settings.project,
                policy=policy,
                progress=progress,
            )
            known.update(snapshot=manifest.id, digest=manifest.digest)
    loaded = None
    if into is not None:
        loaded = load(project, manifest.id, into, confirm=confirm, workers=workers, progress=progress)
    return Generation(
        found.name,
        seed,
        tuple(
            GeneratedTable(table.key, table.rows, len(table.columns), sum(file.bytes for file in table.files))
            for table in manifest.tables
        ),
        str(project.store().folder(manifest.id)),
        plan.notes,
        round(time.monotonic() - begun, 3),
        manifest,
        loaded,
    )


def classes_of(project: Project, catalog: Catalog) -> dict[tuple[str, str], str]:
    """Data classes by table's key and column: the classification's, and for the rest what names and types say."""
    found = {(item.table, item.column): item.data_class for item in discover(catalog).items}
    file = project.settings.classification
    if file.is_file():
        for table, columns in read_classification(file).tables.items():
            found |= {(table, column): entry.data_class for column, entry in columns.items()}
    return found


def _check(
    project: Project,
    environment: str | None,
    schema: str | None,
    out: Path | None,
    into: str | None,
) -> None:
    """What can be told before anything is read."""
    if (environment is None) == (schema is None):
        raise UsageError(
            "whose schema? name an environment, or a snapshot with --schema",
            hint="datamask generate production, or datamask generate --schema latest",
        )
    if out is not None and into is not None:
        raise UsageError("--out and --into: rows go either to a folder or into an environment")
    if out is not None and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise UsageError(f"{out} is not an empty folder", hint="name a folder that is not there yet")
    if into is not None:
        project.environment(into)


def _check_accepted(project: Project, into: str, policy: str) -> None:
    if policy not in project.accepted_policies(project.environment(into)):
        raise RefusedError(
            f"environment {into} does not accept rows of policy {policy!r}",
            hint=f"add {policy!r} to environments.{into}.accepts in datamask.yaml",
        )


def _to_folder(
    plan: SyntheticPlan,
    setup: SyntheticSetup,
    out: Path,
    pool: WorkerPool,
    begun: float,
    found: Schema,
    progress: Progress,
) -> Generation:
    made = make_files(plan, setup, pool, progress, "{slug}-{number:05d}.parquet")
    return Generation(
        found.name,
        setup.seed,
        tuple(
            GeneratedTable(
                table.key, table.rows, len(table.columns), sum(item.file.bytes for item in made[table.key])
            )
            for table in plan.tables
        ),
        str(out),
        plan.notes,
        round(time.monotonic() - begun, 3),
    )
