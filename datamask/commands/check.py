"""``datamask check``: policies compiled against a live catalog; every finding, no row read."""

from __future__ import annotations

import time
from dataclasses import dataclass
from pathlib import Path

from datamask.catalog.introspect import introspect
from datamask.catalog.model import Catalog
from datamask.classify.file import Classification, read_classification
from datamask.commands.project import Project
from datamask.commands.scope import policies_about, source_environment
from datamask.db.session import connect
from datamask.policy.compile import compile_policy
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
    :param columns: of all tables that a snapshot knows, partitioned tables and their partitions among them.
    """

    policy: str
    plan: str
    findings: tuple[Finding, ...]
    columns: tuple[CheckedColumn, ...]

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
    """

    environment: str
    policies: tuple[CheckedPolicy, ...]
    tables: int
    seconds: float

    @property
    def complete(self) -> bool:
        """True where no policy has an error."""
        return not any(policy.errors for policy in self.policies)


def check(
    project: Project, environment_name: str | None = None, *, policy: Path | None = None
) -> CheckResult:
    """Compile policies against an environment's catalog.

    :param environment_name: by default the only protected environment.
    :param policy: the policy file; by default the environment's own, else all that the project has.
    :raises DatamaskError: where a file cannot be read or the database not be reached; a policy with errors
        is a result, not an exception.
    """
    begun = time.monotonic()
    environment = source_environment(project, environment_name)
    policies = policies_about(project, environment, policy)
    classification = read_classification(project.settings.classification)
    with connect(project.conninfo(environment), read_only=True) as session:
        catalog = introspect(session)
    return CheckResult(
        environment.name,
        tuple(check_policy(item, classification, catalog) for item in policies),
        sum(table.root is None for table in catalog.tables),
        round(time.monotonic() - begun, 3),
    )


def check_policy(policy: Policy, classification: Classification, catalog: Catalog) -> CheckedPolicy:
    """One policy against a catalog at hand."""
    plan = compile_policy(policy, classification, catalog)
    return CheckedPolicy(plan.policy, plan.digest, plan.findings, tuple(_columns(plan, catalog)))


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
