"""A file for /etc/cron.d: crontab(5)."""

from __future__ import annotations

import shlex
from pathlib import PurePosixPath

from datamask.jobs.model import Job
from datamask.jobs.units.unit import Place, UnitFile, schedule_of


def cron_files(job: Job, place: Place) -> tuple[UnitFile, ...]:
    """The file; whoever made it knows which time zone the machine has."""
    schedule = schedule_of(job)
    command = _command(job, place, "--quiet")
    path = f"{PurePosixPath(place.program).parent}:/usr/local/bin:/usr/bin:/bin"
    lines = [
        f"# /etc/cron.d/datamask-{job.name}: job {job.name} of {place.project}.",
        "# datamask holds the job's lock itself: a run that comes while another goes on is refused, and says so.",
        "# cron mails what goes to stderr: failures alone.",
    ]
    if place.variables:
        lines.append(f"# Set here, or in a file that only {place.user} reads: {', '.join(place.variables)}")
    lines += ["SHELL=/bin/sh", f"PATH={path}"]
    if schedule.zone != "UTC":
        lines.append("# Debian's cron does not know CRON_TZ and goes by the machine's own time zone.")
    lines += [f"CRON_TZ={schedule.zone}", f"{schedule.expression}  {place.user}  {command}"]
    if job.catch_up == "once":
        lines.append(f"@reboot  {place.user}  {_command(job, place, '--quiet', '--due')}")
    return (UnitFile(f"datamask-{job.name}", "\n".join(lines) + "\n"),)


def _command(job: Job, place: Place, *options: str) -> str:
    words = shlex.join([place.program, *place.arguments(job, *options)])
    # To cron a bare % ends the command.
    return f"cd {shlex.quote(place.root)} && {words} > /dev/null".replace("%", r"\%")
