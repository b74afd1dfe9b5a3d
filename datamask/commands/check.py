"""``datamask check``: policies compiled against a live catalog; every finding, no row read unless asked to."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from datamask.catalog.introspect import introspect
from datamask.catalog.model import Catalog
from datamask.classify.file import Classification, read_classification
from datamask.commands.acceptance import verdicts
from datamask.commands.compiling import asked
from datamask.commands.project import Project
from datamask.commands.revision import files_at
from datamask.commands.scope import policies_about, source_environment
from datamask.commands.trial import Trial, try_plan
from datamask.commands.trial_places import scratch_places
from datamask.db.session import Session, connect
from datamask.errors import UsageError
from datamask.policy.accepted import Accepted
from datamask.policy.compare import PlanDiff, compare_plans
from datamask.policy.compile import compile_policy
from datamask.policy.coverage import Coverage, coverage
from datamask.policy.file import read_policy
from datamask.policy.locate import located
from datamask.policy.model import Policy
from datamask.policy.plan import Finding, Plan, TablePlan


@dataclass(frozen=True, slots=True)
class CheckedColumn:
    """What happens to one column.

    :param transform: ``keep`` where it passes unchanged, None where an error leaves it open.
    :param partition_of: the partitioned table whose partition the table is, else None.
    """

    table: str
    column: str
    data_class: str | None
    transform: str | None
    reason: str
    partition_of: str | None


@dataclass(frozen=True, slots=True)
class CheckedPolicy:
    """One policy's verdict.

    :param plan: the compiled plan's digest.
    :param findings: those that count: without the warnings that somebody has accepted.
    :param columns: of all tables that a snapshot knows, partitioned tables and their partitions among them.
    :param coverage: the same columns with all that is known of their masks, partitions counted once.
    :param accepted: the warnings that somebody has accepted, with their reasons.
    :param changes: what differs from another version of the policy, where one was to be compared with.
    :param trial: what masked samples showed, where they were asked for and the policy has no error.
    """

    policy: str
    plan: str
    findings: tuple[Finding, ...]
    columns: tuple[CheckedColumn, ...]
    coverage: Coverage = field(repr=False)
    accepted: tuple[Accepted, ...] = ()
    changes: PlanDiff | None = None
    trial: Trial | None = None

    @property
    def errors(self) -> int:
        """Findings that stop a snapshot."""
        return sum(finding.severity == "error" for finding in self.findings)

    @property
    def own_columns(self) -> tuple[CheckedColumn, ...]:
        """The columns without those that partitions repeat."""
        return tuple(column for column in self.columns if column.partition_of is None)


@dataclass(frozen=True, slots=True)
class CheckResult:
    """Every policy that was checked.

    :param tables: tables of the catalog, a partitioned one counted once.
    :param compared_with: the policy file or revision that changes are told from, None without.
    """

    project: str
    environment: str
    policies: tuple[CheckedPolicy, ...]
    tables: int
    seconds: float
    compared_with: str | None = None

    @property
    def complete(self) -> bool:
        """True where no policy has an error."""
        return not any(policy.errors for policy in self.policies)

    @property
    def warnings(self) -> int:
        """Warnings that nobody has accepted."""
        return sum(finding.severity == "warning" for policy in self.policies for finding in policy.findings)


def check(
    project: Project,
    environment_name: str | None = None,
    *,
    policy: Path | None = None,
    compare_with: str | None = None,
    try_samples: bool = False,
    today: date | None = None,
) -> CheckResult:
    """Compile policies against an environment's catalog.

    :param environment_name: by default the only protected environment.
    :param policy: the policy file; by default the environment's own, else all that the project has.
    :param compare_with: an older version: a policy file, or a git revision of policy and classification.
    :param try_samples: also read a few rows of every table, mask them in memory and try the database's
        constraints on the results, in a scratch database where one can be made.
    :param today: decides which accepted findings have expired; by default the day it is (UTC).
    :raises DatamaskError: where a file cannot be read or the database not be reached; a policy with errors
        is a result, not an exception.
    """
    begun = time.monotonic()
    environment = source_environment(project, environment_name)
    policies = policies_about(project, environment, policy)
    classification = read_classification(project.settings.classification)
    trials: list[Trial | None] = [None for _ in policies]
    conninfo = project.conninfo(environment)
    with connect(conninfo, read_only=True) as session:
        catalog = introspect(session)
        plans = [_compiled(session, catalog, item, classification) for item in policies]
        if try_samples:
            key = project.key()
            trials = [
                None
                if plan.errors
                else try_plan(
                    session,
                    catalog,
                    plan,
                    key,
                    conninfo=conninfo,
                    places=scratch_places(project, item.files[-1]),
                )
                for plan, item in zip(plans, policies, strict=True)
            ]
    tried = [trial.plan if trial else plan for plan, trial in zip(plans, trials, strict=True)]
    old = _old_plans(project, policies, classification, catalog, compare_with)
    judged = verdicts(
        project, [(item, plan.findings) for item, plan in zip(policies, tried, strict=True)], today
    )
    return CheckResult(
        project.settings.project,
        environment.name,
        tuple(
            replace(
                checked(plan, catalog),
                findings=verdict.open,
                accepted=verdict.accepted,
                changes=compare_plans(before, plan, lambda key: catalog.by_key[key].root or key)
                if before
                else None,
                trial=trial,
            )
            for plan, before, verdict, trial in zip(plans, old, judged, trials, strict=True)
        ),
        sum(table.root is None for table in catalog.tables),
        round(time.monotonic() - begun, 3),
        compare_with,
    )


def _compiled(session: Session, catalog: Catalog, policy: Policy, classification: Classification) -> Plan:
    plan = asked(session, catalog, compile_policy(policy, classification, catalog))
    return replace(plan, findings=located(plan.findings, policy, classification))


def check_policy(policy: Policy, classification: Classification, catalog: Catalog) -> CheckedPolicy:
    """One policy against a catalog at hand."""
    return checked(compile_policy(policy, classification, catalog), catalog)


def checked(plan: Plan, catalog: Catalog) -> CheckedPolicy:
    """What a plan says, with nothing accepted."""
    columns = tuple(_columns(plan, catalog))
    return CheckedPolicy(plan.policy, plan.digest, plan.findings, columns, coverage(plan, catalog))


def _old_plans(
    project: Project,
    policies: tuple[Policy, ...],
    classification: Classification,
    catalog: Catalog,
    compare_with: str | None,
) -> list[Plan | None]:
    if compare_with is None:
        return [None for _ in policies]
    if Path(compare_with).is_file():
        if len(policies) > 1:
            raise UsageError(
                f"{compare_with} is one policy, and {len(policies)} are checked",
                hint="say with --policy which one it is an older version of",
            )
        return [compile_policy(read_policy(Path(compare_with)), classification, catalog)]
    files = [file for policy in policies for file in _own_files(project, policy)]
    with files_at(compare_with, [project.settings.classification, *files]) as old:
        classes = read_classification(old(project.settings.classification))
        return [compile_policy(read_policy(old(policy.files[-1])), classes, catalog) for policy in policies]


def _own_files(project: Project, policy: Policy) -> list[Path]:
    """The policy's files without the packs that come with datamask."""
    root = project.settings.root.resolve()
    return [file for file in policy.files if file == policy.files[-1] or file.resolve().is_relative_to(root)]


def _columns(plan: Plan, catalog: Catalog) -> list[CheckedColumn]:
    """Columns in the catalog's order; a partitioned table's are those of its first partition."""
    in_doubt = {(finding.table, finding.column) for finding in plan.errors}
    partitions: dict[str, TablePlan] = {}
    for planned in plan.tables:
        root = catalog.by_key[planned.table].root
        if root is not None:
            partitions.setdefault(root, planned)
    columns = []
    for table in catalog.tables:
        known = plan.by_table.get(table.key) or partitions.get(table.root or table.key)
        if known is None:
            continue
        for column in known.columns:
            undecided = column.mask is None and (table.root or table.key, column.column) in in_doubt
            columns.append(
                CheckedColumn(
                    table.key,
                    column.column,
                    column.data_class,
                    None if undecided else column.transform,
                    column.reason,
                    table.root,
                )
            )
    return columns
