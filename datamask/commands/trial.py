"""A trial of a plan: a few rows of each table, masked in memory, against the constraints that a load makes.

Rows are read in a read-only session of the source. They are tried masked, as a snapshot would hold them: in a
scratch database that is gone afterwards, or in that session where there is none.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass

from datamask.catalog.model import Catalog, Table
from datamask.commands.trial_places import Place
from datamask.commands.trial_sample import Sample, read_sample
from datamask.commands.trial_schema import source_schema
from datamask.commands.trial_scratch import ScratchTrial
from datamask.commands.trial_source import SourceTrial
from datamask.db.session import Session
from datamask.errors import DatamaskError
from datamask.masking.keys import MaskingKey
from datamask.policy.orphans import KeyColumns, orphans
from datamask.policy.plan import Plan, TablePlan
from datamask.policy.repeats import COMPARED, Sampled, repeated_columns
from datamask.policy.trial import Tried, with_trial
from datamask.snapshot.schema import SchemaEntry

# One table must not hold everything up.
_TIMEOUT_SECONDS = 5


@dataclass(frozen=True, slots=True)
class TrialPlace:
    """Where constraints were tried.

    :param name: ``a scratch database of the embedded PostgreSQL 18``.
    :param tables: how many tables' rows.
    """

    name: str
    tables: int


@dataclass(frozen=True, slots=True)
class Trial:
    """What masked samples showed.

    :param plan: the plan with the findings of the trial.
    :param tables: tables of which rows were read.
    :param rows: rows of all of them.
    :param demands: constraints, types and keys that masked rows were held against.
    :param places: where that was.
    :param skipped: what could not be tried, with the reason: tables, or constraints by ``table: name``.
    :param unused: why places that would have been better were not used.
    """

    plan: Plan
    tables: int
    rows: int
    demands: int
    places: tuple[TrialPlace, ...]
    skipped: dict[str, str]
    unused: tuple[str, ...]


def try_plan(
    session: Session,
    catalog: Catalog,
    plan: Plan,
    key: MaskingKey,
    *,
    conninfo: str | None = None,
    places: Sequence[Place] = (),
) -> Trial:
    """Try a plan without errors on a few rows of each table.

    :param session: a read-only one of the source, outside a transaction.
    :param conninfo: the source's, whose schema is copied to scratch databases.
    :param places: where those can be made; each table is tried in the first one that can hold it.
    """
    session.script(f"SET statement_timeout = '{_TIMEOUT_SECONDS}s'")
    with ExitStack() as stack:
        trial = _Trial(session, key)
        wanted = [table.key for table, planned in _with_rows(catalog, plan) if planned.masks]
        trial.open(stack, places if conninfo else (), conninfo or "", catalog, wanted)
        for table, planned in _with_rows(catalog, plan):
            trial.table(table, planned)
    tried = [*trial.tried, *orphans(trial.keys)]
    repeated = repeated_columns(trial.samples, secrets.token_bytes(32))
    return Trial(
        with_trial(plan, tried, repeated),
        len(trial.samples),
        trial.rows,
        len({(item.table, item.demand, item.name, item.columns) for item in tried}),
        tuple(TrialPlace(name, count) for name, count in trial.places.items() if count),
        trial.skipped,
        tuple(trial.unused),
    )


def _with_rows(catalog: Catalog, plan: Plan) -> list[tuple[Table, TablePlan]]:
    return [
        (table, planned)
        for table in catalog.tables
        if (planned := plan.by_table.get(table.key)) is not None and planned.rows != "none"
    ]


class _Trial:
    def __init__(self, session: Session, key: MaskingKey) -> None:
        self._session = session
        self._key = key
        self._scratches: list[ScratchTrial] = []
        self.tried: list[Tried] = []
        self.samples: list[Sampled] = []
        self.rows = 0
        self.keys: list[KeyColumns] = []
        self.places: dict[str, int] = {}
        self.skipped: dict[str, str] = {}
        self.unused: list[str] = []
        self._source = SourceTrial(session, self.skipped)
        self._under_keys: dict[str, set[str]] = {}

    def open(
        self,
        stack: ExitStack,
        places: Sequence[Place],
        conninfo: str,
        catalog: Catalog,
        wanted: Sequence[str],
    ) -> None:
        """Make scratch databases until each wanted table has one that can hold it."""
        for table in catalog.tables:
            for key in table.foreign_keys:
                self._under_keys.setdefault(table.key, set()).update(key.columns)
                self._under_keys.setdefault(key.referenced_table, set()).update(key.referenced_columns)
        left = set(wanted)
        entries: list[SchemaEntry] = []
        for place in places:
            if not left:
                return
            try:
                entries = entries or source_schema(conninfo, self._session.major)
                database = stack.enter_context(place(self._session.major))
                scratch = ScratchTrial(database, entries, catalog, self.skipped)
            except DatamaskError as error:
                self.unused.append(error.message)
                continue
            except OSError as error:
                # The project's folder may be one that nobody can write to.
                self.unused.append(f"no server can be made here: {error.strerror}")
                continue
            self._scratches.append(scratch)
            left -= scratch.tables

    def table(self, table: Table, plan: TablePlan) -> None:
        """Read and try one table."""
        scratch = next((item for item in self._scratches if table.key in item.tables), None)
        names = None if scratch and plan.masks else self._needed(table, plan)
        try:
            sample = read_sample(self._session, table, plan, self._key, names)
        except DatamaskError as error:
            self.skipped[table.key] = error.message
            return
        if sample is None:
            return
        if plan.masks:
            self._try(sample, scratch)
        self._keep(sample)

    def _try(self, sample: Sample, scratch: ScratchTrial | None) -> None:
        if scratch is not None:
            try:
                self.tried += scratch.try_table(sample)
                self.places[scratch.place] = self.places.get(scratch.place, 0) + 1
                return
            except DatamaskError as error:
                self.unused.append(f"{sample.table.key} in {scratch.place}: {error.message}")
        self.tried += self._source.try_table(sample)
        self.places[self._source.place] = self.places.get(self._source.place, 0) + 1

    def _needed(self, table: Table, plan: TablePlan) -> frozenset[str]:
        """Columns that stand in a constraint beside a masked one, under a foreign key, or that may repeat one."""
        hidden = [mask.column for mask in plan.masks]
        names = self._source.needed(table, hidden) | self._key_columns(table)
        names |= {column.name for column in table.columns if column.type.kind in COMPARED}
        return frozenset(names)

    def _key_columns(self, table: Table) -> set[str]:
        own = self._under_keys.get(table.key, set())
        return own | self._under_keys.get(table.root or table.key, set())

    def _keep(self, sample: Sample) -> None:
        """What is compared across tables when all are read; the rest is let go."""
        table = sample.table
        self.rows += sample.before.height
        compared = [column.name for column in sample.columns if column.type.kind in COMPARED]
        self.samples.append(Sampled(table, sample.plan, sample.before.select(compared)))
        names = [column.name for column in sample.columns if column.name in self._key_columns(table)]
        if names:
            self.keys.append(
                KeyColumns(
                    sample.name,
                    table.foreign_keys,
                    frozenset(sample.hidden),
                    sample.before.select(names),
                    sample.after.select(names),
                )
            )
