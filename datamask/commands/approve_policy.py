"""``datamask approve policy``: one person asks that a policy, as it compiles now, may be used."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from datamask.commands.approve import own_key
from datamask.commands.compiling import compile_for, require_complete
from datamask.commands.plan_approval import ProposedPlan, propose_plan
from datamask.commands.project import Project
from datamask.commands.scope import policies_about
from datamask.config.secrets import SecretRef
from datamask.db.session import connect
from datamask.errors import UsageError


def ask_for_plan(
    project: Project,
    environment_name: str,
    *,
    policy: Path | None,
    requester: str,
    reason: str,
    valid: timedelta,
    signing_key: SecretRef,
) -> ProposedPlan:
    """Compile a policy against an environment's catalog and ask that the plan be approved; no row is read.

    :param policy: the policy's file, by default the only one that the project has.
    :raises PolicyError: the policy is incomplete: nobody approves what cannot be used.
    """
    environment = project.environment(environment_name)
    found = policies_about(project, environment, policy)
    if len(found) > 1:
        raise UsageError(
            f"the project has {len(found)} policies", hint="say with --policy which one is to be approved"
        )
    private = own_key(project, requester, signing_key)
    with connect(project.conninfo(environment), read_only=True) as session:
        session.begin_snapshot()
        plan = compile_for(project, environment, session, found[0].files[-1]).plan
    require_complete(plan)
    return propose_plan(
        project, environment, plan, requester=requester, reason=reason, valid=valid, private_key=private
    )
