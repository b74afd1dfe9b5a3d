"""A policy compiled against an environment's live catalog, as check, preview and snapshot all begin."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from datamask.catalog.introspect import introspect
from datamask.catalog.model import Catalog
from datamask.classify.file import read_classification
from datamask.commands.project import Project
from datamask.config.settings import Environment
from datamask.db.session import Session
from datamask.errors import PolicyError
from datamask.policy.compile import compile_policy
from datamask.policy.plan import Finding, Plan
from datamask.policy.source_side import refused_expression
from datamask.snapshot.expressions import expression_problems


@dataclass(frozen=True, slots=True)
class Compiled:
    """A plan and the catalog that it was made for."""

    catalog: Catalog
    plan: Plan


def compile_for(
    project: Project, environment: Environment, session: Session, policy: Path | None = None
) -> Compiled:
    """Read the catalog over a session and compile the policy against it; no row is read."""
    rules = project.policy(environment, policy)
    classification = read_classification(project.settings.classification)
    catalog = introspect(session)
    return Compiled(catalog, asked(session, catalog, compile_policy(rules, classification, catalog)))


def asked(session: Session, catalog: Catalog, plan: Plan) -> Plan:
    """The plan with what the source's server has against its SQL expressions among the findings."""
    tables = [(catalog.by_key[table.table], table) for table in plan.tables]
    found: list[Finding] = []
    for problem in expression_problems(session, tables):
        found.append(refused_expression(problem.table, problem.column, problem.reason))
        if session.in_transaction:
            # The server ends a transaction with its first complaint.
            break
    return replace(plan, findings=(*found, *plan.findings)) if found else plan


def require_complete(plan: Plan) -> None:
    """Stop where the plan has errors.

    :raises PolicyError: naming the first of them.
    """
    errors = plan.errors
    if not errors:
        return
    lines = [_line(finding) for finding in errors[:10]]
    if len(errors) > 10:
        lines.append(f"… and {len(errors) - 10} more")
    raise PolicyError(
        f"policy {plan.policy!r} has {len(errors)} error{'s' if len(errors) > 1 else ''}:\n  "
        + "\n  ".join(lines),
        hint=errors[0].hint if len(errors) == 1 else "datamask check shows all of them, with what to do",
    )


def _line(finding: Finding) -> str:
    place = ".".join(part for part in (finding.table, finding.column) if part)
    # Most messages name their place themselves.
    lead = "" if place in finding.message else f"{place}: "
    return f"{finding.code} {lead}{finding.message}"
