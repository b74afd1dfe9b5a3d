"""A workflow of GitHub Actions. Its schedules are in UTC."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime, timedelta

from datamask.errors import UsageError
from datamask.jobs.model import Job
from datamask.jobs.schedule import Fields, time_zone
from datamask.jobs.units.unit import Place, UnitFile, plain_fields, quoted, schedule_of

# The two ends of a year between which every zone with a summer time changes its offset.
_WINTER = datetime(2026, 1, 15, tzinfo=UTC)
_SUMMER = datetime(2026, 7, 15, tzinfo=UTC)

_DAY = 24 * 60

# GitHub ends a job after six hours by itself.
_LONGEST_MINUTES = 360


def github_files(job: Job, place: Place) -> tuple[UnitFile, ...]:
    """The workflow."""
    schedule = schedule_of(job)
    zone = time_zone(schedule.zone)
    offsets = {moment.astimezone(zone).utcoffset() or timedelta(0) for moment in (_WINTER, _SUMMER)}
    standard = min(offsets)
    lines = [f"name: datamask {job.name}", "on:", "  schedule:"]
    if schedule.zone != "UTC":
        lines.append(f"    # {schedule.expression} in {schedule.zone}; GitHub's schedules are in UTC.")
    if len(offsets) > 1:
        lines.append("    # By summer time it begins an hour later by the clock there.")
    lines += [f"    - cron: {quoted(line)}" for line in in_utc(job, standard)]
    lines += [
        "  workflow_dispatch:",
        "permissions:",
        "  contents: read",
        "concurrency:",
        f"  group: datamask-{job.name}",
        "  cancel-in-progress: false",
        "jobs:",
        f"  {job.name}:",
        "    runs-on: ubuntu-latest",
    ]
    if job.timeout:
        lines.append(f"    timeout-minutes: {min(int(job.timeout // 60) + 2, _LONGEST_MINUTES)}")
    if place.variables:
        lines.append("    env:")
        lines += [f"      {name}: ${{{{ secrets.{name} }}}}" for name in place.variables]
    lines += [
        "    steps:",
        "      - uses: actions/checkout@v4",
        "      - uses: actions/setup-python@v5",
        "        with:",
        '          python-version: "3.12"',
        "      - run: pip install 'datamask[embedded]'",
        "      # A runner forgets its disk: let `store` and `registry` in datamask.yaml name places that last.",
        f"      - run: {shlex.join(['datamask', *place.arguments(job, '--log-format', 'json')])}",
    ]
    return (UnitFile(f".github/workflows/datamask-{job.name}.yml", "\n".join(lines) + "\n"),)


def in_utc(job: Job, offset: timedelta) -> tuple[str, ...]:
    """The job's schedule as cron expressions in UTC: one for each day that its times fall on there.

    :param offset: of the job's zone from UTC.
    :raises UsageError: days of the month cannot be moved to another day.
    """
    schedule = schedule_of(job)
    minutes_off = round(offset.total_seconds() / 60)
    fields = plain_fields(job, "GitHub")
    if minutes_off == 0 or (fields.hours is None and minutes_off % 60 == 0 and _every_day(fields)):
        return (schedule.expression,)
    hours = fields.hours if fields.hours is not None else tuple(range(24))
    moved: dict[tuple[int, int], set[int]] = {}
    for hour in hours:
        for minute in fields.minutes:
            total = hour * 60 + minute - minutes_off
            days, rest = divmod(total, _DAY)
            moved.setdefault((days, rest % 60), set()).add(rest // 60)
    lines: dict[tuple[int, str], set[int]] = {}
    for (days, minute), found in moved.items():
        lines.setdefault((days, _list(sorted(found))), set()).add(minute)
    return tuple(
        f"{_list(sorted(minutes))} {hours_text} {_day_fields(job, fields, days)}"
        for (days, hours_text), minutes in sorted(lines.items(), key=lambda item: item[0])
    )


def _day_fields(job: Job, fields: Fields, days: int) -> str:
    """Days, months and weekdays, so many days later."""
    months = "*" if fields.months is None else _list(fields.months)
    if days and (fields.days is not None or fields.months is not None):
        raise UsageError(
            f"job {job.name}: {schedule_of(job).expression} in {schedule_of(job).zone} falls on other days of the month"
            " in UTC, which a schedule of GitHub cannot say",
            hint="choose a time of day that is on the same day in UTC, or write timezone: UTC",
        )
    month_days = "*" if fields.days is None else _list(fields.days)
    weekdays = "*" if fields.weekdays is None else _list(sorted((day + days) % 7 for day in fields.weekdays))
    return f"{month_days} {months} {weekdays}"


def _every_day(fields: Fields) -> bool:
    return fields.days is None and fields.months is None and fields.weekdays is None


def _list(values: tuple[int, ...] | list[int]) -> str:
    return ",".join(map(str, values))
