"""``load --dry-run`` and ``reset --dry-run``: what would happen, and what would keep it from happening."""

from __future__ import annotations

from dataclasses import dataclass, replace

from datamask.commands.admission import Verb, ask_gates
from datamask.commands.env import standing_conninfo
from datamask.commands.load import baseline_of, with_strategy
from datamask.commands.project import Project
from datamask.commands.selection import select_snapshot
from datamask.config.reset import Strategy
from datamask.errors import UsageError
from datamask.load.order import Order
from datamask.load.preview import Preview, Rail, preview
from datamask.progress import Silent
from datamask.snapshot.manifest import Manifest


@dataclass(frozen=True, slots=True)
class LoadPreview:
    """A load that was looked at and not done.

    :param baseline: True for a reset.
    """

    environment: str
    manifest: Manifest
    baseline: bool
    found: Preview


def preview_load(
    project: Project,
    environment_name: str,
    *,
    reference: str | None = None,
    confirm: str | None = None,
    strategy: Strategy | None = None,
) -> LoadPreview:
    """Look at a load of the snapshot that ``reference`` means, or at a reset; changes nothing.

    :param reference: None for a reset.
    :raises UsageError: where there is no such snapshot, or the embedded server does not run.
    """
    environment = with_strategy(project.environment(environment_name), strategy)
    if environment.embedded and not project.embedded_server().status().running:
        raise UsageError(
            f"environment {environment.name} is embedded, and its server does not run",
            hint="datamask env up starts it",
        )
    accepted = project.accepted_policies(environment)
    conninfo = standing_conninfo(project, environment)
    pinned = True
    if reference is None:
        manifest, pinned = baseline_of(project, environment, conninfo)
    else:
        manifest = select_snapshot(project, reference, accepts=lambda found: found.policy in accepted)
    order = Order(
        project.target(environment, conninfo=conninfo),
        manifest,
        project.store().folder(manifest.id),
        confirm,
        pinned,
        trust_golden=reference is None,
        workers=1,
        progress=Silent(),
    )
    verb: Verb = "reset" if reference is None else "load"
    admission = ask_gates(project, environment, manifest, verb=verb, record=False)
    gates = tuple(
        Rail(f"gate {gate.gate}", None if gate.passed else gate.why, None if gate.passed else gate.hint)
        for gate in admission.gates
    )
    found = preview(order)
    return LoadPreview(
        environment.name, manifest, reference is None, replace(found, rails=found.rails + gates)
    )
