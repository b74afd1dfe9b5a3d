"""The registry, opened: what is written to it and read from it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, RowMapping, Table, and_, func, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from datamask.registry import tables
from datamask.registry.engine import (
    described_place,
    failing_clearly,
    postgres_engine,
    reading,
    sqlite_engine,
    writing,
)
from datamask.registry.model import (
    ApprovalGiven,
    AuditHead,
    Load,
    Promotion,
    Run,
    RunState,
    RunStep,
    SnapshotTaken,
)
from datamask.registry.schema import ensure_schema

Value = TypeVar("Value")


class Registry:
    """One project's records among those of all that share the registry.

    :param project: whose records it reads and writes.
    """

    def __init__(self, engine: Engine, where: str, project: str) -> None:
        self.where = where
        self.project = project
        self._engine = engine

    @property
    def shared(self) -> bool:
        """True where other machines may use it too: a database, not a file."""
        return self._engine.dialect.name != "sqlite"

    # Runs

    def begin_run(self, run: Run) -> None:
        """Record a run that begins, with all of its steps."""
        with self._writing() as connection:
            self._insert_run(connection, run)

    def record_step(self, run_id: str, step: RunStep) -> None:
        """Record what has become of one step."""
        changes = {key: value for key, value in asdict(step).items() if key not in ("number", "label")}
        where = and_(tables.steps.c.run == run_id, tables.steps.c.number == step.number)
        with self._writing() as connection:
            connection.execute(update(tables.steps).where(where).values(changes))

    def end_run(
        self, run_id: str, state: RunState, ended: datetime, *, exit_code: int, problem: str | None = None
    ) -> None:
        """Record how a run ended."""
        with self._writing() as connection:
            began = connection.execute(
                select(tables.runs.c.began).where(tables.runs.c.id == run_id)
            ).scalar_one()
            connection.execute(
                update(tables.runs)
                .where(tables.runs.c.id == run_id)
                .values(
                    state=state,
                    ended=ended,
                    seconds=round((ended - began).total_seconds(), 3),
                    exit_code=exit_code,
                    problem=problem,
                )
            )

    def record_crash(self, run_id: str, noticed: datetime) -> None:
        """Record that a run's process is gone without having said how it ended.

        What it was doing is known from its steps; how long, nobody knows.
        """
        crashed = {"state": "crashed", "problem": "the process ended without a word"}
        with self._writing() as connection:
            connection.execute(
                update(tables.steps)
                .where(tables.steps.c.run == run_id, tables.steps.c.state == "running")
                .values(crashed)
            )
            connection.execute(
                update(tables.runs)
                .where(tables.runs.c.id == run_id, tables.runs.c.state == "running")
                .values({**crashed, "ended": noticed, "exit_code": 1})
            )

    def runs(self, job: str | None = None, *, limit: int | None = None) -> tuple[Run, ...]:
        """Runs with their steps, the newest first.

        :param job: only of this one.
        """
        query = select(tables.runs).where(tables.runs.c.project == self.project)
        if job is not None:
            query = query.where(tables.runs.c.job == job)
        query = query.order_by(tables.runs.c.began.desc(), tables.runs.c.id.desc()).limit(limit)
        with self._reading() as connection:
            found = [_run(row) for row in connection.execute(query).mappings()]
            steps = self._steps(connection, [run.id for run in found])
        return tuple(replace(run, steps=tuple(steps.get(run.id, ()))) for run in found)

    def running(self, job: str | None = None) -> tuple[Run, ...]:
        """Runs that have not said how they ended: they go on, or their process is gone."""
        query = select(tables.runs).where(
            tables.runs.c.project == self.project, tables.runs.c.state == "running"
        )
        if job is not None:
            query = query.where(tables.runs.c.job == job)
        with self._reading() as connection:
            return tuple(_run(row) for row in connection.execute(query).mappings())

    def run_ids(self, beginning: str) -> tuple[str, ...]:
        """Ids of runs that begin so, in their order."""
        column = tables.runs.c.id
        query = select(column).where(
            tables.runs.c.project == self.project, func.substr(column, 1, len(beginning)) == beginning
        )
        with self._reading() as connection:
            return tuple(connection.execute(query.order_by(column)).scalars())

    def run(self, run_id: str) -> Run | None:
        """One run with its steps."""
        query = select(tables.runs).where(tables.runs.c.id == run_id, tables.runs.c.project == self.project)
        with self._reading() as connection:
            row = connection.execute(query).mappings().first()
            if row is None:
                return None
            return replace(_run(row), steps=tuple(self._steps(connection, [run_id]).get(run_id, ())))

    def last_success(self, job: str) -> Run | None:
        """The newest run of a job that succeeded; without its steps."""
        query = (
            select(tables.runs)
            .where(
                tables.runs.c.project == self.project,
                tables.runs.c.job == job,
                tables.runs.c.state == "succeeded",
            )
            .order_by(tables.runs.c.began.desc())
            .limit(1)
        )
        with self._reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else _run(row)

    # What the audit log tells

    def audit_head(self, host: str, path: Path) -> AuditHead | None:
        """How far an audit log was read, None where it never was."""
        query = select(tables.audit_heads).where(*self._log(host, path))
        with self._reading() as connection:
            row = connection.execute(query).mappings().first()
        return None if row is None else AuditHead(**row)

    def record_audited(
        self,
        head: AuditHead,
        *,
        snapshots: Iterable[SnapshotTaken] = (),
        loads: Iterable[Load] = (),
        runs: Iterable[Run] = (),
    ) -> None:
        """Record what an audit log told, and how far it told it, in one transaction; again is as once.

        :param runs: those that could not be recorded while they ran.
        """
        with self._writing() as connection:
            self._insert(connection, tables.snapshots, [asdict(item) for item in snapshots])
            self._insert(connection, tables.loads, [asdict(item) for item in loads])
            for run in runs:
                known = select(tables.runs.c.id).where(tables.runs.c.id == run.id)
                if connection.execute(known).first() is None:
                    self._insert_run(connection, run)
            changes = {"number": head.number, "hash": head.hash, "time": head.time}
            moved = connection.execute(
                update(tables.audit_heads).where(*self._log(head.host, Path(head.path))).values(changes)
            )
            if moved.rowcount == 0:
                self._insert(connection, tables.audit_heads, [asdict(head)])

    def snapshots(self, *, limit: int | None = None) -> tuple[SnapshotTaken, ...]:
        """Snapshots that were taken, the newest first."""
        return self._newest(tables.snapshots, SnapshotTaken, limit)

    def loads(self, environment: str | None = None, *, limit: int | None = None) -> tuple[Load, ...]:
        """Loads, resets and undos, the newest first.

        :param environment: only into this one.
        """
        return self._newest(tables.loads, Load, limit, environment)

    def last_loads(self) -> dict[str, Load]:
        """What was loaded last, by environment."""
        latest = (
            select(tables.loads.c.environment, func.max(tables.loads.c.time).label("time"))
            .where(tables.loads.c.project == self.project)
            .group_by(tables.loads.c.environment)
            .subquery()
        )
        query = select(tables.loads).join(
            latest,
            and_(
                tables.loads.c.environment == latest.c.environment,
                tables.loads.c.time == latest.c.time,
                tables.loads.c.project == self.project,
            ),
        )
        with self._reading() as connection:
            return {row["environment"]: Load(**row) for row in connection.execute(query).mappings()}

    # Promotions and approvals

    def record_promotion(self, promotion: Promotion) -> None:
        """Record that a digest went through an environment's gates; again is as once."""
        with self._writing() as connection:
            self._insert(connection, tables.promotions, [asdict(promotion)])

    def promotions(
        self, environment: str | None = None, *, digest: str | None = None
    ) -> tuple[Promotion, ...]:
        """Promotions, the newest first.

        :param environment: only into this one.
        :param digest: only of this snapshot.
        """
        found = self._newest(tables.promotions, Promotion, None, environment)
        return tuple(item for item in found if digest is None or item.digest == digest)

    def record_approval(self, approval: ApprovalGiven) -> None:
        """Record somebody's yes; again is as once."""
        with self._writing() as connection:
            self._insert(connection, tables.approvals, [asdict(approval)])

    def approvals(self, environment: str | None = None) -> tuple[ApprovalGiven, ...]:
        """Approvals, the newest first."""
        return self._newest(tables.approvals, ApprovalGiven, None, environment)

    # Locks

    @contextmanager
    def held(self, name: str) -> Iterator[bool]:
        """Hold a lock among all who share the registry, for as long as the block and this process last.

        A file's users are on one machine, where a file's lock does the same: there it is always held.

        :returns: False where somebody else holds it.
        """
        if not self.shared:
            yield True
            return
        with failing_clearly(self.where):
            connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        try:
            with failing_clearly(self.where):
                query = text("select pg_try_advisory_lock(hashtextextended(:name, 0))")
                got = bool(connection.execute(query, {"name": f"datamask {self.project} {name}"}).scalar())
            yield got
        finally:
            # The lock ends with its session.
            connection.close()

    def _writing(self) -> Any:
        return writing(self._engine, self.where)

    def _reading(self) -> Any:
        return reading(self._engine, self.where)

    def _log(self, host: str, path: Path) -> tuple[Any, ...]:
        heads = tables.audit_heads.c
        return heads.project == self.project, heads.host == host, heads.path == str(path)

    def _insert_run(self, connection: Connection, run: Run) -> None:
        values = asdict(run)
        steps = values.pop("steps")
        self._insert(connection, tables.runs, [values])
        self._insert(connection, tables.steps, [{**step, "run": run.id} for step in steps])

    def _insert(self, connection: Connection, table: Table, rows: list[dict[str, Any]]) -> None:
        """Insert rows; those that are there already stay."""
        if rows:
            dialect = postgresql if self.shared else sqlite
            connection.execute(dialect.insert(table).on_conflict_do_nothing(), rows)

    def _newest(
        self, table: Table, kind: type[Value], limit: int | None, environment: str | None = None
    ) -> tuple[Value, ...]:
        query = select(table).where(table.c.project == self.project)
        if environment is not None:
            query = query.where(table.c.environment == environment)
        with self._reading() as connection:
            rows = connection.execute(query.order_by(table.c.time.desc()).limit(limit)).mappings().all()
        return tuple(kind(**row) for row in rows)

    def _steps(self, connection: Connection, run_ids: list[str]) -> dict[str, list[RunStep]]:
        query = select(tables.steps).where(tables.steps.c.run.in_(run_ids)).order_by(tables.steps.c.number)
        found: dict[str, list[RunStep]] = {}
        for row in connection.execute(query).mappings():
            values = dict(row)
            found.setdefault(values.pop("run"), []).append(RunStep(**values))
        return found


def open_registry(place: Path | str, project: str) -> Registry:
    """Open a registry; its tables are made or migrated where that is needed.

    :param place: a file for SQLite, or a libpq connection string.
    :raises DatamaskError: it cannot be reached, or belongs to a newer datamask.
    """
    where = described_place(place)
    engine = sqlite_engine(place) if isinstance(place, Path) else postgres_engine(place)
    ensure_schema(engine, where)
    return Registry(engine, where, project)


def _run(row: RowMapping) -> Run:
    return Run(**row)
