"""``datamask drift``: what differs between an environment as it is and as its baseline says it should be."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from datamask.catalog.schema_reader import read_schema_state
from datamask.catalog.schema_state import SchemaState, dump_state
from datamask.commands.drift_baseline import Baseline, find_baseline, read_environment, read_marks
from datamask.commands.env import standing_conninfo
from datamask.commands.project import Project
from datamask.config.drift import LeastSeverity, OnDrift
from datamask.db.session import connect
from datamask.drift.compare import compare
from datamask.drift.difference import Difference, Severity, as_severe
from datamask.drift.scope import Scope, check_patterns
from datamask.drift.statements import statements
from datamask.errors import DatamaskError
from datamask.progress import Progress, Silent

if TYPE_CHECKING:
    from datamask.commands.drift_data import DataDrift


@dataclass(frozen=True, slots=True)
class DriftRequest:
    """What is asked for, beside what is configured.

    :param against: as ``find_baseline`` takes it.
    :param exclude: further patterns of objects.
    :param ignore: further patterns of attributes.
    :param severity: the least that counts, None as configured.
    :param on_drift: None as configured.
    :param ddl: also make the statements to look at.
    :param data: also compare rows: how many, and what their columns are like.
    :param exact: count rows instead of estimating them, and compare what was loaded row by row.
    """

    against: str | None = None
    exclude: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    severity: LeastSeverity | None = None
    on_drift: OnDrift | None = None
    ddl: bool = False
    data: bool = False
    exact: bool = False


@dataclass(frozen=True, slots=True)
class DriftResult:
    """An environment, compared.

    :param carried: only what a load carries over was compared.
    :param severity: the least that counts as drift.
    :param data: what differs in the rows, which counts as a warning; None unless asked for.
    :param statements: what would make the environment as its baseline says, to look at; None unless asked for.
    """

    environment: str
    baseline: Baseline
    carried: bool
    severity: Severity
    on_drift: OnDrift
    differences: tuple[Difference, ...]
    statements: tuple[str, ...] | None
    data: DataDrift | None
    objects: int
    seconds: float

    def count(self, severity: Severity) -> int:
        """How many differences of that severity."""
        return sum(item.severity == severity for item in self.differences)

    @property
    def clean(self) -> bool:
        """True where nothing counts as drift."""
        schema = not any(as_severe(item.severity, self.severity) for item in self.differences)
        return schema and not (self.data and self.data.drifted and as_severe("warning", self.severity))

    @property
    def failed(self) -> bool:
        """True where there is drift, and it is to be a failure."""
        return not self.clean and self.on_drift == "fail"


@dataclass(frozen=True, slots=True)
class Saved:
    """A baseline that was written."""

    environment: str
    file: Path
    objects: int


def drift(
    project: Project, environment_name: str, request: DriftRequest, *, progress: Progress | None = None
) -> DriftResult:
    """Compare an environment with its baseline. Both are only read.

    :raises UsageError: where there is nothing to compare with, or a pattern means nothing.
    """
    begun = time.monotonic()
    environment = project.environment(environment_name)
    settings = environment.drift
    exclude = (*settings.exclude, *request.exclude)
    check_patterns(exclude)
    with connect(standing_conninfo(project, environment), read_only=True) as session:
        marks = read_marks(session)
        baseline = find_baseline(project, environment, request.against, marks)
        found = read_schema_state(session)
        carried = baseline.carried(environment)
        scope = Scope(exclude, (*settings.ignore, *request.ignore), carried, settings.column_order)
        differences = compare(baseline.state, found, scope)
        data = None
        if request.data or request.exact:
            # What compares rows takes a while to import.
            from datamask.commands.drift_data import compare_data

            data = compare_data(
                project,
                baseline,
                session,
                marks,
                thresholds=settings.data,
                exact=request.exact,
                left_out=scope.left_out_tables(found) | scope.left_out_tables(baseline.state),
                progress=progress or Silent(),
            )
    return DriftResult(
        environment.name,
        baseline,
        carried,
        request.severity or settings.severity,
        request.on_drift or settings.on_drift,
        differences,
        tuple(statements(differences, baseline.state, found)) if request.ddl else None,
        data,
        len(found.objects),
        round(time.monotonic() - begun, 3),
    )


def save_baseline(project: Project, environment_name: str, file: Path) -> Saved:
    """Write the state of an environment's schema to a file, to be compared with later and kept under version control.

    :raises DatamaskError: where the file cannot be written.
    """
    environment = project.environment(environment_name)
    state = read_environment(project, environment)
    _write(file, state)
    return Saved(environment.name, file, len(state.objects))


def _write(file: Path, state: SchemaState) -> None:
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(dump_state(state, indent=1))
        beside.replace(file)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise DatamaskError(f"{file} cannot be written: {error.strerror}") from None
