"""``datamask seed``: a scenario's data in an environment — a base, volume, fixed rows, and what must hold of them."""

from __future__ import annotations

import hashlib
import time
from dataclasses import dataclass
from pathlib import Path

from datamask.commands.admission import admit
from datamask.commands.load import LoadResult, baseline_of, replace_data
from datamask.commands.project import Project
from datamask.commands.seed_volume import fill
from datamask.commands.selection import select_snapshot
from datamask.config.settings import Environment
from datamask.db.session import Session, connect
from datamask.load.guards import check_confirmed, check_tier
from datamask.load.recipe import Routine
from datamask.progress import Progress
from datamask.scenario.apply import Applied, check_expectations, empty_tables, insert_rows, run_sql
from datamask.scenario.file import read_scenario, scenario_names
from datamask.scenario.insert import place_rows
from datamask.scenario.model import BASELINE, EMPTY, Scenario
from datamask.snapshot.manifest import Manifest


@dataclass(frozen=True, slots=True)
class SeedResult:
    """An environment that holds a scenario's data now.

    :param applied: what was inserted and asked; empty where all of it came with the golden.
    """

    scenario: Scenario
    load: LoadResult
    applied: Applied


@dataclass(frozen=True, slots=True)
class SeedCheck:
    """A scenario that fits an environment as it is, and whose expectations hold there."""

    scenario: Scenario
    environment: str
    applied: Applied


@dataclass(frozen=True, slots=True)
class ScenarioList:
    """The scenarios of a project."""

    folder: Path
    scenarios: tuple[Scenario, ...]


def seed(
    project: Project,
    environment_name: str,
    name: str,
    *,
    confirm: str | None = None,
    workers: int | None = None,
    progress: Progress,
    output: bool = True,
) -> SeedResult:
    """Put a scenario's data into an environment, wholly or not at all.

    The part that is the same every time is kept in a golden, so that seeding it again is a reset.

    :raises UsageError: the scenario is wrong; with file and line.
    :raises VerificationError: an expectation does not hold; the environment is as it was.
    """
    begun = time.monotonic()
    scenario = read_scenario(project.scenarios, name, project.settings.root)
    environment = project.environment(environment_name)
    check_tier(environment.name, environment.tier)
    check_confirmed(environment.name, environment.tier, confirm)
    manifest, pinned = _base(project, environment, scenario)
    applied = Applied()
    loaded = replace_data(
        project,
        environment,
        manifest,
        begun,
        confirm,
        workers,
        progress,
        admit(project, environment, manifest, verb="load"),
        pinned=pinned,
        trust_golden=True,
        output=output,
        routines=routines(project, scenario, applied),
        scenario=scenario.name,
    )
    return SeedResult(scenario, loaded, applied)


def check(project: Project, environment_name: str, name: str) -> SeedCheck:
    """Look whether a scenario's tables and columns are in an environment, and ask its expectations there.

    Nothing is changed.

    :raises UsageError: a table or column is not there; with file and line.
    :raises VerificationError: an expectation does not hold.
    """
    from datamask.catalog.introspect import introspect

    scenario = read_scenario(project.scenarios, name, project.settings.root)
    environment = project.environment(environment_name)
    applied = Applied()
    with connect(project.conninfo(environment), read_only=True) as session:
        place_rows(scenario.rows, introspect(session))
        session.script("BEGIN READ ONLY")
        check_expectations(session, scenario, applied)
        session.rollback()
    return SeedCheck(scenario, environment.name, applied)


def listed(project: Project, tag: str | None = None) -> ScenarioList:
    """The project's scenarios, or those with a tag.

    :raises UsageError: one of them is wrong.
    """
    folder = project.scenarios
    found = [read_scenario(folder, name, project.settings.root) for name in scenario_names(folder)]
    return ScenarioList(folder, tuple(one for one in found if tag is None or tag in one.tags))


def routines(project: Project, scenario: Scenario, applied: Applied) -> list[Routine]:
    """A scenario as work to be done in a new database.

    What lasts comes first, so that it is in the golden: the empty tables and the volume, and where no row says when it
    is seeded, all the rest. Expectations are asked each time: they also guard against a golden of yesterday.
    """
    digest = _digest(scenario)
    found: list[Routine] = []
    if scenario.base == EMPTY or scenario.volume is not None:

        def volume(session: Session) -> None:
            if scenario.base == EMPTY:
                empty_tables(session)
            if scenario.volume is not None:
                fill(project, session, scenario, applied)

        found.append(Routine(f"scenario {scenario.name}, its volume", f"volume {digest}", volume))

    def rows(session: Session) -> None:
        insert_rows(session, scenario, applied)
        run_sql(session, scenario)

    if scenario.rows or scenario.sql:
        lasting = f"rows {digest}" if scenario.lasting else ""
        found.append(Routine(f"scenario {scenario.name}, its rows", lasting, rows))
    if scenario.expectations:
        found.append(
            Routine(
                f"scenario {scenario.name}, its expectations",
                "",
                lambda session: check_expectations(session, scenario, applied),
            )
        )
    return found


def _base(project: Project, environment: Environment, scenario: Scenario) -> tuple[Manifest, bool]:
    if scenario.base in (BASELINE, EMPTY):
        return baseline_of(project, environment, project.conninfo(environment))
    accepted = project.accepted_policies(environment)
    return select_snapshot(project, scenario.base, accepts=lambda found: found.policy in accepted), False


def _digest(scenario: Scenario) -> str:
    digest = hashlib.sha256()
    for text in (scenario.name.encode(), *scenario.texts):
        digest.update(hashlib.sha256(text).digest())
    return digest.hexdigest()
