"""A CronJob: the API's batch/v1."""

from __future__ import annotations

import re

from datamask.jobs.model import Job
from datamask.jobs.units.unit import Place, UnitFile, plain_fields, quoted, schedule_of

# A cluster that was down for longer has other things to catch up with.
_CATCH_UP_SECONDS = 6 * 3600
_SKIP_SECONDS = 300

# What a run gets to clean up after SIGTERM, before SIGKILL.
_GRACE_SECONDS = 120

# A CronJob's name gets eleven characters behind it, and a label has at most 63.
_LONGEST_NAME = 52

_MOUNT = "/project"


def kubernetes_files(job: Job, place: Place) -> tuple[UnitFile, ...]:
    """The CronJob, with what it expects beside it in its comments."""
    plain_fields(job, "Kubernetes")
    schedule = schedule_of(job)
    command = ("datamask", *place.arguments(job, "--log-format", "json"))
    name = _name(f"datamask-{place.project}-{job.name}")
    secret = _name(f"datamask-{place.project}")
    lines = [
        f"# Job {job.name} of {place.project}. It expects",
        f"# - a PersistentVolumeClaim {secret} with the project's folder: configuration, policies, snapshots, state;",
    ]
    if place.variables:
        lines.append(f"# - a Secret {secret} with the keys {', '.join(place.variables)}.")
    lines += [
        "apiVersion: batch/v1",
        "kind: CronJob",
        "metadata:",
        f"  name: {name}",
        "  labels:",
        "    app.kubernetes.io/name: datamask",
        f"    app.kubernetes.io/instance: {secret}",
        "spec:",
        f"  schedule: {quoted(schedule.expression)}",
        f"  timeZone: {quoted('Etc/UTC' if schedule.zone == 'UTC' else schedule.zone)}",
        "  concurrencyPolicy: Forbid",
        f"  startingDeadlineSeconds: {_CATCH_UP_SECONDS if job.catch_up == 'once' else _SKIP_SECONDS}",
        "  successfulJobsHistoryLimit: 3",
        "  failedJobsHistoryLimit: 5",
        "  jobTemplate:",
        "    spec:",
        "      # datamask tries again by itself what is safe to try again.",
        "      backoffLimit: 0",
    ]
    if job.timeout:
        lines.append(f"      activeDeadlineSeconds: {job.timeout + _GRACE_SECONDS:.0f}")
    lines += [
        "      template:",
        "        spec:",
        "          restartPolicy: Never",
        f"          terminationGracePeriodSeconds: {_GRACE_SECONDS}",
        "          automountServiceAccountToken: false",
        "          securityContext:",
        "            runAsNonRoot: true",
        "            runAsUser: 10001",
        "            fsGroup: 10001",
        "          containers:",
        "            - name: datamask",
        f"              image: {quoted(place.image)}",
        f"              workingDir: {_MOUNT}",
        f"              command: [{', '.join(map(quoted, command))}]",
    ]
    if place.variables:
        lines.append("              env:")
        for variable in place.variables:
            lines += [
                f"                - name: {variable}",
                "                  valueFrom:",
                "                    secretKeyRef:",
                f"                      name: {secret}",
                f"                      key: {variable}",
            ]
    lines += [
        "              securityContext:",
        "                allowPrivilegeEscalation: false",
        "                capabilities:",
        '                  drop: ["ALL"]',
        "              volumeMounts:",
        "                - name: project",
        f"                  mountPath: {_MOUNT}",
        "          volumes:",
        "            - name: project",
        "              persistentVolumeClaim:",
        f"                claimName: {secret}",
    ]
    return (UnitFile(f"{name}.yaml", "\n".join(lines) + "\n"),)


def _name(text: str) -> str:
    """A name as RFC 1123 wants labels to be."""
    return re.sub(r"[^a-z0-9-]", "-", text.lower())[:_LONGEST_NAME].strip("-")
