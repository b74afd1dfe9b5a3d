"""``datamask promote``: a snapshot one stage further, through the gates of that stage."""

from __future__ import annotations

import time
from dataclasses import dataclass

from datamask.commands.admission import Admission, ask_gates
from datamask.commands.load import LoadResult, load
from datamask.commands.project import Project
from datamask.commands.stage import snapshot_for
from datamask.load.guards import check_confirmed, check_tier
from datamask.progress import Progress
from datamask.snapshot.manifest import Manifest


@dataclass(frozen=True, slots=True)
class Promotion:
    """What the gates said, and what was loaded.

    :param gated: False where the environment has no gates.
    :param loaded: None where a gate refused, or nothing was to be done.
    """

    manifest: Manifest
    admission: Admission
    gated: bool
    dry_run: bool
    loaded: LoadResult | None
    seconds: float

    @property
    def refused(self) -> bool:
        """True where a gate refuses."""
        return bool(self.admission.refused)


def promote(
    project: Project,
    reference: str,
    environment_name: str,
    *,
    confirm: str | None = None,
    dry_run: bool = False,
    workers: int | None = None,
    progress: Progress,
    output: bool = True,
) -> Promotion:
    """Ask an environment's gates about a snapshot, and load it where all of them pass.

    A gate that refuses is a result; nothing was written then but the audit log.

    :param reference: a snapshot, or ``loaded:ENV`` for the one that an environment holds.
    :param dry_run: only ask the gates.
    :param output: show what hooks print.
    :raises RefusedError: a guard rail of the load refuses.
    """
    begun = time.monotonic()
    environment = project.environment(environment_name)
    check_tier(environment.name, environment.tier)
    if not dry_run:
        check_confirmed(environment.name, environment.tier, confirm)
    manifest = snapshot_for(project, reference, environment)
    gated = environment.gates is not None
    if gated:
        progress.note(f"asking the gates of {environment.name} about snapshot {manifest.id}")
    admission = ask_gates(project, environment, manifest, verb="promote", record=not dry_run)
    loaded = None
    if not dry_run and not admission.refused:
        loaded = load(
            project,
            manifest.id,
            environment.name,
            confirm=confirm,
            workers=workers,
            progress=progress,
            admission=admission,
            output=output,
        )
    return Promotion(manifest, admission, gated, dry_run, loaded, round(time.monotonic() - begun, 3))
