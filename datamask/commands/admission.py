"""Whether a snapshot may be put into an environment: through its gates, or because it went through them before.

Every way into an environment with gates asks here: ``load``, ``promote``, ``reset``, ``seed`` and ``env create``.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from datamask.commands.project import Project
from datamask.config.settings import Environment
from datamask.errors import RefusedError
from datamask.promotion.gates import GateResult
from datamask.snapshot.manifest import Manifest

Verb = Literal["load", "promote", "reset"]


@dataclass(frozen=True, slots=True)
class Admission:
    """What an environment's gates said of a snapshot.

    :param verb: what asked.
    :param gates: each gate's verdict; none where it went through them before, or there are none.
    :param since: when the snapshot was admitted, UTC, ISO 8601; None where a gate refused, or there is none.
    """

    environment: str
    snapshot: str
    digest: str
    verb: Verb
    gates: tuple[GateResult, ...] = ()
    since: str | None = None

    @property
    def refused(self) -> tuple[GateResult, ...]:
        """The gates that refuse."""
        return tuple(gate for gate in self.gates if not gate.passed)

    def covers(self, environment: Environment, manifest: Manifest) -> bool:
        """True where it lets this very snapshot into this environment."""
        same = (self.environment, self.digest) == (environment.name, manifest.digest)
        return same and (environment.gates is None or self.since is not None)


def admit(project: Project, environment: Environment, manifest: Manifest, *, verb: Verb) -> Admission:
    """Let a snapshot through the gates of an environment, or refuse it.

    A reset to what went through them before does not go through them again: the database's own mark says so.

    :raises RefusedError: a gate refuses; all that do are named.
    """
    admission = ask_gates(project, environment, manifest, verb=verb)
    refused = admission.refused
    if refused:
        lines = [f"{gate.gate}: {gate.why}" for gate in refused]
        count = f"{len(refused)} gate{'s' if len(refused) > 1 else ''}"
        raise RefusedError(
            f"{count} of environment {environment.name} {'refuse' if len(refused) > 1 else 'refuses'} "
            f"snapshot {manifest.id}:\n  " + "\n  ".join(lines),
            hint=refused[0].hint
            if len(refused) == 1
            else f"datamask promote {manifest.id} {environment.name} --dry-run says what to do for each",
        )
    return admission


def ask_gates(
    project: Project, environment: Environment, manifest: Manifest, *, verb: Verb, record: bool = True
) -> Admission:
    """What the gates of an environment say of a snapshot; a refusal is a result.

    :param record: write the verdict into the audit log, as everything but a look does.
    """
    who = (environment.name, manifest.id, manifest.digest, verb)
    if environment.gates is None:
        return Admission(*who)
    # Only who has gates pays for them.
    if verb == "reset":
        from datamask.commands.stage import admitted_before

        before = admitted_before(project, environment, manifest)
        if before is not None:
            return Admission(*who, since=before)
    from datamask.commands.gatekeeping import judge

    now = datetime.now(UTC).isoformat(timespec="seconds")
    if not record:
        gates = judge(project, environment, manifest)
        return Admission(*who, gates, None if any(not gate.passed for gate in gates) else now)
    about = {
        "environment": environment.name,
        "for": verb,
        "snapshot": manifest.id,
        "digest": manifest.digest,
        "policy": manifest.policy,
        "plan": manifest.plan,
        "from": environment.gates.promoted_from,
    }
    with project.audit().action("gates", **about) as known:
        admission = Admission(*who, judge(project, environment, manifest))
        known["passed"] = [gate.gate for gate in admission.gates if gate.passed]
        known["refused"] = [gate.gate for gate in admission.refused]
        approved = next(
            (gate.why for gate in admission.gates if gate.gate == "approvals" and gate.passed), None
        )
        if approved:
            known["approvals"] = approved
    if admission.refused:
        return admission
    return Admission(*who, admission.gates, now)
